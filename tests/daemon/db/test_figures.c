#include "tests/daemon/db/reading.h"

static void on_cell(const struct figures_cell *cell, void *arg)
{
    (void)arg;
    assert_true(told.count < 16);
    told.first_sum[told.count] = cell->sums[0];
    told.fourth[told.count] = cell->spreads > 3 ? cell->spread[3] : 0;
    told.cell[told.count++] = *cell;
}

static void on_figures(const struct error *err, void *arg)
{
    (void)arg;
    finish(err);
}

static void ask(const struct figures_query *query)
{
    told.done = false;
    told.count = 0;
    reader_figures(told.reader, query, on_cell, on_figures, NULL);
    loop_until(told.base, &told.done, NULL);
}

static void test_figures(void **state)
{
    (void)state;
    const int32_t offices[] = {1, 2};
    struct figures_query query = {.offices = offices,
                                  .office_count = 2,
                                  .from = 20230101,
                                  .to = 20230228,
                                  .instrument_id = 1,
                                  .perspective = PERSPECTIVE_RECIPIENT,
                                  .unit = 1};
    make_responses();
    ask(&query);
    assert_int_equal(told.err.code, ERROR_NONE);
    assert_int_equal(told.count, 3);
    assert_int_equal(told.cell[0].office_id, 1);
    assert_int_equal(told.cell[0].month, 20230101);
    assert_int_equal(told.cell[0].n, 2);
    assert_int_equal(told.cell[0].elements, 9);
    assert_int_equal(told.cell[0].square, 2 * 24 * 24);
    assert_int_equal(told.first_sum[0], 8);
    assert_int_equal(told.cell[0].spreads, 0);
    assert_int_equal(told.cell[1].month, 20230201);
    assert_int_equal(told.cell[2].office_id, 2);
    assert_int_equal(number("SELECT count(*) FROM suara.stale"), 0);

    query.unit = 0;
    query.perspective = PERSPECTIVE_ALL;
    query.dim[0] = DIM_PERSPECTIVE; /* told apart in any case */
    query.to = 20230210;            /* an edge: from the responses */
    query.office_count = 1;
    ask(&query);
    assert_int_equal(told.err.code, ERROR_NONE);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.cell[0].month, 0);
    assert_int_equal(told.cell[0].perspective, 1);
    assert_int_equal(told.cell[0].n, 3);
    assert_int_equal(told.cell[1].perspective, 2);
    assert_int_equal(told.cell[1].value[0], 0);
    assert_int_equal(told.first_sum[1], 4);

    query.instrument_id = 99;
    ask(&query);
    assert_int_equal(told.err.code, ERROR_INTERNAL);
}

static void test_figures_crossed(void **state)
{
    (void)state;
    const int32_t offices[] = {1, 2};
    const struct figures_filter filters[] = {
        {DIM_STAKEHOLDER, 1}, {DIM_AGE, 0}, {DIM_STAKEHOLDER, 7}};
    struct figures_query query = {.offices = offices,
                                  .office_count = 2,
                                  .from = 20230101,
                                  .to = 20231231,
                                  .instrument_id = 1,
                                  .dim = {DIM_PERSPECTIVE, DIM_CHANNEL},
                                  .filters = filters,
                                  .filter_count = 3,
                                  .unit = 3,
                                  .spread = true};
    make_responses();
    sql("UPDATE suara.response SET age = 1 WHERE office_id = 2");
    ask(&query);
    assert_int_equal(told.err.code, ERROR_NONE);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.cell[0].month, 20230101);
    assert_int_equal(told.cell[0].value[0], 0);
    assert_int_equal(told.cell[0].value[1], 1);
    assert_int_equal(told.cell[0].n, 3);
    assert_int_equal(told.cell[0].spreads, 36);
    assert_int_equal(told.fourth[0], 3);
    assert_int_equal(told.cell[1].perspective, 2);
    assert_int_equal(told.fourth[1], 1);
}

/* The whole years by the dimension, then the totals of the range, by unit. */
static void test_blocks(void **state)
{
    (void)state;
    const int32_t offices[] = {1, 2};
    const struct figures_query query = {.offices = offices,
                                        .office_count = 2,
                                        .from = 20230201,
                                        .to = 20230228,
                                        .instrument_id = 1,
                                        .perspective = PERSPECTIVE_RECIPIENT,
                                        .dim = {DIM_CHANNEL},
                                        .unit = 12,
                                        .blocks = true};
    make_responses();
    ask(&query);
    assert_int_equal(told.err.code, ERROR_NONE);
    assert_int_equal(told.count, 5);
    static const struct figures_cell want[] = {
        {.part = 0, .office_id = 1, .month = 20230101, .value = {1}, .n = 2},
        {.part = 0, .office_id = 1, .month = 20230201, .value = {1}, .n = 1},
        {.part = 0, .office_id = 2, .month = 20230201, .value = {1}, .n = 1},
        {.part = 1, .office_id = 1, .month = 20230101, .n = 1},
        {.part = 1, .office_id = 2, .month = 20230101, .n = 1}};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(told.cell[i].part, want[i].part);
        assert_int_equal(told.cell[i].office_id, want[i].office_id);
        assert_int_equal(told.cell[i].month, want[i].month);
        assert_int_equal(told.cell[i].value[0], want[i].value[0]);
        assert_int_equal(told.cell[i].n, want[i].n);
    }
    assert_int_equal(number("SELECT count(*) FROM suara.stale"), 0); /* January's too */
}

/* More is stale than one step takes, in several offices. */
static void test_many_stale(void **state)
{
    (void)state;
    const int32_t offices[] = {1, 2};
    const struct figures_query query = {.offices = offices,
                                        .office_count = 2,
                                        .from = 20100101,
                                        .to = 20231231,
                                        .instrument_id = 1,
                                        .perspective = PERSPECTIVE_RECIPIENT};
    make_responses();
    sql("INSERT INTO suara.stale (office_id, month, instrument_id) "
        "SELECT o, m, 1 FROM generate_series(1, 2) o, "
        "generate_series('2010-01-01', '2023-03-01', interval '1 month') m");
    ask(&query);
    assert_int_equal(told.err.code, ERROR_NONE);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.cell[0].n, 3);
    assert_int_equal(told.cell[1].n, 1);
    assert_int_equal(number("SELECT count(*) FROM suara.stale"), 0);
}

static void on_refresh(int left, const struct error *err, void *arg)
{
    (void)arg;
    told.left = left;
    finish(err);
}

static void test_refresh(void **state)
{
    (void)state;
    make_responses();
    sql("INSERT INTO suara.stale (office_id, month, instrument_id) SELECT 1, m, 1 FROM "
        "generate_series('2000-01-01', '2022-12-01', interval '1 month') m");
    unsigned steps = 0;
    do {
        told.done = false;
        reader_refresh(told.reader, on_refresh, NULL);
        loop_until(told.base, &told.done, NULL);
        assert_int_equal(told.err.code, ERROR_NONE);
        steps++;
    } while (told.left > 0);
    assert_int_equal(told.left, 0);
    assert_true(steps > 1);
    assert_int_equal(number("SELECT count(*) FROM suara.stale"), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_figures, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_figures_crossed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_blocks, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_many_stale, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_refresh, set_up, tear_down),
};

int main(void)
{
    log_open(LOG_STDERR, getenv("SUARA_TEST_DEBUG") ? LOG_DEBUG : LOG_ERROR);
    if (!cluster_open())
        return 0;
    sql("SELECT suara.office_add('MADE', 'Made up', '', 'WIB')");
    sql("SELECT suara.office_add('MADE-1', 'Made up one', 'MADE', 'WITA')");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_close();
    return failed;
}
