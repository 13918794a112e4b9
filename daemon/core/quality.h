/*
 * Quality: signs that answers were not given by the public. Each is a count of responses, held
 * against what is usual among the offices compared; none is a verdict, and nothing is left out of a
 * figure because of one. What was asked, the steps in which the responses are read, and what
 * becomes of their counts.
 */
#ifndef SUARA_DAEMON_CORE_QUALITY_H
#define SUARA_DAEMON_CORE_QUALITY_H

#include "daemon/core/scope.h"
#include "proto/suara.pb-c.h"

struct buf;
struct error;

enum quality_sign {
    SIGN_ALIKE,   /* every element has the same rating .. */
    SIGN_HIGHEST, /* .. which is the highest */
    SIGN_EVEN,    /* of a month whose totals differ less than chance would have it */
    SIGN_BURST,   /* one of 5 or more within QUALITY_BURST_MS */
    SIGN_SAME,    /* the ratings of the response before it once more, not all alike */
    SIGN_HOURS,   /* given at a counter outside working hours */
    SIGN_DAY,     /* has a day and no time: burst, same and hours can't be told of it */
    SIGN_COUNT
};

#define QUALITY_BURST_MS 60000 /* the 5 is written out in suara.quality() */

/* Months of fewer responses say nothing about how even the ratings are. */
#define QUALITY_EVEN_LEAST 30u

/* The median of fewer offices would tell of one of them. So few that the asker may not see himself
 * are not compared at all. */
#define QUALITY_COMPARED_LEAST 5u

/* An asker of fewer offices than PEERS is told what is usual among those around, too: the nearest
 * in the tree, as many as make PEERS .. MOST together. */
#define QUALITY_PEERS      20u
#define QUALITY_PEERS_MOST 50u

/* Responses that one statement reads, about: half a second. */
#define QUALITY_STEP 100000u

const char *quality_sign_name(enum quality_sign sign);

/* Working hours: minutes of the day, from opens on and before closes, on the first `days` days of
 * the week from Monday. */
struct quality_hours {
    int32_t opens, closes, days;
};

/* "07:30-16:30" into opens and closes; false: no such thing. */
bool quality_parse_hours(const char *text, struct quality_hours *hours);

struct quality_office;

struct quality {
    const struct directory *directory;
    const struct instrument *instrument;
    int16_t perspective;
    struct scope scope; /* its offices: those asked for and those to compare with */
    struct quality_hours hours;
    struct quality_office *offices; /* as those of the scope */
    size_t at;                      /* the office of the next step .. */
    unsigned part;                  /* .. and the part of it, when it takes several */
};

/* -1 and *err as the functions of scope.h. The directory must live as long. */
int quality_plan(struct quality *quality, const struct directory *directory,
                 const struct principal *principal, const Suara__V1__Quality *request,
                 const struct quality_hours *hours, struct error *err)
    __attribute__((warn_unused_result));

/* One month of an office: n responses, per element how many gave 1..scale, and the sum over the
 * responses of the square of the sum of their ratings. Anything that is not in scope is passed
 * over. */
struct quality_month {
    int32_t office_id;
    civil_day month; /* its first day */
    uint64_t n, square;
    const int64_t *spread;
    size_t spreads;
};
void quality_add_month(struct quality *quality, const struct quality_month *month);

/*
 * Do the totals of the responses differ far less than if each element's ratings had been dealt out
 * to the respondents by chance? Then the totals' variance has the sum of the elements' variances,
 * sum v, as its mean, and 2 ((sum v)^2 - sum v^2) / (n - 1) as its own variance; "far" is more than
 * three standard deviations below. People who answer for themselves are far above: who is content
 * is so in most elements.
 */
bool quality_even(const struct quality_month *month, unsigned scale);

/* What is to be read next, after all months were added; false: everything was. */
struct quality_step {
    const int32_t *offices;
    size_t office_count;
    civil_day from, to;           /* beyond them nothing is looked at */
    civil_day step_from, step_to; /* these are counted */
    int16_t instrument_id, perspective;
    struct quality_hours hours;
};
bool quality_next(struct quality *quality, struct quality_step *step);

/* Counts of one office and step; see suara.quality() in sql/. */
struct quality_counts {
    int32_t office_id;
    uint64_t n, alike, highest, day_only, timed, burst, same, counter, outside;
};
void quality_add_counts(struct quality *quality, const struct quality_counts *counts);

/* A reply without rows: more is to come. */
int quality_pack_waiting(uint64_t id, uint32_t max_frame, struct buf *out, struct error *err)
    __attribute__((warn_unused_result));

/* All rows as framed replies to request `id`, by the offices' codes; the last is marked so. An
 * office without responses has one row without a sign. */
int quality_pack(struct quality *quality, uint64_t id, uint32_t max_frame, struct buf *out,
                 struct error *err) __attribute__((warn_unused_result));

void quality_release(struct quality *quality);

#endif
