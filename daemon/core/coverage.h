/*
 * Coverage: which offices sent, and whether the sample carries the figure. What was asked, held
 * against what the asker may see; then counts, times and populations from the database become rows.
 */
#ifndef SUARA_DAEMON_CORE_COVERAGE_H
#define SUARA_DAEMON_CORE_COVERAGE_H

#include "daemon/core/scope.h"
#include "proto/suara.pb-c.h"

struct buf;
struct error;

/* When an office (service_id 0) sent its last receipt's batch, and when the last response of a
 * service in the period was collected; ms since 1970 UTC, 0: never, or not told here. */
struct coverage_seen {
    int32_t office_id, service_id;
    int64_t received_ms, collected_ms;
};

/* So many were served in from..to: by a service, or by the office as a whole (service_id 0). */
struct coverage_people {
    int32_t office_id, service_id;
    civil_day from, to;
    uint64_t people;
    size_t tiles, next; /* for coverage_population */
};

/*
 * People of from..to by the entries of one office and service (all of them inside from..to, sorted
 * by first, then last day): those of the entry of just this period, else of the entries that cover
 * it without a gap and without a day twice. Where there are several such sets, the one with the
 * fewest entries counts, and among those the one whose entries are longest, from the first day on.
 * False: there is none.
 */
bool coverage_population(struct coverage_people *entries, size_t count, civil_day from,
                         civil_day to, uint64_t *people);

struct coverage_row;

struct coverage {
    const struct directory *directory;
    const struct instrument *instrument;
    struct scope scope;
    struct coverage_row *rows; /* by office id, each before its services by their ids */
    size_t row_count;
    struct coverage_people *entries; /* of one office and service: they come side by side */
    size_t entry_count, entry_room;
    bool failed; /* memory ran out meanwhile */
};

/* -1 and *err as the functions of scope.h. The directory must live as long. */
int coverage_plan(struct coverage *coverage, const struct directory *directory,
                  const struct principal *principal, const Suara__V1__Coverage *request,
                  struct error *err) __attribute__((warn_unused_result));

/* n responses of recipients about a service. What concerns no row (a service that is younger than
 * the directory) counts for its office alone. */
void coverage_add_responses(struct coverage *coverage, int32_t office_id, int32_t service_id,
                            uint64_t n);
void coverage_add_seen(struct coverage *coverage, const struct coverage_seen *seen);

/* In the order of coverage_population. */
void coverage_add_people(struct coverage *coverage, const struct coverage_people *people);

/* All rows as framed replies to request `id`, offices by their codes, the services of each, by
 * theirs, behind it; the last reply is marked so. */
int coverage_pack(struct coverage *coverage, uint64_t id, uint32_t max_frame, struct buf *out,
                  struct error *err) __attribute__((warn_unused_result));

void coverage_release(struct coverage *coverage);

#endif
