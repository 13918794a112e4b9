/* A file on its way into the outbox, when memory runs out at any point of it: all of it is saved,
 * or nothing of it and a sentence says so. */
#include "client/app/rejected.h"
#include "tests/client/app/clerk.h"
#include "tests/scarce.h"

/* Two good rows, which the map turns round, and one that is rejected. */
#define SURVEY                                                                                     \
    "Satu,u2,u3,u4,u5,u6,u7,u8,u9,collected_at,service,comment,sex\n"                              \
    "baik,2,3,4,1,2,3,4,1,2023-07-13 10:00,UJI,ok,L\n"                                             \
    "buruk,2,3,4,1,2,3,4,1,2023-07-13 10:01,,,P\n"                                                 \
    "moon,2,3,4,1,2,3,4,1,2023-07-13 10:02,,,\n"
#define MAP "[columns]\nSatu = u1\n[values.u1]\nbaik = 4\nburuk = 1\n"

struct work {
    struct desk desk;
    const char *survey;
    char *map, *rejected;
    uint64_t before;
};

static int submits(void *arg, struct error *err)
{
    struct work *work = arg;
    submit_result_release(&work->desk.result);
    work->desk.result = (struct submit_result){0};
    int status = submit_file(&work->desk.profile, work->desk.outbox, work->survey,
                             &work->desk.options, &work->desk.result, err);
    return status;
}

/* What waits, and the rating that the map turned: 4 first, then 1. */
static void check_waiting(struct work *work, uint64_t more)
{
    struct outbox_batch batch = {.seq = 0};
    struct error err;
    uint64_t found = 0;
    while (outbox_next(work->desk.outbox, batch.seq, &batch, &err) == 1) {
        struct pack_view *view = pack_view_open(batch.payload, batch.size, &err);
        struct import_row row;
        assert_non_null(view);
        assert_int_equal(pack_view_count(view), 2);
        for (uint32_t i = 0; i < 2; i++) {
            assert_int_equal(pack_view_row(view, i, &row, &err), 0);
            assert_int_equal(row.ratings[0], i == 0 ? 4 : 1);
            assert_int_equal(row.word[WORD_SERVICE].size, i == 0 ? 3 : 0);
        }
        pack_view_close(&view);
        found += batch.count;
    }
    assert_int_equal(waiting(&work->desk), found);
    assert_int_equal(found, work->before + more);
    work->before = found;
}

static void check_submitted(void *arg, int status)
{
    struct work *work = arg;
    const struct submit_result *result = &work->desk.result;
    if (status == 0 && (result->saved != 2 || result->rejected != 1))
        fail_msg("saved %lu, rejected %lu", (unsigned long)result->saved,
                 (unsigned long)result->rejected);
    check_waiting(work, status == 0 ? 2 : 0);
    /* Beside the outbox, where it could not be beside the survey. */
    const char *path = status == 0 ? result->rejected_file : work->rejected;
    assert_non_null(path);
    char *text = folder_read(path);
    if (status == 0)
        assert_non_null(text);
    if (text && !strstr(text, "moon,2,3,4,1,2,3,4,1,,2023-07-13 10:02,,,,,,,,,,\r\n"))
        fail_msg("a part of it, status %d: %s", status, text); /* whole, or not there */
    free(text);
    assert_int_not_equal(access(folder_file(work->desk.folder, "a.csv.rejected-2.csv"), F_OK), 0);
    remove(path); /* the reason may be shorter next time, for want of memory */
}

static void a_file_is_saved_or_not(void **state)
{
    struct work work = {.desk = desk(state)};
    work.map = strdup(folder_puts(work.desk.folder, "map.ini", MAP));
    char *survey = strdup(folder_puts(work.desk.folder, "a.csv", SURVEY));
    work.survey = survey;
    work.rejected = strdup(folder_file(work.desk.folder, "a.csv.rejected.csv"));
    work.desk.options.map = work.map;
    work.desk.options.repeats = REPEATS_ALL;
    assert_true(scarce_each(submits, check_submitted, &work) > 50);
    leave(&work.desk);
    free(work.map);
    free(survey);
    free(work.rejected);
}

static int opens(void *arg, struct error *err)
{
    struct outbox *outbox = outbox_open(arg, err);
    int status = outbox ? 0 : -1;
    outbox_close(&outbox);
    return status;
}

static int peeks(void *arg, struct error *err)
{
    struct outbox *outbox;
    struct outbox_counts counts = {.waiting = 77};
    int status = outbox_peek(arg, &outbox, err);
    if (status == 1) {
        status = outbox_counts(outbox, &counts, err);
        if (status == 0) /* never "none" for want of memory */
            assert_int_equal(counts.waiting, 2);
        outbox_close(&outbox);
    } else if (status == 0) {
        fail_msg("an outbox that is there was not found");
    }
    return status;
}

static void an_outbox_is_opened_or_not(void **state)
{
    struct desk d = desk(state);
    d.options.repeats = REPEATS_ALL;
    const char *survey =
        folder_puts(d.folder, "a.csv", U ",collected_at\n" R ",2023-07-13\n" R ",2023-07-14\n");
    check_result(&d, survey, 2, 0, 0, false, false);
    assert_true(scarce_each(peeks, NULL, d.profile.outbox) > 5);
    assert_true(scarce_each(opens, NULL, d.profile.outbox) > 5);
    char *fresh = strdup(folder_file(d.folder, "new/outbox.db"));
    assert_true(scarce_each(opens, NULL, fresh) > 5);
    free(fresh);
    assert_int_equal(waiting(&d), 2);
    leave(&d);
}

/* ---- receipts -------------------------------------------------------------------------------- */

static int settles(void *arg, struct error *err)
{
    struct desk *d = arg;
    struct outbox_batch batch;
    int status = outbox_next(d->outbox, 0, &batch, err);
    if (status <= 0)
        return status < 0 ? -1 : error_set(err, ERROR_INTERNAL, NULL, "nothing waits");
    const struct outbox_refused refused = {.index = 1,
                                           .id = {{1}},
                                           .status = "INVALID",
                                           .field = "service",
                                           .reason = "is not known",
                                           .payload = "xy",
                                           .size = 2,
                                           .hash = 5};
    const struct outbox_receipt receipt = {
        .seq = batch.seq, .stored = 1, .refused = &refused, .refused_count = 1, .now_ms = 5};
    return outbox_settle(d->outbox, &receipt, err);
}

static void check_settled(void *arg, int status)
{
    struct desk *d = arg;
    struct outbox_counts counts;
    struct error err;
    assert_int_equal(outbox_counts(d->outbox, &counts, &err), 0);
    assert_int_equal(counts.waiting, status == 0 ? 0 : 2);
    assert_int_equal(counts.rejected, status == 0 ? 1 : 0);
    if (status != 0)
        return;
    assert_int_equal(outbox_drop(d->outbox, 0, &err), 1);
    check_result(d, folder_file(d->folder, "a.csv"), 2, 0, 0, false, true);
}

static void a_receipt_is_taken_or_not(void **state)
{
    struct desk d = desk(state);
    d.options.repeats = REPEATS_ALL;
    const char *survey =
        folder_puts(d.folder, "a.csv", U ",collected_at\n" R ",2023-07-13\n" R ",2023-07-14\n");
    check_result(&d, survey, 2, 0, 0, false, false);
    scarce_each(settles, check_settled, &d);
    leave(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_saved_or_not, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(an_outbox_is_opened_or_not, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(a_receipt_is_taken_or_not, folder_make, folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
