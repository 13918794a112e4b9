#include "client/store/outbox_db.h"

#include "client/core/pack.h"
#include "client/core/pack_part.h"
#include "common/digest.h"
#include "common/error.h"

/* ---- one of them: as it is ------------------------------------------------------------------- */

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

static int damaged(int64_t seq, struct error *err)
{
    return error_set(err, ERROR_IO, NULL, "rejected response %lld is damaged", (long long)seq);
}

static int64_t forget(struct outbox *outbox, int64_t seq, struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, seq ? SQL_REJECTED_DROP : SQL_REJECTED_CLEAR, err);
    if (!s)
        return -1;
    if (seq)
        sqlite3_bind_int64(s, 1, seq);
    return outbox_step(outbox, s, err) == 0 ? sqlite3_changes(outbox->db) : -1;
}

static int64_t retry_one(struct outbox *outbox, int64_t seq, int64_t now_ms, struct error *err)
{
    sqlite3_stmt *s = outbox_statement(outbox, SQL_REJECTED_ONE, err);
    if (!s)
        return -1;
    sqlite3_bind_int64(s, 1, seq);
    int code = sqlite3_step(s);
    if (code != SQLITE_ROW) {
        int none = code == SQLITE_DONE ? 0 : outbox_fail(outbox, err, "read");
        sqlite3_reset(s);
        return none;
    }
    int64_t hash = sqlite3_column_int64(s, 4);
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
        batch_id(&batch, &batch.id) ? outbox_insert(outbox, &batch, err) : damaged(seq, err);
    sqlite3_reset(s);
    return status == 0 ? forget(outbox, seq, err) : -1;
}

/* ---- all of them: packed together again, those of a file in as few batches as they fit ---------
 */

struct repack {
    struct outbox *outbox;
    int64_t now_ms, file, count;
    char *instrument;
    struct pack *pack; /* NULL: nothing yet; of one file and one questionnaire */
};

static int flush(struct repack *r, struct error *err)
{
    uint8_t random[10];
    if (!r->pack || pack_count(r->pack) == 0)
        return 0;
    if (!random_bytes(random, sizeof random))
        return error_set(err, ERROR_INTERNAL, NULL, "no random numbers can be had");
    struct outbox_batch batch = {
        .id = uuid_v7((uint64_t)r->now_ms, random),
        .count = pack_count(r->pack),
        .lines = pack_lines(r->pack),
        .hashes = pack_hashes(r->pack),
        .file = r->file,
        .saved_ms = r->now_ms,
    };
    const struct buf *whole = pack_finish(r->pack, &batch.id);
    if (!whole)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    batch.payload = whole->data;
    batch.size = whole->len;
    if (outbox_insert(r->outbox, &batch, err) != 0)
        return -1;
    r->count += batch.count;
    pack_clear(r->pack);
    return 0;
}

/* Gives the pack for responses of this file and questionnaire. */
static int turn_to(struct repack *r, int64_t file, const char *instrument, struct error *err)
{
    if (r->pack && r->file == file && strcmp(r->instrument, instrument) == 0)
        return 0;
    if (flush(r, err) != 0)
        return -1;
    pack_free(&r->pack);
    free(r->instrument);
    r->file = file;
    r->instrument = strdup(instrument);
    r->pack = r->instrument ? pack_new(r->instrument, 0) : NULL;
    return r->pack ? 0 : error_set(err, ERROR_IO, NULL, "memory ran out");
}

static int put(struct repack *r, const struct import_row *row, struct error *err)
{
    if (pack_add(r->pack, row))
        return 0;
    if (flush(r, err) != 0)
        return -1;
    return pack_add(r->pack, row) ? 0 : error_set(err, ERROR_INTERNAL, NULL, "a row fits nowhere");
}

static int repack_row(struct repack *r, sqlite3_stmt *s, struct error *err)
{
    struct import_row row;
    int64_t seq = sqlite3_column_int64(s, 0);
    struct pack_view *view =
        pack_view_open(sqlite3_column_blob(s, 3), (size_t)sqlite3_column_bytes(s, 3), err);
    if (!view)
        return damaged(seq, err);
    const char *instrument = pack_view_instrument(view);
    int status = instrument && pack_view_count(view) == 1 ? pack_view_row(view, 0, &row, err)
                                                          : damaged(seq, err);
    if (status == 0)
        status = turn_to(r, sqlite3_column_int64(s, 1), instrument, err);
    if (status == 0) {
        row.line = (uint64_t)sqlite3_column_int64(s, 2);
        row.hash = sqlite3_column_int64(s, 4);
        status = put(r, &row, err);
    }
    pack_view_close(&view);
    return status;
}

static int64_t retry_all(struct outbox *outbox, int64_t now_ms, struct error *err)
{
    struct repack r = {.outbox = outbox, .now_ms = now_ms};
    sqlite3_stmt *s = outbox_statement(outbox, SQL_REJECTED_ALL, err);
    int code = SQLITE_DONE, status = s ? 0 : -1;
    while (status == 0 && (code = sqlite3_step(s)) == SQLITE_ROW)
        status = repack_row(&r, s, err);
    if (status == 0 && code != SQLITE_DONE)
        status = outbox_fail(outbox, err, "read");
    if (s)
        sqlite3_reset(s);
    if (status == 0)
        status = flush(&r, err);
    pack_free(&r.pack);
    free(r.instrument);
    return status == 0 && forget(outbox, 0, err) >= 0 ? r.count : -1;
}

/* ---- both ----------------------------------------------------------------------------------- */

int64_t outbox_retry(struct outbox *outbox, int64_t seq, int64_t now_ms, struct error *err)
{
    if (outbox_do(outbox, SQL_BEGIN, err) != 0)
        return -1;
    int64_t count = seq ? retry_one(outbox, seq, now_ms, err) : retry_all(outbox, now_ms, err);
    if (count < 0 || outbox_do(outbox, SQL_COMMIT, err) != 0) {
        outbox_rollback(outbox);
        return -1;
    }
    return count;
}

int64_t outbox_drop(struct outbox *outbox, int64_t seq, struct error *err)
{
    if (outbox_do(outbox, SQL_BEGIN, err) != 0)
        return -1;
    int64_t count = forget(outbox, seq, err);
    if (count < 0 || outbox_do(outbox, SQL_COMMIT, err) != 0) {
        outbox_rollback(outbox);
        return -1;
    }
    return count;
}
