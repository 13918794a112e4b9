/*
 * Group commit: what comes in while a group is under way waits here, and becomes the next one, up
 * to a limit, as one transaction (daemon/app/ingest.c says when it goes beside the other). Alone, a
 * submission is stored at once; under load the groups grow by themselves.
 */
#ifndef SUARA_DAEMON_CORE_BATCHER_H
#define SUARA_DAEMON_CORE_BATCHER_H

#include "daemon/core/submission.h"
#include <stdbool.h>

struct batcher {
    struct submission *queue; /* utlist DL, first come first served */
    uint64_t arrivals;
    size_t queued, responses; /* that wait: submissions, and what is in them */
    size_t bytes;             /* what they hold, and groups under way */
    size_t most_bytes;        /* above it, sockets are not read: batcher_full */
    size_t group_responses;   /* a group stops growing here, or at some MiB (one submission may be
                               * larger) */
};

void batcher_init(struct batcher *batcher, size_t group_responses, size_t most_bytes);

/* Takes it over. */
void batcher_add(struct batcher *batcher, struct submission *submission);

/* Back-pressure: stop reading above the limit, go on below half of it. */
bool batcher_full(const struct batcher *batcher);
bool batcher_has_room(const struct batcher *batcher);

/*
 * The next group, or NULL when nothing waits or memory is out. It holds the submissions until
 * group_free or batcher_back. Submissions that were tried before `alone_after` times go alone, so
 * that one that the database refuses can't take others with it.
 */
struct group *batcher_take(struct batcher *batcher, unsigned alone_after);

/* Back to the front of the queue, tries raised: the same keys are run again. Frees the group. */
void batcher_back(struct batcher *batcher, struct group **group);

/* A submission leaves (answered): gives back its share of bytes and frees it. */
void batcher_settle(struct batcher *batcher, struct submission **submission);

/* Frees a group whose submissions were all settled. */
void group_free(struct group **group);

/* Takes a waiting submission out of the queue, to answer it otherwise (database away, stop): this
 * one, or the first (NULL: none waits). batcher_settle is still to come. */
void batcher_remove(struct batcher *batcher, struct submission *submission);
struct submission *batcher_pop(struct batcher *batcher);

#endif
