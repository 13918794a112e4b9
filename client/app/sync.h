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
};

struct sync_result {
    uint64_t stored, duplicates, rejected; /* responses, in this run */
    uint64_t waiting;                      /* responses left in the outbox */
    bool busy;                             /* another process was sending already: nothing done */
    int64_t daemon_ms;                     /* the daemon's clock minus ours, when it was reached */
};

/*
 * 0: the outbox holds nothing waiting (or `busy`). -1: something still waits, and *err says why
 * (ERROR_UNAVAILABLE: not reached, OVERLOADED; PERMISSION_DENIED and others: for a person to mend;
 * ERROR_IO). *out is right either way. Rejected responses are in the outbox, and in
 * FILE.rejected.csv beside their file where that can be written.
 */
int sync_run(struct profile *profile, struct outbox *outbox, const struct sync_options *options,
             struct sync_result *out, struct error *err) __attribute__((warn_unused_result));

#endif
