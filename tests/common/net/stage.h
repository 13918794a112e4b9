/*
 * A server that accepts with conn_accept on a free port of the loopback, clients made with
 * conn_connect, and raw TLS peers that break the rules: all in one event loop, driven until a
 * condition holds.
 */
#ifndef SUARA_TESTS_COMMON_NET_STAGE_H
#define SUARA_TESTS_COMMON_NET_STAGE_H

#include "common/buf.h"
#include "common/frame.h"
#include "common/net/address.h"
#include "common/net/conn.h"
#include "tests/common/net/pki.h"
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>

struct stage;
struct side;

typedef void side_fn(struct side *side, enum conn_event event, const uint8_t *data, size_t size);

/* One end of a framed connection, and what was told of it. */
struct side {
    struct conn *conn; /* NULL once it is closed */
    struct stage *stage;
    side_fn *also; /* called for each event, after the counting */
    unsigned opened, frames, rooms, aged, faults, closed;
    struct buf last; /* the newest frame */
    size_t bytes;    /* of all frames */
    struct tls_identity identity;
    char peer[ADDRESS_TEXT];
    struct error error; /* at FAULT or CLOSED */
};

#define STAGE_SERVERS 128

struct stage {
    struct pki pki;
    struct event_base *base;
    SSL_CTX *server_context, *client_context;
    struct evconnlistener *socket;
    struct sockaddr_in address;
    uint16_t port;
    struct conn_limits server_limits, client_limits;
    side_fn *server_also;
    struct side servers[STAGE_SERVERS]; /* in the order of accepting */
    unsigned accepted;
};

static inline void side_event(struct conn *conn, enum conn_event event, const uint8_t *data,
                              size_t size, void *arg)
{
    struct side *side = arg;
    must(side->closed == 0, "an event after CLOSED");
    switch (event) {
    case CONN_OPEN:
        side->opened++;
        side->identity = *conn_identity(conn);
        snprintf(side->peer, sizeof side->peer, "%s", conn_peer(conn));
        break;
    case CONN_FRAME:
        side->frames++;
        side->bytes += size;
        buf_clear(&side->last);
        buf_add(&side->last, data, size);
        break;
    case CONN_ROOM:
        side->rooms++;
        break;
    case CONN_AGED:
        side->aged++;
        break;
    case CONN_FAULT:
        side->faults++;
        side->error = *conn_error(conn);
        break;
    case CONN_CLOSED:
        side->closed++;
        side->error = *conn_error(conn);
        break;
    }
    if (side->also)
        side->also(side, event, data, size);
    if (event == CONN_CLOSED)
        conn_free(&side->conn);
}

static inline void stage_accept(struct evconnlistener *socket, evutil_socket_t fd,
                                struct sockaddr *address, int size, void *arg)
{
    (void)socket;
    (void)address;
    (void)size;
    struct stage *stage = arg;
    must(stage->accepted < STAGE_SERVERS, "too many servers");
    struct side *side = &stage->servers[stage->accepted++];
    side->stage = stage;
    side->also = stage->server_also;
    side->conn = conn_accept(stage->base, stage->server_context, fd, &stage->server_limits,
                             side_event, side, NULL);
    must(side->conn != NULL, "conn_accept");
}

static inline void stage_open(struct stage *stage)
{
    struct error err = {0};
    memset(stage, 0, sizeof *stage);
    pki_usual(&stage->pki);
    stage->base = event_base_new();
    struct tls_files server = pki_files(&stage->pki, "server", "empty");
    stage->server_context = tls_server_context(&server, &err);
    struct tls_files client = pki_files(&stage->pki, "office", NULL);
    stage->client_context = tls_client_context(&client, &err);
    must(stage->server_context && stage->client_context, err.text);
    stage->server_limits = (struct conn_limits){.max_frame = FRAME_MAX_DEFAULT};
    stage->client_limits = stage->server_limits;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    stage->socket = evconnlistener_new_bind(stage->base, stage_accept, stage, LEV_OPT_CLOSE_ON_FREE,
                                            128, (const struct sockaddr *)&any, sizeof any);
    must(stage->socket != NULL, "no socket");
    socklen_t size = sizeof stage->address;
    getsockname(evconnlistener_get_fd(stage->socket), (struct sockaddr *)&stage->address, &size);
    stage->port = ntohs(stage->address.sin_port);
}

static inline void side_close(struct side *side)
{
    conn_free(&side->conn);
    buf_release(&side->last);
}

static inline void stage_close(struct stage *stage)
{
    for (unsigned i = 0; i < stage->accepted; i++)
        side_close(&stage->servers[i]);
    if (stage->socket)
        evconnlistener_free(stage->socket);
    event_base_loop(stage->base, EVLOOP_NONBLOCK);
    event_base_free(stage->base);
    SSL_CTX_free(stage->server_context);
    SSL_CTX_free(stage->client_context);
    pki_release(&stage->pki);
}

static inline void stage_call(struct stage *stage, struct side *side, const char *host)
{
    struct error err = {0};
    side->stage = stage;
    side->conn = conn_connect(stage->base, stage->client_context, host, stage->port,
                              &stage->client_limits, side_event, side, &err);
    must(side->conn != NULL, err.text);
}

static inline void stage_patience(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    *(bool *)arg = true;
}

/* Turns the loop until the condition holds; false after 20 s, or when nothing is left to wait for.
 */
#define STAGE_UNTIL(stage, condition)                                                              \
    do {                                                                                           \
        bool late_ = false;                                                                        \
        const struct timeval wait_ = {.tv_sec = 20};                                               \
        struct event *timer_ = event_new((stage)->base, -1, 0, stage_patience, &late_);            \
        event_add(timer_, &wait_);                                                                 \
        while (!(condition) && !late_ && event_base_loop((stage)->base, EVLOOP_ONCE) == 0)         \
            ;                                                                                      \
        event_free(timer_);                                                                        \
        if (late_)                                                                                 \
            fail_msg("waited in vain for: %s", #condition);                                        \
    } while (0)

/* One frame of size bytes, all `fill`. */
static inline void side_send(struct side *side, uint32_t size, int fill)
{
    struct buf out = {0};
    buf_put_u32(&out, size);
    memset(buf_reserve(&out, size), fill, size);
    out.len += size;
    conn_send(side->conn, &out);
    buf_release(&out);
}

/* ---- a TLS peer that does as it likes ------------------------------------------------------- */

struct raw {
    struct bufferevent *bev;
    bool connected;
    short ended; /* BEV_EVENT_ flags of its end */
};

static inline void raw_event(struct bufferevent *bev, short what, void *arg)
{
    (void)bev;
    struct raw *raw = arg;
    if (what & BEV_EVENT_CONNECTED)
        raw->connected = true;
    else
        raw->ended = what;
}

static inline SSL *raw_ssl(const struct raw *raw)
{
    return bufferevent_openssl_get_ssl(raw->bev);
}

static inline size_t raw_input(const struct raw *raw)
{
    return evbuffer_get_length(bufferevent_get_input(raw->bev));
}

static inline void raw_call(struct stage *stage, struct raw *raw, SSL_CTX *context)
{
    *raw = (struct raw){0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(fd, (struct sockaddr *)&stage->address, sizeof stage->address) == 0, "connect");
    evutil_make_socket_nonblocking(fd);
    raw->bev = bufferevent_openssl_socket_new(stage->base, fd, SSL_new(context),
                                              BUFFEREVENT_SSL_CONNECTING,
                                              BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    bufferevent_setcb(raw->bev, NULL, NULL, raw_event, raw);
    bufferevent_enable(raw->bev, EV_READ | EV_WRITE);
}

static inline void raw_close(struct raw *raw)
{
    if (raw->bev)
        bufferevent_free(raw->bev);
    raw->bev = NULL;
}

/* ---- for cmocka ----------------------------------------------------------------------------- */

static inline int stage_setup(void **state)
{
    struct stage *stage = malloc(sizeof *stage);
    must(stage != NULL, "no memory");
    stage_open(stage);
    *state = stage;
    return 0;
}

static inline int stage_teardown(void **state)
{
    stage_close(*state);
    free(*state);
    return 0;
}

static inline int stage_group(void **state)
{
    (void)state;
    return signal(SIGPIPE, SIG_IGN) == SIG_ERR; /* as the programs do */
}

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_setup, stage_teardown)

#endif
