/*
 * A store in a loop, for the tests of it: opened before each test, with empty tables.
 */
#ifndef SUARA_TESTS_DAEMON_DB_STORING_H
#define SUARA_TESTS_DAEMON_DB_STORING_H

#include "tests/daemon/db/groups.h"

struct told {
    struct event_base *base;
    struct store *store;
    unsigned changes;
    unsigned connections;   /* asked for */
    bool done, idle, whole; /* idle: one is ready; whole: all are */
    enum db_outcome outcome;
    struct error err;
};

static struct told told;

static inline void on_changed(void *arg)
{
    (void)arg;
    told.changes++;
    told.idle = told.store && store_idle(told.store) > 0;
    told.whole = told.store && store_idle(told.store) == told.connections;
}

static inline void on_done(struct group *group, enum db_outcome outcome, const struct error *err,
                           void *arg)
{
    (void)group, (void)arg;
    told.outcome = outcome;
    told.err = err ? *err : (struct error){0};
    told.done = true;
}

static inline void on_added(enum db_outcome outcome, const struct error *err, void *arg)
{
    on_done(NULL, outcome, err, arg);
}

static inline void open_store(unsigned connections, uint32_t statement_ms, const char *database)
{
    struct error err = {0};
    const struct db_settings settings = {.conninfo = conninfo("suara_ingest", database),
                                         .connections = connections,
                                         .connect_ms = 5000,
                                         .statement_ms = statement_ms};
    told = (struct told){.base = event_base_new(), .connections = connections};
    told.store = store_new(told.base, &settings, on_changed, NULL, &err);
    assert_non_null(told.store);
}

static inline int set_up(void **state)
{
    (void)state;
    super_connect();
    sql("TRUNCATE suara.response, suara.comment, suara.batch, suara.erased, suara.stale");
    open_store(2, 5000, "suara");
    loop_until(told.base, &told.whole, NULL);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    store_free(&told.store);
    store_free(&told.store);
    event_base_free(told.base);
    return 0;
}

/* Begins and does not wait. */
static inline void begin_put(struct group *group)
{
    told.idle = store_idle(told.store) > 0;
    loop_until(told.base, &told.idle, NULL);
    told.done = false;
    store_put(told.store, group, on_done, NULL);
}

static inline enum db_outcome put(struct group *group)
{
    begin_put(group);
    loop_until(told.base, &told.done, NULL);
    return told.outcome;
}

/* What the daemon does: the same again until it is known. */
static inline void put_at_last(struct group *group)
{
    enum db_outcome outcome = DB_AGAIN;
    for (unsigned tries = 0; outcome == DB_AGAIN && tries < 20; tries++)
        outcome = put(group);
    if (outcome != DB_DONE)
        fail_msg("%s", told.err.text);
}

#endif
