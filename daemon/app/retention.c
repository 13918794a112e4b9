#include "common/clock.h"
#include "common/log.h"
#include "daemon/app/server_private.h"
#include "daemon/db/store.h"
#include <event2/event.h>

#define STEP   10000 /* comments in one transaction */
#define LOOK_S 3600  /* between two rounds over all offices */

/* Steps are taken while nothing is stored; several daemons of a database share the work. */

static void after(struct server *server, int64_t ms)
{
    const struct timeval wait = {ms / 1000, (ms % 1000) * 1000};
    if (!server->stopping)
        evtimer_add(server->retention.timer, &wait);
}

static void end_round(struct server *server, int64_t next_ms)
{
    struct retention *r = &server->retention;
    if (r->comments > 0)
        LOG(LOG_INFO, "retention.end", log_u("comments", r->comments));
    directory_free(&r->directory);
    r->comments = 0;
    after(server, next_ms);
}

static bool idle(const struct server *server)
{
    return !server->groups && server->batcher.queued == 0 && store_connected(server->store) > 0;
}

static void on_step(const struct purged *purged, const struct error *err, void *arg)
{
    struct server *server = arg;
    struct retention *r = &server->retention;
    r->busy = false;
    if (err) {
        LOG(LOG_WARN, "retention.failed", log_s("reason", err->text));
        end_round(server, server->settings.retry_after);
        return;
    }
    r->comments += purged->comments;
    r->last = purged->last;
    if (purged->comments == 0) {
        r->at++;
        r->last = (struct uuid){{0}};
    }
    after(server, 0);
}

/* All that is older than the days kept, counted back from this day in UTC: no comment goes before
 * it is so old, wherever its office is; and none because a clock was set forward. */
static void begin_round(struct server *server)
{
    struct retention *r = &server->retention;
    int64_t now = clock_wall_ms(), steady = server_steady_ms(server);
    civil_day today = civil_day_of_ms(now < steady ? now : steady, ZONE_NONE);
    r->directory = directory_ref(server->directory);
    r->before = civil_add_days(today, -server->settings.retention_comments);
    r->at = 0;
    r->last = (struct uuid){{0}};
}

void retention_look(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    struct retention *r = &server->retention;
    size_t count = 0;
    (void)fd, (void)what;
    if (r->busy || server->stopping)
        return;
    if (server->settings.retention_comments == 0) {
        end_round(server, LOOK_S * 1000);
        return;
    }
    if (!server->directory || !idle(server)) {
        after(server, server->settings.retry_after);
        return;
    }
    if (!r->directory)
        begin_round(server);
    const struct office *const *office = directory_offices(r->directory, &count);
    if (r->at >= count || r->before == 0) {
        end_round(server, LOOK_S * 1000);
        return;
    }
    const struct purge step = {.office_id = office[r->at]->id,
                               .before = r->before,
                               .after = r->last,
                               .most = STEP,
                               .actor = {"suarad:retention", ""}};
    r->busy = true;
    store_purge(server->store, &step, on_step, server);
}
