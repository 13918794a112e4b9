/* Those who wait in line for a connection: how many may, how long, and what the others hear. */
#include "daemon/db/job.h"
#include "daemon/db/reader.h"
#include "tests/daemon/db/fixture.h"

static struct told {
    struct event_base *base;
    struct reader *reader;
    bool connected, all;
    unsigned expected, held, busy, late, overloaded, other;
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

static void on_held(const uint32_t *index, size_t count, const struct error *err, void *arg)
{
    (void)index, (void)count, (void)arg;
    if (!err)
        told.held++;
    else if (err->code == ERROR_OVERLOADED && err->retry_after_ms > 0)
        told.overloaded++;
    else if (err->code == ERROR_UNAVAILABLE && strstr(err->text, "busy"))
        told.busy++;
    else if (err->code == ERROR_UNAVAILABLE)
        told.late++;
    else
        told.other++;
    told.all = told.held + told.busy + told.late + told.overloaded + told.other == told.expected;
}

static void open_reader(uint32_t statement_ms)
{
    struct error err = {0};
    const struct db_settings settings = {.conninfo = conninfo("suara_report", "suara"),
                                         .connections = 1,
                                         .connect_ms = 5000,
                                         .statement_ms = statement_ms};
    super_connect();
    told = (struct told){.base = event_base_new()};
    told.reader = reader_new(told.base, &settings, on_changed, on_what_changed, NULL, &err);
    assert_non_null(told.reader);
    loop_until(told.base, &told.connected, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    reader_free(&told.reader);
    event_base_free(told.base);
    return 0;
}

static void ask(unsigned times)
{
    const struct uuid id = {{1}};
    told.expected = times;
    for (unsigned i = 0; i < times; i++)
        reader_held(told.reader, 1, &id, 1, on_held, NULL);
}

/* One is with the database, the line is full behind it: whoever comes then is told, and keeps it.
 */
static void test_the_line_has_an_end(void **state)
{
    (void)state;
    open_reader(15000);
    sql("BEGIN");
    sql("LOCK suara.response IN ACCESS EXCLUSIVE MODE");
    ask(1);
    loop_until(told.base, NULL,
               "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    ask(JOBS_MAX + 3);
    told.expected += 1;
    sql("ROLLBACK");
    loop_until(told.base, &told.all, NULL);
    assert_int_equal(told.overloaded, 3);
    assert_int_equal(told.held, JOBS_MAX + 1);
}

/* Nobody waits longer in line than a statement may take. */
static void test_waiting_ends(void **state)
{
    (void)state;
    open_reader(300);
    sql("BEGIN");
    sql("LOCK suara.response IN ACCESS EXCLUSIVE MODE");
    ask(8);
    loop_until(told.base, &told.all, NULL);
    sql("ROLLBACK");
    assert_int_equal(told.busy + told.late, 8);
    assert_true(told.busy >= 5); /* the others had the connection, one after the other */
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_teardown(test_the_line_has_an_end, tear_down),
    cmocka_unit_test_teardown(test_waiting_ends, tear_down),
};

int main(void)
{
    log_open(LOG_STDERR, getenv("SUARA_TEST_DEBUG") ? LOG_DEBUG : LOG_ERROR);
    if (!cluster_open())
        return 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_close();
    return failed;
}
