#include "daemon/db/store.h"

#include "daemon/db/add.h"
#include "daemon/db/erase.h"
#include "daemon/db/pool.h"
#include "daemon/db/put.h"
#include "daemon/db/route.h"

#include <assert.h>

struct store {
    struct pool pool;
    struct put put[POOL_LINKS_MAX]; /* by number of the link */
    struct jobs additions;          /* and what is erased and purged */
    db_changed_fn *changed;
    void *arg;
};

/* Each statement finds its rows by key, whatever the planner believes of a table that grew by a
 * million rows since it was analysed; and a plan made once is as good as one made each time. */
static const struct link_setting store_settings[] = {
    {"plan_cache_mode", "force_generic_plan"},
    {"enable_seqscan", "off"},
    {"enable_hashjoin", "off"},
    {"enable_mergejoin", "off"},
    {"jit", "off"},
    {"synchronous_commit", "on"},
    {NULL, NULL},
};

static const struct link_spec store_spec = {
    .pool = "store", .settings = store_settings, .statements = put_statements};

static void store_on_turn(bool heard, void *arg)
{
    (void)heard;
    struct store *store = arg;
    jobs_turn(&store->additions);
    store->changed(store->arg);
}

struct store *store_new(struct event_base *base, const struct db_settings *settings,
                        db_changed_fn *changed, void *arg, struct error *err)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store) {
        error_set(err, ERROR_INTERNAL, NULL, "out of memory");
        return NULL;
    }
    store->changed = changed;
    store->arg = arg;
    jobs_init(&store->additions, &store->pool, base, settings->statement_ms);
    if (pool_init(&store->pool, base, settings, &store_spec, &store_spec, store_on_turn, store,
                  err))
        store_free(&store);
    return store;
}

void store_free(struct store **slot)
{
    struct store *store = *slot;
    if (!store)
        return;
    *slot = NULL;
    pool_release(&store->pool);
    jobs_release(&store->additions);
    for (unsigned i = 0; i < POOL_LINKS_MAX; i++)
        put_release(&store->put[i]);
    free(store);
}

unsigned store_idle(struct store *store)
{
    return pool_idle(&store->pool);
}

unsigned store_connected(const struct store *store)
{
    return pool_connected(&store->pool);
}

int db_conninfo_check(const char *conninfo, struct error *err)
{
    struct route route;
    if (route_init(&route, conninfo, err))
        return -1;
    route_release(&route);
    return 0;
}

const char *store_trouble(const struct store *store)
{
    return pool_trouble(&store->pool);
}

void store_put(struct store *store, struct group *group, store_done_fn *done, void *arg)
{
    struct link *link = pool_take(&store->pool);
    assert(link);
    put_start(&store->put[link_number(link)], link, group, done, arg);
}

void store_add(struct store *store, const struct addition *addition, store_add_fn *done, void *arg)
{
    add_push(&store->additions, addition, done, arg);
}

void store_note(struct store *store, const struct store_entry *entry, store_add_fn *done, void *arg)
{
    add_push_note(&store->additions, entry, done, arg);
}

void store_use_instrument(struct store *store, int16_t instrument_id, store_add_fn *done, void *arg)
{
    char id[8];
    snprintf(id, sizeof id, "%d", instrument_id);
    add_push_use(&store->additions, id, done, arg);
}

void store_erase(struct store *store, const struct erasure *erasure, store_erase_fn *done,
                 void *arg)
{
    erase_push(&store->additions, erasure, done, arg);
}

void store_purge(struct store *store, const struct purge *purge, store_purge_fn *done, void *arg)
{
    purge_push(&store->additions, purge, done, arg);
}
