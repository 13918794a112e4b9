#include "client/net/uplink.h"
#include "client/net/uplink_private.h"
#include "common/clock.h"
#include "common/frame.h"
#include "common/net/address.h"
#include "common/squeeze.h"
#include "common/wire.h"
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

/* Until the daemon has said how much it takes. Replies are not larger than it says either, but it
 * may be set higher than the default. */
#define FRAME_IN_MAX (16u * 1024u * 1024u)
#define STOP_MS      100

/* An error of the line for a person: the kind is of no use to them. */
static void tell(struct error *err, const struct error *cause)
{
    error_set(err, cause->code, NULL, "%s", cause->text);
    if (err)
        err->retry_after_ms = cause->retry_after_ms;
}

/* The first cause stays; every open request gets it, from uplink_run. */
void uplink_break(struct uplink *uplink, const struct error *cause)
{
    if (!uplink->broken) {
        tell(&uplink->error, cause);
        uplink->broken = true;
    }
    event_base_loopbreak(uplink->base);
}

void uplink_break_unread(struct uplink *uplink, const struct error *cause)
{
    struct error err = *cause;
    if (cause->code == ERROR_INVALID || cause->code == ERROR_TOO_LARGE)
        error_set(&err, ERROR_UNAVAILABLE, NULL,
                  "the answer of %s can't be read (%s): does something on the way change it? "
                  "Nothing is lost; if this lasts, tell the administrator",
                  uplink->server, cause->text);
    uplink_break(uplink, &err);
}

static void on_conn(struct conn *conn, enum conn_event event, const uint8_t *data, size_t size,
                    void *arg)
{
    struct uplink *uplink = arg;
    switch (event) {
    case CONN_OPEN:
        uplink_greet(uplink);
        break;
    case CONN_FRAME:
        uplink_take(uplink, data, size);
        break;
    case CONN_FAULT:
    case CONN_CLOSED:
        uplink_break_unread(uplink, conn_error(conn));
        break;
    case CONN_ROOM:
    case CONN_AGED:
        break;
    }
}

static void on_silence(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct uplink *uplink = arg;
    struct error err;
    uint32_t limit = uplink->welcome ? uplink->reply_ms : uplink->connect_ms;
    if (limit == 0 || (uplink->welcome && !uplink->requests))
        return;
    uint64_t silent = clock_monotonic_ms() - uplink->heard_ms;
    if (silent < limit) {
        uplink_listen(uplink, (uint32_t)(limit - silent));
        return;
    }
    error_set(&err, ERROR_UNAVAILABLE, NULL, "%s did not answer for %u s: try again later",
              uplink->server, (limit + 999) / 1000);
    uplink_break(uplink, &err);
}

static void on_stop_time(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct uplink *uplink = arg;
    struct error err;
    if (!uplink->stopped())
        return;
    error_set(&err, ERROR_UNAVAILABLE, NULL, "stopped");
    uplink_break(uplink, &err);
}

static bool watch_stop(struct uplink *uplink, bool (*stopped)(void))
{
    const struct timeval often = {.tv_usec = STOP_MS * 1000};
    uplink->stopped = stopped;
    if (!stopped)
        return true;
    uplink->stop = event_new(uplink->base, -1, EV_PERSIST, on_stop_time, uplink);
    return uplink->stop && event_add(uplink->stop, &often) == 0;
}

void uplink_listen(struct uplink *uplink, uint32_t ms)
{
    const struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    if (ms > 0)
        event_add(uplink->silence, &wait);
}

/* One turn of the loop. Without any event left it would spin for ever. */
void uplink_turn(struct uplink *uplink)
{
    struct error err;
    if (event_base_loop(uplink->base, EVLOOP_ONCE) == 0)
        return;
    error_set(&err, ERROR_INTERNAL, NULL, "the event loop has stopped");
    uplink_break(uplink, &err);
}

static int dial(struct uplink *uplink, const struct uplink_settings *settings, struct error *err)
{
    char host[ADDRESS_HOST];
    uint16_t port;
    struct error why;
    const struct tls_files files = {
        .certificate = settings->certificate, .key = settings->key, .ca = settings->ca};
    const struct conn_limits limits = {.max_frame = FRAME_IN_MAX,
                                       .connect_ms = settings->connect_ms,
                                       .user_timeout_ms = settings->reply_ms};
    if (address_split(settings->server, host, &port, err))
        return -1;
    SSL_CTX *context = tls_client_context(&files, &why);
    if (context)
        uplink->conn =
            conn_connect(uplink->base, context, host, port, &limits, on_conn, uplink, &why);
    SSL_CTX_free(context); /* lives on in its connection */
    if (!uplink->conn && why.code == ERROR_USAGE)
        error_set(err, ERROR_USAGE, NULL,
                  "%s; mend that, or enrol again with a bundle and --replace", why.text);
    else if (!uplink->conn)
        tell(err, &why);
    return uplink->conn ? 0 : -1;
}

struct uplink *uplink_open(const struct uplink_settings *settings, struct error *err)
{
    struct uplink *uplink = calloc(1, sizeof *uplink);
    if (uplink) {
        uplink->base = event_base_new();
        uplink->server = strdup(settings->server);
        uplink->squeeze = squeeze_new();
        uplink->connect_ms = settings->connect_ms;
        uplink->reply_ms = settings->reply_ms;
        arena_init(&uplink->greeting, wire_arena_cap(FRAME_MAX_DEFAULT));
    }
    if (!uplink || !uplink->base || !uplink->server || !uplink->squeeze ||
        !(uplink->silence = event_new(uplink->base, -1, 0, on_silence, uplink)) ||
        !watch_stop(uplink, settings->stopped)) {
        error_set(err, ERROR_OVERLOADED, NULL, "no memory for a connection");
        uplink_close(&uplink);
        return NULL;
    }
    if (dial(uplink, settings, err)) {
        uplink_close(&uplink);
        return NULL;
    }
    uplink->heard_ms = clock_monotonic_ms();
    while (!uplink->broken && !uplink->welcome)
        uplink_turn(uplink);
    if (!uplink->welcome) {
        tell(err, &uplink->error);
        uplink_close(&uplink);
    }
    return uplink;
}

void uplink_close(struct uplink **uplink_p)
{
    struct uplink *uplink = *uplink_p;
    *uplink_p = NULL;
    if (!uplink)
        return;
    uplink_forget(uplink);
    conn_free(&uplink->conn);
    if (uplink->silence)
        event_free(uplink->silence);
    if (uplink->stop)
        event_free(uplink->stop);
    if (uplink->base) {
        /* What libevent frees later is freed now (a look-up that was cancelled). */
        event_base_loop(uplink->base, EVLOOP_NONBLOCK);
        event_base_free(uplink->base);
    }
    arena_release(&uplink->greeting);
    buf_release(&uplink->out);
    buf_release(&uplink->squeezed);
    squeeze_free(&uplink->squeeze);
    free(uplink->server);
    free(uplink);
}

const Suara__V1__Welcome *uplink_welcome(const struct uplink *uplink)
{
    return uplink->welcome;
}

int64_t uplink_server_ends_ms(const struct uplink *uplink)
{
    return conn_identity(uplink->conn)->not_after_ms;
}
