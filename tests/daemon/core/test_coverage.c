#include "common/buf.h"
#include "common/civil.h"
#include "common/error.h"
#include "daemon/core/coverage.h"
#include "tests/common/generate.h"
#include "tests/daemon/core/replies.h"

#include <stdlib.h>
#include <string.h>

/* ---- population ---- */

#define PIECES 12u

struct piece {
    civil_day from, to;
    uint64_t people;
};

static bool people_of(const struct piece *pieces, size_t count, uint64_t *people)
{
    struct coverage_people entries[PIECES];
    assert_true(count <= PIECES);
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct coverage_people){
            .from = pieces[i].from, .to = pieces[i].to, .people = pieces[i].people};
    return coverage_population(entries, count, 20230101, 20231231, people);
}

static void population_of_a_year(void **state)
{
    (void)state;
    static const struct {
        struct piece piece[6];
        size_t count;
        bool known;
        uint64_t people;
    } table[] = {
        {{{0, 0, 0}}, 0, false, 0},
        {{{20230101, 20231231, 0}}, 1, true, 0},
        {{{20230101, 20230630, 5}}, 1, false, 0}, /* ends early */
        {{{20230102, 20231231, 5}}, 1, false, 0}, /* begins late */
        {{{20230101, 20230630, 5}, {20230701, 20231231, 6}}, 2, true, 11},
        {{{20230101, 20230630, 5}, {20230702, 20231231, 6}}, 2, false, 0}, /* a gap */
        {{{20230101, 20230630, 5}, {20230630, 20231231, 6}}, 2, false, 0}, /* a day twice */
        /* The year itself before its halves; the halves before the quarters. */
        {{{20230101, 20230630, 5}, {20230101, 20231231, 9}, {20230701, 20231231, 6}}, 3, true, 9},
        {{{20230101, 20230331, 1},
          {20230101, 20230630, 5},
          {20230401, 20230630, 1},
          {20230701, 20231231, 6}},
         4,
         true,
         11},
        /* Two sets of two: the one that begins with the longer entry. */
        {{{20230101, 20230331, 1},
          {20230101, 20230630, 5},
          {20230401, 20231231, 1},
          {20230701, 20231231, 6}},
         4,
         true,
         11},
        /* What leads nowhere does no harm. */
        {{{20230101, 20230331, 1},
          {20230101, 20230930, 70},
          {20230401, 20231231, 2},
          {20230701, 20230731, 50}},
         4,
         true,
         3},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint64_t people = 0;
        bool known = people_of(table[i].piece, table[i].count, &people);
        if (known != table[i].known || people != table[i].people)
            fail_msg("row %zu: %d, %llu people", i, known, (unsigned long long)people);
    }
}

static int piece_order(const void *a, const void *b)
{
    const struct piece *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

/* All sets that cover the year, tried out: the fewest entries, then the longest first. */
static void try_out(const struct piece *pieces, size_t count, civil_day day, size_t used,
                    uint64_t people, size_t *fewest, uint64_t *found)
{
    for (size_t i = count; i-- > 0;) { /* longest first */
        if (pieces[i].from != day)
            continue;
        if (pieces[i].to == 20231231 && used + 1 < *fewest) {
            *fewest = used + 1;
            *found = people + pieces[i].people;
        } else if (pieces[i].to != 20231231) {
            try_out(pieces, count, civil_add_days(pieces[i].to, 1), used + 1,
                    people + pieces[i].people, fewest, found);
        }
    }
}

static void population_against_trying_all(void **state)
{
    (void)state;
    static const civil_day cut[] = {20230101, 20230401, 20230501, 20230701, 20231001, 20240101};
    uint64_t seed = 77;
    unsigned known = 0;
    for (int run = 0; run < 4000; run++) {
        struct piece pieces[PIECES];
        size_t count = 0, wanted = generate_below(&seed, PIECES + 1);
        for (size_t i = 0; i < wanted; i++) {
            size_t a = generate_below(&seed, 5), b = a + 1 + generate_below(&seed, 5 - a);
            pieces[count].from = cut[a];
            pieces[count].to = civil_add_days(cut[b], -1);
            pieces[count].people = UINT64_C(1) << count;
            bool twice = false;
            for (size_t k = 0; k < count; k++)
                twice = twice || piece_order(&pieces[k], &pieces[count]) == 0;
            count += !twice;
        }
        qsort(pieces, count, sizeof *pieces, piece_order);
        size_t fewest = SIZE_MAX;
        uint64_t expected = 0, people = 0;
        try_out(pieces, count, 20230101, 0, 0, &fewest, &expected);
        bool is = people_of(pieces, count, &people);
        assert_int_equal(is, fewest != SIZE_MAX);
        assert_int_equal(people, expected);
        known += is;
    }
    assert_true(known > 400);
}

/* ---- rows ---- */

/* The rows of all replies; how many. */
static size_t read_rows(const struct buf *frames, struct arena *arena,
                        Suara__V1__CoverageRow *rows[], size_t most, size_t *replies)
{
    const Suara__V1__Reply *reply;
    size_t at = 0, n = 0;
    for (*replies = 0; (reply = next_reply(frames, &at, arena)) != NULL; (*replies)++) {
        assert_int_equal(reply->body_case, SUARA__V1__REPLY__BODY_COVERAGE);
        for (size_t i = 0; i < reply->coverage->n_row; i++) {
            assert_true(n < most);
            rows[n++] = reply->coverage->row[i];
        }
    }
    return n;
}

static bool is_row(const Suara__V1__CoverageRow *row, const char *office, const char *service)
{
    return wire_is(&row->office, office) && wire_is(&row->service, service);
}

static void coverage_of_all(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    Suara__V1__Coverage request = SUARA__V1__COVERAGE__INIT;
    struct coverage c;
    struct buf frames = {0};
    Suara__V1__CoverageRow *row[16];
    struct arena arena;
    size_t replies;
    struct error err = {0};
    request.from = 20230101;
    request.to = 20230630;
    assert_int_equal(
        coverage_plan(&c, d, directory_principal(d, ROLE_ADMIN, "root"), &request, &err), 0);
    coverage_add_responses(&c, WEST, WEST_UJI, 70);
    coverage_add_responses(&c, WEST, WEST_UMUM, 20);
    coverage_add_responses(&c, WEST, 99, 10); /* younger than the directory */
    coverage_add_responses(&c, 77, WEST_UJI, 1000);
    coverage_add_seen(&c, &(struct coverage_seen){WEST, 0, 5000, 0});
    coverage_add_seen(&c, &(struct coverage_seen){WEST, WEST_UJI, 0, 300});
    coverage_add_seen(&c, &(struct coverage_seen){WEST, WEST_UMUM, 0, 200});
    coverage_add_people(&c, &(struct coverage_people){WEST, 0, 20230101, 20230331, 60, 0, 0});
    coverage_add_people(&c, &(struct coverage_people){WEST, 0, 20230401, 20230630, 40, 0, 0});
    coverage_add_people(&c,
                        &(struct coverage_people){WEST, WEST_UJI, 20230101, 20230630, 50, 0, 0});
    coverage_add_people(&c, &(struct coverage_people){EAST, 0, 20230101, 20230331, 9, 0, 0});
    assert_int_equal(coverage_pack(&c, 9, 1 << 20, &frames, &err), 0);
    arena_init(&arena, 1 << 20);
    assert_int_equal(read_rows(&frames, &arena, row, 16, &replies), 8);
    assert_int_equal(replies, 1);
    assert_true(is_row(row[0], "AGENCY", ""));
    assert_true(is_row(row[1], "EAST", "") && is_row(row[2], "EAST", "UJI"));
    assert_true(is_row(row[3], "EAST", "UMUM") && is_row(row[4], "PROVINCE", ""));
    assert_true(is_row(row[5], "WEST", "") && is_row(row[6], "WEST", "UJI"));
    assert_int_equal(row[1]->n, 0);
    assert_false(row[1]->population_known); /* half of it is */
    assert_int_equal(row[1]->last_receipt, 0);
    assert_int_equal(row[5]->n, 100);
    assert_true(row[5]->population_known);
    assert_int_equal(row[5]->population, 100);
    assert_int_equal(row[5]->need, 80);
    assert_int_equal(row[5]->last_receipt, 5000);
    assert_int_equal(row[5]->last_collected, 300);
    assert_int_equal(row[6]->need, 44);
    assert_int_equal(row[6]->n, 70);
    assert_int_equal(row[7]->last_receipt, 5000);
    assert_int_equal(row[7]->last_collected, 200);
    assert_false(row[7]->population_known);
    arena_release(&arena);
    buf_release(&frames);
    coverage_release(&c);
    directory_free(&d);
}

/* Errors are those of every report. */
static void refusals(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    Suara__V1__Coverage request = SUARA__V1__COVERAGE__INIT;
    ProtobufCBinaryData office = wire_text("EAST");
    struct coverage c;
    struct error err = {0};
    const struct principal *west = directory_principal(d, ROLE_OFFICE, "WEST");
    request.from = 20230101;
    request.to = 20221231;
    assert_int_equal(coverage_plan(&c, d, west, &request, &err), -1);
    assert_string_equal(err.field, "to");
    request.to = 20231231;
    request.instrument = wire_text("skm-2018");
    assert_int_equal(coverage_plan(&c, d, west, &request, &err), -1);
    assert_string_equal(err.field, "instrument");
    request.instrument = wire_text("");
    request.office = &office;
    request.n_office = 1;
    assert_int_equal(coverage_plan(&c, d, west, &request, &err), -1);
    assert_int_equal(err.code, ERROR_PERMISSION_DENIED);
    directory_free(&d);
}

/* More rows than a reply holds: several, the last one marked. */
static void many_offices(void **state)
{
    (void)state;
    struct directory *d = directory_new();
    Suara__V1__Coverage request = SUARA__V1__COVERAGE__INIT;
    struct coverage c;
    struct buf frames = {0};
    struct error err = {0};
    size_t replies;
    for (int32_t k = 1; k <= 300; k++) {
        char code[16];
        (void)snprintf(code, sizeof code, "O%03d", k);
        assert_int_equal(directory_add_office(d, k, code, "x", 0, "WIB"), 0);
        assert_int_equal(directory_add_service(d, k, k, "UMUM", "Umum"), 0);
    }
    fixture_instrument(d, 1, "skm-2017");
    assert_int_equal(directory_add_principal(d, "admin", "root", 0, true), 0);
    assert_int_equal(directory_seal(d, NULL), 0);
    request.from = request.to = 20230101;
    assert_int_equal(
        coverage_plan(&c, d, directory_principal(d, ROLE_ADMIN, "root"), &request, &err), 0);
    assert_int_equal(coverage_pack(&c, 9, 1 << 20, &frames, &err), 0);
    struct arena arena;
    Suara__V1__CoverageRow *row[600];
    arena_init(&arena, 1 << 22);
    assert_int_equal(read_rows(&frames, &arena, row, 600, &replies), 600);
    assert_int_equal(replies, 3);
    assert_true(is_row(row[599], "O300", "UMUM"));
    arena_release(&arena);
    buf_release(&frames);
    coverage_release(&c);
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(population_of_a_year), cmocka_unit_test(population_against_trying_all),
        cmocka_unit_test(coverage_of_all),      cmocka_unit_test(refusals),
        cmocka_unit_test(many_offices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
