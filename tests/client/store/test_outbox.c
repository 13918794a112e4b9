#include "client/store/outbox.h"

#include "common/error.h"
#include "tests/client/folder.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct outbox_file file_a = {.path = "/data/a.csv", .digest = {1}, .options = {1}};
static const struct outbox_file file_b = {.path = "/data/b.csv", .digest = {2}, .options = {1}};

static struct outbox *open_it(void **state)
{
    struct error err;
    error_clear(&err);
    struct outbox *outbox = outbox_open(folder_file(*state, "outbox.db"), &err);
    if (!outbox)
        fail_msg("%s", err.text);
    return outbox;
}

/* `count` responses with hashes first, first + 1, ..; payload as a batch begins. */
static int save_batch(struct outbox *outbox, uint8_t id, uint32_t count, int64_t first)
{
    static uint32_t lines[100];
    static int64_t hashes[100];
    char payload[64] = "\x0a\x10";
    struct error err;
    memset(payload + 2, id, 16);
    for (uint32_t i = 0; i < count; i++) {
        lines[i] = i + 2;
        hashes[i] = first + i;
    }
    struct outbox_batch batch = {.count = count,
                                 .payload = payload,
                                 .size = sizeof payload,
                                 .lines = lines,
                                 .hashes = first ? hashes : NULL};
    memset(batch.id.byte, id, 16);
    return outbox_save_batch(outbox, &batch, &err);
}

static void save(struct outbox *outbox, const struct outbox_file *file, uint8_t id, uint32_t count,
                 int64_t first)
{
    struct error err;
    assert_int_equal(outbox_save_begin(outbox, file, 1000 + id, &err), 0);
    assert_int_equal(save_batch(outbox, id, count, first), 0);
    assert_int_equal(outbox_save_commit(outbox, &err), 0);
}

static struct outbox_counts counts_of(struct outbox *outbox)
{
    struct outbox_counts counts;
    struct error err;
    assert_int_equal(outbox_counts(outbox, &counts, &err), 0);
    return counts;
}

static void holds_what_was_saved(void **state)
{
    struct error err;
    struct outbox *outbox = open_it(state);
    assert_int_equal(counts_of(outbox).waiting_batches, 0);
    save(outbox, &file_a, 7, 10, 100);
    outbox_close(&outbox);
    assert_null(outbox);
    outbox = open_it(state);
    struct outbox_counts counts = counts_of(outbox);
    assert_int_equal(counts.waiting_batches, 1);
    assert_int_equal(counts.waiting, 10);
    assert_int_equal(counts.oldest_ms, 1007);
    assert_int_equal(counts.last_receipt_ms, 0);
    struct outbox_batch batch;
    assert_int_equal(outbox_next(outbox, 0, &batch, &err), 1);
    assert_int_equal(batch.count, 10);
    assert_int_equal(batch.id.byte[3], 7);
    assert_int_equal(batch.size, 64);
    assert_int_equal(batch.lines[9], 11);
    assert_int_equal(batch.hashes[9], 109);
    assert_string_equal(outbox_file_path(outbox, batch.file), "/data/a.csv");
    assert_int_equal(outbox_next(outbox, batch.seq, &batch, &err), 0);
    int64_t when = 0;
    assert_int_equal(outbox_file_known(outbox, &file_a, true, &when, &err), 1);
    assert_int_equal(when, 1007);
    assert_int_equal(outbox_file_known(outbox, &file_b, true, &when, &err), 0);
    outbox_close(&outbox);
    struct stat there;
    assert_int_equal(stat(folder_file(*state, "outbox.db"), &there), 0);
    assert_int_equal(there.st_mode & 0777, 0600);
}

static void forgets_what_was_rolled_back(void **state)
{
    struct error err;
    int64_t when;
    struct outbox *outbox = open_it(state);
    assert_int_equal(outbox_save_begin(outbox, &file_a, 1, &err), 0);
    assert_int_equal(save_batch(outbox, 1, 5, 1), 0);
    outbox_save_rollback(outbox);
    assert_int_equal(save_batch(outbox, 1, 5, 1), -1);
    assert_int_equal(counts_of(outbox).waiting, 0);
    assert_int_equal(outbox_file_known(outbox, &file_a, true, &when, &err), 0);
    save(outbox, &file_a, 1, 5, 1);
    assert_int_equal(counts_of(outbox).waiting, 5);
    outbox_close(&outbox);
}

static void settle(struct outbox *outbox, int64_t seq, uint32_t stored, uint32_t duplicates,
                   const struct outbox_refused *refused, size_t count)
{
    struct error err;
    const struct outbox_receipt receipt = {.seq = seq,
                                           .stored = stored,
                                           .duplicates = duplicates,
                                           .refused = refused,
                                           .refused_count = count,
                                           .now_ms = 5000};
    assert_int_equal(outbox_settle(outbox, &receipt, &err), 0);
}

static int keep_item(const struct outbox_item *item, void *arg)
{
    struct outbox_item *out = arg;
    *out = *item;
    out->field = item->field ? strdup(item->field) : NULL;
    return 1;
}

static void moves_refused_ones_and_back(void **state)
{
    struct error err;
    struct outbox *outbox = open_it(state);
    save(outbox, &file_a, 7, 10, 100);
    char payload[40] = "\x0a\x10zzzzzzzzzzzzzzzz";
    const struct outbox_refused refused = {.index = 4,
                                           .id = {{9}},
                                           .status = "INVALID",
                                           .field = "u3",
                                           .reason = "is missing",
                                           .payload = payload,
                                           .size = sizeof payload,
                                           .hash = 104};
    settle(outbox, 1, 7, 2, &refused, 1);
    settle(outbox, 1, 7, 2, &refused, 1); /* again: it does not wait any more */
    struct outbox_counts counts = counts_of(outbox);
    assert_int_equal(counts.waiting, 0);
    assert_int_equal(counts.sent, 7);
    assert_int_equal(counts.duplicates, 2);
    assert_int_equal(counts.rejected, 1);
    assert_int_equal(counts.last_receipt_ms, 5000);
    struct outbox_item item = {0};
    assert_int_equal(outbox_each(outbox, OUTBOX_REJECTED, keep_item, &item, &err), 0);
    assert_int_equal(item.line, 6);
    assert_int_equal(item.id.byte[0], 9);
    assert_string_equal(item.field, "u3");
    free((char *)(uintptr_t)item.field);
    assert_int_equal(outbox_each(outbox, OUTBOX_SENT, keep_item, &item, &err), 0);
    assert_int_equal(item.stored, 7);
    assert_int_equal(item.refused, 1);
    assert_int_equal(item.size, 0);

    assert_int_equal(outbox_retry(outbox, item.seq + 10, 6000, &err), 0);
    assert_int_equal(outbox_retry(outbox, item.seq, 6000, &err), 1);
    struct outbox_batch batch;
    assert_int_equal(outbox_next(outbox, 0, &batch, &err), 1);
    assert_int_equal(batch.count, 1);
    assert_int_equal(batch.lines[0], 6);
    assert_int_equal(batch.id.byte[0], 'z'); /* what the payload says */
    assert_int_equal(batch.size, sizeof payload);
    settle(outbox, batch.seq, 0, 0,
           &(struct outbox_refused){.status = "CONFLICT", .payload = "x", .size = 1}, 1);
    assert_int_equal(counts_of(outbox).rejected, 1);
    assert_int_equal(outbox_drop(outbox, 0, &err), 1);
    assert_int_equal(counts_of(outbox).rejected, 0);
    outbox_close(&outbox);
}

static void notes_and_splits(void **state)
{
    struct error err;
    struct outbox *outbox = open_it(state);
    save(outbox, &file_a, 7, 10, 100);
    assert_int_equal(outbox_note(outbox, 1, "the daemon is unwell", 2000, &err), 0);
    struct outbox_item item = {0};
    assert_int_equal(outbox_each(outbox, OUTBOX_WAITING, keep_item, &item, &err), 0);
    assert_int_equal(item.size, 64);
    const struct outbox_part part[2] = {
        {.id = {{21}}, .count = 4, .payload = "links", .size = 5},
        {.id = {{22}}, .count = 6, .payload = "rechts", .size = 6},
    };
    const struct outbox_part wrong[2] = {part[0], part[0]};
    assert_int_equal(outbox_split(outbox, 1, wrong, &err), -1);
    assert_int_equal(outbox_split(outbox, 1, part, &err), 0);
    assert_int_equal(outbox_split(outbox, 1, part, &err), -1);
    assert_int_equal(counts_of(outbox).waiting, 10);
    assert_int_equal(counts_of(outbox).waiting_batches, 2);
    struct outbox_batch batch;
    assert_int_equal(outbox_next(outbox, 0, &batch, &err), 1);
    assert_int_equal(batch.id.byte[0], 21);
    assert_int_equal(batch.count, 4);
    assert_int_equal(outbox_next(outbox, batch.seq, &batch, &err), 1);
    assert_int_equal(batch.id.byte[0], 22);
    assert_int_equal(batch.lines[0], 6);
    assert_int_equal(batch.hashes[5], 109);
    assert_string_equal(outbox_file_path(outbox, batch.file), "/data/a.csv");
    outbox_close(&outbox);
}

static void has_one_sender(void **state)
{
    struct error err;
    struct outbox *a = open_it(state), *b = open_it(state);
    assert_int_equal(outbox_lock(a, &err), 1);
    assert_int_equal(outbox_lock(a, &err), 1);
    assert_int_equal(outbox_lock(b, &err), 0);
    outbox_unlock(a);
    assert_int_equal(outbox_lock(b, &err), 1);
    outbox_close(&b);
    assert_int_equal(outbox_lock(a, &err), 1);
    outbox_close(&a);
}

/* Killed between save_batch and commit: nothing of it; after commit: all of it. */
static void survives_a_kill(void **state)
{
    struct error err;
    for (int committed = 0; committed < 2; committed++) {
        pid_t child = fork();
        if (child == 0) {
            struct outbox *outbox = open_it(state);
            if (outbox_save_begin(outbox, &file_a, 1, &err) != 0)
                _exit(1);
            for (uint8_t i = 0; i < 200; i++)
                if (save_batch(outbox, i, 100, 1 + i * 100) != 0)
                    _exit(2);
            if (committed && outbox_save_commit(outbox, &err) != 0)
                _exit(3);
            kill(getpid(), SIGKILL);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        struct outbox *outbox = open_it(state);
        assert_int_equal(counts_of(outbox).waiting, committed ? 20000 : 0);
        struct outbox_batch batch = {0};
        int found, batches = 0;
        while ((found = outbox_next(outbox, batch.seq, &batch, &err)) == 1)
            batches++;
        assert_int_equal(found, 0);
        assert_int_equal(batches, committed ? 200 : 0);
        outbox_close(&outbox);
    }
}

static void check_refused(void **state, const char *text, size_t size, const char *says)
{
    struct error err;
    error_clear(&err);
    const char *path = folder_write(*state, "bad.db", text, size);
    struct outbox *outbox = outbox_open(path, &err);
    assert_null(outbox);
    assert_int_equal(err.code, ERROR_IO);
    if (!strstr(err.text, says) || !strstr(err.text, path))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
    unlink(path);
}

static void says_when_a_file_is_no_outbox(void **state)
{
    struct error err;
    char junk[8192];
    memset(junk, 'j', sizeof junk);
    check_refused(state, junk, sizeof junk, "is no outbox");
    check_refused(state, "u1,u2\n1,2\n", 10, "is no outbox");
    struct outbox *outbox = open_it(state);
    save(outbox, &file_a, 7, 10, 100);
    outbox_close(&outbox);
    const char *path = folder_file(*state, "outbox.db");
    char *text = calloc(1, 1 << 20);
    FILE *file = fopen(path, "rb");
    size_t size = fread(text, 1, 1 << 20, file);
    fclose(file);
    text[63] = 9; /* user_version */
    check_refused(state, text, size, "newer suara");
    text[63] = 0;
    text[71] = 0; /* application_id */
    check_refused(state, text, size, "no outbox");
    free(text);
    assert_null(outbox_open("/proc/suara/outbox.db", &err));
    assert_int_equal(err.code, ERROR_IO);
}

int main(void)
{
#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(holds_what_was_saved),
        WITH_FOLDER(forgets_what_was_rolled_back),
        WITH_FOLDER(moves_refused_ones_and_back),
        WITH_FOLDER(notes_and_splits),
        WITH_FOLDER(has_one_sender),
        WITH_FOLDER(survives_a_kill),
        WITH_FOLDER(says_when_a_file_is_no_outbox),
    };
    return cmocka_run_group_tests_name("client/store/outbox", tests, NULL, NULL);
}
