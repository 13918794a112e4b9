#include "common/net/conn_private.h"
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

/*
 * One TLS record at a time and never more than two are buffered beside a small frame, so this high
 * mark is never reached: libevent then stops in the middle of a record, and the rest would wait
 * inside OpenSSL where no event tells of it. The mark only makes libevent read whole records.
 */
#define INPUT_HIGH (64u * 1024u)

#define KEEPALIVE_COUNT 3

static void on_read(struct bufferevent *bev, void *arg)
{
    (void)bev;
    struct conn *conn = arg;
    conn_enter(conn);
    conn_read(conn);
    conn_leave(conn);
}

static void on_write(struct bufferevent *bev, void *arg)
{
    (void)bev;
    struct conn *conn = arg;
    size_t left = conn_output(conn);
    if (left > CONN_OUTPUT_LOW)
        return;
    conn_enter(conn);
    if (conn->state == CONN_STATE_DRAIN && left == 0) {
        conn_linger(conn, true);
    } else if (conn->state == CONN_STATE_OPEN || conn->state == CONN_STATE_FAULT) {
        if (conn->waiting_room || left == 0)
            conn_due_idle(conn);
        if (conn->waiting_room) {
            conn->waiting_room = false;
            (void)!conn_tell(conn, CONN_ROOM, NULL, 0);
        }
    }
    conn_leave(conn);
}

/*
 * libevent has emptied OpenSSL's queue into the bufferevent; tls_failure reads the queue. Returns
 * the reason of the first error of libssl, 0 if there is none.
 */
static int restore_errors(struct conn *conn)
{
    unsigned long codes[4], code;
    int count = 0, reason = 0;
    while (count < 4 && (code = bufferevent_get_openssl_error(conn->bev)) != 0)
        codes[count++] = code;
    ERR_clear_error();
    while (count-- > 0) {
        if (ERR_GET_LIB(codes[count]) != ERR_LIB_SSL)
            continue; /* libevent puts SSL_ERROR_SSL and the like among them */
        ERR_raise(ERR_LIB_SSL, ERR_GET_REASON(codes[count]));
        if (reason == 0)
            reason = ERR_GET_REASON(codes[count]);
    }
    return reason;
}

/* errno is only a hint here: libevent reports a FIN without touching it. */
static bool is_network_error(int code)
{
    return code == ECONNRESET || code == EPIPE || code == ETIMEDOUT || code == EHOSTUNREACH ||
           code == ENETUNREACH || code == ENETDOWN || code == ECONNABORTED;
}

/* FIN with and without close_notify, RST, alerts: all mean that it is over. */
static void broken(struct conn *conn, int code)
{
    bool shaking = conn->state == CONN_STATE_SHAKE;
    int reason = restore_errors(conn);
    bool hung_up = reason == 0 || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    const char *when = shaking ? " during the TLS handshake" : "";
    if (!hung_up) {
        struct error err = {0};
        tls_failure(conn->ssl, conn->host, &err);
        conn_fail_with(conn, &err);
    } else if (reason == 0 && is_network_error(code)) {
        conn_fail(conn, ERROR_UNAVAILABLE, "network", "the connection with %s broke%s: %s",
                  conn->host ? conn->host : conn->peer, when, strerror(code));
    } else {
        conn_fail(conn, ERROR_UNAVAILABLE, "peer", "%s closed the connection%s",
                  conn->host ? conn->host : conn->peer, when);
    }
    ERR_clear_error();
    /* Our alert must arrive: with unread input a close would be a reset that overtakes it. */
    if (shaking && !hung_up && reason < SSL_AD_REASON_OFFSET)
        conn_linger(conn, false);
    else
        conn_over(conn);
}

static void opened(struct conn *conn)
{
    const unsigned char *alpn;
    unsigned size;
    struct error err = {0};
    SSL_get0_alpn_selected(conn->ssl, &alpn, &size);
    if (size != strlen(TLS_ALPN) || memcmp(alpn, TLS_ALPN, size) != 0)
        error_set(&err, ERROR_UNSUPPORTED, "tls", "%s does not speak this protocol (ALPN %s)",
                  conn->host ? conn->host : "the peer", TLS_ALPN);
    else
        tls_peer_identity(conn->ssl, &conn->identity, &err);
    if (err.code != ERROR_NONE) {
        conn_fail_with(conn, &err);
        conn_linger(conn, true);
        return;
    }
    conn_due_clear(conn);
    conn_set_state(conn, CONN_STATE_OPEN);
    conn_due_in(conn, CONN_DUE_FIRST, conn->limits.first_ms);
    conn_due_in(conn, CONN_DUE_AGE, conn->limits.age_ms);
    conn_due_idle(conn);
    conn_whole(conn);
    if (conn_tell(conn, CONN_OPEN, NULL, 0))
        conn_read_update(conn);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    (void)bev;
    struct conn *conn = arg;
    int code = EVUTIL_SOCKET_ERROR();
    if (conn->state == CONN_STATE_LINGER || conn->state == CONN_STATE_OVER)
        return;
    conn_enter(conn);
    if (!(what & BEV_EVENT_CONNECTED))
        broken(conn, code);
    else if (conn->state == CONN_STATE_SHAKE)
        opened(conn);
    conn_leave(conn);
}

static void set_option(evutil_socket_t fd, int level, int name, int value)
{
    /* Not every socket has all of them (a socket pair has none); none is worth refusing for. */
    (void)setsockopt(fd, level, name, &value, sizeof value);
}

static void prepare_socket(const struct conn *conn, evutil_socket_t fd)
{
    evutil_make_socket_nonblocking(fd);
    evutil_make_socket_closeonexec(fd);
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    uint32_t timeout = conn->limits.user_timeout_ms;
    if (timeout == 0)
        return;
    /* User timeout covers data on its way, keepalive the silence: together any half-open peer. */
    int share = (int)(timeout / 1000 / (KEEPALIVE_COUNT + 1));
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)timeout);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, share > 0 ? share : 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, share > 0 ? share : 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

void conn_start_tls(struct conn *conn, evutil_socket_t fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    prepare_socket(conn, fd);
    if (getpeername(fd, (struct sockaddr *)&address, &size) == 0)
        address_format((const struct sockaddr *)&address, conn->peer);
    conn_set_state(conn, CONN_STATE_SHAKE);
    conn->bev = bufferevent_openssl_socket_new(conn->base, fd, conn->ssl,
                                               conn->accepted ? BUFFEREVENT_SSL_ACCEPTING
                                                              : BUFFEREVENT_SSL_CONNECTING,
                                               BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    if (!conn->bev) {
        conn->ssl = NULL; /* CLOSE_ON_FREE: gone with the failure */
        evutil_closesocket(fd);
        conn_fail(conn, ERROR_OVERLOADED, "memory", "no memory for a connection");
        conn_over(conn);
        return;
    }
    bufferevent_setcb(conn->bev, on_read, on_write, on_event, conn);
    bufferevent_setwatermark(conn->bev, EV_READ, 0, INPUT_HIGH);
    bufferevent_setwatermark(conn->bev, EV_WRITE, CONN_OUTPUT_LOW, 0);
    conn->reading = true;
    bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
}
