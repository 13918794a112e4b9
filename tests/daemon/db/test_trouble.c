/* What must not become a receipt, or a refusal, when the database is in trouble. */
#include "tests/daemon/db/storing.h"

#define BACKENDS "FROM pg_stat_activity WHERE usename = 'suara_ingest'"
#define WAITS    "SELECT count(*) > 0 " BACKENDS " AND "

static void insert_batch_row(unsigned batch)
{
    char id[UUID_TEXT], text[256];
    struct uuid uuid = made_id(batch);
    uuid_format(&uuid, id);
    snprintf(text, sizeof text,
             "INSERT INTO suara.batch SELECT 1, '%s', now(), 'x', 0, 0, 0, 0, 0, 0, 0", id);
    sql(text);
}

/* The backend is ended in the middle of the transaction: its rows are in, the batch row waits. */
static void test_killed(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 20);
    sql("BEGIN");
    insert_batch_row(1);
    begin_put(group);
    loop_until(told.base, NULL, WAITS "wait_event_type = 'Lock'");
    sql("SELECT pg_terminate_backend(pid) " BACKENDS);
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.outcome, DB_AGAIN);
    assert_int_equal(told.err.code, ERROR_UNAVAILABLE);
    assert_true(told.err.retry_after_ms > 0);
    sql("ROLLBACK");
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 0);
    put_at_last(group);
    assert_int_equal(count_status(group, ROW_STORED), 20);
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 20);
    unmake_group(group);
}

static void test_copy_killed(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 1000);
    char id[UUID_TEXT], row[256];
    uuid_format(&group->rows[500]->id, id);
    snprintf(row, sizeof row,
             "INSERT INTO suara.response VALUES (1, 1, now(), 7, '%s', 1, 0, 0, 1, 0, 0, 0, 0, "
             "'\\x010203040102030401')",
             id);
    sql("BEGIN");
    sql(row); /* not committed: whoever stores that key waits for it, in the middle of its rows */
    begin_put(group);
    loop_until(told.base, NULL, WAITS "wait_event_type = 'Lock' AND query LIKE 'COPY%'");
    sql("SELECT pg_terminate_backend(pid) " BACKENDS);
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.outcome, DB_AGAIN);
    sql("ROLLBACK");
    put_at_last(group);
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 1000);
    unmake_group(group);
}

static void test_server_stopped(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 20);
    sql("BEGIN");
    insert_batch_row(1);
    begin_put(group);
    loop_until(told.base, NULL, WAITS "wait_event_type = 'Lock'");
    cluster_say("stop immediate", "stopped");
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.outcome, DB_AGAIN);
    while (store_connected(told.store) > 0)
        event_base_loop(told.base, EVLOOP_ONCE);
    assert_string_not_equal(store_trouble(told.store), "");

    const struct addition addition = {.what = "office",
                                      .code = "GONE",
                                      .name = "Gone",
                                      .office = "",
                                      .zone = "WIB",
                                      .by = {"admin:MADE", "C0DE"}};
    told.done = false;
    store_add(told.store, &addition, on_added, NULL);
    assert_false(told.done);
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.outcome, DB_AGAIN);
    assert_int_equal(told.err.code, ERROR_UNAVAILABLE);

    cluster_say("start", "started");
    super_connect();
    put_at_last(group);
    assert_string_equal(store_trouble(told.store), "");
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 20);
    unmake_group(group);
}

/* The wait for a standby is cancelled: COMMIT succeeds, with a warning, and may not survive a
 * failover. The same group again finds its rows, writes, and waits again. */
static void test_standby_away(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 20);
    sql("ALTER SYSTEM SET synchronous_standby_names = 'missing'");
    sql("SELECT pg_reload_conf()");
    do { /* until the server has seen the setting */
        sql("TRUNCATE suara.response, suara.batch");
        begin_put(group);
        loop_until(told.base, &told.done, WAITS "wait_event = 'SyncRep'");
    } while (told.done);
    sql("SELECT pg_cancel_backend(pid) " BACKENDS " AND wait_event = 'SyncRep'");
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.outcome, DB_AGAIN);
    assert_non_null(strstr(told.err.text, "warning"));
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 20);

    begin_put(group);
    loop_until(told.base, NULL, WAITS "wait_event = 'SyncRep'");
    assert_false(told.done);
    sql("ALTER SYSTEM RESET synchronous_standby_names");
    sql("SELECT pg_reload_conf()");
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.outcome, DB_DONE);
    assert_int_equal(count_status(group, ROW_DUPLICATE), 20);
    assert_int_equal(number("SELECT seen FROM suara.batch"), 2);
    unmake_group(group);
}

static int forget_standby(void **state)
{
    sql("ALTER SYSTEM RESET ALL");
    sql("SELECT pg_reload_conf()");
    return tear_down(state);
}

/* A statement that waits too long ends by the server's statement_timeout, and no connection. */
static void test_timeout(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 20);
    store_free(&told.store);
    event_base_free(told.base);
    open_store(1, 500, "suara");
    sql("BEGIN");
    insert_batch_row(1);
    assert_int_equal(put(group), DB_AGAIN);
    assert_int_equal(told.err.code, ERROR_UNAVAILABLE);
    sql("ROLLBACK");
    assert_int_equal(store_connected(told.store), 1);
    put_at_last(group);
    assert_int_equal(count_status(group, ROW_STORED), 20);
    unmake_group(group);
}

/* The server stands still: the link's own timer ends the wait. */
static void test_frozen(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 20);
    store_free(&told.store);
    event_base_free(told.base);
    open_store(1, 200, "suara");
    loop_until(told.base, &told.idle, NULL);
    pid_t backend = (pid_t)number("SELECT pid " BACKENDS);
    kill(backend, SIGSTOP);
    assert_int_equal(put(group), DB_AGAIN);
    kill(backend, SIGCONT);
    put_at_last(group);
    unmake_group(group);
}

static void test_deadlock(void **state)
{
    (void)state;
    struct group *group = make_group(make_submission(1, 0, 20), make_submission(2, 20, 20));
    sql("SET deadlock_timeout = '60s'");
    sql("BEGIN");
    insert_batch_row(2);
    begin_put(group);
    loop_until(told.base, NULL, WAITS "wait_event_type = 'Lock'");
    insert_batch_row(1); /* waits for the group, which waits for us, and is the one to be ended */
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.outcome, DB_AGAIN);
    sql("ROLLBACK");
    assert_int_equal(store_connected(told.store), 2);
    put_at_last(group);
    assert_int_equal(count_status(group, ROW_STORED), 40);
    unmake_group(group);
}

struct race {
    unsigned open;
    bool done;
    size_t stored, duplicate;
};

static void on_raced(struct group *group, enum db_outcome outcome, const struct error *err,
                     void *arg)
{
    struct race *race = arg;
    if (outcome != DB_DONE)
        fail_msg("%s", err->text);
    race->stored += count_status(group, ROW_STORED);
    race->duplicate += count_status(group, ROW_DUPLICATE);
    race->done = --race->open == 0;
}

/* The same keys on two connections at once, by INSERT and by COPY: each is stored once, and since
 * all groups are sorted alike nobody deadlocks. */
static void test_race(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        struct race race = {.open = 2};
        size_t count = round % 2 ? 400 : 100;
        struct group *group[2];
        for (unsigned k = 0; k < 2; k++) {
            group[k] = make_simple(2 * round + k, 1000 * round, count);
            store_put(told.store, group[k], on_raced, &race);
        }
        loop_until(told.base, &race.done, NULL);
        assert_int_equal(race.stored, count);
        assert_int_equal(race.duplicate, count);
        unmake_group(group[0]);
        unmake_group(group[1]);
    }
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 10 * 500);
}

/* What the database refuses, it will refuse again; the others are not held up by it. */
static void test_refused(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 20);
    group->rows[7]->elements = 0; /* the table's own check */
    assert_int_equal(put(group), DB_FAILED);
    assert_int_equal(told.err.code, ERROR_INTERNAL);
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 0);
    unmake_group(group);
    group = make_simple(2, 0, 20);
    put_at_last(group);
    unmake_group(group);
}

/* Freed in the middle of a transaction: nothing is called, nothing stays behind. */
static void test_freed(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 20);
    begin_put(group);
    store_free(&told.store);
    assert_false(told.done);
    loop_until(told.base, NULL, "SELECT count(*) = 0 " BACKENDS);
    unmake_group(group);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_copy_killed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_server_stopped, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_standby_away, set_up, forget_standby),
    cmocka_unit_test_setup_teardown(test_timeout, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_frozen, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_deadlock, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_race, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_freed, set_up, tear_down),
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
