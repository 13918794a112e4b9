/* What a reader must not mix (two moments of the small tables) nor hide (figures that are not
 * fresh). */
#include "daemon/db/reader.h"
#include "tests/daemon/db/fixture.h"

static struct told {
    struct event_base *base;
    struct reader *reader;
    bool connected, done;
    struct error err;
    struct directory *directory;
    size_t cells;
} told;

static void on_changed(void *arg)
{
    (void)arg;
    told.connected = reader_connected(told.reader) == 1;
}

static void on_what_changed(void *arg)
{
    (void)arg;
}

static int set_up(void **state)
{
    struct error err = {0};
    const struct db_settings settings = {.conninfo = conninfo("suara_report", "suara"),
                                         .connections = 1,
                                         .connect_ms = 5000,
                                         .statement_ms = 15000};
    (void)state;
    super_connect();
    told = (struct told){.base = event_base_new()};
    told.reader = reader_new(told.base, &settings, on_changed, on_what_changed, NULL, &err);
    assert_non_null(told.reader);
    loop_until(told.base, &told.connected, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    reader_free(&told.reader);
    directory_free(&told.directory);
    event_base_free(told.base);
    return 0;
}

static void on_directory(struct directory *directory, const struct error *err, void *arg)
{
    (void)arg;
    told.directory = directory;
    told.err = err ? *err : (struct error){0};
    told.done = true;
}

/* An office is added, with its service, while the tables are read, one after the other. */
static void test_one_moment(void **state)
{
    (void)state;
    sql("BEGIN");
    sql("LOCK suara.service IN ACCESS EXCLUSIVE MODE");
    reader_directory(told.reader, on_directory, NULL);
    loop_until(told.base, NULL,
               "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    sql("SELECT suara.office_add('NEW', 'New', '', 'WIB')");
    sql("COMMIT");
    loop_until(told.base, &told.done, NULL);
    if (!told.directory)
        fail_msg("%s", told.err.text);
    size_t offices, services;
    (void)directory_offices(told.directory, &offices);
    (void)directory_services(told.directory, &services);
    assert_int_equal(offices, 1); /* all as it was before */
    assert_int_equal(services, 1);
}

static void on_cell(const struct figures_cell *cell, void *arg)
{
    (void)cell, (void)arg;
    told.cells++;
}

static void on_figures(const struct error *err, void *arg)
{
    on_directory(NULL, err, arg);
}

/* Where the roll-up can't be brought up to date, a report would lack what was acknowledged. */
static void test_stale_is_an_error(void **state)
{
    (void)state;
    const int32_t offices[] = {1};
    const struct figures_query query = {.offices = offices,
                                        .office_count = 1,
                                        .from = 20230101,
                                        .to = 20231231,
                                        .instrument_id = 1,
                                        .perspective = PERSPECTIVE_RECIPIENT};
    sql("REVOKE EXECUTE ON FUNCTION suara.refresh(int[], date, date, int) FROM suara_report");
    reader_figures(told.reader, &query, on_cell, on_figures, NULL);
    loop_until(told.base, &told.done, NULL);
    sql("GRANT EXECUTE ON FUNCTION suara.refresh(int[], date, date, int) TO suara_report");
    assert_int_equal(told.err.code, ERROR_INTERNAL);
    assert_int_equal(told.cells, 0);

    told.done = false;
    reader_figures(told.reader, &query, on_cell, on_figures, NULL);
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.err.code, ERROR_NONE);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_one_moment, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_stale_is_an_error, set_up, tear_down),
};

int main(void)
{
    log_open(LOG_STDERR, getenv("SUARA_TEST_DEBUG") ? LOG_DEBUG : LOG_ERROR);
    if (!cluster_open())
        return 0;
    sql("SELECT suara.office_add('MADE', 'Made up', '', 'WIB')");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_close();
    return failed;
}
