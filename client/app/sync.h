/*
 * From the outbox to the daemon: batches in order, several on their way at a time, each settled by
 * its receipt. Safe to run at any moment, any number of times.
 */
#ifndef SUARA_CLIENT_APP_SYNC_H
#define SUARA_CLIENT_APP_SYNC_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct outbox;
struct profile;

struct sync_options {
    unsigned window;      /* batches on their way; 0: the default */
    uint32_t patience_ms; /* keep trying an unreachable or busy daemon this long; 0: one try */
    void (*progress)(uint64_t done, uint64_t waiting, void *arg); /* responses; NULL: none */
    void *arg;
    bool (*stopped)(void); /* true: end soon, as if the line had broken; NULL: never */
};

/* Of the responses that the daemon refused in this run; they are in the outbox too. */
struct sync_refused {
    char first[320]; /* "line 2, service is not known: NOPE"; "" when none was refused */
    char *file;      /* malloc'd: FILE.rejected.csv of the first; NULL: none could be written */
    unsigned files;  /* how many such files were written to */
    char *fault;     /* malloc'd: why (one of) them could not be written; NULL: all could */
};

struct sync_result {
    uint64_t stored, duplicates, rejected; /* responses, in this run */
    uint64_t erased;   /* not taken, because they were erased on request: nothing of them is kept */
    uint64_t waiting;  /* responses left in the outbox */
    bool busy;         /* another process was sending already: nothing done */
    int64_t daemon_ms; /* the daemon's clock minus ours, when it was reached */
    struct sync_refused refused;
};

/*
 * 0: the outbox holds nothing waiting (or `busy`). -1: something still waits, and *err says why
 * (ERROR_UNAVAILABLE: not reached, OVERLOADED; PERMISSION_DENIED and others: for a person to mend;
 * ERROR_IO). *out is right either way. Rejected responses are in the outbox, and in
 * FILE.rejected.csv beside their file where that can be written.
 */
int sync_run(struct profile *profile, struct outbox *outbox, const struct sync_options *options,
             struct sync_result *out, struct error *err) __attribute__((warn_unused_result));
void sync_result_release(struct sync_result *result);

#endif
