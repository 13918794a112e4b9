#include "client/store/outbox_db.h"

#include "common/error.h"

/* Looking for repeats jumps about in `seen`: as much of it in memory as a client may use. */
#define SEEN_CACHE "PRAGMA cache_size = -24576; PRAGMA temp.cache_size = -8192;"
#define MERGE_MOST ((size_t)256 * 1024) /* hashes that are sorted at a time */

/* ---- files ---------------------------------------------------------------------------------- */

int outbox_file_known(struct outbox *outbox, const struct outbox_file *file, bool same,
                      int64_t *when_ms, struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, same ? SQL_FILE_KNOWN : SQL_FILE_OTHER, err);
    if (!s)
        return -1;
    sqlite3_bind_blob(s, 1, file->digest, sizeof file->digest, SQLITE_STATIC);
    sqlite3_bind_blob(s, 2, file->options, sizeof file->options, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, outbox->saving ? outbox->file : 0);
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
    outbox->seen = outbox->rejected = SEEN_UNASKED;
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

/* The hashes, and the names behind them if there are any: all are merged alike. */
static int add_run(struct outbox *outbox, const struct outbox_batch *batch, int64_t seq,
                   struct error *err)
{
    struct buf run = {0};
    size_t size = batch->count * sizeof *batch->hashes;
    buf_add(&run, batch->hashes, size);
    if (batch->names)
        buf_add(&run, batch->names, size * OUTBOX_NAMES);
    sqlite3_stmt *s = run.failed ? NULL : outbox_statement(outbox, SQL_RUN_ADD, err);
    int status = -1;
    if (run.failed)
        error_set(err, ERROR_IO, NULL, "memory ran out");
    if (s) {
        sqlite3_bind_int64(s, 1, seq);
        sqlite3_bind_int64(s, 2, batch->file);
        sqlite3_bind_int(s, 3, 0);
        bind_blob(s, 4, run.data, run.len);
        status = outbox_step(outbox, s, err);
        sqlite3_clear_bindings(s);
    }
    buf_release(&run);
    return status;
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
    return add_run(outbox, batch, seq, err);
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

static int ask(struct outbox *outbox, enum outbox_sql sql, int64_t hash, int64_t *value,
               struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, sql, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, hash);
    return look(outbox, s, value, err);
}

/* Is this one of the first `earlier` rows of the file with that hash? */
static int count_mine(struct outbox *outbox, int64_t hash, int64_t earlier, enum outbox_seen *seen,
                      struct error *err)
{
    int64_t mine;
    if (earlier <= 0)
        return 0;
    if (ask(outbox, SQL_MINE_ADD, hash, &mine, err) != 0)
        return -1;
    if (mine <= earlier)
        *seen = OUTBOX_REPEAT;
    return 0;
}

int outbox_look(struct outbox *outbox, int64_t hash, const int64_t *names, enum outbox_seen *seen,
                struct error *err)
{
    if (outbox->seen == SEEN_UNASKED && first_question(outbox, err) != 0)
        return -1;
    *seen = OUTBOX_NEW;
    if (outbox->seen == SEEN_NOTHING || hash == 0)
        return 0;
    int64_t value = 0, same = 0, earlier = 0, by_column = 0;
    if (names && names[0] != 0) {
        if (ask(outbox, SQL_SEEN_GET, names[0], &value, err) != 0 ||
            (value > 0 && ask(outbox, SQL_SEEN_GET, names[1], &same, err) != 0))
            return -1;
        if (value > 0)
            *seen = same > 0 ? OUTBOX_SAME : OUTBOX_REPEAT;
        if (value > 0 || names[2] == 0)
            return 0;
    }
    if (ask(outbox, SQL_SEEN_GET, hash, &earlier, err) != 0)
        return -1;
    if (earlier > 0 && names && names[0] != 0 &&
        ask(outbox, SQL_SEEN_GET, names[2], &by_column, err) != 0)
        return -1;
    return count_mine(outbox, hash, earlier - by_column, seen, err);
}

/* ---- rejected responses that come back ------------------------------------------------------ */

/* Most outboxes have none, and then no row costs a look. The index is made with the first need. */
static int first_rejected(struct outbox *outbox, struct error *err)
{
    int64_t any;
    sqlite3_stmt *s = outbox_statement(outbox, SQL_REJECTED_ANY, err);
    if (!s || look(outbox, s, &any, err) != 0)
        return -1;
    if (any && sqlite3_exec(outbox->db, "CREATE INDEX IF NOT EXISTS rejected_id ON rejected (id)",
                            NULL, NULL, NULL) != SQLITE_OK)
        return outbox_fail(outbox, err, "written");
    outbox->rejected = any ? SEEN_SOMETHING : SEEN_NOTHING;
    return 0;
}

int outbox_supersede(struct outbox *outbox, const struct uuid *id, bool *found, struct error *err)
{
    *found = false;
    if (outbox->rejected == SEEN_UNASKED && first_rejected(outbox, err) != 0)
        return -1;
    if (outbox->rejected == SEEN_NOTHING)
        return 0;
    sqlite3_stmt *s = outbox_statement(outbox, SQL_REJECTED_ID, err);
    if (!s)
        return -1;
    sqlite3_bind_blob(s, 1, id->byte, sizeof id->byte, SQLITE_STATIC);
    if (outbox_step(outbox, s, err) != 0)
        return -1;
    *found = sqlite3_changes(outbox->db) > 0;
    return 0;
}
