#include "client/store/outbox_db.h"

#include "common/error.h"
#include <errno.h>

/*
 * load holds what is still waiting: a batch waits exactly as long as it has a row there. run holds
 * the hashes of a batch as they came; they are merged into `seen` only when somebody asks for
 * repeats, sorted, so that saving a first large file costs no index.
 */
static const char *const sql_text[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_BEGIN_QUICK] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_FILE_ADD] = "INSERT INTO file (path, digest, options, saved_ms) VALUES (?, ?, ?, ?)",
    [SQL_FILE_KNOWN] = "SELECT max(saved_ms) FROM file WHERE digest = ? AND options = ? "
                       "AND file <> ?",
    [SQL_FILE_OTHER] = "SELECT max(saved_ms) FROM file WHERE digest = ? AND options <> ? "
                       "AND file <> ?",
    [SQL_FILE_PATH] = "SELECT path FROM file WHERE file = ?",
    [SQL_BATCH_ADD] = "INSERT INTO batch (id, file, count, remembered, saved_ms) "
                      "VALUES (?, ?, ?, ?, ?)",
    [SQL_BATCH_DROP] = "DELETE FROM batch WHERE seq = ?",
    [SQL_LOAD_ADD] = "INSERT INTO load (seq, payload, lines) VALUES (?, ?, ?)",
    [SQL_LOAD_DROP] = "DELETE FROM load WHERE seq = ?",
    [SQL_RUN_ADD] = "INSERT INTO run (seq, file, merged, hashes) VALUES (?, ?, ?, ?)",
    [SQL_RUN_DROP] = "DELETE FROM run WHERE seq = ?",
    [SQL_RUN_FRESH] = "SELECT hashes FROM run WHERE merged = 0 AND file <> ?",
    [SQL_RUN_MERGED] = "UPDATE run SET merged = 1 WHERE merged = 0 AND file <> ?",
    [SQL_RUN_SETTLED] = "DELETE FROM run WHERE merged = 1 AND seq NOT IN (SELECT seq FROM load)",
    [SQL_SEEN_ANY] = "SELECT EXISTS (SELECT 1 FROM seen)",
    [SQL_SEEN_GET] = "SELECT n FROM seen WHERE hash = ?",
    [SQL_SEEN_ADD] = "INSERT INTO seen (hash, n) VALUES (?, ?) "
                     "ON CONFLICT (hash) DO UPDATE SET n = n + excluded.n",
    [SQL_MINE_ADD] = "INSERT INTO temp.mine (hash, k) VALUES (?, 1) "
                     "ON CONFLICT (hash) DO UPDATE SET k = k + 1 RETURNING k",
    [SQL_NEXT] = "SELECT b.seq, b.id, b.count, b.file, b.saved_ms, l.payload, l.lines, r.hashes "
                 "FROM load l JOIN batch b ON b.seq = l.seq LEFT JOIN run r ON r.seq = l.seq "
                 "WHERE l.seq > ? ORDER BY l.seq LIMIT 1",
    [SQL_FIND] = "SELECT b.remembered, b.count FROM batch b JOIN load l ON l.seq = b.seq "
                 "WHERE b.seq = ?",
    [SQL_SETTLE] = "UPDATE batch SET settled_ms = ?, stored = ?, duplicates = ?, refused = ?, "
                   "note = NULL WHERE seq = ?",
    [SQL_REJECT] = "INSERT INTO rejected (file, id, line, status, field, reason, payload, hash, "
                   "saved_ms, settled_ms) "
                   "SELECT file, ?, ?, ?, ?, ?, ?, ?, saved_ms, ? FROM batch WHERE seq = ?",
    [SQL_NOTE] = "UPDATE batch SET note = ?, note_ms = ? WHERE seq = ?",
    [SQL_COUNT_WAITING] = "SELECT count(*), total(b.count), min(b.saved_ms) "
                          "FROM load l JOIN batch b ON b.seq = l.seq",
    [SQL_COUNT_REJECTED] = "SELECT count(*) FROM rejected",
    [SQL_COUNT_SENT] = "SELECT total(stored), total(duplicates), max(settled_ms) FROM batch",
    [SQL_EACH_WAITING] = "SELECT b.seq, b.id, b.count, NULL, f.path, NULL, NULL, NULL, b.note, "
                         "b.saved_ms, NULL, NULL, NULL, NULL, l.payload FROM load l "
                         "JOIN batch b ON b.seq = l.seq LEFT JOIN file f ON f.file = b.file "
                         "ORDER BY l.seq",
    [SQL_EACH_SENT] = "SELECT b.seq, b.id, b.count, NULL, f.path, NULL, NULL, NULL, NULL, "
                      "b.saved_ms, b.settled_ms, b.stored, b.duplicates, b.refused, NULL "
                      "FROM batch b LEFT JOIN file f ON f.file = b.file "
                      "WHERE b.settled_ms IS NOT NULL ORDER BY b.seq",
    [SQL_EACH_REJECTED] = "SELECT r.seq, r.id, 1, r.line, f.path, r.status, r.field, r.reason, "
                          "NULL, r.saved_ms, r.settled_ms, NULL, NULL, NULL, r.payload "
                          "FROM rejected r LEFT JOIN file f ON f.file = r.file ORDER BY r.seq",
    [SQL_REJECTED_ONE] = "SELECT seq, file, line, payload, hash FROM rejected WHERE seq = ?",
    [SQL_REJECTED_ALL] = "SELECT seq, file, line, payload, hash FROM rejected ORDER BY file, seq",
    [SQL_REJECTED_ANY] = "SELECT EXISTS (SELECT 1 FROM rejected)",
    [SQL_REJECTED_ID] = "DELETE FROM rejected WHERE id = ?",
    [SQL_REJECTED_DROP] = "DELETE FROM rejected WHERE seq = ?",
    [SQL_REJECTED_CLEAR] = "DELETE FROM rejected",
};

static const char *why(int code)
{
    switch (code & 0xFF) {
    case SQLITE_FULL:
        return "the disk is full; make room and try again";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        return "look at the rights of the file and of its folder, and whether the disk is mounted "
               "read-only";
    case SQLITE_NOTADB:
        return "it is no outbox but some other file; move it away and try again";
    case SQLITE_CORRUPT:
        return "it is damaged; keep a copy of it, move it away, and submit the files again (what "
               "was stored already is then found to be a duplicate)";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another suara is writing to it; try again when that is done";
    case SQLITE_IOERR:
        return "the disk reports an error; look at the system log";
    case SQLITE_NOMEM:
        return "memory ran out";
    default:
        return NULL;
    }
}

/* SQLite says FULL of a file that it writes, but IOERR where it makes room for the -shm. */
static bool is_full(const struct outbox *outbox, int code)
{
    int number = outbox->db ? sqlite3_system_errno(outbox->db) : 0;
    return (code & 0xFF) == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT);
}

int outbox_fail(struct outbox *outbox, struct error *err, const char *done)
{
    int code = outbox->db ? sqlite3_extended_errcode(outbox->db) : SQLITE_NOMEM;
    const char *reason = why(is_full(outbox, code) ? SQLITE_FULL : code);
    if (reason)
        return error_set(err, ERROR_IO, NULL, "the outbox %s can't be %s: %s", outbox->path, done,
                         reason);
    return error_set(err, ERROR_IO, NULL, "the outbox %s can't be %s: %s (SQLite %d)", outbox->path,
                     done, sqlite3_errstr(code), code);
}

sqlite3_stmt *outbox_statement(struct outbox *outbox, enum outbox_sql sql, struct error *err)
{
    sqlite3_stmt **statement = &outbox->statement[sql];
    if (*statement) {
        sqlite3_reset(*statement); /* its error was reported when it happened */
        sqlite3_clear_bindings(*statement);
        return *statement;
    }
    if (sqlite3_prepare_v3(outbox->db, sql_text[sql], -1, SQLITE_PREPARE_PERSISTENT, statement,
                           NULL) != SQLITE_OK) {
        outbox_fail(outbox, err, "read");
        return NULL;
    }
    return *statement;
}

int outbox_step(struct outbox *outbox, sqlite3_stmt *statement, struct error *err)
{
    int code = sqlite3_step(statement);
    int status = 0;
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        status = outbox_fail(outbox, err, "written");
    sqlite3_reset(statement);
    return status;
}

int outbox_wait(struct outbox *outbox, bool wait, struct error *err)
{
    const char *sql = wait ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
    if (outbox->quick == !wait)
        return 0;
    if (sqlite3_exec(outbox->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return outbox_fail(outbox, err, "set up");
    outbox->quick = !wait;
    return 0;
}

int outbox_do(struct outbox *outbox, enum outbox_sql sql, struct error *err)
{
    if (sql == SQL_BEGIN && outbox_wait(outbox, true, err) != 0)
        return -1;
    sqlite3_stmt *statement = outbox_statement(outbox, sql, err);
    return statement ? outbox_step(outbox, statement, err) : -1;
}

void outbox_rollback(struct outbox *outbox)
{
    /* Some errors end the transaction by themselves. */
    sqlite3_stmt *statement = NULL;
    if (!sqlite3_get_autocommit(outbox->db))
        statement = outbox_statement(outbox, SQL_ROLLBACK, NULL);
    if (statement) {
        sqlite3_step(statement); /* the handle is closed soon where even this fails */
        sqlite3_reset(statement);
    }
}
