#include "tests/daemon/db/storing.h"

#include "tests/common/instrument.h"

/* What the test's questionnaire is, with one of its lines another. */
static void add_made(size_t place, const char *instead)
{
    struct arena arena;
    struct buf text = {0};
    struct error err = {0};
    made_text(&text, place, instead);
    arena_init(&arena, INSTRUMENT_ARENA);
    const struct instrument *in = instrument_parse(&arena, text.data, text.len, NULL, &err);
    if (!in)
        fail_msg("%s", err.text);
    const struct addition addition = {
        .what = "instrument", .code = in->code, .instrument = in, .by = {"admin:MADE", "C0DE"}};
    told.done = false;
    store_add(told.store, &addition, on_added, NULL);
    arena_release(&arena); /* the store has its own copy */
    buf_release(&text);
    loop_until(told.base, &told.done, NULL);
}

static int16_t id_of(const char *code)
{
    char query[128];
    snprintf(query, sizeof query, "SELECT instrument_id FROM suara.instrument WHERE code = '%s'",
             code);
    return (int16_t)number(query);
}

static void test_added_whole(void **state)
{
    (void)state;
    add_made(12, "name = Mutu \"baik\" \\ 'lain'");
    assert_int_equal(told.outcome, DB_DONE);
    assert_string_equal(sql("SELECT concat_ws('|', version, name_id, name_en, scale, used) "
                            "FROM suara.instrument WHERE code = 'tiga'"),
                        "1|Tiga pertanyaan|Three questions|3|f");
    assert_string_equal(sql("SELECT string_agg(concat_ws('|', position, e.code, e.name_id, "
                            "labels_id, labels_en), ' ' ORDER BY position) FROM suara.element e "
                            "JOIN suara.instrument i USING (instrument_id) WHERE i.code = 'tiga'"),
                        "1|U1|Mutu \"baik\" \\ 'lain'|{Buruk,\"Cukup; sedang\",\"Baik = sekali\"}|"
                        "{Bad,Fair,Good} 2|U2|Waktu|{}|{}");
    assert_string_equal(sql("SELECT string_agg(concat_ws('|', method, num, den), ' ' "
                            "ORDER BY method) FROM suara.instrument_method "
                            "JOIN suara.instrument i USING (instrument_id) WHERE code = 'tiga'"),
                        "0.49|49|100 exact|1|2");
    assert_string_equal(sql("SELECT string_agg(concat_ws('|', grade, quality_en, low, high), ' ' "
                            "ORDER BY grade) FROM suara.grade_bound "
                            "JOIN suara.instrument i USING (instrument_id) WHERE code = 'tiga'"),
                        "A|Good|8001|10000 B|Buruk|3333|8000");
}

static void test_replaced_until_used(void **state)
{
    (void)state;
    add_made(2, "version = 1");
    assert_int_equal(told.outcome, DB_DONE);
    int16_t first = id_of("tiga");
    add_made(2, "version = 1"); /* the same once more */
    assert_int_equal(told.outcome, DB_DONE);
    assert_int_equal(id_of("tiga"), first);
    add_made(2, "version = 2");
    assert_int_equal(told.outcome, DB_DONE);
    int16_t second = id_of("tiga");
    assert_int_not_equal(first, second);
    assert_int_equal(number("SELECT count(*) FROM suara.instrument WHERE code = 'tiga'"), 1);

    /* Who still knows the first one can't store under it: not even half. */
    struct group *group = make_simple(1, 0, 5);
    group->submissions->first_use = first;
    assert_int_equal(put(group), DB_FAILED);
    assert_non_null(strstr(told.err.text, "replaced meanwhile"));
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 0);
    assert_int_equal(number("SELECT count(*) FROM suara.batch"), 0);

    group->submissions->first_use = second;
    assert_int_equal(put(group), DB_DONE);
    assert_int_equal(number("SELECT count(*) FROM suara.instrument WHERE used AND code = 'tiga'"),
                     1);
    assert_int_equal(put(group), DB_DONE); /* all duplicates: nothing to mark */
    unmake_group(group);

    add_made(2, "version = 2");
    assert_int_equal(told.outcome, DB_DONE);
    add_made(2, "version = 3");
    assert_int_equal(told.outcome, DB_FAILED);
    assert_int_equal(told.err.code, ERROR_INVALID);
    assert_string_equal(told.err.field, "code");
    assert_non_null(strstr(told.err.text, "add the new one under another code"));
    assert_int_equal(id_of("tiga"), second);
}

/* A transaction that is replacing it is waited for, and the first response to it then comes again
 * under the new number. */
static void test_used_while_replaced(void **state)
{
    (void)state;
    add_made(1, "code = empat");
    int16_t id = id_of("empat");
    sql("BEGIN");
    sql("SELECT suara.instrument_add(jsonb_set(suara.instrument_content((SELECT instrument_id "
        "FROM suara.instrument WHERE code = 'empat')), '{version}', '\"2\"'))");
    struct group *group = make_simple(7, 100, 3);
    group->submissions->first_use = id;
    begin_put(group);
    while (number("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
        event_base_loop(told.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    assert_false(told.done);
    sql("COMMIT");
    loop_until(told.base, &told.done, NULL);
    assert_int_equal(told.outcome, DB_FAILED);
    assert_int_equal(number("SELECT count(*) FROM suara.response"), 0);
    unmake_group(group);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_added_whole, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_replaced_until_used, set_up, tear_down),
    cmocka_unit_test_setup_teardown(test_used_while_replaced, set_up, tear_down),
};

int main(void)
{
    log_open(LOG_STDERR, getenv("SUARA_TEST_DEBUG") ? LOG_DEBUG : LOG_ERROR);
    if (!cluster_open())
        return 0;
    sql("SELECT suara.office_add('MADE', 'Made up', '', 'WIB')");
    int failed = cmocka_run_group_tests_name("daemon/db/add_instrument", tests, NULL, NULL);
    cluster_close();
    return failed;
}
