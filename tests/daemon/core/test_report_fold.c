#include "tests/common/generate.h"
#include "tests/daemon/core/reporting.h"

#include <time.h>

/* n responses of an office that gave `rating` to each element, all alike. */
static void add_alike(struct ask *a, const struct report_cell *where, int64_t n, int64_t rating)
{
    int64_t sums[9], spread[36] = {0};
    struct report_cell cell = *where;
    for (int e = 0; e < 9; e++) {
        sums[e] = n * rating;
        spread[e * 4 + rating - 1] = n;
    }
    cell.n = n;
    cell.square = n * 81 * rating * rating;
    cell.sums = sums;
    cell.elements = 9;
    cell.spread = spread;
    cell.spreads = 36;
    report_add(&a->report, &cell);
}

/* Cells of each office and month; how many rows by these axes, and that nothing is lost. */
static void folds_cells_into_rows(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const struct {
        const char *by, *by2;
        size_t rows;
    } table[] = {{"", "", 1},           {"office", "", 4},       {"month", "", 12},
                 {"year", "", 1},       {"quarter", "", 4},      {"semester", "", 2},
                 {"level1", "", 1},     {"level2", "", 3},       {"level9", "", 4},
                 {"office", "year", 2}, {"month", "level1", 12}, {"level2", "quarter", 8}};
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        struct ask a;
        uint64_t seed = 31, n = 0, sums[9] = {0};
        ask_init(&a);
        ask_by(&a, table[t].by, table[t].by2);
        assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
        for (int32_t office = WEST; office <= EAST; office++)
            for (civil_day month = 20230101; month <= 20231201; month += 100) {
                int64_t sum[9];
                struct report_cell cell = {
                    .office_id = office, .month = month, .sums = sum, .elements = 9};
                cell.n = 1 + (int64_t)generate_below(&seed, 50);
                n += (uint64_t)cell.n;
                for (int e = 0; e < 9; e++) {
                    sum[e] = cell.n * (1 + (int64_t)generate_below(&seed, 4));
                    sums[e] += (uint64_t)sum[e];
                }
                report_add(&a.report, &cell);
            }
        ask_rows(&a);
        if (a.rows != table[t].rows)
            fail_msg("%s %s: %zu rows", table[t].by, table[t].by2, a.rows);
        for (size_t r = 0; r < a.rows; r++) {
            n -= a.row[r]->n;
            for (int e = 0; e < 9; e++)
                sums[e] -= a.row[r]->sum[e];
            assert_int_equal(a.row[r]->grade.len, a.row[r]->n ? 1 : 0);
            assert_true(!a.row[r]->n || (a.row[r]->index >= 2500 && a.row[r]->index <= 10000));
        }
        assert_int_equal(n, 0);
        for (int e = 0; e < 9; e++)
            assert_int_equal(sums[e], 0);
        ask_end(&a);
    }
    directory_free(&d);
}

static void rows_have_their_names(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const struct {
        const char *by, *by2, *office, *key, *label, *key2, *label2;
        uint32_t offices;
    } table[] = {
        {"", "", "", "", "", "", "", 2},
        {"month", "", "", "2023-07", "Juli 2023", "", "", 2},
        {"quarter", "", "", "2023-Q3", "Triwulan III 2023", "", "", 2},
        {"semester", "", "", "2023-S2", "Semester II 2023", "", "", 2},
        {"year", "", "", "2023", "2023", "", "", 2},
        {"office", "month", "EAST", "EAST", "Kantor Timur", "2023-07", "Juli 2023", 1},
        {"level1", "stakeholder", "", "AGENCY", "Badan", "public", "Masyarakat", 2},
        {"level2", "", "", "AGENCY", "Badan", "", "", 0}, /* above: stands for itself */
        {"perspective", "", "", "recipient", "Penerima", "", "", 2},
    };
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        struct ask a;
        ask_init(&a);
        ask_by(&a, table[t].by, table[t].by2);
        assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
        for (int32_t office = WEST; office <= EAST; office++)
            add_alike(&a,
                      &(struct report_cell){
                          .office_id = office, .value = {1}, .perspective = 1, .month = 20230701},
                      3, 4);
        ask_rows(&a);
        const Suara__V1__Row *row = a.row[0];
        if (!bytes_are(row->key, table[t].key) || !bytes_are(row->key2, table[t].key2) ||
            !bytes_are(row->label, table[t].label) || !bytes_are(row->label2, table[t].label2) ||
            !bytes_are(row->office, table[t].office) || row->offices != table[t].offices)
            fail_msg("by %s %s: not as it should be", table[t].by, table[t].by2);
        ask_end(&a);
    }
    directory_free(&d);
}

/* Services of equal code stay apart: each row says whose it is. */
static void equal_codes_of_services_stay_apart(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct ask a;
    ask_init(&a);
    ask_by(&a, "service", "");
    assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
    add_alike(&a, &(struct report_cell){.office_id = WEST, .value = {WEST_UJI}}, 1, 3);
    add_alike(&a, &(struct report_cell){.office_id = EAST, .value = {EAST_UJI}}, 1, 4);
    ask_rows(&a);
    assert_int_equal(a.rows, 2);
    assert_true(bytes_are(a.row[0]->office, "EAST") && bytes_are(a.row[0]->key, "UJI"));
    assert_int_equal(a.row[0]->index, 10000);
    assert_true(bytes_are(a.row[1]->office, "WEST") && bytes_are(a.row[1]->key, "UJI"));
    assert_int_equal(a.row[1]->index, 7500);
    ask_end(&a);
    directory_free(&d);
}

/* Two dimensions: the first axis has the first value, whichever of the axes are dimensions. */
static void values_find_their_axis(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const char *const by[][2] = {
        {"channel", "stakeholder"}, {"year", "channel"}, {"channel", "year"}};
    for (size_t t = 0; t < 3; t++) {
        struct ask a;
        ask_init(&a);
        ask_by(&a, by[t][0], by[t][1]);
        assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
        for (int32_t channel = 2; channel >= 0; channel--)
            add_alike(
                &a,
                &(struct report_cell){.office_id = WEST, .value = {channel, 1}, .month = 20230101},
                2, 4);
        ask_rows(&a);
        assert_int_equal(a.rows, 3);
        for (size_t r = 0; r < 3; r++) { /* in the order of the list, not given first */
            static const char *const codes[] = {"", "kiosk", "web"};
            static const char *const other[] = {"public", "2023", "2023"};
            assert_true(bytes_are(t == 1 ? a.row[r]->key2 : a.row[r]->key, codes[r]));
            assert_true(bytes_are(t == 1 ? a.row[r]->key : a.row[r]->key2, other[t]));
        }
        ask_end(&a);
    }
    directory_free(&d);
}

/* Nothing stored: one row that says so, no index, and the only office by name. */
static void nothing_is_said_as_nothing(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct ask a;
    ask_init(&a);
    assert_int_equal(ask_plan(&a, d, ROLE_OFFICE, "WEST"), 0);
    ask_rows(&a);
    assert_int_equal(a.rows, 1);
    assert_int_equal(a.row[0]->n, 0);
    assert_int_equal(a.row[0]->index, 0);
    assert_int_equal(a.row[0]->high, 0);
    assert_int_equal(a.row[0]->grade.len, 0);
    assert_true(bytes_are(a.row[0]->office, "WEST"));
    ask_end(&a);
    ask_init(&a);
    ask_by(&a, "sex", "month");
    assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
    ask_rows(&a);
    assert_int_equal(a.rows, 0);
    assert_int_equal(a.small_cell, 5);
    ask_end(&a);
    directory_free(&d);
}

/* Squares, intervals and spreads of the published ratings of 49 respondents. */
static void intervals_and_spreads(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct ask a;
    ask_init(&a);
    a.request.spread = true;
    assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
    add_alike(&a, &(struct report_cell){.office_id = WEST}, 20, 3);
    add_alike(&a, &(struct report_cell){.office_id = EAST}, 10, 4);
    ask_rows(&a);
    assert_int_equal(a.row[0]->index, 8333);
    /* 25 / 9 x 2.045230 x sqrt((30 x 27540 - 900^2) / (30^2 x 29)) = 4.48, from the fractions */
    assert_int_equal(a.row[0]->square, 20 * 729 + 10 * 1296);
    assert_int_equal(a.row[0]->low, 8333 - 448);
    assert_int_equal(a.row[0]->high, 8333 + 448);
    assert_int_equal(a.row[0]->n_spread, 36);
    for (size_t i = 0; i < 36; i++)
        assert_int_equal(a.row[0]->spread[i], i % 4 == 2 ? 20 : i % 4 == 3 ? 10 : 0);
    ask_end(&a);
    directory_free(&d);
}

/* 20 that gave 3 and 10 that gave 4: pooled 83.33, the mean of 75 and 100 is 87.50. */
static void the_mean_of_offices(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct ask a;
    ask_init(&a);
    a.request.mean_of_offices = true;
    ask_by(&a, "year", "");
    assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
    for (civil_day month = 20230101; month <= 20230201; month += 100)
        add_alike(&a, &(struct report_cell){.office_id = WEST, .month = month}, 10, 3);
    add_alike(&a, &(struct report_cell){.office_id = EAST, .month = 20230101}, 10, 4);
    ask_rows(&a);
    assert_int_equal(a.rows, 1);
    assert_int_equal(a.row[0]->n, 30);
    assert_int_equal(a.row[0]->index, 8750);
    assert_true(bytes_are(a.row[0]->grade, "B"));
    assert_int_equal(a.row[0]->low, 8750); /* all alike within each */
    assert_int_equal(a.row[0]->high, 8750);
    ask_end(&a);
    directory_free(&d);
}

/* More rows than a report may have: refused with what to do, not cut off. */
static void too_many_rows_are_refused(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const int64_t sums[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    struct ask a;
    ask_init(&a);
    ask_by(&a, "service", "channel");
    assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
    for (int32_t i = 0; i <= (int32_t)REPORT_ROWS_MAX; i++)
        report_add(&a.report, &(struct report_cell){.office_id = WEST,
                                                    .value = {i / 1000, i % 1000},
                                                    .n = 1,
                                                    .sums = sums,
                                                    .elements = 9});
    assert_int_equal(report_pack(&a.report, 5, 1 << 20, &a.frames, &a.err), -1);
    assert_int_equal(a.err.code, ERROR_TOO_LARGE);
    assert_non_null(strstr(a.err.text, "ask for fewer offices"));
    assert_int_equal(a.frames.len, 0);
    ask_end(&a);
    directory_free(&d);
}

/* A nation by month and channel: 5,000 offices x 12 months x 7 values. The time is printed, and
 * only a quadratic growth would break the bound, which leaves room for sanitizers. */
static void a_nation_is_folded_quickly(void **state)
{
    (void)state;
    enum { OFFICES = 5000 };
    struct directory *d = fixture_directory();
    for (int32_t i = 0; i < OFFICES; i++) {
        char code[16];
        (void)snprintf(code, sizeof code, "N%04d", (int)i);
        assert_int_equal(directory_add_office(d, 1000 + i, code, code, PROVINCE, "WIB"), 0);
    }
    assert_int_equal(directory_seal(d, NULL), 0);
    static const char *const by[][2] = {
        {"office", "month"}, {"office", "channel"}, {"level2", "channel"}, {"month", "channel"}};
    for (size_t t = 0; t < 4; t++) {
        struct ask a;
        ask_init(&a);
        ask_by(&a, by[t][0], by[t][1]);
        clock_t began = clock();
        assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
        for (int32_t i = 0; i < OFFICES; i++)
            for (civil_day month = 20230101; month <= 20231201; month += 100)
                for (int32_t value = 0; value < 7; value++) {
                    static const int64_t sums[9] = {7, 8, 9, 7, 8, 9, 7, 8, 9};
                    struct report_cell cell = {.office_id = 1000 + i,
                                               .value = {value},
                                               .month = month,
                                               .n = 3,
                                               .square = 1800,
                                               .sums = sums,
                                               .elements = 9};
                    report_add(&a.report, &cell);
                }
        assert_int_equal(report_pack(&a.report, 5, 1 << 20, &a.frames, &a.err), 0);
        clock_t took = (clock() - began) / (CLOCKS_PER_SEC / 1000);
        print_message("by %s and %s: %llu ms, %zu KB\n", by[t][0], by[t][1],
                      (unsigned long long)took, a.frames.len / 1000);
        assert_true(took < 5000);
        ask_end(&a);
    }
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_cells_into_rows),
        cmocka_unit_test(rows_have_their_names),
        cmocka_unit_test(equal_codes_of_services_stay_apart),
        cmocka_unit_test(values_find_their_axis),
        cmocka_unit_test(nothing_is_said_as_nothing),
        cmocka_unit_test(intervals_and_spreads),
        cmocka_unit_test(the_mean_of_offices),
        cmocka_unit_test(too_many_rows_are_refused),
        cmocka_unit_test(a_nation_is_folded_quickly),
    };
    return cmocka_run_group_tests_name("daemon/core/report_fold", tests, NULL, NULL);
}
