#include "tests/daemon/db/storing.h"

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
    assert_string_equal(sql("SELECT principal || serial FROM suara.batch"), "office:MADE0A1B");
    assert_string_equal(sql("SELECT concat_ws(',', n, stored, duplicate, seen) FROM suara.batch"),
                        "50,50,0,1");
    assert_string_equal(sql("SELECT string_agg(concat_ws(' ', office_id, month, instrument_id), "
                            "',') FROM suara.stale"),
                        "1 2023-01-01 1");
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

/* The same again and again, as by a client that never hears its receipts: only now and then is it
 * tried as new, which the server's log would be full of otherwise. Each try that fails takes one
 * transaction number more. */
static void test_wary(void **state)
{
    (void)state;
    static const size_t sizes[] = {20, 1000};
    for (size_t k = 0; k < 2; k++) {
        struct group *group = make_simple((unsigned)k + 1, 0, sizes[k]);
        assert_int_equal(put(group), DB_DONE);
        long long before = number("SELECT pg_current_xact_id()::text::bigint");
        for (unsigned i = 0; i < 40; i++) {
            assert_int_equal(put(group), DB_DONE);
            assert_int_equal(count_status(group, ROW_DUPLICATE), sizes[k]);
        }
        assert_in_range(number("SELECT pg_current_xact_id()::text::bigint") - before, 41, 60);
        unmake_group(group);
        sql("TRUNCATE suara.response, suara.batch");
    }
    /* New ones are taken to be new again. */
    for (unsigned i = 0; i < 40; i++) {
        struct group *group = make_simple(100 + i, 1000 * i, 20);
        assert_int_equal(put(group), DB_DONE);
        assert_int_equal(count_status(group, ROW_STORED), 20);
        unmake_group(group);
    }
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

/* Connections that have seen nothing yet. */
static void again_from_new(void)
{
    store_free(&told.store);
    event_base_free(told.base);
    open_store(2, 5000, "suara");
    loop_until(told.base, &told.whole, NULL);
}

/* All of a group is new but one, which was erased; each way of storing it looks. */
static void test_erased_among_new(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 20, 1000};
    for (size_t k = 0; k < 3; k++)
        for (unsigned tries = 0; tries < 2; tries++) {
            struct group *group = make_simple(1, 0, sizes[k]);
            const struct row *erased = group->rows[sizes[k] / 2];
            char id[UUID_TEXT], text[128];
            uuid_format(&erased->id, id);
            snprintf(text, sizeof text, "INSERT INTO suara.erased VALUES (%d, '%s')",
                     (int)erased->office_id, id);
            sql("TRUNCATE suara.response, suara.batch, suara.erased");
            sql(text);
            group->submissions->tries = tries;
            again_from_new();
            assert_int_equal(put(group), DB_DONE);
            assert_int_equal(erased->status, ROW_ERASED);
            assert_int_equal(count_status(group, ROW_STORED), sizes[k] - 1);
            assert_int_equal(number("SELECT count(*) FROM suara.response"), (long)sizes[k] - 1);
            unmake_group(group);
        }
}

/* A response that is not stored leaves nothing else: no text, and no mark. */
static void test_comments(void **state)
{
    (void)state;
    for (unsigned batch = 1; batch <= 3; batch++) {
        struct group *group = make_simple(batch, 0, 2);
        for (size_t i = 0; i < 2; i++) {
            group->rows[i]->comment = (const uint8_t *)(batch == 3 ? "Lambat" : "Cepat");
            group->rows[i]->comment_size = batch == 3 ? 6 : 5;
            group->rows[i]->comment_kind = 1;
            group->rows[i]->hash += batch == 3;
        }
        assert_int_equal(put(group), DB_DONE);
        assert_int_equal(count_status(group, batch == 1   ? ROW_STORED
                                             : batch == 2 ? ROW_DUPLICATE
                                                          : ROW_CONFLICT),
                         2);
        unmake_group(group);
    }
    assert_string_equal(sql("SELECT string_agg(text, ',') FROM suara.comment"), "Cepat,Cepat");
    assert_int_equal(number("SELECT count(*) FROM suara.stale"), 1);
}

/* Each office-month in which something was stored is marked, once for each instrument. */
static void test_marks(void **state)
{
    (void)state;
    const unsigned february = 31 * 24 * 3600;
    struct group *group = make_group(make_submission(1, 0, 5), make_submission(2, february, 3));
    group->rows[1]->instrument_id = group->rows[3]->instrument_id = 2;
    assert_int_equal(put(group), DB_DONE);
    assert_string_equal(sql("SELECT string_agg(month || ' ' || instrument_id, ',' "
                            "ORDER BY month, instrument_id) FROM suara.stale"),
                        "2023-01-01 1,2023-01-01 2,2023-02-01 1");
    unmake_group(group);
}

/* Rows that the server drops without an error are neither stored nor refused. */
static void test_dropped(void **state)
{
    (void)state;
    sql("CREATE OR REPLACE FUNCTION suara.drop_row() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NULL; END'");
    sql("GRANT EXECUTE ON FUNCTION suara.drop_row() TO suara_ingest");
    sql("CREATE TRIGGER drop_row BEFORE INSERT ON suara.response FOR EACH ROW "
        "WHEN (NEW.hash = 7000021) EXECUTE FUNCTION suara.drop_row()");
    enum db_outcome outcome[2];
    for (unsigned k = 0; k < 2; k++) { /* by INSERT and by COPY */
        struct group *group = make_simple(k + 1, 0, k ? 1000 : 20);
        outcome[k] = put(group);
        unmake_group(group);
    }
    sql("DROP TRIGGER drop_row ON suara.response");
    assert_int_equal(outcome[0], DB_AGAIN);
    assert_int_equal(outcome[1], DB_AGAIN);
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 0);
}

/* A receipt waits for the disk, whatever the server's or the role's own setting. */
static void test_durable(void **state)
{
    (void)state;
    store_free(&told.store);
    event_base_free(told.base);
    sql("ALTER ROLE suara_ingest SET synchronous_commit = off");
    sql("ALTER TABLE suara.response ADD CONSTRAINT durable "
        "CHECK (current_setting('synchronous_commit') = 'on')");
    open_store(1, 5000, "suara");
    struct group *group = make_simple(1, 0, 2);
    enum db_outcome outcome = put(group);
    sql("ALTER TABLE suara.response DROP CONSTRAINT durable");
    sql("ALTER ROLE suara_ingest RESET synchronous_commit");
    assert_int_equal(outcome, DB_DONE);
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

    /* Erased once is erased for all that repeat it. */
    sql("WITH d AS (DELETE FROM suara.response WHERE hash = 2000006 RETURNING office_id, id) "
        "INSERT INTO suara.erased SELECT * FROM d");
    group = make_group(make_submission(4, 2, 1), make_submission(5, 2, 1));
    assert_int_equal(put(group), DB_DONE);
    assert_int_equal(count_status(group, ROW_ERASED), 2);
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

    /* Wherever among them. */
    group = make_simple(4, 9000, 1000);
    char id[UUID_TEXT], erase[128];
    uuid_format(&group->rows[999]->id, id);
    snprintf(erase, sizeof erase, "INSERT INTO suara.erased VALUES (1, '%s')", id);
    sql(erase);
    assert_int_equal(put(group), DB_DONE);
    assert_int_equal(group->rows[999]->status, ROW_ERASED);
    assert_int_equal(count_status(group, ROW_STORED), 999);
    unmake_group(group);
}

/* ---- additions ---- */

static void add(const char *what, const char *code, const char *name, const char *office,
                const char *zone, const char *role)
{
    const struct addition addition = {.what = what,
                                      .code = code,
                                      .name = name,
                                      .office = office,
                                      .zone = zone,
                                      .role = role,
                                      .by = {"admin:MADE", "C0DE"}};
    told.done = false;
    store_add(told.store, &addition, on_added, NULL);
    loop_until(told.base, &told.done, NULL);
}

static void test_add(void **state)
{
    (void)state;
    add("office", "ADDED", "Added", "MADE", "", "");
    assert_int_equal(told.outcome, DB_DONE);
    assert_string_equal(sql("SELECT zone FROM suara.office WHERE code = 'ADDED'"), "WIB");
    add("service", "IZIN", "Perizinan", "ADDED", "", "");
    assert_int_equal(told.outcome, DB_DONE);
    add("principal", "ADDED-2", "", "ADDED", "", "office");
    assert_int_equal(told.outcome, DB_DONE);
    add("principal", "OMBUDSMAN", "", "", "", "auditor");
    assert_int_equal(told.outcome, DB_DONE);
    assert_int_equal(
        number(
            "SELECT count(*) FROM suara.principal WHERE name IN ('ADDED', 'ADDED-2', 'OMBUDSMAN')"),
        3);

    static const char entries[] =
        "SELECT string_agg(concat_ws(' ', coalesce(o.code, '-'), a.seq, a.detail), '; ' ORDER BY "
        "a.at) FROM suara.audit a LEFT JOIN suara.office o USING (office_id) WHERE a.verb = 'add' "
        "AND a.outcome = 'done' AND a.principal = 'admin:MADE' AND a.serial = 'C0DE'";
    static const char done[] =
        "ADDED 1 what=office code=ADDED parent=MADE zone=; "
        "ADDED 2 what=service code=IZIN; "
        "ADDED 3 what=principal role=office name=ADDED-2; "
        "- 2 what=principal role=auditor name=OMBUDSMAN"; /* 1: the first admin */
    assert_string_equal(sql(entries), done);

    add("office", "ADDED", "Again", "MADE", "", "");
    assert_int_equal(told.outcome, DB_FAILED);
    assert_int_equal(told.err.code, ERROR_INVALID);
    assert_string_equal(told.err.field, "code");
    assert_non_null(strstr(told.err.text, "already"));
    add("service", "X", "X", "NOWHERE", "", "");
    assert_int_equal(told.err.code, ERROR_INVALID);
    assert_string_equal(told.err.field, "office");
    add("planet", "X", "X", "", "", "");
    assert_int_equal(told.err.code, ERROR_INVALID);
    assert_string_equal(sql(entries), done);          /* what was not done has no entry */
    assert_int_equal(store_connected(told.store), 2); /* a refusal costs no connection */
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_stored, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_all_duplicates, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_erased_among_new, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_wary, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_mixed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_comments, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_marks, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_dropped, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_durable, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_again, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_no_rows, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_copy, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_add, set_up, tear_down),
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
