/*
 * The transaction of one group on one link, from BEGIN to a proved COMMIT. Its steps:
 *
 *   insert   BEGIN; LOCK; INSERT .. ON CONFLICT DO NOTHING RETURNING the keys that are new
 *   lookup   only when some are not: what holds them, with which hash, or are they erased
 *   record   comments of new rows, batches, marks, instruments used for the first time; COMMIT
 *
 * For a group that was never tried all keys are likely to be new. Then a small one is
 *
 *   swift    BEGIN; LOCK; INSERT of all or none; what record does: in one pipeline
 *
 * and a large one, for which COPY is cheaper,
 *
 *   probe    BEGIN; LOCK; is anything erased near these keys? then insert after all
 *   copy     COPY, then record
 *
 * and where a key is held after all, ROLLBACK and insert follow. Each such is an error in the log
 * of PostgreSQL, and work done twice: the more of them in a row, the more groups go by insert at
 * once.
 *
 * A step ends in exactly one of: the next step, put_fail, put_end.
 */
#ifndef SUARA_DAEMON_DB_PUT_H
#define SUARA_DAEMON_DB_PUT_H

#include "common/buf.h"
#include "daemon/core/submission.h"
#include "daemon/db/encode.h"
#include "daemon/db/link.h"

/* A row whose key was not inserted, and what is there instead. */
struct put_missing {
    struct row *row;
    int64_t hash; /* of what is stored, where the row is a conflict */
};

struct put {
    struct link *link;
    struct group *group; /* NULL: not at work */
    store_done_fn *done;
    void *arg;
    bool begun, committed, erased_near;
    unsigned wary;    /* groups that are not taken to be new, and .. */
    unsigned caution; /* .. how many the next that is not makes so: it doubles, until one is new */
    const char *odd;  /* what went wrong with a result; NULL: nothing */
    int64_t received; /* the database's now(), for COPY */
    struct put_missing *missing;
    size_t missing_count, missing_cap;
    struct buf rows, comments, batches, marks, uses;
    struct params params, comment_params, batch_params, mark_params, use_params;
    struct error err;
};

/* Prepared on each connection of a store. */
extern const struct link_statement put_statements[];

void put_start(struct put *put, struct link *link, struct group *group, store_done_fn *done,
               void *arg);
void put_release(struct put *put); /* frees what it keeps between groups */

/* ---- steps, and what they share ---- */

void put_swift(struct put *put);
void put_probe(struct put *put);
void put_insert(struct put *put);
void put_record(struct put *put);

void put_set_all(struct group *group, enum row_status status);
void put_judge(struct put *put); /* statuses of rows known: those of `again` */

/* The queries from comments to COMMIT, at most PUT_RECORDS; 0 without memory. Statuses are known.
 */
#define PUT_RECORDS 5u
size_t put_records(struct put *put, struct link_query *query);
/* For a pipeline of records: notes what the last result, that of COMMIT, proves; and its end. */
link_result_fn put_on_record;
link_done_fn put_recorded;

/* True when the statement failed because not every row is new: ROLLBACK and insert follow, or,
 * where the connection was lost with it, the end. */
bool put_not_all_new(struct put *put, const struct link_answer *answer);

/* A statement failed, or put->odd is set: ends, and what was begun is rolled back. */
void put_fail(struct put *put, const struct link_answer *answer);
/* The same for a reason found before anything was sent: ends on a later turn. */
void put_give_up(struct put *put, const char *why);
/* ROLLBACK, then `next`, which is told whether it worked. */
void put_rollback(struct put *put, link_done_fn *next);
/* Fills put->err for an outcome of DB_AGAIN that no error of the database stands for. */
void put_doubt(struct put *put, const char *why);
/* Gives the link back and tells the owner; touch nothing of the put after it. */
void put_end(struct put *put, enum db_outcome outcome);

/*
 * Puts BEGIN and the lock before the first queries, unless the transaction is open; the number of
 * queries put, at most PUT_BEGIN. The lock (the one that storing takes anyway) is there before
 * anybody looks for what was erased: suara.erase() waits until it is gone, so that nothing is
 * erased between the look and the COMMIT.
 */
#define PUT_BEGIN 2u
size_t put_begin(struct put *put, struct link_query *query);
struct link_query put_execute(const char *name, const struct params *params);

#endif
