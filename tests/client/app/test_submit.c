#include "client/app/submit.h"

#include "tests/client/app/clerk.h"

static void saves_the_good_and_shows_the_bad(void **state)
{
    struct desk d = desk(state);
    const char *path =
        folder_puts(d.folder, "a.csv",
                    U ",collected_at,comment\n" R ",2023-07-13,baik\n1,2,,4,1,2,3,4,1,2023-07-13,"
                      "\"=cmd()\"\n" R ",2023-07-13,\xFF\n" R ",2023-07-14,\n");
    check_result(&d, path, 2, 2, 0, false, false);
    assert_int_equal(d.result.rows, 4);
    assert_int_equal(waiting(&d), 2);
    assert_string_equal(d.result.rejected_file, folder_file(d.folder, "a.csv.rejected.csv"));
    char *text = folder_read(d.result.rejected_file);
    assert_string_equal(
        text, "\xEF\xBB\xBFline,field,reason," U
              ",id,collected_at,service,channel,stakeholder,perspective,sex,age,education,"
              "occupation,comment,comment_kind\r\n"
              "3,u3,is missing,1,2,,4,1,2,3,4,1,,2023-07-13,,,,,,,,,'=cmd(),\r\n"
              "4,comment,is not valid UTF-8," R ",,2023-07-13,,,,,,,,,\xFF,\r\n");
    free(text);
    /* Corrected and submitted, it is taken: also with the columns of the rejection still there. */
    const char *corrected =
        folder_puts(d.folder, "b.csv",
                    "\xEF\xBB\xBFline,field,reason," U ",id,collected_at,comment\r\n"
                    "3,u3,is missing," R ",,2023-07-13,'=cmd()\r\n");
    check_result(&d, corrected, 1, 0, 0, false, false);
    assert_int_equal(waiting(&d), 3);
    leave(&d);
}

static void sends_the_same_file_again_under_the_same_ids(void **state)
{
    struct desk d = desk(state);
    static struct uuid ids[16];
    const char *path = folder_puts(d.folder, "a.csv", U "\n" R "\n" R "\n4,4,4,4,4,4,4,4,4\n");
    d.options.collected_at = "2019-06-30";
    check_result(&d, path, 3, 0, 0, false, false);
    check_result(&d, path, 3, 0, 0, false, true);
    assert_int_equal(d.result.known_ms, d.options.now_ms);
    assert_int_equal(ids_of(&d, 0, ids), 6);
    assert_memory_equal(ids, ids + 3, 3 * sizeof *ids);
    assert_int_not_equal(uuid_compare(&ids[0], &ids[1]), 0);
    /* With other options they are other ids: that is a question. */
    d.options.collected_at = "2019-07-01";
    check_result(&d, path, 0, 0, 3, true, false);
    assert_int_equal(waiting(&d), 6);
    leave(&d);
}

static void asks_about_a_cumulative_export(void **state)
{
    struct desk d = desk(state);
#define HEAD U ",collected_at\n"
#define A    R ",2023-07-01\n"
#define B    R ",2023-07-02\n"
#define C    R ",2023-07-03\n"
    const char *may = folder_puts(d.folder, "a.csv", HEAD A B B);
    const char *june = folder_puts(d.folder, "b.csv", HEAD A B B B C);
    check_result(&d, may, 3, 0, 0, false, false);
    check_result(&d, june, 0, 0, 3, true, false);
    assert_int_equal(waiting(&d), 3);
    d.options.repeats = REPEATS_SKIP;
    check_result(&d, june, 2, 0, 3, false, false);
    assert_int_equal(waiting(&d), 5);
    check_result(&d, june, 0, 0, 5, false, true); /* never sent "again": it was not sent whole */
    d.options.repeats = REPEATS_ASK;
    check_result(&d, june, 0, 0, 5, true, false);
    d.options.repeats = REPEATS_ALL;
    check_result(&d, june, 5, 0, 5, false, false);
    assert_int_equal(waiting(&d), 10);
    d.options.repeats = REPEATS_ASK;
    check_result(&d, june, 5, 0, 0, false, true);
    leave(&d);
}

static void never_asks_about_rows_with_an_id(void **state)
{
    struct desk d = desk(state);
    const char *may = folder_puts(d.folder, "a.csv", U ",collected_at,kode\n" R ",2023-07-01,1\n");
    const char *june = folder_puts(
        d.folder, "b.csv", U ",collected_at,kode\n" R ",2023-07-01,1\n" R ",2023-07-01,2\n");
    d.options.id_column = "Kode";
    check_result(&d, may, 1, 0, 0, false, false);
    check_result(&d, june, 2, 0, 0, false, false);
    static struct uuid ids[4];
    assert_int_equal(ids_of(&d, 0, ids), 3);
    assert_int_equal(uuid_compare(&ids[0], &ids[1]), 0);
    leave(&d);
}

static void check_fails(struct desk *d, const char *path, enum error_code code, const char *says)
{
    assert_int_equal(submit(d, path), -1);
    assert_int_equal(d->err.code, code);
    if (!strstr(d->err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", d->err.text, says);
    assert_int_equal(waiting(d), 0);
}

static void saves_nothing_of_a_wrong_file(void **state)
{
    struct desk d = desk(state);
    const char *path = folder_puts(d.folder, "a.csv", U ",collected_at,servise\n" R ",,\n");
    check_fails(&d, path, ERROR_USAGE, "did you mean service");
    assert_non_null(strstr(d.err.text, path));
    path = folder_puts(d.folder, "a.csv", U ",collected_at\n" R ",2023-07-13\n\"" R ",\n");
    check_fails(&d, path, ERROR_USAGE, "line 3");
    check_fails(&d, folder_puts(d.folder, "a.csv", ""), ERROR_USAGE, "empty");
    check_fails(&d, folder_file(d.folder, "none.csv"), ERROR_USAGE, "No such file");
    check_fails(&d, d.folder->path, ERROR_USAGE, "is a folder; name the CSV file");
    d.options.map = folder_file(d.folder, "none.ini");
    check_fails(&d, path, ERROR_USAGE, "none.ini");
    d.options.map = NULL;
    d.profile.zone = ZONE_NONE;
    path = folder_puts(d.folder, "a.csv", U ",collected_at\n\n" R ",2023-07-13\n");
    check_fails(&d, path, ERROR_USAGE, "line 3: the time zone");
    char admin[] = "admin";
    d.profile.role = admin;
    check_fails(&d, path, ERROR_PERMISSION_DENIED, "only an office");
    leave(&d);
}

static void checks_without_an_outbox(void **state)
{
    struct desk d = desk(state);
    struct outbox *outbox = d.outbox;
    d.outbox = NULL;
    d.profile.zone = ZONE_NONE;
    const char *path =
        folder_puts(d.folder, "a.csv", U ",collected_at\n" R ",2023-07-13\n" R ",\n");
    check_result(&d, path, 0, 1, 0, false, false);
    assert_int_equal(d.result.rows, 2);
    assert_null(d.result.rejected_file);
    assert_string_equal(d.result.reasons, "line 3: collected_at is missing\n");
    assert_int_not_equal(access(folder_file(d.folder, "a.csv.rejected.csv"), F_OK), 0);
    d.outbox = outbox;
    assert_int_equal(waiting(&d), 0);
    leave(&d);
}

static void fills_batches_as_told(void **state)
{
    struct desk d = desk(state);
    const char *path = folder_puts(d.folder, "a.csv", HEAD A B C A B C A);
    d.options.batch_responses = 3;
    check_result(&d, path, 7, 0, 0, false, false);
    struct outbox_counts counts;
    assert_int_equal(outbox_counts(d.outbox, &counts, &d.err), 0);
    assert_int_equal(counts.waiting_batches, 3);
    leave(&d);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(saves_the_good_and_shows_the_bad),
        WITH_FOLDER(sends_the_same_file_again_under_the_same_ids),
        WITH_FOLDER(asks_about_a_cumulative_export),
        WITH_FOLDER(never_asks_about_rows_with_an_id),
        WITH_FOLDER(saves_nothing_of_a_wrong_file),
        WITH_FOLDER(checks_without_an_outbox),
        WITH_FOLDER(fills_batches_as_told),
    };
    return cmocka_run_group_tests_name("client/app/submit", tests, NULL, NULL);
}
