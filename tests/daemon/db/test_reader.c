#include "tests/daemon/db/reading.h"

/* ---- directory ---- */

static void on_directory(struct directory *directory, const struct error *err, void *arg)
{
    (void)arg;
    directory_free(&told.directory);
    told.directory = directory;
    finish(err);
}

static void load(void)
{
    told.done = false;
    reader_directory(told.reader, on_directory, NULL);
    assert_false(told.done); /* never from inside */
    loop_until(told.base, &told.done, NULL);
}

static void test_directory(void **state)
{
    (void)state;
    load();
    assert_non_null(told.directory);
    const struct office *office = directory_office(told.directory, "MADE-1", 6);
    assert_non_null(office);
    assert_string_equal(office->name, "Made up one");
    assert_int_equal(office->zone, ZONE_WITA);
    assert_string_equal(office->parent->code, "MADE");
    const struct service *service = directory_service(told.directory, office->id, "UMUM", 4);
    assert_non_null(service);
    const struct instrument *skm = directory_instrument(told.directory, "skm-2017", 8);
    assert_non_null(skm);
    assert_int_equal(skm->elements, 9);
    assert_string_equal(skm->version, "2017");
    assert_string_equal(skm->element[8].code, "U9");
    assert_string_equal(skm->element[8].name_id, "Sarana dan Prasarana");
    assert_string_equal(skm->element[8].name_en, "Facilities");
    assert_string_equal(skm->element[3].label_id[3], "Gratis");
    assert_string_equal(skm->element[3].label_en[0], "Very expensive");
    assert_string_equal(skm->bound[0].quality_en, "Very good");
    assert_string_equal(skm->column[8], "u9");
    assert_int_equal(skm->scale, 4);
    assert_int_equal(skm->methods, 4);
    assert_int_equal(skm->bounds, 4);
    assert_non_null(directory_term(told.directory, DIM_AGE, "21-30", 5));
    const struct principal *p = directory_principal(told.directory, ROLE_OFFICE, "MADE-1");
    assert_non_null(p);
    assert_ptr_equal(p->office, office);
    assert_true(p->active);
}

static void test_what_changed(void **state)
{
    (void)state;
    loop_until(told.base, &told.what_changed, NULL); /* the first connection counts as one */
    told.what_changed = false;
    sql("SELECT suara.service_add('MADE', 'IZIN', 'Perizinan')");
    loop_until(told.base, &told.what_changed, NULL);
    load();
    assert_non_null(directory_service(told.directory, 1, "IZIN", 4));
}

static void test_versions(void **state)
{
    (void)state;
    char want[64];
    sql("INSERT INTO suara.schema_version VALUES (9999, 'later')");
    load();
    assert_null(told.directory);
    assert_int_equal(told.err.code, ERROR_INTERNAL);
    assert_non_null(strstr(told.err.text, "9999"));
    snprintf(want, sizeof want, "needs %d", SUARA_SCHEMA_VERSION);
    assert_non_null(strstr(told.err.text, want));
    sql("DELETE FROM suara.schema_version WHERE version = 9999");
    load();
    assert_non_null(told.directory);

    sql("DELETE FROM suara.schema_version WHERE version > 1");
    load();
    assert_null(told.directory);
    assert_non_null(strstr(told.err.text, "run suara-migrate"));
    snprintf(want, sizeof want, "INSERT INTO suara.schema_version VALUES (%d, 'x')",
             SUARA_SCHEMA_VERSION);
    sql(want);
}

static void test_no_schema(void **state)
{
    (void)state;
    sql("ALTER SCHEMA suara RENAME TO aside");
    open_reader(conninfo("suara_report", "suara"));
    loop_until(told.base, &told.connected, NULL);
    load();
    sql("ALTER SCHEMA aside RENAME TO suara");
    assert_null(told.directory);
    assert_int_equal(told.err.code, ERROR_INTERNAL);
    assert_non_null(strstr(told.err.text, "run suara-migrate"));
}

static void on_held(const uint32_t *index, size_t count, const struct error *err, void *arg)
{
    (void)arg;
    assert_true(count <= 8);
    told.count = count;
    if (count > 0)
        memcpy(told.index, index, count * sizeof *index);
    finish(err);
}

static void test_held(void **state)
{
    (void)state;
    make_responses();
    struct uuid ids[4] = {{{1}}, {{2}}, {{3}}, {{4}}};
    assert_true(uuid_parse(sql("SELECT id FROM suara.response ORDER BY id LIMIT 1"), &ids[3]));
    assert_true(
        uuid_parse(sql("SELECT id FROM suara.response ORDER BY id OFFSET 1 LIMIT 1"), &ids[1]));
    reader_held(told.reader, 1, ids, 4, on_held, NULL);
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.err.code, ERROR_NONE);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.index[0], 1);
    assert_int_equal(told.index[1], 3);

    told.done = false;
    reader_held(told.reader, 2, ids, 4, on_held, NULL); /* another office's are not seen */
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.err.code, ERROR_NONE);
    assert_int_equal(told.count, 0);

    told.done = false;
    reader_held(told.reader, 1, ids, 0, on_held, NULL);
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.err.code, ERROR_NONE);
    assert_int_equal(told.count, 0);
}

/* ---- the database away, busy, back ---- */

static void test_away(void **state)
{
    (void)state;
    cluster_say("stop immediate", "stopped");
    for (unsigned tries = 0; tries < 2; tries++) { /* under way, and when it is known */
        load();
        assert_null(told.directory);
        assert_int_equal(told.err.code, ERROR_UNAVAILABLE);
        assert_true(told.err.retry_after_ms > 0);
    }
    assert_string_not_equal(reader_trouble(told.reader), "");
    told.what_changed = told.connected = false;
    cluster_say("start", "started");
    super_connect();
    loop_until(told.base, &told.connected, NULL);
    loop_until(told.base, &told.what_changed, NULL);
    assert_string_equal(reader_trouble(told.reader), "");
    load();
    assert_non_null(told.directory);
}

static void test_busy(void **state)
{
    (void)state;
    told.expected = 3;
    sql("BEGIN");
    sql("LOCK suara.office IN ACCESS EXCLUSIVE MODE");
    uint64_t start = clock_monotonic_ms();
    for (unsigned i = 0; i < 3; i++) /* two connections: the third waits in line */
        reader_directory(told.reader, on_directory, NULL);
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.err.code, ERROR_UNAVAILABLE);
    assert_true(clock_monotonic_ms() - start >= 2900);
    sql("ROLLBACK");
    loop_until(told.base, &told.all, NULL);
    load();
    assert_non_null(told.directory);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_directory, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_what_changed, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_versions, set_up, tear_down),
    cmocka_unit_test_teardown(test_no_schema, tear_down),
    cmocka_unit_test_setup_teardown(test_held, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_away, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_busy, set_up, tear_down),
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
