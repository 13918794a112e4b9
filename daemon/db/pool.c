#include "daemon/db/pool.h"

#include <event2/event.h>

static void pool_on_turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct pool *pool = arg;
    bool heard = pool->heard;
    pool->heard = false;
    pool->on_turn(heard, pool->arg);
}

static void pool_on_event(struct link *link, enum link_event event, void *arg)
{
    (void)link;
    struct pool *pool = arg;
    pool->heard |= event == LINK_HEARD;
    pool_wake(pool);
}

int pool_init(struct pool *pool, struct event_base *base, const struct db_settings *settings,
              const struct link_spec *first, const struct link_spec *rest, pool_turn_fn *on_turn,
              void *arg, struct error *err)
{
    *pool = (struct pool){.on_turn = on_turn, .arg = arg};
    if (settings->connections == 0 || settings->connections > POOL_LINKS_MAX)
        return error_set(err, ERROR_USAGE, "connections", "must be 1 to %u", POOL_LINKS_MAX);
    pool->turn = event_new(base, -1, 0, pool_on_turn, pool);
    if (!pool->turn)
        return error_set(err, ERROR_INTERNAL, NULL, "out of memory");
    for (unsigned i = 0; i < settings->connections; i++) {
        pool->link[i] =
            link_new(base, settings, i == 0 ? first : rest, i, pool_on_event, pool, err);
        if (!pool->link[i]) {
            pool_release(pool);
            return -1;
        }
        pool->count++;
    }
    return 0;
}

void pool_release(struct pool *pool)
{
    for (unsigned i = 0; i < pool->count; i++)
        link_free(&pool->link[i]);
    pool->count = 0;
    if (pool->turn)
        event_free(pool->turn);
    pool->turn = NULL;
}

void pool_wake(struct pool *pool)
{
    event_active(pool->turn, EV_TIMEOUT, 0);
}

/* Nothing comes from an old primary any more, as soon as one connection has found the new one. */
static void pool_weed(struct pool *pool)
{
    for (unsigned i = 0; i < pool->count; i++)
        if (link_idle(pool->link[i]) && link_outdated(pool->link[i]))
            link_drop(pool->link[i], "the database has moved to a newer timeline");
}

struct link *pool_take(struct pool *pool)
{
    pool_weed(pool);
    for (unsigned i = 0; i < pool->count; i++)
        if (link_idle(pool->link[i])) {
            link_take(pool->link[i]);
            return pool->link[i];
        }
    return NULL;
}

unsigned pool_idle(struct pool *pool)
{
    pool_weed(pool);
    unsigned idle = 0;
    for (unsigned i = 0; i < pool->count; i++)
        idle += link_idle(pool->link[i]);
    return idle;
}

unsigned pool_connected(const struct pool *pool)
{
    unsigned connected = 0;
    for (unsigned i = 0; i < pool->count; i++)
        connected += link_connected(pool->link[i]);
    return connected;
}

const char *pool_trouble(const struct pool *pool)
{
    return pool_connected(pool) > 0 ? "" : link_trouble(pool->link[0]);
}
