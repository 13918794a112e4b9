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
            enum outbox_seen seen;
            assert_int_equal(outbox_look(outbox, hashes[at + i], NULL, &seen, &err), 0);
            repeats += seen == OUTBOX_REPEAT;
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

/* Rows with names: of the value, of value and time, of content and column. */
struct row {
    int64_t hash, names[OUTBOX_NAMES];
};

static void check_seen(struct outbox *outbox, const struct row *rows, const char *expected,
                       bool keep)
{
    int64_t hashes[16], names[16 * OUTBOX_NAMES];
    uint32_t lines[16] = {0}, n = (uint32_t)strlen(expected);
    static uint8_t digest;
    struct error err;
    struct outbox_file file = {.path = "x.csv", .digest = {9, ++digest}};
    assert_int_equal(outbox_save_begin(outbox, &file, 1, &err), 0);
    for (uint32_t i = 0; i < n; i++) {
        enum outbox_seen seen;
        hashes[i] = rows[i].hash;
        memcpy(names + i * OUTBOX_NAMES, rows[i].names, sizeof rows[i].names);
        assert_int_equal(outbox_look(outbox, rows[i].hash, rows[i].names, &seen, &err), 0);
        assert_int_equal(expected[i], "nrs"[seen]);
    }
    const struct outbox_batch batch = {
        .count = n, .payload = "p", .size = 1, .lines = lines, .hashes = hashes, .names = names};
    assert_int_equal(outbox_save_batch(outbox, &batch, &err), 0);
    if (keep)
        assert_int_equal(outbox_save_commit(outbox, &err), 0);
    else
        outbox_save_rollback(outbox);
}

#define VALUE(hash, value, time, column)                                                           \
    {                                                                                              \
        (hash),                                                                                    \
        {                                                                                          \
            1000 + (value), 2000 + (value)*100 + (time), 9000 + (column)*100 + (hash)              \
        }                                                                                          \
    }

static void knows_rows_by_name(void **state)
{
    struct outbox *outbox = open_it(state);
    const struct row first[] = {VALUE(5, 1, 1, 1), VALUE(5, 2, 1, 1), VALUE(6, 3, 1, 1)};
    check_seen(outbox, first, "nnn", true);
    check_seen(outbox, first, "sss", false);
    /* Another time: asked. New people who answer alike: new. */
    check_seen(outbox, (struct row[]){VALUE(5, 1, 2, 1), VALUE(5, 4, 1, 1), VALUE(6, 5, 1, 1)},
               "rnn", false);
    /* The column was forgotten, or it is another one. */
    check_seen(outbox, (struct row[]){{5, {0}}, {5, {0}}, {5, {0}}, {6, {0}}}, "rrnr", false);
    check_seen(outbox, (struct row[]){VALUE(5, 11, 1, 2), VALUE(6, 12, 1, 2), VALUE(7, 13, 1, 2)},
               "rrn", false);
    /* A rejected file: its column is not known, and nobody is asked. */
    check_seen(outbox, (struct row[]){{5, {1011, 3111, 0}}}, "n", false);
    outbox_close(&outbox);
}

static void knows_the_content_of_unnamed_rows(void **state)
{
    struct outbox *outbox = open_it(state);
    check_seen(outbox, (struct row[]){{5, {0}}, {5, {0}}, {6, {0}}}, "nnn", true);
    const struct row named[] = {VALUE(5, 1, 1, 1), VALUE(5, 2, 1, 1), VALUE(5, 3, 1, 1),
                                VALUE(6, 4, 1, 1)};
    check_seen(outbox, named, "rrnr", true);
    check_seen(outbox, named, "ssss", false);
    outbox_close(&outbox);
}

static void keeps_names_when_a_batch_is_split(void **state)
{
    struct error err;
    struct outbox *outbox = open_it(state);
    const struct row rows[] = {VALUE(5, 1, 1, 1), {6, {0}}, VALUE(7, 3, 1, 1)};
    check_seen(outbox, rows, "nnn", true);
    const struct outbox_part part[2] = {{.count = 1, .payload = "p", .size = 1},
                                        {.count = 2, .payload = "p", .size = 1}};
    struct outbox_batch batch;
    assert_int_equal(outbox_split(outbox, 1, part, &err), 0);
    assert_int_equal(outbox_next(outbox, 0, &batch, &err), 1);
    assert_int_equal(batch.names[1], rows[0].names[1]);
    assert_int_equal(outbox_next(outbox, batch.seq, &batch, &err), 1);
    assert_int_equal(batch.hashes[1], 7);
    assert_int_equal(batch.names[0], 0);
    assert_int_equal(batch.names[5], rows[2].names[2]);
    check_seen(outbox, rows, "srs", false);
    outbox_close(&outbox);
}

static void forgets_a_rejected_one_that_comes_back(void **state)
{
    struct error err;
    struct outbox *outbox = open_it(state);
    const struct uuid id = {{1, 2, 3}}, other = {{4}};
    bool found;
    assert_int_equal(submit(outbox, (int64_t[]){5}, 1, true), 0);
    const struct outbox_refused refused = {
        .id = id, .status = "INVALID", .payload = "p", .size = 1, .hash = 5};
    const struct outbox_receipt receipt = {
        .seq = 1, .refused = &refused, .refused_count = 1, .now_ms = 2};
    const struct outbox_file file = {.path = "x.csv"};
    assert_int_equal(outbox_settle(outbox, &receipt, &err), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(outbox_save_begin(outbox, &file, 3, &err), 0);
        assert_int_equal(outbox_supersede(outbox, &other, &found, &err), 0);
        assert_false(found);
        assert_int_equal(outbox_supersede(outbox, &id, &found, &err), 0);
        assert_int_equal(found, i < 2);
        if (i == 0)
            outbox_save_rollback(outbox);
        else
            assert_int_equal(outbox_save_commit(outbox, &err), 0);
    }
    struct outbox_counts counts;
    assert_int_equal(outbox_counts(outbox, &counts, &err), 0);
    assert_int_equal(counts.rejected, 0);
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
        WITH_FOLDER(knows_rows_by_name),
        WITH_FOLDER(knows_the_content_of_unnamed_rows),
        WITH_FOLDER(keeps_names_when_a_batch_is_split),
        WITH_FOLDER(forgets_a_rejected_one_that_comes_back),
    };
    return cmocka_run_group_tests_name("client/store/outbox repeats", tests, NULL, NULL);
}
