/*
 * A full house: callers wait in the kernel's queue, and while they do, those inside who harm nobody
 * by going make room (daemon/core/crowd.c says who). Likewise with the room for long messages: who
 * holds a part of it and sends next to nothing goes while others wait for it.
 *
 * All of them are looked at once in CROWD_MS at most, and only while somebody waits; those who may
 * go are kept in their order, and looked at again before they go.
 */
#include "common/clock.h"
#include "common/log.h"
#include "daemon/app/server_private.h"
#include "daemon/net/listener.h"
#include <event2/event.h>
#include <stdlib.h>

#define CROWD_MS      250
#define CROWD_PARTING 8u /* told why, and given a moment to hear it; beside the house's number */

struct crowd_entry {
    uint64_t session;
    struct crowd_verdict verdict;
};

/* claims: it holds room that other long messages may wait for. */
static struct crowd_verdict judge(struct client *client, uint64_t now, bool *claims)
{
    struct conn_progress progress;
    conn_progress(client->conn, now, &progress);
    *claims = progress.claims;
    crowd_look(&client->in, progress.in_since_ms, progress.in, now);
    crowd_look(&client->out, progress.out_since_ms, progress.out, now);
    const struct crowd_guest guest = {
        .state = client->state,
        .state_ms = client->state_ms,
        .quiet_ms = progress.quiet_ms,
        .open = client->open,
        .of_name = client->account ? quota_connections(client->account) : 1,
        .waits_ms = progress.waits_ms,
        .held = progress.held,
        .in = client->in,
        .out = client->out,
    };
    return crowd_judge(&guest, now);
}

static int by_verdict(const void *a, const void *b)
{
    const struct crowd_entry *left = a, *right = b;
    return crowd_order(&left->verdict, &right->verdict);
}

static void look(struct server *server, uint64_t now)
{
    struct crowding *crowding = &server->crowding;
    struct client *client, *next;
    bool claims;
    size_t most = HASH_COUNT(server->clients);
    free(crowding->list);
    crowding->list = malloc(most * sizeof *crowding->list); /* NULL: nobody goes this time */
    crowding->count = crowding->at = 0;
    crowding->looked_ms = now;
    HASH_ITER (hh, server->clients, client, next) {
        struct crowd_verdict verdict = judge(client, now, &claims);
        if (crowding->list && verdict.why != CROWD_STAYS)
            crowding->list[crowding->count++] = (struct crowd_entry){client->id, verdict};
    }
    if (crowding->count > 1)
        qsort(crowding->list, crowding->count, sizeof *crowding->list, by_verdict);
}

static struct client *next_out(struct server *server, enum crowd_why *why)
{
    struct crowding *crowding = &server->crowding;
    uint64_t now = clock_monotonic_ms();
    bool claims;
    if (crowding->at == crowding->count && now - crowding->looked_ms >= CROWD_MS)
        look(server, now);
    while (crowding->at < crowding->count) {
        struct client *client = client_find(server, crowding->list[crowding->at++].session);
        *why = client && !client->parting ? judge(client, now, &claims).why : CROWD_STAYS;
        if (*why != CROWD_STAYS)
            return client;
    }
    return NULL;
}

/* It is told where that is possible, and where it needs no place for longer than a moment. */
static void part_with(struct client *client, enum crowd_why why)
{
    struct server *server = client->server;
    bool greeted = client->state != SESSION_OPENING;
    LOG(LOG_WARN, "session.crowded_out", log_u("session", client->id),
        log_s("peer", conn_peer(client->conn)), log_s("role", role_name(client->role)),
        log_s("name", client->name), log_s("reason", crowd_why_text(why)));
    if (greeted && why != CROWD_DEAF && server->crowding.parting < CROWD_PARTING) {
        struct error err;
        (void)error_set(&err, ERROR_OVERLOADED, NULL,
                        "others wait for what this connection holds (%s): connect again",
                        crowd_why_text(why));
        err.retry_after_ms = (uint32_t)server->settings.retry_after;
        client->parting = true;
        server->crowding.parting++;
        client_end(client, 0, &err);
        return;
    }
    if (client->state == SESSION_OPENING || client->state == SESSION_GREETING)
        metric_add(&server->metrics, METRIC_SESSIONS_REFUSED, 1);
    client_drop(&client);
}

static bool is_full(const struct server *server)
{
    return HASH_COUNT(server->clients) - server->crowding.parting >=
           (size_t)server->settings.connections;
}

void crowd_cap(struct server *server)
{
    const struct timeval wait = {0, CROWD_MS * 1000};
    enum crowd_why why;
    if (!server->listener)
        return;
    bool full = is_full(server);
    struct client *out = full && listener_called(server->listener) ? next_out(server, &why) : NULL;
    if (out) {
        part_with(out, why);
        metric_add(&server->metrics, METRIC_LIMIT_CONNECTIONS, 1);
        full = is_full(server);
    }
    metric_add(&server->metrics, METRIC_LIMIT_CONNECTIONS, full && !server->full);
    if (full)
        evtimer_add(server->crowd, &wait);
    server->full = full;
    if (full || !server->settled)
        listener_pause(server->listener);
    else
        listener_resume(server->listener);
}

void crowd_wait(void *arg)
{
    const struct timeval wait = {0, CROWD_MS * 1000};
    struct server *server = arg;
    if (!evtimer_pending(server->crowd, NULL))
        evtimer_add(server->crowd, &wait);
}

static void free_claims(struct server *server)
{
    struct client *client, *next;
    uint64_t now = clock_monotonic_ms();
    bool claims;
    HASH_ITER (hh, server->clients, client, next) {
        enum crowd_why why = judge(client, now, &claims).why;
        if (!claims || client->parting)
            continue;
        if (crowd_behind(&client->in, now)) /* whatever it may have open besides */
            part_with(client, CROWD_SLOW);
        else if (why == CROWD_DEAF)
            part_with(client, CROWD_DEAF);
    }
    if (server->budget.line)
        crowd_wait(server);
}

void crowd_turn(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    (void)fd;
    (void)what;
    if (server->budget.line)
        free_claims(server);
    crowd_cap(server);
}

void crowd_forget(struct server *server)
{
    free(server->crowding.list);
    server->crowding = (struct crowding){0};
}
