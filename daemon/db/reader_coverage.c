#include "daemon/core/coverage.h"
#include "daemon/db/reader_rows.h"

/* Some milliseconds for so many offices, and none of them waits for the others' statement. */
#define COVERAGE_OFFICES 500u

#define COVERAGE_SQL                                                                               \
    "SELECT office_id, service_id, received, collected FROM suara.coverage($1::int[], $2::date, "  \
    "$3::date, $4::int::smallint)"

#define POPULATION_SQL                                                                             \
    "SELECT p.office_id, p.service_id, p.date_from, p.date_to, p.people FROM suara.population p "  \
    "JOIN suara.office o USING (office_id) LEFT JOIN suara.service s ON s.service_id = "           \
    "p.service_id WHERE "                                                                          \
    "p.office_id = ANY ($1::int[]) AND p.date_from >= $2::date AND p.date_to <= $3::date "         \
    "ORDER BY o.code COLLATE \"C\", s.code COLLATE \"C\" NULLS FIRST, p.date_from, p.date_to"

static int64_t ms_at(const PGresult *r, int i, int field)
{
    return PQgetisnull(r, i, field) ? 0 : get_i64(PQgetvalue(r, i, field));
}

static bool take_seen(const PGresult *r, int i, void (*emit)(void), void *arg)
{
    struct coverage_seen seen = {
        .office_id = get_i32(PQgetvalue(r, i, 0)),
        .service_id = get_i32(PQgetvalue(r, i, 1)),
        .received_ms = ms_at(r, i, 2),
        .collected_ms = ms_at(r, i, 3),
    };
    ((coverage_seen_fn *)emit)(&seen, arg);
    return true;
}

void reader_coverage(struct reader *reader, const int32_t *offices, size_t count, civil_day from,
                     civil_day to, int16_t instrument_id, coverage_seen_fn *seen,
                     reader_done_fn *done, void *arg)
{
    const struct rows_query query = {.sql = COVERAGE_SQL,
                                     .offices = offices,
                                     .office_count = count,
                                     .at_a_time = COVERAGE_OFFICES,
                                     .number = {pg_date(from), pg_date(to), instrument_id},
                                     .numbers = 3,
                                     .fields = 4};
    reader_rows(reader, &query, take_seen, (void (*)(void))seen, done, arg);
}

static bool take_people(const PGresult *r, int i, void (*emit)(void), void *arg)
{
    struct coverage_people entry = {
        .office_id = get_i32(PQgetvalue(r, i, 0)),
        .service_id = get_i32(PQgetvalue(r, i, 1)),
        .from = pg_date_day(get_i32(PQgetvalue(r, i, 2))),
        .to = pg_date_day(get_i32(PQgetvalue(r, i, 3))),
    };
    int64_t people = get_i64(PQgetvalue(r, i, 4));
    entry.people = (uint64_t)people;
    if (people < 0 || !entry.from || !entry.to)
        return false;
    ((coverage_people_fn *)emit)(&entry, arg);
    return true;
}

void reader_population(struct reader *reader, const int32_t *offices, size_t count, civil_day from,
                       civil_day to, coverage_people_fn *people, reader_done_fn *done, void *arg)
{
    const struct rows_query query = {.sql = POPULATION_SQL,
                                     .offices = offices,
                                     .office_count = count,
                                     .at_a_time = count ? count : 1,
                                     .number = {pg_date(from), pg_date(to)},
                                     .numbers = 2,
                                     .fields = 5};
    reader_rows(reader, &query, take_people, (void (*)(void))people, done, arg);
}
