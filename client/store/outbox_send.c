#include "client/store/outbox_db.h"

#include "common/error.h"

static void keep(struct buf *out, sqlite3_stmt *s, int column)
{
    buf_clear(out);
    const void *data = sqlite3_column_blob(s, column);
    buf_add(out, data, data ? (size_t)sqlite3_column_bytes(s, column) : 0);
}

/* A batch whose parts do not agree in size is damaged; sending it could lose responses. */
static int read_batch(struct outbox *outbox, sqlite3_stmt *s, struct outbox_batch *out,
                      struct error *err)
{
    keep(&outbox->payload, s, 5);
    keep(&outbox->lines, s, 6);
    keep(&outbox->hashes, s, 7);
    if (outbox->payload.failed || outbox->lines.failed || outbox->hashes.failed)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    *out = (struct outbox_batch){
        .seq = sqlite3_column_int64(s, 0),
        .count = (uint32_t)sqlite3_column_int64(s, 2),
        .payload = outbox->payload.data,
        .size = outbox->payload.len,
        .file = sqlite3_column_int64(s, 3),
        .saved_ms = sqlite3_column_int64(s, 4),
    };
    bool whole =
        sqlite3_column_bytes(s, 1) == (int)sizeof out->id.byte && out->count > 0 &&
        outbox->lines.len == out->count * sizeof *out->lines &&
        (outbox->hashes.len == 0 || outbox->hashes.len == out->count * sizeof *out->hashes ||
         outbox->hashes.len == out->count * sizeof *out->hashes * (1 + OUTBOX_NAMES));
    if (!whole)
        return error_set(err, ERROR_IO, NULL,
                         "batch %lld in the outbox %s is damaged; keep a copy of the outbox and "
                         "submit its file again",
                         (long long)out->seq, outbox->path);
    memcpy(out->id.byte, sqlite3_column_blob(s, 1), sizeof out->id.byte);
    out->lines = (const void *)outbox->lines.data;
    out->hashes = outbox->hashes.len ? (const void *)outbox->hashes.data : NULL;
    bool named = outbox->hashes.len > out->count * sizeof *out->hashes;
    out->names = named ? out->hashes + out->count : NULL;
    return 0;
}

int outbox_next(struct outbox *outbox, int64_t after, struct outbox_batch *out, struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, SQL_NEXT, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, after);
    int code = sqlite3_step(s);
    int status = 0;
    if (code == SQLITE_ROW)
        status = read_batch(outbox, s, out, err) == 0 ? 1 : -1;
    else if (code != SQLITE_DONE)
        status = outbox_fail(outbox, err, "read");
    sqlite3_reset(s); /* an open read would keep the WAL from being cut back */
    return status;
}

const char *outbox_file_path(struct outbox *outbox, int64_t file)
{
    sqlite3_stmt *s = outbox_statement(outbox, SQL_FILE_PATH, NULL);
    if (!s)
        return NULL;
    sqlite3_bind_int64(s, 1, file);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found)
        keep(&outbox->text, s, 0);
    sqlite3_reset(s);
    return found && !outbox->text.failed ? outbox->text.data : NULL;
}

static int with_seq(struct outbox *outbox, enum outbox_sql sql, int64_t seq, struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, sql, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, seq);
    return outbox_step(outbox, s, err);
}

/* ---- receipts ------------------------------------------------------------------------------- */

/* 1: it waits (and its hashes are remembered or not), 0: no such, -1. */
static int find(struct outbox *outbox, int64_t seq, bool *remembered, struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, SQL_FIND, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, seq);
    int code = sqlite3_step(s);
    int status = code == SQLITE_ROW ? 1 : 0;
    if (code == SQLITE_ROW)
        *remembered = sqlite3_column_int(s, 0) != 0;
    else if (code != SQLITE_DONE)
        status = outbox_fail(outbox, err, "read");
    sqlite3_reset(s);
    return status;
}

static int reject(struct outbox *outbox, const struct outbox_receipt *receipt,
                  const struct outbox_refused *refused, uint32_t line, bool remembered,
                  struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, SQL_REJECT, err);
    if (!s)
        return -1;
    int64_t hash = remembered ? refused->hash : 0;
    sqlite3_bind_blob(s, 1, refused->id.byte, sizeof refused->id.byte, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, line);
    sqlite3_bind_text(s, 3, refused->status, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 4, refused->field ? refused->field : "", -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 5, refused->reason ? refused->reason : "", -1, SQLITE_STATIC);
    sqlite3_bind_blob64(s, 6, refused->payload, refused->size, SQLITE_STATIC);
    sqlite3_bind_int64(s, 7, hash);
    sqlite3_bind_int64(s, 8, receipt->now_ms);
    sqlite3_bind_int64(s, 9, receipt->seq);
    if (outbox_step(outbox, s, err) != 0)
        return -1;
    return outbox_seen_add(outbox, hash, -1, err);
}

static int reject_all(struct outbox *outbox, const struct outbox_receipt *receipt, bool remembered,
                      struct error *err)
{
    struct outbox_batch batch;
    int status = outbox_next(outbox, receipt->seq - 1, &batch, err);
    if (status < 0)
        return -1;
    for (size_t i = 0; i < receipt->refused_count; i++) {
        const struct outbox_refused *refused = &receipt->refused[i];
        if (status == 0 || batch.seq != receipt->seq || refused->index >= batch.count)
            return error_set(err, ERROR_INTERNAL, NULL,
                             "a receipt names a response that is not there");
        if (reject(outbox, receipt, refused, batch.lines[refused->index], remembered, err) != 0)
            return -1;
    }
    return 0;
}

static int settle(struct outbox *outbox, const struct outbox_receipt *receipt, struct error *err)
{
    bool remembered = false;
    int found = find(outbox, receipt->seq, &remembered, err);
    if (found <= 0)
        return found;
    if (receipt->refused_count > 0 && reject_all(outbox, receipt, remembered, err) != 0)
        return -1;
    sqlite3_stmt *s = outbox_statement(outbox, SQL_SETTLE, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, receipt->now_ms);
    sqlite3_bind_int64(s, 2, receipt->stored);
    sqlite3_bind_int64(s, 3, receipt->duplicates);
    sqlite3_bind_int64(s, 4, (int64_t)receipt->refused_count + receipt->erased);
    sqlite3_bind_int64(s, 5, receipt->seq);
    if (outbox_step(outbox, s, err) != 0)
        return -1;
    return with_seq(outbox, SQL_LOAD_DROP, receipt->seq, err);
}

int outbox_settle(struct outbox *outbox, const struct outbox_receipt *receipt, struct error *err)
{
    if (outbox_wait(outbox, false, err) != 0)
        return -1;
    int status = outbox_do(outbox, SQL_BEGIN_QUICK, err);
    if (status == 0)
        status = settle(outbox, receipt, err);
    if (status == 0)
        status = outbox_do(outbox, SQL_COMMIT, err);
    if (status != 0)
        outbox_rollback(outbox);
    (void)!outbox_wait(outbox, true, NULL); /* else the next transaction says so */
    return status;
}

int outbox_note(struct outbox *outbox, int64_t seq, const char *text, int64_t now_ms,
                struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, SQL_NOTE, err);
    if (!s)
        return -1;
    sqlite3_bind_text(s, 1, text, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, now_ms);
    sqlite3_bind_int64(s, 3, seq);
    return outbox_step(outbox, s, err);
}

/* ---- halves --------------------------------------------------------------------------------- */

static int insert_part(struct outbox *outbox, const struct outbox_batch *whole, uint32_t from,
                       const struct outbox_part *part, struct error *err)
{
    const struct outbox_batch batch = {
        .id = part->id,
        .count = part->count,
        .payload = part->payload,
        .size = part->size,
        .lines = whole->lines + from,
        .hashes = whole->hashes ? whole->hashes + from : NULL,
        .names = whole->names ? whole->names + (size_t)from * OUTBOX_NAMES : NULL,
        .file = whole->file,
        .saved_ms = whole->saved_ms,
    };
    return outbox_insert(outbox, &batch, err);
}

static int split(struct outbox *outbox, int64_t seq, const struct outbox_part part[2],
                 struct error *err)
{
    struct outbox_batch whole;
    int status = outbox_next(outbox, seq - 1, &whole, err);
    if (status < 0)
        return -1;
    if (status == 0 || whole.seq != seq || part[0].count + part[1].count != whole.count)
        return error_set(err, ERROR_INTERNAL, NULL, "the parts of a batch are not the whole");
    if (insert_part(outbox, &whole, 0, &part[0], err) != 0 ||
        insert_part(outbox, &whole, part[0].count, &part[1], err) != 0)
        return -1;
    if (with_seq(outbox, SQL_RUN_DROP, seq, err) != 0 ||
        with_seq(outbox, SQL_LOAD_DROP, seq, err) != 0)
        return -1;
    return with_seq(outbox, SQL_BATCH_DROP, seq, err);
}

int outbox_split(struct outbox *outbox, int64_t seq, const struct outbox_part part[2],
                 struct error *err)
{
    int status = outbox_do(outbox, SQL_BEGIN, err);
    if (status == 0)
        status = split(outbox, seq, part, err);
    if (status == 0)
        status = outbox_do(outbox, SQL_COMMIT, err);
    if (status != 0)
        outbox_rollback(outbox);
    return status;
}
