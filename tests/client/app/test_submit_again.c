#include "client/app/submit.h"

#include "tests/client/app/clerk.h"

/* Files that come again, in all the ways in which they do: nobody is counted twice. */

#define HEAD      U ",collected_at"
#define ROW(time) R "," time "\n"

/* The daemon refuses response `index` of the first waiting batch, and stores the others. */
static void settle(const struct desk *d, int64_t refused_index)
{
    struct outbox_batch batch;
    struct import_row row;
    struct error err;
    assert_int_equal(outbox_next(d->outbox, 0, &batch, &err), 1);
    struct pack_view *view = pack_view_open(batch.payload, batch.size, &err);
    bool one = refused_index >= 0;
    const uint32_t index = one ? (uint32_t)refused_index : 0;
    assert_int_equal(pack_view_row(view, index, &row, &err), 0);
    const struct outbox_refused refused = {.index = index,
                                           .id = row.id,
                                           .status = "INVALID",
                                           .field = "service",
                                           .payload = "p",
                                           .size = 1,
                                           .hash = batch.hashes ? batch.hashes[index] : 0};
    const struct outbox_receipt receipt = {.seq = batch.seq,
                                           .stored = batch.count - one,
                                           .refused = &refused,
                                           .refused_count = one,
                                           .now_ms = 5};
    assert_int_equal(outbox_settle(d->outbox, &receipt, &err), 0);
    pack_view_close(&view);
}

static uint64_t rejected(const struct desk *d)
{
    struct outbox_counts counts;
    struct error err;
    assert_int_equal(outbox_counts(d->outbox, &counts, &err), 0);
    return counts.rejected;
}

static void asks_when_an_id_comes_with_another_time(void **state)
{
    struct desk d = desk(state);
    const char *file = U ",id\n" R ",1\n" R ",2\n";
    const char *path = folder_puts(d.folder, "a.csv", file);
    d.options.collected_at = "2019-06-30";
    check_result(&d, path, 2, 0, 0, false, false);
    d.options.collected_at = "2019-07-01";
    check_result(&d, path, 0, 0, 2, true, false);
    /* Not the same file any more: known by its ids alone. */
    path = folder_puts(d.folder, "b.csv", U ",id\n4,4,4,4,4,4,4,4,4,1\n" R ",2\n" R ",3\n");
    check_result(&d, path, 0, 0, 2, true, false);
    d.options.repeats = REPEATS_SKIP;
    check_result(&d, path, 1, 0, 2, false, false);
    leave(&d);
}

static void asks_when_the_id_column_was_forgotten(void **state)
{
    struct desk d = desk(state);
    const char *may =
        folder_puts(d.folder, "a.csv", HEAD ",kode\n" R ",2023-07-01,1\n" R ",2023-07-02,2\n");
    const char *june =
        folder_puts(d.folder, "b.csv",
                    HEAD ",kode\n" R ",2023-07-01,1\n" R ",2023-07-02,2\n" R ",2023-07-03,3\n");
    const char *map = folder_puts(d.folder, "peta.ini", "[columns]\nkode = -\n");
    d.options.map = map;
    check_result(&d, may, 2, 0, 0, false, false);
    d.options.map = NULL;
    d.options.id_column = "kode";
    check_result(&d, may, 0, 0, 2, true, false);
    check_result(&d, june, 0, 0, 2, true, false);
    d.options.repeats = REPEATS_SKIP;
    check_result(&d, june, 1, 0, 2, false, false);
    d.options.repeats = REPEATS_ASK;
    /* And the other way round: it is forgotten now. */
    const char *july =
        folder_puts(d.folder, "c.csv", HEAD ",kode\n" R ",2023-07-03,3\n" R ",2023-07-04,4\n");
    d.options.id_column = NULL;
    d.options.map = map;
    check_result(&d, july, 0, 0, 1, true, false);
    leave(&d);
}

/* Whatever the rows look like: with another map they are other answers under other ids. */
static void asks_about_the_same_file_with_other_options(void **state)
{
    struct desk d = desk(state);
    const char *path = folder_puts(d.folder, "a.csv", HEAD "\n" ROW("2023-07-01"));
    const char *map = folder_puts(d.folder, "peta.ini", "[values.u1]\n1 = 4\n");
    check_result(&d, path, 1, 0, 0, false, false);
    d.options.map = map;
    check_result(&d, path, 0, 0, 1, true, false);
    assert_int_equal(waiting(&d), 1);
    d.options.repeats = REPEATS_ALL;
    check_result(&d, path, 1, 0, 0, false, false);
    d.options.repeats = REPEATS_ASK;
    check_result(&d, path, 1, 0, 0, false, true);
    leave(&d);
}

static void knows_an_export_without_its_seconds(void **state)
{
    struct desk d = desk(state);
    const char *may = folder_puts(d.folder, "a.csv", HEAD "\n" ROW("2023-07-01 10:05:09"));
    const char *excel =
        folder_puts(d.folder, "b.csv", HEAD "\n" ROW("01/07/2023 10:05") ROW("02/07/2023 9:00"));
    check_result(&d, may, 1, 0, 0, false, false);
    check_result(&d, excel, 0, 0, 1, true, false);
    leave(&d);
}

/* What was refused and forgotten is remembered when the same file brings it again. */
static void remembers_what_a_second_go_saves(void **state)
{
    struct desk d = desk(state);
    const char *path =
        folder_puts(d.folder, "a.csv", HEAD "\n" ROW("2023-07-01") ROW("2023-07-02"));
    const char *more = folder_puts(d.folder, "b.csv",
                                   HEAD "\n" ROW("2023-07-01") ROW("2023-07-02") ROW("2023-07-03"));
    check_result(&d, path, 2, 0, 0, false, false);
    settle(&d, 0);
    assert_int_equal(rejected(&d), 1);
    check_result(&d, more, 0, 0, 1, true, false);
    check_result(&d, path, 2, 0, 0, false, true);
    assert_int_equal(rejected(&d), 0); /* the same response waits again */
    check_result(&d, more, 0, 0, 2, true, false);
    check_result(&d, path, 2, 0, 0, false, true);
    check_result(&d, more, 0, 0, 2, true, false);
    leave(&d);
}

static void takes_corrected_ones_out_of_the_rejected(void **state)
{
    static struct uuid ids[4];
    for (int other_time = 0; other_time < 2; other_time++) {
        struct desk d = desk(state);
        d.options.now_ms += other_time; /* an outbox of its own would do as well */
        const char *day = other_time ? "2023-08-02" : "2023-07-02";
        char text[UUID_TEXT], file[512];
        snprintf(file, sizeof file, HEAD "\n" R ",%s 01:00\n" R ",%s 02:00\n", day, day);
        check_result(&d, folder_puts(d.folder, "a.csv", file), 2, 0, 0, false, false);
        assert_int_equal(ids_of(&d, 0, ids), 2);
        settle(&d, 0);
        assert_int_equal(rejected(&d), 1);
        uuid_format(&ids[0], text);
        snprintf(file, sizeof file,
                 "line,field,reason," U ",id,collected_at\n2,u1,x," R ",%s,%s %s\n", text, day,
                 other_time ? "03:00" : "01:00");
        const char *mended = folder_puts(d.folder, "b.csv", file);
        check_result(&d, mended, 1, 0, 0, false, false);
        assert_int_equal(rejected(&d), 0);
        settle(&d, -1);
        leave(&d);
    }
}

static void reads_no_pipe_and_no_workbook(void **state)
{
    struct desk d = desk(state);
    const char *fifo = folder_file(d.folder, "pipa.csv");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(submit(&d, fifo), -1);
    assert_int_equal(d.err.code, ERROR_USAGE);
    const char *book = folder_write(d.folder, "y.xlsx", "PK\3\4\24\0\6\0", 8);
    assert_int_equal(submit(&d, book), -1);
    assert_int_equal(d.err.code, ERROR_USAGE);
    assert_non_null(strstr(d.err.text, "y.xlsx is an Excel workbook, not CSV: save it as"));
    /* The name of a map that is wrong is its own. */
    const char *csv = folder_puts(d.folder, "a.csv", HEAD "\n");
    d.options.map = d.folder->path;
    assert_int_equal(submit(&d, csv), -1);
    assert_int_equal(d.err.code, ERROR_USAGE);
    assert_null(strstr(d.err.text, "a.csv"));
    d.options.map = folder_file(d.folder, "none.ini");
    assert_int_equal(submit(&d, csv), -1);
    assert_int_equal(d.err.code, ERROR_USAGE);
    assert_null(strstr(d.err.text, "a.csv"));
    leave(&d);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(asks_when_an_id_comes_with_another_time),
        WITH_FOLDER(asks_when_the_id_column_was_forgotten),
        WITH_FOLDER(asks_about_the_same_file_with_other_options),
        WITH_FOLDER(knows_an_export_without_its_seconds),
        WITH_FOLDER(remembers_what_a_second_go_saves),
        WITH_FOLDER(takes_corrected_ones_out_of_the_rejected),
        WITH_FOLDER(reads_no_pipe_and_no_workbook),
    };
    return cmocka_run_group_tests_name("client/app/submit again", tests, NULL, NULL);
}
