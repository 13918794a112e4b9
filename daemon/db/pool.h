/*
 * The links of a store or reader: all alike, each with its place, and one call on the next loop
 * turn when something about them changed.
 */
#ifndef SUARA_DAEMON_DB_POOL_H
#define SUARA_DAEMON_DB_POOL_H

#include "daemon/db/link.h"

#define POOL_LINKS_MAX 64u

struct event;

/* On a loop turn of its own; heard: a notification came (or may have been missed). */
typedef void pool_turn_fn(bool heard, void *arg);

struct pool {
    struct link *link[POOL_LINKS_MAX];
    unsigned count;
    struct event *turn;
    bool heard;
    pool_turn_fn *on_turn;
    void *arg;
};

/* Only the first link gets `first`, which may have a channel; the others get `rest`. The pool must
 * not move afterwards. */
int pool_init(struct pool *pool, struct event_base *base, const struct db_settings *settings,
              const struct link_spec *first, const struct link_spec *rest, pool_turn_fn *on_turn,
              void *arg, struct error *err);
void pool_release(struct pool *pool);

void pool_wake(struct pool *pool);         /* have on_turn called soon */
struct link *pool_take(struct pool *pool); /* a link that was idle, now busy; or NULL */
unsigned pool_idle(struct pool *pool);
unsigned pool_connected(const struct pool *pool);
const char *pool_trouble(const struct pool *pool); /* "" while any is connected */

#endif
