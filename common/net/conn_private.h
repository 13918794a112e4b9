/*
 * What the files of conn share: conn.c (the public face, state), conn_dial.c (name to connected
 * socket), conn_tls.c (libevent's events), conn_read.c (bytes to frames), conn_close.c (the last
 * bytes out), conn_time.c (deadlines). Nobody else includes this.
 */
#ifndef SUARA_COMMON_NET_CONN_PRIVATE_H
#define SUARA_COMMON_NET_CONN_PRIVATE_H

#include "common/budget.h"
#include "common/net/address.h"
#include "common/net/conn.h"
#include <event2/event.h>
#include <event2/event_struct.h>

struct bufferevent;
struct dial;

#define CONN_DRAIN_MS 30000u /* to take the last replies, where limits.frame_ms is 0 */

enum conn_state {
    CONN_STATE_RESOLVE, /* waiting for addresses */
    CONN_STATE_DIAL,    /* waiting for TCP */
    CONN_STATE_SHAKE,   /* waiting for TLS */
    CONN_STATE_OPEN,
    CONN_STATE_FAULT,  /* the peer broke the framing: reads no more, the owner may still send */
    CONN_STATE_DRAIN,  /* conn_finish: waiting for the output to leave */
    CONN_STATE_LINGER, /* all is out: waiting for the peer to hang up, input is thrown away */
    CONN_STATE_OVER,   /* CLOSED was or will be told */
};

enum conn_due {
    CONN_DUE_CONNECT, /* limits.connect_ms, whole */
    CONN_DUE_DIAL,    /* of one address out of several */
    CONN_DUE_FIRST,
    CONN_DUE_FRAME,
    CONN_DUE_IDLE,
    CONN_DUE_AGE,
    CONN_DUE_OUT, /* end of DRAIN or LINGER */
    CONN_DUES,
};

struct conn {
    struct event_base *base;
    conn_fn *fn;
    void *arg;
    struct conn_limits limits;
    enum conn_state state;
    unsigned depth;     /* callbacks of libevent running on this object */
    bool dead;          /* conn_free was called: the outermost callback gives the storage back */
    bool told;          /* CLOSED was told */
    bool accepted;      /* we are the server */
    bool waiting_room;  /* ROOM is owed */
    bool reading;       /* EV_READ is on */
    unsigned holds;     /* conn_hold less conn_release */
    uint64_t paused_ms; /* since when it does not read; the peer's deadlines stand still */

    struct bufferevent *bev; /* from SHAKE on; owns ssl and the socket */
    SSL *ssl;
    struct event *raw; /* DIAL: writable; LINGER: readable */
    struct event resume, timer;
    struct dial *dial;
    char *host; /* whom conn_connect called */

    uint64_t due[CONN_DUES]; /* monotonic ms; 0: none */
    uint64_t armed_ms;       /* when the timer fires; 0: not at all */

    uint64_t quiet_ms;     /* a whole frame last came, or all had gone out */
    uint64_t begun_ms;     /* the open frame is on its way in since; 0: none is */
    uint64_t output_ms;    /* output was seen to wait, and .. */
    uint64_t output_taken; /* .. what the peer's machine had of us then; 0: not yet */
    uint64_t whole_in;     /* bytes of TLS that had come in with the last whole frame */

    uint32_t frame_size; /* 0: the header is not here yet */
    uint32_t frame_have;
    uint8_t *frame; /* frames above CONN_SMALL are collected here */
    struct budget_claim claim;

    struct tls_identity identity;
    char peer[ADDRESS_TEXT];
    struct error *error; /* first cause */
    enum conn_limit limit;
};

/* ---- conn.c ---- */
void conn_set_state(struct conn *conn, enum conn_state state);
/* Around whatever libevent calls: keeps the storage, frees it when conn_free came meanwhile. */
void conn_enter(struct conn *conn);
void conn_leave(struct conn *conn);
/* False: conn_free was called in there, touch nothing but conn_leave. */
bool conn_tell(struct conn *conn, enum conn_event event, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));
/* The first cause stays. field: what of conn.h's list. */
__attribute__((format(printf, 4, 5))) void conn_fail(struct conn *conn, enum error_code code,
                                                     const char *field, const char *format, ...);
void conn_fail_with(struct conn *conn, const struct error *err);
/* The next turn of the loop goes on with this connection: reads what is buffered, tells CLOSED. */
void conn_wake(struct conn *conn);

/* ---- conn_tls.c ---- */
/* Gives a connected socket to TLS; on failure it is over. */
void conn_start_tls(struct conn *conn, evutil_socket_t fd);

/* ---- conn_dial.c ---- */
/* Goes on by itself until conn_start_tls or conn_over. -1 and *err: not even started. */
int conn_dial(struct conn *conn, const char *host, uint16_t port, struct error *err);
void conn_dial_resolved(struct conn *conn);
void conn_dial_next(struct conn *conn);
void conn_dial_stop(struct conn *conn);

/* ---- conn_read.c ---- */
void conn_read(struct conn *conn);         /* all whole frames that are buffered */
void conn_read_update(struct conn *conn);  /* EV_READ as state, holds and budget want it */
void conn_read_release(struct conn *conn); /* a half frame and its budget */

/* ---- conn_close.c ---- */
void conn_linger(struct conn *conn, bool goodbye);
void conn_over(struct conn *conn);
void conn_stop(struct conn *conn); /* no timer, no reading, no budget any more */

/* ---- conn_time.c ---- */
void conn_time_init(struct conn *conn);
void conn_due_in(struct conn *conn, enum conn_due due, uint32_t ms); /* 0: none */
void conn_due_idle(struct conn *conn);                               /* from now on, once more */
void conn_due_clear(struct conn *conn);
void conn_pause_begin(struct conn *conn);
void conn_pause_end(struct conn *conn);
void conn_whole(struct conn *conn); /* all that came belongs to whole frames */

#endif
