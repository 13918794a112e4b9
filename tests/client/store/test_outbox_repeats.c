#include "client/store/outbox.h"

#include "common/error.h"
#include "tests/client/folder.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROWS 3000

static struct outbox *open_it(void **state)
{
    struct error err;
    struct outbox *outbox = outbox_open(folder_file(*state, "outbox.db"), &err);
    assert_non_null(outbox);
    return outbox;
}

/* Saves rows with these hashes; how many repeat. keep: commit. */
static unsigned submit(struct outbox *outbox, const int64_t *hashes, uint32_t count, bool keep)
{
    static uint32_t lines[ROWS];
    static uint8_t digest;
    struct error err;
    struct outbox_file file = {.path = "x.csv", .digest = {++digest}};
    unsigned repeats = 0;
    assert_int_equal(outbox_save_begin(outbox, &file, 1, &err), 0);
    for (uint32_t at = 0; at < count; at += 100) {
        uint32_t n = count - at < 100 ? count - at : 100;
        for (uint32_t i = 0; i < n; i++) {
            bool repeat;
            assert_int_equal(outbox_repeats(outbox, hashes[at + i], &repeat, &err), 0);
            repeats += repeat;
        }
        const struct outbox_batch batch = {
            .count = n, .payload = "p", .size = 1, .lines = lines, .hashes = hashes + at};
        assert_int_equal(outbox_save_batch(outbox, &batch, &err), 0);
    }
    if (keep)
        assert_int_equal(outbox_save_commit(outbox, &err), 0);
    else
        outbox_save_rollback(outbox);
    return repeats;
}

/* The k-th of a hash repeats when earlier files hold k of it; within a file nothing repeats. */
static void counts_how_often(void **state)
{
    struct outbox *outbox = open_it(state);
    assert_int_equal(submit(outbox, (int64_t[]){5, 5, 6}, 3, true), 0);
    assert_int_equal(submit(outbox, (int64_t[]){5}, 1, false), 1);
    assert_int_equal(submit(outbox, (int64_t[]){5, 5, 5, 6, 6, 7}, 6, false), 3);
    assert_int_equal(submit(outbox, (int64_t[]){5, 5, 5, 6, 6, 7}, 6, true), 3);
    /* 5 five times now, 6 three times, 7 once */
    assert_int_equal(submit(outbox, (int64_t[]){5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7}, 12, false), 9);
    assert_int_equal(submit(outbox, (int64_t[]){INT64_MIN, INT64_MAX, -1, 0, 0}, 5, true), 0);
    assert_int_equal(submit(outbox, (int64_t[]){INT64_MIN, INT64_MAX, -1, 0, 0}, 5, false), 3);
    outbox_close(&outbox);
}

static void forgets_what_was_refused(void **state)
{
    struct error err;
    struct outbox *outbox = open_it(state);
    assert_int_equal(submit(outbox, (int64_t[]){5, 6}, 2, true), 0);
    const struct outbox_refused refused = {.index = 0,
                                           .status = "INVALID",
                                           .payload = "\x0a\x10xxxxxxxxxxxxxxxx",
                                           .size = 18,
                                           .hash = 5};
    const struct outbox_receipt receipt = {
        .seq = 1, .stored = 1, .refused = &refused, .refused_count = 1, .now_ms = 2};
    assert_int_equal(outbox_settle(outbox, &receipt, &err), 0);
    assert_int_equal(submit(outbox, (int64_t[]){5, 6}, 2, false), 1);
    assert_int_equal(outbox_retry(outbox, 1, 3, &err), 1);
    assert_int_equal(submit(outbox, (int64_t[]){5, 6}, 2, false), 2);
    outbox_close(&outbox);
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Against plain counting, over several files. */
static void agrees_with_counting(void **state)
{
    struct outbox *outbox = open_it(state);
    static int64_t all[10 * ROWS];
    size_t held = 0;
    uint64_t seed = 11;
    for (unsigned round = 0; round < 10; round++) {
        static int64_t mine[ROWS], sorted[ROWS];
        for (size_t i = 0; i < ROWS; i++)
            mine[i] = (int64_t)generate_below(&seed, 4000) - 2000;
        memcpy(sorted, mine, sizeof mine);
        qsort(sorted, ROWS, sizeof *sorted, by_value);
        qsort(all, held, sizeof *all, by_value);
        unsigned expected = 0;
        size_t at = 0;
        for (size_t i = 0; i < ROWS; i++) {
            while (at < held && all[at] < sorted[i])
                at++;
            if (at < held && all[at] == sorted[i]) {
                expected += sorted[i] != 0; /* 0 is no hash */
                at++;
            }
        }
        bool keep = round % 3 != 1;
        assert_int_equal(submit(outbox, mine, ROWS, keep), expected);
        if (!keep)
            continue;
        memcpy(all + held, mine, sizeof mine);
        held += ROWS;
    }
    outbox_close(&outbox);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(counts_how_often),
        WITH_FOLDER(forgets_what_was_refused),
        WITH_FOLDER(agrees_with_counting),
    };
    return cmocka_run_group_tests_name("client/store/outbox repeats", tests, NULL, NULL);
}
