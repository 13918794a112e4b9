/*
 * The report of coverage: collects the parts of the answer, and lays it out. Who is late is decided
 * here, from the time of the last receipt; the rest is the daemon's.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_COVERAGE_H
#define SUARA_CLIENT_CORE_LAYOUT_COVERAGE_H

#include "client/core/layout.h"
#include "client/core/layout_ask.h"

struct layout_coverage_row {
    struct layout_coverage_row *next;
    char *office, *service, *name; /* service "": the office as a whole */
    uint64_t n, population, need;
    bool population_known;
    int64_t last_receipt, last_collected; /* ms since 1970 UTC; 0: never */
};

struct layout_coverage {
    struct arena arena;                       /* owns all that follows */
    struct layout_coverage_row *first, *last; /* each office, then its services */
    size_t count;
};

/* What the daemon's answer is held against. */
struct layout_coverage_clock {
    int64_t now_ms;
    enum zone zone;     /* of the times shown, and of the end of the period */
    unsigned late_days; /* no receipt for longer than this before now, or before the end of a
                         * period that is over: late */
};

void layout_coverage_init(struct layout_coverage *coverage);
void layout_coverage_release(struct layout_coverage *coverage);

/* Copies one part of the answer. -1: TOO_LARGE, or INTERNAL when it contradicts itself. */
int layout_coverage_take(struct layout_coverage *coverage, const Suara__V1__CoverageRows *rows,
                         struct error *err) __attribute__((warn_unused_result));

/*
 * Offices that never sent come first. TABLE: a heading, the rows, and sentences that say how many
 * sent, whose sample is too small, who is late; a service stands by itself where its office has
 * several, or where its population is known. CSV, JSON: office, service, name, n, population, need,
 * missing (null: the population is not known), sample (enough, short, unknown), last_receipt,
 * last_collected, sending (never, late, in time).
 */
void layout_coverage_print(struct buf *out, const struct layout_coverage *coverage,
                           const struct layout_ask *ask, const struct layout_coverage_clock *clock,
                           const struct layout_style *style);

#endif
