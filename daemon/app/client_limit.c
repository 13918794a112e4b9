#include "common/clock.h"
#include "common/log.h"
#include "daemon/app/server_private.h"
#include <event2/event.h>
#include <utlist.h>

/* What one principal takes up, and which limit a connection ended by. */

static void set_timer(struct server *server, uint64_t wait_us)
{
    const struct timeval wait = {(time_t)(wait_us / 1000000), (suseconds_t)(wait_us % 1000000)};
    evtimer_add(server->rate, &wait);
}

bool client_join(struct client *client, struct error *err)
{
    struct server *server = client->server;
    unsigned most = (unsigned)server->settings.principal_connections;
    enum quota_join joined = quota_join(&server->quota, client->role, client->name, most,
                                        clock_monotonic_us(), &client->account);
    if (joined == QUOTA_JOINED) {
        conn_set_share(client->conn, quota_share(client->account));
        return true;
    }
    if (joined == QUOTA_NO_MEMORY) {
        (void)error_set(err, ERROR_OVERLOADED, NULL, "no memory: try again later");
    } else {
        metric_add(&server->metrics, METRIC_LIMIT_PRINCIPAL_CONNECTIONS, 1);
        (void)error_set(
            err, ERROR_OVERLOADED, NULL,
            "%s:%s has %u connections open already, and no more are allowed: close some",
            role_name(client->role), client->name, most);
    }
    err->retry_after_ms = (uint32_t)server->settings.retry_after;
    return false;
}

/* Its next request is read when it is due: nothing is refused, the line fills up. */
void client_spend(struct client *client)
{
    struct server *server = client->server;
    uint64_t now = clock_monotonic_us();
    unsigned most = (unsigned)server->settings.principal_requests;
    uint64_t wait = client->account ? quota_spend(client->account, most, now) : 0;
    if (wait == 0 || (client->holds & HOLD_RATE))
        return;
    metric_add(&server->metrics, METRIC_LIMIT_PRINCIPAL_REQUESTS, 1);
    client->slowed_us = now + wait;
    client_hold(client, HOLD_RATE, true);
    if (!server->slowed)
        set_timer(server, wait);
    DL_APPEND(server->slowed, client);
}

void client_rate(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    struct client *client, *next;
    uint64_t now = clock_monotonic_us(), soonest = 0;
    (void)fd;
    (void)what;
    DL_FOREACH_SAFE (server->slowed, client, next) {
        if (client->slowed_us <= now) {
            DL_DELETE(server->slowed, client);
            client_hold(client, HOLD_RATE, false);
        } else if (soonest == 0 || client->slowed_us < soonest) {
            soonest = client->slowed_us;
        }
    }
    if (soonest)
        set_timer(server, soonest - now);
}

void client_part(struct client *client)
{
    struct server *server = client->server;
    if (client->holds & HOLD_RATE)
        DL_DELETE(server->slowed, client);
    quota_leave(&server->quota, &client->account, clock_monotonic_us());
}

void client_count_limit(const struct client *client)
{
    static const struct {
        enum conn_limit limit;
        enum metric metric;
    } table[] = {
        {CONN_LIMIT_CONNECT, METRIC_LIMIT_HANDSHAKE},   {CONN_LIMIT_FIRST, METRIC_LIMIT_HELLO},
        {CONN_LIMIT_FRAME, METRIC_LIMIT_FRAME},         {CONN_LIMIT_IDLE, METRIC_LIMIT_IDLE},
        {CONN_LIMIT_MAX_FRAME, METRIC_LIMIT_MAX_FRAME},
    };
    enum conn_limit limit = conn_limit(client->conn);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].limit == limit)
            metric_add(&client->server->metrics, table[i].metric, 1);
}
