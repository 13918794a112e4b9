#include "client/store/outbox_db.h"

#include "common/error.h"

/* Looking for repeats jumps about in `seen`: as much of it in memory as a client may use. */
#define SEEN_CACHE "PRAGMA cache_size = -24576; PRAGMA temp.cache_size = -8192;"
#define MERGE_MOST ((size_t)256 * 1024) /* hashes that are sorted at a time */

/* ---- files ---------------------------------------------------------------------------------- */

int outbox_file_known(struct outbox *outbox, const struct outbox_file *file, int64_t *when_ms,
                      struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, SQL_FILE_KNOWN, err);
    if (!s)
        return -1;
    sqlite3_bind_blob(s, 1, file->digest, sizeof file->digest, SQLITE_STATIC);
    sqlite3_bind_blob(s, 2, file->options, sizeof file->options, SQLITE_STATIC);
    if (sqlite3_step(s) != SQLITE_ROW) {
        outbox_fail(outbox, err, "read");
        sqlite3_reset(s);
        return -1;
    }
    bool known = sqlite3_column_type(s, 0) != SQLITE_NULL;
    if (known)
        *when_ms = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return known ? 1 : 0;
}

int outbox_save_begin(struct outbox *outbox, const struct outbox_file *file, int64_t now_ms,
                      struct error *err)
{
    if (outbox_do(outbox, SQL_BEGIN, err) != 0)
        return -1;
    sqlite3_stmt *s = outbox_statement(outbox, SQL_FILE_ADD, err);
    int status = s ? 0 : -1;
    if (s) {
        sqlite3_bind_text(s, 1, file->path, -1, SQLITE_STATIC);
        sqlite3_bind_blob(s, 2, file->digest, sizeof file->digest, SQLITE_STATIC);
        sqlite3_bind_blob(s, 3, file->options, sizeof file->options, SQLITE_STATIC);
        sqlite3_bind_int64(s, 4, now_ms);
        status = outbox_step(outbox, s, err);
    }
    if (status != 0) {
        outbox_rollback(outbox);
        return -1;
    }
    outbox->saving = true;
    outbox->file = sqlite3_last_insert_rowid(outbox->db);
    outbox->saved_ms = now_ms;
    outbox->seen = SEEN_UNASKED;
    return 0;
}

int outbox_save_commit(struct outbox *outbox, struct error *err)
{
    outbox->saving = false;
    if (outbox_do(outbox, SQL_COMMIT, err) == 0)
        return 0;
    outbox_rollback(outbox);
    return -1;
}

void outbox_save_rollback(struct outbox *outbox)
{
    outbox->saving = false;
    outbox_rollback(outbox);
}

/* ---- batches -------------------------------------------------------------------------------- */

static int bind_blob(sqlite3_stmt *s, int at, const void *data, size_t size)
{
    return sqlite3_bind_blob64(s, at, data, size, SQLITE_STATIC);
}

static bool has_hashes(const struct outbox_batch *batch)
{
    for (uint32_t i = 0; batch->hashes && i < batch->count; i++)
        if (batch->hashes[i] != 0)
            return true;
    return false;
}

int outbox_insert(struct outbox *outbox, const struct outbox_batch *batch, struct error *err)
{
    bool remembered = has_hashes(batch);
    sqlite3_stmt *s = outbox_statement(outbox, SQL_BATCH_ADD, err);
    if (!s)
        return -1;
    bind_blob(s, 1, batch->id.byte, sizeof batch->id.byte);
    sqlite3_bind_int64(s, 2, batch->file);
    sqlite3_bind_int64(s, 3, batch->count);
    sqlite3_bind_int(s, 4, remembered);
    sqlite3_bind_int64(s, 5, batch->saved_ms);
    if (outbox_step(outbox, s, err) != 0)
        return -1;
    int64_t seq = sqlite3_last_insert_rowid(outbox->db);
    s = outbox_statement(outbox, SQL_LOAD_ADD, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, seq);
    bind_blob(s, 2, batch->payload, batch->size);
    bind_blob(s, 3, batch->lines, batch->count * sizeof *batch->lines);
    if (outbox_step(outbox, s, err) != 0)
        return -1;
    if (!remembered)
        return 0;
    s = outbox_statement(outbox, SQL_RUN_ADD, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, seq);
    sqlite3_bind_int64(s, 2, batch->file);
    sqlite3_bind_int(s, 3, 0);
    bind_blob(s, 4, batch->hashes, batch->count * sizeof *batch->hashes);
    return outbox_step(outbox, s, err);
}

int outbox_save_batch(struct outbox *outbox, const struct outbox_batch *batch, struct error *err)
{
    if (!outbox->saving)
        return error_set(err, ERROR_INTERNAL, NULL, "a batch came outside of a transaction");
    struct outbox_batch mine = *batch;
    mine.file = outbox->file;
    mine.saved_ms = outbox->saved_ms;
    return outbox_insert(outbox, &mine, err);
}

/* ---- repeats -------------------------------------------------------------------------------- */

int outbox_seen_add(struct outbox *outbox, int64_t hash, int64_t n, struct error *err)
{
    if (hash == 0 || n == 0)
        return 0;
    sqlite3_stmt *s = outbox_statement(outbox, SQL_SEEN_ADD, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, hash);
    sqlite3_bind_int64(s, 2, n);
    return outbox_step(outbox, s, err);
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* In order, so that neighbours land on the same page of `seen`. */
static int merge(struct outbox *outbox, int64_t *hashes, size_t count, struct error *err)
{
    qsort(hashes, count, sizeof *hashes, by_value);
    for (size_t i = 0; i < count;) {
        size_t n = 1;
        while (i + n < count && hashes[i + n] == hashes[i])
            n++;
        if (outbox_seen_add(outbox, hashes[i], (int64_t)n, err) != 0)
            return -1;
        i += n;
    }
    return 0;
}

static int merge_runs(struct outbox *outbox, sqlite3_stmt *fresh, int64_t *hashes,
                      struct error *err)
{
    size_t count = 0;
    int code;
    while ((code = sqlite3_step(fresh)) == SQLITE_ROW) {
        const char *run = sqlite3_column_blob(fresh, 0);
        size_t left = (size_t)sqlite3_column_bytes(fresh, 0) / sizeof *hashes;
        while (run && left > 0) {
            size_t n = left < MERGE_MOST - count ? left : MERGE_MOST - count;
            memcpy(hashes + count, run, n * sizeof *hashes);
            run += n * sizeof *hashes;
            left -= n;
            count += n;
            if (count < MERGE_MOST)
                continue;
            if (merge(outbox, hashes, count, err) != 0)
                return -1;
            count = 0;
        }
    }
    if (code != SQLITE_DONE)
        return outbox_fail(outbox, err, "read");
    return merge(outbox, hashes, count, err);
}

/* The runs of all files but this one into `seen`; then those of sent batches can go. */
static int merge_all(struct outbox *outbox, struct error *err)
{
    sqlite3_stmt *fresh = outbox_statement(outbox, SQL_RUN_FRESH, err);
    if (!fresh)
        return -1;
    int64_t *hashes = malloc(MERGE_MOST * sizeof *hashes);
    if (!hashes)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    sqlite3_bind_int64(fresh, 1, outbox->file);
    int status = merge_runs(outbox, fresh, hashes, err);
    sqlite3_reset(fresh);
    free(hashes);
    sqlite3_stmt *merged = status == 0 ? outbox_statement(outbox, SQL_RUN_MERGED, err) : NULL;
    if (!merged)
        return -1;
    sqlite3_bind_int64(merged, 1, outbox->file);
    if (outbox_step(outbox, merged, err) != 0)
        return -1;
    return outbox_do(outbox, SQL_RUN_SETTLED, err);
}

static int look(struct outbox *outbox, sqlite3_stmt *s, int64_t *value, struct error *err)
{
    int code = sqlite3_step(s);
    *value = code == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    int status = 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = outbox_fail(outbox, err, "read");
    sqlite3_reset(s);
    return status;
}

static int first_question(struct outbox *outbox, struct error *err)
{
    if (sqlite3_exec(outbox->db, SEEN_CACHE "DELETE FROM temp.mine", NULL, NULL, NULL) != SQLITE_OK)
        return outbox_fail(outbox, err, "read");
    if (merge_all(outbox, err) != 0)
        return -1;
    int64_t any;
    sqlite3_stmt *s = outbox_statement(outbox, SQL_SEEN_ANY, err);
    if (!s || look(outbox, s, &any, err) != 0)
        return -1;
    outbox->seen = any ? SEEN_SOMETHING : SEEN_NOTHING;
    return 0;
}

int outbox_repeats(struct outbox *outbox, int64_t hash, bool *repeats, struct error *err)
{
    if (outbox->seen == SEEN_UNASKED && first_question(outbox, err) != 0)
        return -1;
    *repeats = false;
    if (outbox->seen == SEEN_NOTHING || hash == 0)
        return 0;
    int64_t earlier, mine;
    sqlite3_stmt *s = outbox_statement(outbox, SQL_SEEN_GET, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, hash);
    if (look(outbox, s, &earlier, err) != 0)
        return -1;
    if (earlier <= 0)
        return 0;
    s = outbox_statement(outbox, SQL_MINE_ADD, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, hash);
    if (look(outbox, s, &mine, err) != 0)
        return -1;
    *repeats = mine <= earlier;
    return 0;
}
