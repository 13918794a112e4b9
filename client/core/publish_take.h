/*
 * The daemon's answers become a publication: what each one says is checked and copied, figures are
 * taken as they are, and the changes and gaps between them are computed (common/figure.h).
 */
#ifndef SUARA_CLIENT_CORE_PUBLISH_TAKE_H
#define SUARA_CLIENT_CORE_PUBLISH_TAKE_H

#include "client/core/layout_index.h"
#include "client/core/publish.h"
#include "common/figure.h"

struct error;
struct instrument;
struct layout_coverage;

/* What is needed of the answers beside what is published. */
struct publish_sample {
    struct figure_rule rule;
    struct figure_sample now; /* of the period itself */
};

/* The instrument must live as long as p. method "": exact. -1: USAGE, it has no such method. */
int publish_take_instrument(struct publication *p, const struct instrument *instrument,
                            const char *method, struct publish_sample *sample, struct error *err)
    __attribute__((warn_unused_result));

/*
 * The one row of the whole period, with its spread. First of the answers; again when everything is
 * asked once more. -1: USAGE when there are no responses, INTERNAL when it does not fit the
 * instrument, TOO_LARGE.
 */
int publish_take_total(struct publication *p, const struct layout_index *answer,
                       struct publish_sample *sample, struct error *err)
    __attribute__((warn_unused_result));

/* Does this later answer to the same question say the same? */
bool publish_same_total(const struct publication *p, const struct publish_sample *sample,
                        const struct layout_index *answer);

/* Rows of the periods before, oldest first; the last of them that have responses are kept. */
int publish_take_trend(struct publication *p, const struct layout_index *before,
                       const struct publish_sample *sample, struct error *err)
    __attribute__((warn_unused_result));

/* Rows by an axis. */
int publish_take_group(struct publication *p, enum publish_axis axis,
                       const struct layout_index *answer, struct error *err)
    __attribute__((warn_unused_result));

/* Rows by perspective, with their spread. */
int publish_take_views(struct publication *p, const struct layout_index *answer, struct error *err)
    __attribute__((warn_unused_result));

/* People served and the need, of all offices of the report; days in `zone`. */
void publish_take_coverage(struct publication *p, const struct layout_coverage *coverage,
                           enum zone zone);

/*
 * Which axis of time the trend follows: year, semester, quarter or month, the one that the period
 * is one of; else year. *before: the last day that is still before the period.
 */
const char *publish_trend_axis(civil_day from, civil_day to, civil_day *before);

#endif
