#include "common/log.h"
#include "common/wire.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/db/reader.h"
#include "daemon/db/store.h"
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#define HELD_MOST 1000u /* ids in a Held: it waits in line in memory, and many may */

/* ---- the small tables ----------------------------------------------------------------------- */

static void after(struct event *timer, int64_t ms)
{
    struct timeval wait = {ms / 1000, (ms % 1000) * 1000};
    evtimer_add(timer, &wait);
}

static void on_directory(struct directory *directory, const struct error *err, void *arg)
{
    struct server *server = arg;
    server->directory_loading = false;
    if (directory) {
        bool first = !server->directory;
        directory_free(&server->directory);
        server->directory = directory;
        server->directory_trouble[0] = '\0';
        LOG(first ? LOG_INFO : LOG_DEBUG, "directory.loaded", log_s("version", SUARA_VERSION));
        admin_tables_loaded(server);
        lifecycle_settle(server);
    } else {
        LOG(LOG_ERROR, "directory.failed", log_s("reason", err->text));
        (void)snprintf(server->directory_trouble, sizeof server->directory_trouble, "%.255s",
                       err->text);
        /* Another schema than ours: a person must choose, and a restart would change nothing. */
        if (!server->directory && strcmp(err->field, "schema") == 0)
            lifecycle_refuse(server);
        after(server->reload_tables, server->settings.retry_after);
        admin_tables_loaded(server); /* what was added is stored all the same */
    }
    if (server->directory_again) {
        server->directory_again = false;
        query_load_directory(server);
    }
}

bool query_tables_owed(const struct server *server)
{
    return server->directory_loading || server->directory_trouble[0];
}

void query_load_again(evutil_socket_t fd, short what, void *server)
{
    (void)fd;
    (void)what;
    query_load_directory(server);
}

void query_load_directory(struct server *server)
{
    if (server->directory_loading) {
        server->directory_again = true;
        return;
    }
    server->directory_loading = true;
    reader_directory(server->reader, on_directory, server);
}

void query_changed(void *arg)
{
    struct server *server = arg;
    unsigned connected = reader_connected(server->reader);
    bool was = server->reader_up;
    server->reader_up = connected > 0;
    if (connected && !was)
        LOG(LOG_INFO, "database.up", log_s("pool", "report"));
    if (!connected && was)
        LOG(LOG_WARN, "database.away", log_s("pool", "report"),
            log_s("reason", reader_trouble(server->reader)));
}

void query_tables_changed(void *arg)
{
    query_load_directory(arg);
    query_refresh_soon(arg);
}

/* ---- refresh while idle --------------------------------------------------------------------- */

static bool idle(const struct server *server)
{
    return !server->groups && server->batcher.queued == 0 && !server->stopping;
}

static void on_refresh(int left, const struct error *err, void *arg)
{
    struct server *server = arg;
    uint64_t before = server->metrics.value[METRIC_STALE];
    server->refreshing = false;
    if (left < 0) {
        LOG(LOG_WARN, "refresh.failed", log_s("reason", err->text));
        if (!server->stopping)
            after(server->refresh, server->settings.retry_after);
        return;
    }
    metric_add(&server->metrics, METRIC_REFRESHES, 1);
    metric_set(&server->metrics, METRIC_STALE, (uint64_t)left);
    if (left > 0 && (uint64_t)left < before && idle(server)) /* on, while it gets less */
        query_refresh(-1, 0, server);
    else if (left > 0)
        query_refresh_soon(server);
}

void query_refresh(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    (void)fd;
    (void)what;
    if (server->refreshing || reader_connected(server->reader) == 0)
        return;
    if (!idle(server)) {
        query_refresh_soon(server);
        return;
    }
    server->refreshing = true;
    reader_refresh(server->reader, on_refresh, server);
}

void query_refresh_soon(struct server *server)
{
    if (!server->stopping)
        after(server->refresh, server->settings.refresh_after);
}

/* ---- requests ------------------------------------------------------------------------------- */

static void on_held(const uint32_t *index, size_t count, const struct error *failed, void *arg)
{
    struct question *q = arg;
    struct buf frame = {0};
    struct error err;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__HeldReply body = SUARA__V1__HELD_REPLY__INIT;
    uint32_t *copy = calloc(count + 1, sizeof *copy);
    if (failed || !copy) {
        (void)error_set(&err, ERROR_OVERLOADED, NULL, "no memory: ask again later");
        question_fail(&q, failed ? failed : &err);
        free(copy);
        return;
    }
    if (count)
        memcpy(copy, index, count * sizeof *copy);
    body.index = copy;
    body.n_index = count;
    reply.id = q->request;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_HELD;
    reply.held = &body;
    if (wire_pack(&frame, &reply.base, q->server->limits.max_frame, &err) != 0)
        question_fail(&q, &err);
    else
        question_answer(&q, &frame);
    buf_release(&frame);
    free(copy);
}

void query_held(struct client *client, const struct principal *principal,
                const Suara__V1__Request *request)
{
    struct error err;
    size_t size = request->held->ids.len, count = size / sizeof(struct uuid);
    if (size == 0 || size % sizeof(struct uuid)) {
        (void)error_set(&err, ERROR_INVALID, "ids", "ids are 16 bytes each, one behind the other");
        client_answer_error(client, request->id, &err);
        return;
    }
    if (count > HELD_MOST) {
        (void)error_set(&err, ERROR_TOO_LARGE, "ids", "at most %u ids are asked for at a time",
                        HELD_MOST);
        client_answer_error(client, request->id, &err);
        return;
    }
    struct uuid *ids = calloc(count, sizeof *ids);
    struct question *q = ids ? question_new(client, request->id, 0, NULL) : NULL;
    if (!ids) {
        (void)error_set(&err, ERROR_OVERLOADED, NULL, "no memory: ask again later");
        client_answer_error(client, request->id, &err);
    }
    if (!q) {
        free(ids);
        return;
    }
    memcpy(ids, request->held->ids.data, size);
    reader_held(client->server->reader, principal->office->id, ids, count, on_held, q);
    free(ids);
}
