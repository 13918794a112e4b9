#include "client/store/outbox_db.h"

#include "common/error.h"

int outbox_counts(struct outbox *outbox, struct outbox_counts *out, struct error *err)
{
    static const enum outbox_sql questions[] = {SQL_COUNT_WAITING, SQL_COUNT_REJECTED,
                                                SQL_COUNT_SENT};
    struct outbox_counts counts = {0};
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        sqlite3_stmt *s = outbox_statement(outbox, questions[i], err);
        if (!s)
            return -1;
        if (sqlite3_step(s) != SQLITE_ROW) {
            outbox_fail(outbox, err, "read");
            sqlite3_reset(s);
            return -1;
        }
        if (questions[i] == SQL_COUNT_WAITING) {
            counts.waiting_batches = (uint64_t)sqlite3_column_int64(s, 0);
            counts.waiting = (uint64_t)sqlite3_column_int64(s, 1);
            counts.oldest_ms = sqlite3_column_int64(s, 2);
        } else if (questions[i] == SQL_COUNT_REJECTED) {
            counts.rejected = (uint64_t)sqlite3_column_int64(s, 0);
        } else {
            counts.sent = (uint64_t)sqlite3_column_int64(s, 0);
            counts.duplicates = (uint64_t)sqlite3_column_int64(s, 1);
            counts.last_receipt_ms = sqlite3_column_int64(s, 2);
        }
        sqlite3_reset(s);
    }
    *out = counts;
    return 0;
}

/* ---- items ---------------------------------------------------------------------------------- */

static const char *text(sqlite3_stmt *s, int column)
{
    return (const char *)sqlite3_column_text(s, column); /* NULL where there is none */
}

static struct outbox_item read_item(sqlite3_stmt *s, enum outbox_state state)
{
    struct outbox_item item = {
        .seq = sqlite3_column_int64(s, 0),
        .state = state,
        .count = (uint32_t)sqlite3_column_int64(s, 2),
        .line = (uint32_t)sqlite3_column_int64(s, 3),
        .file = text(s, 4),
        .status = text(s, 5),
        .field = text(s, 6),
        .reason = text(s, 7),
        .note = text(s, 8),
        .saved_ms = sqlite3_column_int64(s, 9),
        .settled_ms = sqlite3_column_int64(s, 10),
        .stored = (uint32_t)sqlite3_column_int64(s, 11),
        .duplicates = (uint32_t)sqlite3_column_int64(s, 12),
        .refused = (uint32_t)sqlite3_column_int64(s, 13),
        .payload = sqlite3_column_blob(s, 14),
        .size = (size_t)sqlite3_column_bytes(s, 14),
    };
    const void *id = sqlite3_column_blob(s, 1);
    if (id && sqlite3_column_bytes(s, 1) == (int)sizeof item.id.byte)
        memcpy(item.id.byte, id, sizeof item.id.byte);
    return item;
}

int outbox_each(struct outbox *outbox, enum outbox_state state, outbox_item_fn *fn, void *arg,
                struct error *err)
{
    static const enum outbox_sql sql[] = {
        [OUTBOX_WAITING] = SQL_EACH_WAITING,
        [OUTBOX_SENT] = SQL_EACH_SENT,
        [OUTBOX_REJECTED] = SQL_EACH_REJECTED,
    };
    sqlite3_stmt *s = outbox_statement(outbox, sql[state], err);
    if (!s)
        return -1;
    int code;
    bool stop = false;
    while (!stop && (code = sqlite3_step(s)) == SQLITE_ROW) {
        struct outbox_item item = read_item(s, state);
        stop = fn(&item, arg) != 0;
    }
    int status = stop || code == SQLITE_DONE ? 0 : outbox_fail(outbox, err, "read");
    sqlite3_reset(s);
    return status;
}

/* ---- mending -------------------------------------------------------------------------------- */

/* A rejected response is kept as a packed batch of one; that begins with the id of the batch. */
static bool batch_id(const struct outbox_batch *batch, struct uuid *id)
{
    static const uint8_t head[] = {1 << 3 | 2, sizeof id->byte};
    if (batch->size < sizeof head + sizeof id->byte ||
        memcmp(batch->payload, head, sizeof head) != 0)
        return false;
    memcpy(id->byte, (const uint8_t *)batch->payload + sizeof head, sizeof id->byte);
    return true;
}

/* The first of them back to waiting: its number, 0: none left, -1. */
static int64_t retry_one(struct outbox *outbox, int64_t seq, int64_t now_ms, struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, SQL_RETRY_NEXT, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, seq);
    int code = sqlite3_step(s);
    if (code != SQLITE_ROW) {
        int64_t none = code == SQLITE_DONE ? 0 : outbox_fail(outbox, err, "read");
        sqlite3_reset(s);
        return none;
    }
    int64_t which = sqlite3_column_int64(s, 0), hash = sqlite3_column_int64(s, 4);
    uint32_t line = (uint32_t)sqlite3_column_int64(s, 2);
    struct outbox_batch batch = {
        .count = 1,
        .payload = sqlite3_column_blob(s, 3),
        .size = (size_t)sqlite3_column_bytes(s, 3),
        .lines = &line,
        .hashes = &hash,
        .file = sqlite3_column_int64(s, 1),
        .saved_ms = now_ms,
    };
    int status =
        batch_id(&batch, &batch.id)
            ? outbox_insert(outbox, &batch, err)
            : error_set(err, ERROR_IO, NULL, "rejected response %lld is damaged", (long long)which);
    sqlite3_reset(s);
    s = status == 0 ? outbox_statement(outbox, SQL_REJECTED_DROP, err) : NULL;
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, which);
    return outbox_step(outbox, s, err) == 0 ? which : -1;
}

int64_t outbox_retry(struct outbox *outbox, int64_t seq, int64_t now_ms, struct error *err)
{
    if (outbox_do(outbox, SQL_BEGIN, err) != 0)
        return -1;
    int64_t count = 0, one;
    while ((one = retry_one(outbox, seq, now_ms, err)) > 0)
        count++;
    if (one < 0 || outbox_do(outbox, SQL_COMMIT, err) != 0) {
        outbox_rollback(outbox);
        return -1;
    }
    return count;
}

int64_t outbox_drop(struct outbox *outbox, int64_t seq, struct error *err)
{
    if (outbox_do(outbox, SQL_BEGIN, err) != 0)
        return -1;
    sqlite3_stmt *s = outbox_statement(outbox, SQL_REJECTED_DROP, err);
    int64_t count = -1;
    if (s) {
        sqlite3_bind_int64(s, 1, seq);
        if (outbox_step(outbox, s, err) == 0)
            count = sqlite3_changes(outbox->db);
    }
    if (count < 0 || outbox_do(outbox, SQL_COMMIT, err) != 0) {
        outbox_rollback(outbox);
        return -1;
    }
    return count;
}
