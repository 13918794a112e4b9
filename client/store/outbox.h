/*
 * The outbox: a durable queue in SQLite (WAL, synchronous=FULL). A batch is waiting until the
 * daemon has given a receipt for it; then its payload goes and its figures stay. What the daemon
 * refused waits in `rejected` until a person corrects, retries or drops it. Nothing else ever
 * removes anything.
 */
#ifndef SUARA_CLIENT_STORE_OUTBOX_H
#define SUARA_CLIENT_STORE_OUTBOX_H

#include "common/uuid.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct outbox;

/* Makes it when missing. Errors say what is wrong with the disk or the file and what to do. */
struct outbox *outbox_open(const char *path, struct error *err);
void outbox_close(struct outbox **outbox);

/*
 * Opens it only to look: nothing is made or written (but what somebody left half made is undone),
 * so it works on a disk that is read-only. 1, 0 (there is none yet: *out is NULL), -1.
 */
int outbox_peek(const char *path, struct outbox **out, struct error *err)
    __attribute__((warn_unused_result));

/* ---- saving a file: all of it, or nothing -------------------------------------------------- */

struct outbox_file {
    const char *path;    /* as given, made absolute: the rejected file goes beside it */
    uint8_t digest[32];  /* SHA-256 of its bytes */
    uint8_t options[32]; /* SHA-256 of what was filled in (service, time, map ..) */
};

struct outbox_batch {
    int64_t seq;         /* order of saving; given by the outbox */
    struct uuid id;      /* of the batch */
    uint32_t count;      /* responses */
    const void *payload; /* as client/core/kept.h has it */
    size_t size;
    const uint32_t *lines; /* `count` lines of the file, in the order of the batch */
    const int64_t *hashes; /* `count` content hashes of the rows, for outbox_look; 0: none of
                              this row; NULL: none at all */
    const int64_t *names;  /* OUTBOX_NAMES for each row, 0 where it is not named; NULL: none is;
                              not without hashes */
    int64_t file;          /* given by the outbox */
    int64_t saved_ms;      /* wall clock */
};

int outbox_save_begin(struct outbox *outbox, const struct outbox_file *file, int64_t now_ms,
                      struct error *err) __attribute__((warn_unused_result));
int outbox_save_batch(struct outbox *outbox, const struct outbox_batch *batch, struct error *err)
    __attribute__((warn_unused_result));

/* 0 only when everything since begin is on disk. -1: nothing of it was saved. */
int outbox_save_commit(struct outbox *outbox, struct error *err)
    __attribute__((warn_unused_result));
void outbox_save_rollback(struct outbox *outbox);

/* Of a row: the value of its id column; value and time; content and column. */
#define OUTBOX_NAMES 3u

enum outbox_seen {
    OUTBOX_NEW,
    OUTBOX_REPEAT, /* an earlier file may have held it: a person must say */
    OUTBOX_SAME,   /* by value and time the very same, which is stored once whatever is sent */
};

/*
 * Between begin and commit: did an earlier file hold this row? The k-th row of this file with a
 * hash repeats when earlier files hold at least k of it. A row that is named (names not NULL, and
 * the first not 0) repeats when its value is known with another time; or when its value is not
 * known, but its content is, of rows that were not named, or by another column (third name 0: not
 * looked at). Memory stays bounded whatever the size of the files.
 */
int outbox_look(struct outbox *outbox, int64_t hash, const int64_t *names, enum outbox_seen *seen,
                struct error *err) __attribute__((warn_unused_result));

/* Likewise: this row stands for a rejected response of that id, which is forgotten if there is one.
 */
int outbox_supersede(struct outbox *outbox, const struct uuid *id, bool *found, struct error *err)
    __attribute__((warn_unused_result));

/* Was this very file saved before, with the same options or (same: false) with others? 1 (and when,
 * wall ms), 0, -1. Between begin and commit nobody else can save it in the meantime. */
int outbox_file_known(struct outbox *outbox, const struct outbox_file *file, bool same,
                      int64_t *when_ms, struct error *err) __attribute__((warn_unused_result));

/* ---- sending -------------------------------------------------------------------------------- */

/* One sender at a time (flock on a file beside the outbox): 1 mine, 0 another process has it, -1.
 */
int outbox_lock(struct outbox *outbox, struct error *err) __attribute__((warn_unused_result));
void outbox_unlock(struct outbox *outbox);

/* Gives the disk space of what was sent back; a failure only means that it is not given back now.
 */
void outbox_tidy(struct outbox *outbox);

/* The first waiting batch after `after` (0: from the start): 1, 0 none, -1. The pointers in *out
 * live until the next call on this outbox. */
int outbox_next(struct outbox *outbox, int64_t after, struct outbox_batch *out, struct error *err)
    __attribute__((warn_unused_result));

/* Path of the file of a batch, as saved; NULL when there is none. Lives as outbox_next's. */
const char *outbox_file_path(struct outbox *outbox, int64_t file);

/* A waiting batch that is refused whole goes on as two: its first responses, and the rest. */
struct outbox_part {
    struct uuid id;
    uint32_t count;
    const void *payload;
    size_t size;
};
int outbox_split(struct outbox *outbox, int64_t seq, const struct outbox_part part[2],
                 struct error *err) __attribute__((warn_unused_result));

struct outbox_refused {
    uint32_t index;     /* in the batch */
    struct uuid id;     /* of the response */
    const char *status; /* "INVALID" "CONFLICT" "PERMISSION_DENIED" */
    const char *field, *reason;
    const void *payload; /* a SubmitBatch packed with this one response, to be sent again */
    size_t size;
    int64_t hash; /* its content is forgotten for outbox_look */
};

struct outbox_receipt {
    int64_t seq;
    uint32_t stored, duplicates;
    uint32_t erased; /* refused for ever: counted as such, and not kept */
    const struct outbox_refused *refused;
    size_t refused_count;
    int64_t now_ms;
};

/*
 * Takes a receipt into account, in one transaction. A batch that is no longer waiting: nothing.
 * This one commit does not wait for the disk: after a power cut the batch waits again, is sent
 * again, and gets the same verdicts.
 */
int outbox_settle(struct outbox *outbox, const struct outbox_receipt *receipt, struct error *err)
    __attribute__((warn_unused_result));

/* Notes that a batch could not be sent, for `outbox list`: the sentence of the last error. */
int outbox_note(struct outbox *outbox, int64_t seq, const char *text, int64_t now_ms,
                struct error *err) __attribute__((warn_unused_result));

/* ---- looking and mending -------------------------------------------------------------------- */

struct outbox_counts {
    uint64_t waiting_batches, waiting, rejected; /* responses, but the first */
    uint64_t sent, duplicates;                   /* ever */
    int64_t oldest_ms, last_receipt_ms;          /* 0: none */
};
int outbox_counts(struct outbox *outbox, struct outbox_counts *out, struct error *err)
    __attribute__((warn_unused_result));

enum outbox_state { OUTBOX_WAITING, OUTBOX_SENT, OUTBOX_REJECTED };

struct outbox_item { /* a waiting or sent batch, or one rejected response */
    int64_t seq;     /* names it in show, retry, drop; rejected ones have their own */
    enum outbox_state state;
    struct uuid id; /* of the batch, or of the response */
    uint32_t count, line;
    const char *file, *status, *field, *reason, *note;
    int64_t saved_ms, settled_ms;
    uint32_t stored, duplicates, refused;
    const void *payload; /* waiting and rejected */
    size_t size;
};

typedef int outbox_item_fn(const struct outbox_item *item, void *arg); /* not 0: stop */
int outbox_each(struct outbox *outbox, enum outbox_state state, outbox_item_fn *fn, void *arg,
                struct error *err) __attribute__((warn_unused_result));

/* Rejected responses back to waiting: one as it is, or all of them (seq 0), those of a file packed
 * together again. How many, or -1. */
int64_t outbox_retry(struct outbox *outbox, int64_t seq, int64_t now_ms, struct error *err)
    __attribute__((warn_unused_result));

/* Forgets a rejected response (seq 0: all). Waiting ones can't be dropped. How many, or -1. */
int64_t outbox_drop(struct outbox *outbox, int64_t seq, struct error *err)
    __attribute__((warn_unused_result));

#endif
