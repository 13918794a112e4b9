#include "daemon/core/quality.h"
#include "daemon/db/reader_rows.h"

#define QUALITY_SQL                                                                                \
    "SELECT office_id, n, alike, highest, day_only, timed, burst, same, counter, outside "         \
    "FROM suara.quality($1::int[], $2::date, $3::date, $4::date, $5::date, $6::int::smallint, "    \
    "$7::int::smallint, $8::int, $9::int, $10::int, $11::int)"

static uint64_t count_at(const PGresult *r, int i, int field)
{
    return (uint64_t)get_i64(PQgetvalue(r, i, field));
}

static bool take_counts(const PGresult *r, int i, void (*emit)(void), void *arg)
{
    const struct quality_counts counts = {
        .office_id = get_i32(PQgetvalue(r, i, 0)),
        .n = count_at(r, i, 1),
        .alike = count_at(r, i, 2),
        .highest = count_at(r, i, 3),
        .day_only = count_at(r, i, 4),
        .timed = count_at(r, i, 5),
        .burst = count_at(r, i, 6),
        .same = count_at(r, i, 7),
        .counter = count_at(r, i, 8),
        .outside = count_at(r, i, 9),
    };
    ((quality_counts_fn *)emit)(&counts, arg);
    return true;
}

void reader_quality(struct reader *reader, const struct quality_step *step,
                    quality_counts_fn *counts, reader_done_fn *done, void *arg)
{
    const struct rows_query query = {
        .sql = QUALITY_SQL,
        .offices = step->offices,
        .office_count = step->office_count,
        .at_a_time = step->office_count ? step->office_count : 1,
        .number = {pg_date(step->from), pg_date(step->to), pg_date(step->step_from),
                   pg_date(step->step_to), step->instrument_id, step->perspective, QUALITY_BURST_MS,
                   step->hours.opens, step->hours.closes, step->hours.days},
        .numbers = 10,
        .fields = 10};
    reader_rows(reader, &query, take_counts, (void (*)(void))counts, done, arg);
}
