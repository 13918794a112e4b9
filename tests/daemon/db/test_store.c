#include "tests/daemon/db/groups.h"

struct told {
    struct event_base *base;
    struct store *store;
    unsigned changes;
    bool done, idle;
    enum db_outcome outcome;
    struct error err;
};

static struct told told;

static void on_changed(void *arg)
{
    (void)arg;
    told.changes++;
    told.idle = told.store && store_idle(told.store) > 0;
}

static void on_done(struct group *group, enum db_outcome outcome, const struct error *err,
                    void *arg)
{
    (void)group, (void)arg;
    told.outcome = outcome;
    told.err = err ? *err : (struct error){0};
    told.done = true;
}

static void on_added(enum db_outcome outcome, const struct error *err, void *arg)
{
    on_done(NULL, outcome, err, arg);
}

static void open_store(unsigned connections, uint32_t statement_ms, const char *database)
{
    struct error err = {0};
    const struct db_settings settings = {.conninfo = conninfo("suara_ingest", database),
                                         .connections = connections,
                                         .connect_ms = 5000,
                                         .statement_ms = statement_ms};
    told = (struct told){.base = event_base_new()};
    told.store = store_new(told.base, &settings, on_changed, NULL, &err);
    assert_non_null(told.store);
}

static int set_up(void **state)
{
    (void)state;
    sql("TRUNCATE suara.response, suara.comment, suara.batch, suara.erased, suara.stale");
    open_store(2, 5000, "suara");
    loop_until(told.base, &told.idle, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_free(&told.store);
    store_free(&told.store);
    event_base_free(told.base);
    return 0;
}

/* Begins and does not wait. */
static void begin_put(struct group *group)
{
    told.idle = store_idle(told.store) > 0;
    loop_until(told.base, &told.idle, NULL);
    told.done = false;
    store_put(told.store, group, on_done, NULL);
}

static enum db_outcome put(struct group *group)
{
    begin_put(group);
    loop_until(told.base, &told.done, NULL);
    return told.outcome;
}

/* What the daemon does: the same again until it is known. */
static void put_at_last(struct group *group)
{
    enum db_outcome outcome = DB_AGAIN;
    for (unsigned tries = 0; outcome == DB_AGAIN && tries < 20; tries++)
        outcome = put(group);
    if (outcome != DB_DONE)
        fail_msg("%s", told.err.text);
}

static void test_stored(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 50);
    group->rows[3]->comment = (const uint8_t *)"Cepat dan ramah";
    group->rows[3]->comment_size = 15;
    group->rows[3]->comment_kind = 4;
    assert_int_equal(put(group), DB_DONE);
    assert_int_equal(count_status(group, ROW_STORED), 50);
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 50);
    assert_string_equal(sql("SELECT text FROM suara.comment"), "Cepat dan ramah");
    assert_string_equal(sql("SELECT ratings::text FROM suara.response LIMIT 1"),
                        "\\x040304030403040304");
    assert_string_equal(sql("SELECT concat_ws(',', service_id, hash, instrument_id, channel, "
                            "perspective, occupation, now() - received < '1 minute', "
                            "suara.uuid_ms(id)) FROM suara.response ORDER BY id OFFSET 2 LIMIT 1"),
                        "1,2000006,1,0,1,0,t,1672531202000");
    assert_string_equal(sql("SELECT concat_ws(',', n, stored, duplicate, seen) FROM suara.batch"),
                        "50,50,0,1");
    assert_string_equal(sql("SELECT string_agg(office_id || ' ' || month, ',') FROM suara.stale"),
                        "1 2023-01-01");
    unmake_group(group);
}

static void test_all_duplicates(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 50);
    assert_int_equal(put(group), DB_DONE);
    sql("DELETE FROM suara.stale");
    char before[64];
    snprintf(before, sizeof before, "%s", sql("SELECT pg_current_wal_insert_lsn()"));
    assert_int_equal(put(group), DB_DONE);
    char grown[128];
    snprintf(grown, sizeof grown, "SELECT pg_current_wal_insert_lsn() - '%s'", before);
    assert_true(number(grown) > 0);
    assert_int_equal(count_status(group, ROW_DUPLICATE), 50);
    assert_int_equal(number("SELECT seen FROM suara.batch"), 2);
    assert_int_equal(number("SELECT count(*) FROM suara.stale"), 0);
    unmake_group(group);
}

static void test_mixed(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 4);
    assert_int_equal(put(group), DB_DONE);
    unmake_group(group);
    sql("WITH d AS (DELETE FROM suara.response WHERE hash = 3000009 RETURNING office_id, id) "
        "INSERT INTO suara.erased SELECT * FROM d");

    group = make_simple(2, 0, 6);
    group->submissions->refusals =
        (struct refusal[]){{ROW_INVALID, 6, "u3", ""}, {ROW_DENIED, 7, "office", ""}};
    group->submissions->refusal_count = 2;
    group->submissions->response_count = 8;
    group->rows[1]->hash++;
    assert_int_equal(put(group), DB_DONE);
    const enum row_status want[] = {ROW_DUPLICATE, ROW_CONFLICT, ROW_DUPLICATE,
                                    ROW_ERASED,    ROW_STORED,   ROW_STORED};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(group->rows[i]->status, want[i]);
    assert_string_equal(sql("SELECT concat_ws(',', n, stored, duplicate, conflict, erased, "
                            "invalid, denied) FROM suara.batch ORDER BY batch_id DESC"),
                        "8,2,2,1,1,1,1");
    unmake_group(group);
}

/* The same keys twice in one group, and the same batch twice. */
static void test_again(void **state)
{
    (void)state;
    struct group *group = make_group(make_submission(1, 0, 4), make_submission(1, 2, 4));
    assert_int_equal(group->again_count, 2);
    group->again[1]->hash++;
    assert_int_equal(put(group), DB_DONE);
    assert_int_equal(group->again[0]->status, ROW_DUPLICATE);
    assert_int_equal(group->again[1]->status, ROW_CONFLICT);
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 6);
    assert_string_equal(sql("SELECT concat_ws(',', n, stored, seen) FROM suara.batch"), "4,4,2");
    unmake_group(group);

    /* Against what is stored, not against the row before it. */
    group = make_group(make_submission(2, 2, 1), make_submission(3, 2, 1));
    group->rows[0]->hash++;
    assert_int_equal(put(group), DB_DONE);
    assert_int_equal(group->rows[0]->status, ROW_CONFLICT);
    assert_int_equal(group->again[0]->status, ROW_DUPLICATE);
    unmake_group(group);
}

static void test_no_rows(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 0);
    group->submissions->refusals = (struct refusal[]){{ROW_INVALID, 0, "u3", ""}};
    group->submissions->refusal_count = group->submissions->response_count = 1;
    assert_int_equal(put(group), DB_DONE);
    assert_string_equal(sql("SELECT concat_ws(',', n, stored, invalid) FROM suara.batch"), "1,0,1");
    unmake_group(group);
}

static void test_copy(void **state)
{
    (void)state;
    struct group *group = make_simple(1, 0, 3000);
    assert_int_equal(put(group), DB_DONE);
    assert_int_equal(count_status(group, ROW_STORED), 3000);
    assert_int_equal(number("SELECT count(*) FROM suara.response WHERE ratings = "
                            "'\\x040304030403040304' AND received > now() - interval '1 minute'"),
                     3000);
    unmake_group(group);

    /* A held key fails the COPY; the same group goes by INSERT. */
    group = make_simple(2, 2999, 3000);
    assert_int_equal(put(group), DB_DONE);
    assert_int_equal(group->rows[0]->status, ROW_DUPLICATE);
    assert_int_equal(count_status(group, ROW_STORED), 2999);
    unmake_group(group);

    /* So it does when something was erased near its keys. */
    sql("INSERT INTO suara.erased (office_id, id) "
        "SELECT 1, id FROM suara.response ORDER BY id DESC LIMIT 1");
    sql("DELETE FROM suara.response WHERE id IN (SELECT id FROM suara.erased)");
    group = make_simple(3, 5998, 1000);
    assert_int_equal(put(group), DB_DONE);
    assert_int_equal(group->rows[0]->status, ROW_ERASED);
    assert_int_equal(count_status(group, ROW_STORED), 999);
    unmake_group(group);
}

#define WAITS "SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = 'suara_ingest' AND "
#define KILL  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'suara_ingest'"

/* The backend is ended while it holds rows and waits for a key of another transaction. */
static void test_killed(void **state)
{
    (void)state;
    char id[UUID_TEXT], text[256];
    struct uuid batch = made_id(1);
    uuid_format(&batch, id);
    snprintf(text, sizeof text,
             "INSERT INTO suara.batch SELECT 1, '%s', now(), 'x', 0, 0, 0, 0, 0, 0, 0", id);
    sql("BEGIN");
    sql(text);
    struct group *group = make_simple(1, 0, 20);
    begin_put(group);
    loop_until(told.base, NULL, WAITS "wait_event_type = 'Lock'");
    sql("ROLLBACK AND CHAIN");
    sql(KILL);
    sql("COMMIT");
    loop_until(told.base, &told.done, NULL);
    if (told.outcome == DB_AGAIN)
        assert_int_equal(told.err.code, ERROR_UNAVAILABLE);
    assert_true(told.outcome != DB_FAILED);
    put_at_last(group);
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 20);
    unmake_group(group);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_stored, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_all_duplicates, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_mixed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_again, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_no_rows, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_copy, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_killed, set_up, tear_down),
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
