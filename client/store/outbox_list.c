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
