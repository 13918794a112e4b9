#include "common/clock.h"
#include "common/frame.h"
#include "common/net/conn_private.h"
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>

static bool paused(const struct conn *conn)
{
    return conn->holds > 0 || conn->claim.waiting;
}

void conn_read_update(struct conn *conn)
{
    if (!conn->bev)
        return;
    bool open = conn->state == CONN_STATE_OPEN;
    bool want = (open && !paused(conn)) || conn->state == CONN_STATE_SHAKE;
    if (open && paused(conn))
        conn_pause_begin(conn);
    else
        conn_pause_end(conn);
    if (want == conn->reading)
        return;
    conn->reading = want;
    if (want)
        bufferevent_enable(conn->bev, EV_READ);
    else
        bufferevent_disable(conn->bev, EV_READ);
}

void conn_set_share(struct conn *conn, struct budget_share *share)
{
    conn->claim.share = share;
}

void conn_read_release(struct conn *conn)
{
    free(conn->frame);
    conn->frame = NULL;
    conn->frame_size = conn->frame_have = 0;
    if (conn->limits.budget)
        budget_return(conn->limits.budget, &conn->claim);
}

/* The owner is told, answers, and finishes. */
static void fault(struct conn *conn, const struct error *err)
{
    conn_fail_with(conn, err);
    conn_read_release(conn);
    conn->due[CONN_DUE_FIRST] = conn->due[CONN_DUE_FRAME] = 0;
    conn_set_state(conn, CONN_STATE_FAULT);
    conn_read_update(conn);
    (void)!conn_tell(conn, CONN_FAULT, NULL, 0);
}

/* From another connection's budget_return: only wakes. */
static void granted(struct budget_claim *claim, void *arg)
{
    (void)claim;
    conn_wake(arg);
}

static bool read_header(struct conn *conn, struct evbuffer *input)
{
    uint8_t header[FRAME_HEADER];
    struct error err = {0};
    size_t have = evbuffer_get_length(input);
    if (have > 0 && conn->due[CONN_DUE_FRAME] == 0)
        conn_due_in(conn, CONN_DUE_FRAME, conn->limits.frame_ms);
    if (have > 0 && conn->begun_ms == 0)
        conn->begun_ms = clock_monotonic_ms();
    if (have < FRAME_HEADER)
        return false;
    evbuffer_remove(input, header, sizeof header);
    if (frame_length(header, conn->limits.max_frame, &conn->frame_size, &err)) {
        error_set(&err, err.code, "frame", "%s", err.text);
        conn->limit = err.code == ERROR_TOO_LARGE ? CONN_LIMIT_MAX_FRAME : CONN_LIMIT_NONE;
        fault(conn, &err);
        return false;
    }
    conn->frame_have = 0;
    if (conn->frame_size <= CONN_SMALL || !conn->limits.budget)
        return true;
    conn->claim.granted = granted;
    conn->claim.arg = conn;
    return budget_ask(conn->limits.budget, &conn->claim, conn->frame_size);
}

static bool tell_frame(struct conn *conn, const uint8_t *data)
{
    size_t size = conn->frame_size;
    conn->frame_size = 0;
    conn->due[CONN_DUE_FIRST] = conn->due[CONN_DUE_FRAME] = 0;
    conn_due_idle(conn);
    conn_whole(conn);
    return conn_tell(conn, CONN_FRAME, data, size);
}

/* A frame that is within a record or two is told where it lies. */
static bool read_small(struct conn *conn, struct evbuffer *input)
{
    size_t size = conn->frame_size;
    if (evbuffer_get_length(input) < size)
        return false;
    const uint8_t *data = evbuffer_pullup(input, (ev_ssize_t)size);
    if (!data) {
        struct error err;
        error_set(&err, ERROR_OVERLOADED, "memory", "no memory for a frame of %zu bytes", size);
        fault(conn, &err);
        return false;
    }
    if (!tell_frame(conn, data))
        return false;
    evbuffer_drain(input, size);
    return true;
}

/* A larger one is collected, so that the buffer stays at a few records. */
static bool read_large(struct conn *conn, struct evbuffer *input)
{
    if (!conn->frame && !(conn->frame = malloc(conn->frame_size))) {
        struct error err;
        error_set(&err, ERROR_OVERLOADED, "memory", "no memory for a frame of %u bytes",
                  conn->frame_size);
        fault(conn, &err);
        return false;
    }
    int got =
        evbuffer_remove(input, conn->frame + conn->frame_have, conn->frame_size - conn->frame_have);
    conn->frame_have += got > 0 ? (uint32_t)got : 0;
    if (conn->frame_have < conn->frame_size)
        return false;
    uint8_t *frame = conn->frame;
    conn->frame = NULL; /* must outlive a conn_free in the callback */
    bool alive = tell_frame(conn, frame);
    free(frame);
    if (alive)
        conn_read_release(conn);
    return alive;
}

void conn_read(struct conn *conn)
{
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    while (conn->state == CONN_STATE_OPEN && !paused(conn)) {
        if (conn->frame_size == 0 && !read_header(conn, input))
            break;
        bool more =
            conn->frame_size <= CONN_SMALL ? read_small(conn, input) : read_large(conn, input);
        if (!more)
            break;
    }
    if (!conn->dead)
        conn_read_update(conn);
}
