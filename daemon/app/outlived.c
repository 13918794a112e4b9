/*
 * Connections must not outlive the right to have them: one whose certificate ends or was revoked
 * while it is open is told so and closed.
 */
#include "common/clock.h"
#include "common/error.h"
#include "daemon/app/server_private.h"
#include <event2/event.h>
#include <openssl/ssl.h>

/* The wall clock may step; the timer does not notice that, so it comes at least this often. */
#define LOOK_MS 60000

static void dismiss(struct client *client, const char *text)
{
    struct error err;
    (void)error_set(&err, ERROR_UNAUTHENTICATED, NULL, "%s", text);
    client_dismiss(client, 0, &err);
}

static void arm(struct server *server, int64_t end_ms, int64_t now_ms)
{
    int64_t wait_ms = end_ms - now_ms;
    if (wait_ms > LOOK_MS)
        wait_ms = LOOK_MS;
    if (wait_ms < 0)
        wait_ms = 0;
    const struct timeval wait = {wait_ms / 1000, (wait_ms % 1000) * 1000};
    server->outlived_ms = end_ms;
    evtimer_add(server->outlived, &wait);
}

void outlived_look(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    struct client *client, *next;
    int64_t now_ms = clock_wall_ms(), first_ms = INT64_MAX;
    (void)fd;
    (void)what;
    server->outlived_ms = 0;
    HASH_ITER (hh, server->clients, client, next) {
        if (!session_is_open(client->state))
            continue;
        int64_t end_ms = conn_identity(client->conn)->not_after_ms;
        if (session_outlived(end_ms, now_ms))
            dismiss(client, MSG_HAS_ENDED);
        else if (end_ms < first_ms)
            first_ms = end_ms;
    }
    if (first_ms < INT64_MAX)
        arm(server, first_ms, now_ms);
}

/* A handshake that began before a reload was judged by the old list of revoked certificates. */
static bool still_good(const struct client *client)
{
    const struct server *server = client->server;
    SSL *ssl = conn_ssl(client->conn);
    return !ssl || SSL_get_SSL_CTX(ssl) == server->tls || tls_still_good(server->tls, ssl);
}

bool outlived_watch(struct client *client)
{
    struct server *server = client->server;
    int64_t end_ms = conn_identity(client->conn)->not_after_ms;
    if (!still_good(client)) {
        dismiss(client, MSG_NO_LONGER);
        return false;
    }
    if (server->outlived_ms == 0 || end_ms < server->outlived_ms)
        arm(server, end_ms, clock_wall_ms());
    return true;
}

void outlived_recheck(struct server *server)
{
    struct client *client, *next;
    HASH_ITER (hh, server->clients, client, next)
        if (session_is_open(client->state) && !still_good(client))
            dismiss(client, MSG_NO_LONGER);
}
