#include "common/clock.h"
#include "common/net/conn_private.h"
#include <event2/bufferevent.h>
#include <linux/sockios.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>

/*
 * One timer for all deadlines of a connection. It is set again only for an earlier deadline; a
 * later one is noticed when it fires, so that frames do not cost a timer each.
 */
static void arm(struct conn *conn, uint64_t when, uint64_t now)
{
    if (conn->armed_ms && conn->armed_ms <= when)
        return;
    uint64_t ms = when > now ? when - now : 0;
    struct timeval wait = {.tv_sec = (time_t)(ms / 1000),
                           .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    event_add(&conn->timer, &wait);
    conn->armed_ms = when;
}

void conn_due_in(struct conn *conn, enum conn_due due, uint32_t ms)
{
    conn->due[due] = 0;
    if (ms == 0)
        return;
    uint64_t now = clock_monotonic_ms();
    conn->due[due] = now + ms;
    arm(conn, now + ms, now);
}

void conn_due_idle(struct conn *conn)
{
    conn->quiet_ms = clock_monotonic_ms();
    conn_due_in(conn, CONN_DUE_IDLE, conn->limits.idle_ms);
}

void conn_due_clear(struct conn *conn)
{
    for (int due = 0; due < CONN_DUES; due++)
        conn->due[due] = 0;
}

/*
 * While we do not read it is not the peer who is late, with one exception: who does not take the
 * replies that wait for it.
 */
static bool counts(const struct conn *conn, enum conn_due due)
{
    switch (due) {
    case CONN_DUE_FIRST:
    case CONN_DUE_FRAME:
        return conn->paused_ms == 0;
    case CONN_DUE_IDLE:
        return conn->paused_ms == 0 || conn_output(conn) > 0;
    case CONN_DUE_CONNECT:
    case CONN_DUE_DIAL:
    case CONN_DUE_OUT:
    case CONN_DUE_AGE:
    case CONN_DUES:
        break;
    }
    return true;
}

void conn_pause_begin(struct conn *conn)
{
    if (conn->paused_ms == 0)
        conn->paused_ms = clock_monotonic_ms();
}

void conn_pause_end(struct conn *conn)
{
    if (conn->paused_ms == 0)
        return;
    uint64_t now = clock_monotonic_ms(), paused = now - conn->paused_ms;
    conn->paused_ms = 0;
    conn->begun_ms += conn->begun_ms ? paused : 0;
    static const enum conn_due shifted[] = {CONN_DUE_FIRST, CONN_DUE_FRAME};
    for (size_t i = 0; i < sizeof shifted / sizeof shifted[0]; i++) {
        uint64_t *due = &conn->due[shifted[i]];
        if (*due) {
            *due += paused;
            arm(conn, *due, now);
        }
    }
    if (conn->state == CONN_STATE_OPEN)
        conn_due_in(conn, CONN_DUE_IDLE, conn->limits.idle_ms);
}

static void expire(struct conn *conn, enum conn_due due)
{
    static const enum conn_limit limit[CONN_DUES] = {
        [CONN_DUE_CONNECT] = CONN_LIMIT_CONNECT,
        [CONN_DUE_FIRST] = CONN_LIMIT_FIRST,
        [CONN_DUE_FRAME] = CONN_LIMIT_FRAME,
        [CONN_DUE_IDLE] = CONN_LIMIT_IDLE,
    };
    const struct conn_limits *limits = &conn->limits;
    bool goodbye = false;
    conn->limit = limit[due];
    switch (due) {
    case CONN_DUE_DIAL:
        conn->due[due] = 0;
        conn_dial_next(conn);
        return;
    case CONN_DUE_CONNECT:
        conn_fail(conn, ERROR_UNAVAILABLE, "deadline",
                  conn->state == CONN_STATE_SHAKE ? "no TLS handshake with %s within %u ms"
                                                  : "no connection to %s within %u ms",
                  conn->host ? conn->host : conn->peer, limits->connect_ms);
        break;
    case CONN_DUE_FIRST:
        conn_fail(conn, ERROR_UNAVAILABLE, "deadline", "no first frame within %u ms",
                  limits->first_ms);
        goodbye = true;
        break;
    case CONN_DUE_FRAME:
        conn_fail(conn, ERROR_UNAVAILABLE, "deadline", "a frame was not whole within %u ms",
                  limits->frame_ms);
        break;
    case CONN_DUE_IDLE:
        conn_fail(conn, ERROR_UNAVAILABLE, "deadline",
                  conn_output(conn) ? "replies were not taken for %u ms" : "idle for %u ms",
                  limits->idle_ms);
        goodbye = conn_output(conn) == 0;
        break;
    case CONN_DUE_AGE:
        if (conn->state == CONN_STATE_OPEN)
            (void)!conn_tell(conn, CONN_AGED, NULL, 0);
        return;
    case CONN_DUE_OUT:
        if (conn->state == CONN_STATE_DRAIN)
            conn_fail(conn, ERROR_UNAVAILABLE, "deadline", "the last replies were not taken");
        break;
    case CONN_DUES:
        break;
    }
    if (goodbye)
        conn_linger(conn, true);
    else
        conn_over(conn);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct conn *conn = arg;
    uint64_t now = clock_monotonic_ms(), next = 0;
    conn_enter(conn);
    conn->armed_ms = 0;
    for (enum conn_due due = 0; due < CONN_DUES && !conn->dead && conn->state != CONN_STATE_OVER;
         due++) {
        uint64_t when = conn->due[due];
        if (when == 0 || !counts(conn, due))
            continue;
        if (when <= now) {
            conn->due[due] = 0;
            expire(conn, due);
        } else if (next == 0 || when < next) {
            next = when;
        }
    }
    if (next && !conn->dead && conn->state != CONN_STATE_OVER)
        arm(conn, next, now);
    conn_leave(conn);
}

static uint64_t bytes_in(const struct conn *conn)
{
    BIO *bio = conn->ssl ? SSL_get_rbio(conn->ssl) : NULL;
    return bio ? BIO_number_read(bio) : 0;
}

void conn_whole(struct conn *conn)
{
    conn->begun_ms = 0;
    conn->whole_in = bytes_in(conn);
}

/* What the kernel took of us is not yet what the peer took: its buffers hold minutes of a slow
 * line. */
static uint64_t bytes_out(const struct conn *conn)
{
    BIO *bio = conn->ssl ? SSL_get_wbio(conn->ssl) : NULL;
    uint64_t written = bio ? BIO_number_written(bio) : 0;
    int waits = 0;
    if (ioctl(bufferevent_getfd(conn->bev), SIOCOUTQ, &waits) != 0 || waits < 0)
        return written;
    return written - (uint64_t)waits;
}

void conn_progress(struct conn *conn, uint64_t now_ms, struct conn_progress *out)
{
    bool open = conn->state == CONN_STATE_OPEN;
    uint64_t in = bytes_in(conn) - conn->whole_in;
    *out = (struct conn_progress){.quiet_ms = conn->quiet_ms};
    out->held = open && conn->paused_ms != 0;
    if (open && !out->held) {
        /* Of a record that is not whole yet nothing was heard so far. */
        if (conn->begun_ms == 0 && in > 0)
            conn->begun_ms = now_ms;
        out->in_since_ms = conn->begun_ms;
        out->in = in;
    }
    out->claims = open && conn->claim.size > 0 && !conn->claim.waiting;
    out->waits_ms = open && conn->claim.waiting ? conn->paused_ms : 0;
    if (conn_output(conn) > 0) {
        uint64_t taken = bytes_out(conn);
        if (conn->output_ms == 0) {
            conn->output_ms = now_ms;
            conn->output_taken = taken;
        }
        out->out_since_ms = conn->output_ms;
        out->out = taken - conn->output_taken;
    }
}

void conn_time_init(struct conn *conn)
{
    event_assign(&conn->timer, conn->base, -1, 0, on_timer, conn);
}
