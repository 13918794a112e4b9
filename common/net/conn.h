/*
 * A framed connection over TLS: the only thing daemon and client know of the network. All traffic
 * of libevent ends here as five events for one function, each meaning one thing.
 */
#ifndef SUARA_COMMON_NET_CONN_H
#define SUARA_COMMON_NET_CONN_H

#include "common/error.h"
#include "common/net/tls.h"
#include <event2/util.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;
struct budget_share;
struct buf;
struct conn;
struct event_base;

enum conn_event {
    CONN_OPEN,  /* handshake done, ALPN agreed, conn_identity is known */
    CONN_FRAME, /* one whole frame; data is valid during the call */
    CONN_ROOM, /* output fell below its low mark after conn_send had said it is over the high one */
    CONN_FAULT,  /* the peer broke the framing (conn_error says how): answer, then conn_finish */
    CONN_AGED,   /* limits.age_ms is over: answer what is open, then conn_finish */
    CONN_CLOSED, /* over: peer, network, deadline or finish (conn_error says which); free it */
};

/* Called from the loop only, never from inside a conn_ function. */
typedef void conn_fn(struct conn *conn, enum conn_event event, const uint8_t *data, size_t size,
                     void *arg);

struct conn_limits {
    uint32_t max_frame;
    /* Absolute deadlines in ms, none restarted by single bytes; 0 = none. */
    uint32_t connect_ms;      /* TCP and TLS handshake */
    uint32_t first_ms;        /* from there to the first whole frame */
    uint32_t frame_ms;        /* from the first to the last byte of a frame */
    uint32_t idle_ms;         /* without any frame, either way; also: replies not taken */
    uint32_t age_ms;          /* from the handshake on, however much is said: AGED */
    uint32_t user_timeout_ms; /* TCP_USER_TIMEOUT: unacknowledged data; half-open peers */
    struct budget *budget; /* what frames on their way in may hold in all; NULL: no shared limit */
};

#define CONN_SMALL       (16u * 1024u)  /* frames up to here need no budget */
#define CONN_OUTPUT_HIGH (256u * 1024u) /* conn_send says so above it */
#define CONN_OUTPUT_LOW  (64u * 1024u)
#define CONN_LINGER_MS                                                                             \
    2000u /* after the last byte is out, input is discarded this long at most                      \
           */

/* Owns fd from the call on, also on failure (NULL, *err). arg is handed to fn. */
struct conn *conn_accept(struct event_base *base, SSL_CTX *context, evutil_socket_t fd,
                         const struct conn_limits *limits, conn_fn *fn, void *arg,
                         struct error *err);

/*
 * Connects to host (name or address; resolved without blocking the loop) and port. The server's
 * certificate must carry that name or address, and a server URI. Failures arrive as CONN_CLOSED.
 */
struct conn *conn_connect(struct event_base *base, SSL_CTX *context, const char *host,
                          uint16_t port, const struct conn_limits *limits, conn_fn *fn, void *arg,
                          struct error *err);

/* Queues whole frames (wire_pack wrote them). False: above the high mark, wait for CONN_ROOM. Once
 * it is finished or broken nothing is queued any more; CLOSED says so. */
bool conn_send(struct conn *conn, const struct buf *frames);

/* No CONN_FRAME while held; counts, so each hold wants one release. Bytes stay in the kernel, and
 * nobody listens for the peer: that it is gone is noticed after the release. The deadlines of the
 * peer stand still, except idle_ms while replies wait to be taken. */
void conn_hold(struct conn *conn);
void conn_release(struct conn *conn);

/* What its frames hold of limits.budget counts for this share, too, which outlives it. Before the
 * first frame. */
void conn_set_share(struct conn *conn, struct budget_share *share);

/* Reads no more; sends what is queued (within frame_ms, 30 s where that is 0), says goodbye, waits
 * for the peer to hang up (CONN_LINGER_MS): CLOSED. */
void conn_finish(struct conn *conn);

/* Safe at any time, also inside its own callback (the storage goes when that has returned); no
 * event comes after it. Takes NULL, clears the caller's pointer. Free all before the event_base. */
void conn_free(struct conn **conn);

const struct tls_identity *conn_identity(const struct conn *conn); /* after CONN_OPEN */
const char *conn_peer(const struct conn *conn); /* "192.0.2.7:51514", "[::1]:7827" */
/* Which of its limits ended the connection. */
enum conn_limit {
    CONN_LIMIT_NONE,
    CONN_LIMIT_CONNECT,
    CONN_LIMIT_FIRST,
    CONN_LIMIT_FRAME,
    CONN_LIMIT_IDLE,
    CONN_LIMIT_MAX_FRAME,
};
enum conn_limit conn_limit(const struct conn *conn);

/* At CONN_FAULT and CONN_CLOSED: the first cause. Its field is the kind: peer (hung up), network,
 * deadline, tls, frame, memory, finish (code NONE: conn_finish). */
const struct error *conn_error(const struct conn *conn);

/* How the peer gets on. Times are monotonic ms; bytes are those of TLS, so that half a record
 * counts, too. */
struct conn_progress {
    uint64_t in_since_ms;  /* a frame is on its way in since; 0: none is */
    uint64_t in;           /* bytes that came since */
    uint64_t out_since_ms; /* output was first seen here to wait; 0: none does */
    uint64_t out;          /* bytes that the peer's machine has taken since */
    uint64_t quiet_ms;     /* a whole frame last came, or went out */
    bool claims;           /* the frame holds a part of limits.budget, or */
    uint64_t waits_ms;     /* .. waits for one since; 0: it does not */
    bool held;             /* the peer is not read: nothing can come in */
};
void conn_progress(struct conn *conn, uint64_t now_ms, struct conn_progress *out);

SSL *conn_ssl(struct conn *conn);            /* for tls_still_good */
size_t conn_output(const struct conn *conn); /* bytes waiting to go out */

#endif
