/*
 * What the files of the outbox share: the handle, its statements, its one way to fail. Private to
 * client/store.
 */
#ifndef SUARA_CLIENT_STORE_OUTBOX_DB_H
#define SUARA_CLIENT_STORE_OUTBOX_DB_H

#include "client/store/outbox.h"
#include "common/buf.h"
#include <sqlite3.h>

enum outbox_sql {
    SQL_BEGIN,
    SQL_BEGIN_QUICK, /* as outbox_wait left it */
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_FILE_ADD,
    SQL_FILE_KNOWN,
    SQL_FILE_OTHER,
    SQL_FILE_PATH,
    SQL_BATCH_ADD,
    SQL_BATCH_DROP,
    SQL_LOAD_ADD,
    SQL_LOAD_DROP,
    SQL_RUN_ADD,
    SQL_RUN_DROP,
    SQL_RUN_FRESH,
    SQL_RUN_MERGED,
    SQL_RUN_SETTLED,
    SQL_SEEN_ANY,
    SQL_SEEN_GET,
    SQL_SEEN_ADD,
    SQL_MINE_ADD,
    SQL_NEXT,
    SQL_FIND,
    SQL_SETTLE,
    SQL_REJECT,
    SQL_NOTE,
    SQL_COUNT_WAITING,
    SQL_COUNT_REJECTED,
    SQL_COUNT_SENT,
    SQL_EACH_WAITING,
    SQL_EACH_SENT,
    SQL_EACH_REJECTED,
    SQL_REJECTED_ONE,
    SQL_REJECTED_ALL,
    SQL_REJECTED_DROP,
    SQL_REJECTED_ANY,
    SQL_REJECTED_ID,
    SQL_REJECTED_CLEAR,
    SQL_COUNT /* how many */
};

struct outbox {
    sqlite3 *db;
    char *path;
    int lock;   /* descriptor; -1: not mine */
    bool quick; /* commits do not wait for the disk */
    sqlite3_stmt *statement[SQL_COUNT];
    struct buf payload, lines, hashes, text; /* what outbox_next handed out */

    /* between save_begin and commit */
    bool saving;
    int64_t file;
    int64_t saved_ms;
    enum { SEEN_UNASKED, SEEN_NOTHING, SEEN_SOMETHING } seen, rejected;
};

/* Fills *err (IO) from the state of the handle: "the outbox PATH can't be `done`: why; what to do".
 */
int outbox_fail(struct outbox *outbox, struct error *err, const char *done);

/* A statement, prepared once, reset. NULL: *err is filled. */
sqlite3_stmt *outbox_statement(struct outbox *outbox, enum outbox_sql sql, struct error *err);

/* Steps a statement that returns no row, and resets it. */
int outbox_step(struct outbox *outbox, sqlite3_stmt *statement, struct error *err)
    __attribute__((warn_unused_result));

/* Do commits wait for the disk? Between transactions only. */
int outbox_wait(struct outbox *outbox, bool wait, struct error *err)
    __attribute__((warn_unused_result));

/* SQL_BEGIN, SQL_COMMIT .. With SQL_BEGIN the commit waits for the disk, or it fails. */
int outbox_do(struct outbox *outbox, enum outbox_sql sql, struct error *err)
    __attribute__((warn_unused_result));
void outbox_rollback(struct outbox *outbox);

/* The rows of a batch in the tables batch, load and run. saved_ms and file as given in it. */
int outbox_insert(struct outbox *outbox, const struct outbox_batch *batch, struct error *err)
    __attribute__((warn_unused_result));

/* Adds n (or takes away) to how often a hash was seen. 0 is no hash. */
int outbox_seen_add(struct outbox *outbox, int64_t hash, int64_t n, struct error *err)
    __attribute__((warn_unused_result));

#endif
