#include "common/net/conn.h"
#include "common/buf.h"
#include "common/log.h"
#include "common/net/conn_private.h"
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *state_name(enum conn_state state)
{
    switch (state) {
    case CONN_STATE_RESOLVE:
        return "resolve";
    case CONN_STATE_DIAL:
        return "dial";
    case CONN_STATE_SHAKE:
        return "shake";
    case CONN_STATE_OPEN:
        return "open";
    case CONN_STATE_FAULT:
        return "fault";
    case CONN_STATE_DRAIN:
        return "drain";
    case CONN_STATE_LINGER:
        return "linger";
    case CONN_STATE_OVER:
        return "over";
    }
    return "?";
}

void conn_set_state(struct conn *conn, enum conn_state state)
{
    LOG(LOG_DEBUG, "conn.state", log_s("peer", conn->peer), log_s("from", state_name(conn->state)),
        log_s("to", state_name(state)));
    conn->state = state;
}

void conn_enter(struct conn *conn)
{
    conn->depth++;
}

static void release(struct conn *conn)
{
    free(conn->host);
    free(conn->error);
    free(conn);
}

void conn_leave(struct conn *conn)
{
    assert(conn->depth > 0);
    if (--conn->depth == 0 && conn->dead)
        release(conn);
}

bool conn_tell(struct conn *conn, enum conn_event event, const uint8_t *data, size_t size)
{
    assert(conn->depth > 0 && !conn->dead);
    conn->fn(conn, event, data, size, conn->arg);
    return !conn->dead;
}

void conn_fail_with(struct conn *conn, const struct error *err)
{
    if (conn->error)
        return;
    conn->error = malloc(sizeof *conn->error);
    if (conn->error)
        *conn->error = *err;
}

void conn_fail(struct conn *conn, enum error_code code, const char *field, const char *format, ...)
{
    char text[sizeof((struct error *)NULL)->text];
    struct error err;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set(&err, code, field, "%s", text);
    conn_fail_with(conn, &err);
}

void conn_wake(struct conn *conn)
{
    event_active(&conn->resume, EV_TIMEOUT, 0);
}

size_t conn_output(const struct conn *conn)
{
    return conn->bev ? evbuffer_get_length(bufferevent_get_output(conn->bev)) : 0;
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct conn *conn = arg;
    conn_enter(conn);
    if (conn->state == CONN_STATE_RESOLVE)
        conn_dial_resolved(conn);
    else if (conn->state == CONN_STATE_OPEN)
        conn_read(conn);
    else if (conn->state == CONN_STATE_DRAIN && conn_output(conn) == 0)
        conn_linger(conn, true);
    else if (conn->state == CONN_STATE_OVER && !conn->told) {
        conn->told = true;
        (void)!conn_tell(conn, CONN_CLOSED, NULL, 0);
    }
    conn_leave(conn);
}

static struct conn *conn_new(struct event_base *base, SSL_CTX *context,
                             const struct conn_limits *limits, conn_fn *fn, void *arg,
                             struct error *err)
{
    struct conn *conn = calloc(1, sizeof *conn);
    SSL *ssl = conn ? SSL_new(context) : NULL;
    if (!ssl) {
        free(conn);
        ERR_clear_error();
        error_set(err, ERROR_OVERLOADED, "memory", "no memory for a connection");
        return NULL;
    }
    conn->base = base;
    conn->fn = fn;
    conn->arg = arg;
    conn->limits = *limits;
    conn->ssl = ssl;
    snprintf(conn->peer, sizeof conn->peer, "unknown");
    event_assign(&conn->resume, base, -1, 0, on_resume, conn);
    conn_time_init(conn);
    return conn;
}

struct conn *conn_accept(struct event_base *base, SSL_CTX *context, evutil_socket_t fd,
                         const struct conn_limits *limits, conn_fn *fn, void *arg,
                         struct error *err)
{
    struct conn *conn = conn_new(base, context, limits, fn, arg, err);
    if (!conn) {
        evutil_closesocket(fd);
        return NULL;
    }
    conn->accepted = true;
    conn_due_in(conn, CONN_DUE_CONNECT, limits->connect_ms);
    conn_start_tls(conn, fd);
    return conn;
}

struct conn *conn_connect(struct event_base *base, SSL_CTX *context, const char *host,
                          uint16_t port, const struct conn_limits *limits, conn_fn *fn, void *arg,
                          struct error *err)
{
    struct conn *conn = conn_new(base, context, limits, fn, arg, err);
    if (!conn)
        return NULL;
    conn_due_in(conn, CONN_DUE_CONNECT, limits->connect_ms);
    if (conn_dial(conn, host, port, err))
        conn_free(&conn);
    return conn;
}

void conn_free(struct conn **conn_p)
{
    struct conn *conn = *conn_p;
    *conn_p = NULL;
    if (!conn || conn->dead)
        return;
    conn->dead = true;
    conn_stop(conn);
    conn_dial_stop(conn);
    event_del(&conn->resume);
    if (conn->bev) {
        bufferevent_setcb(conn->bev, NULL, NULL, NULL, NULL);
        bufferevent_free(conn->bev);
        conn->bev = NULL;
    } else {
        SSL_free(conn->ssl);
    }
    conn->ssl = NULL;
    if (conn->depth == 0)
        release(conn);
}

bool conn_send(struct conn *conn, const struct buf *frames)
{
    if (conn->state != CONN_STATE_OPEN && conn->state != CONN_STATE_FAULT)
        return true; /* CLOSED is on its way, or was told */
    size_t before = conn_output(conn);
    if (frames->len > 0 &&
        evbuffer_add(bufferevent_get_output(conn->bev), frames->data, frames->len)) {
        conn_fail(conn, ERROR_OVERLOADED, "memory", "no memory for a reply");
        conn_over(conn);
        return true;
    }
    if (before == 0) {
        conn_due_idle(conn);
        conn->output_ms = 0;
    }
    if (before + frames->len <= CONN_OUTPUT_HIGH)
        return true;
    conn->waiting_room = true;
    return false;
}

void conn_hold(struct conn *conn)
{
    conn->holds++;
    conn_read_update(conn);
}

void conn_release(struct conn *conn)
{
    assert(conn->holds > 0);
    if (--conn->holds == 0)
        conn_wake(conn);
}

void conn_finish(struct conn *conn)
{
    switch (conn->state) {
    case CONN_STATE_RESOLVE:
    case CONN_STATE_DIAL:
    case CONN_STATE_SHAKE:
        conn_over(conn);
        break;
    case CONN_STATE_OPEN:
    case CONN_STATE_FAULT:
        conn_set_state(conn, CONN_STATE_DRAIN);
        conn_read_update(conn);
        conn_read_release(conn);
        conn_due_clear(conn);
        conn_due_in(conn, CONN_DUE_OUT,
                    conn->limits.frame_ms ? conn->limits.frame_ms : CONN_DRAIN_MS);
        conn_wake(conn);
        break;
    case CONN_STATE_DRAIN:
    case CONN_STATE_LINGER:
    case CONN_STATE_OVER:
        break;
    }
}

const struct tls_identity *conn_identity(const struct conn *conn)
{
    return &conn->identity;
}

const char *conn_peer(const struct conn *conn)
{
    return conn->peer;
}

const struct error *conn_error(const struct conn *conn)
{
    static const struct error unknown = {
        .code = ERROR_OVERLOADED, .field = "memory", .text = "no memory to say why"};
    return conn->error ? conn->error : &unknown;
}

enum conn_limit conn_limit(const struct conn *conn)
{
    return conn->limit;
}

SSL *conn_ssl(struct conn *conn)
{
    return conn->ssl;
}
