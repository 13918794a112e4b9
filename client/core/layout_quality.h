/*
 * The report of quality: signs that answers were not given by the public. Collects the parts of the
 * answer, lays it out, and says in words where a sign is far more frequent than usual.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_QUALITY_H
#define SUARA_CLIENT_CORE_LAYOUT_QUALITY_H

#include "client/core/layout.h"
#include "client/core/layout_ask.h"

struct layout_quality_row {
    struct layout_quality_row *next;
    char *office, *sign; /* sign "": the office has no responses */
    uint64_t count, of;
    uint32_t share, usual; /* hundredths of a percent */
    uint32_t compared;     /* offices; 0: what is usual is not known */
};

struct layout_quality {
    struct arena arena; /* owns all that follows */
    struct layout_quality_row *first, *last;
    size_t count;
};

void layout_quality_init(struct layout_quality *quality);
void layout_quality_release(struct layout_quality *quality);

/* Copies one part of the answer; one without rows says only that more is to come. -1: TOO_LARGE, or
 * INTERNAL when it contradicts itself. */
int layout_quality_take(struct layout_quality *quality, const Suara__V1__QualityRows *rows,
                        struct error *err) __attribute__((warn_unused_result));

/* Far above what is usual: 5 responses or more show it, at least twice as large a share as usual,
 * and at least ten points more. */
bool layout_quality_far_above(const struct layout_quality_row *row);

/*
 * TABLE: a heading, a row for each sign (with several offices, for those that some response shows),
 * and a sentence for each that is far above the usual. CSV, JSON: office, sign, count, of, share
 * ("62.50" percent, null of none), usual (null: too few offices to tell), compared.
 */
void layout_quality_print(struct buf *out, const struct layout_quality *quality,
                          const struct layout_ask *ask, const struct layout_style *style);

#endif
