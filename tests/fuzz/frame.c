/*
 * Frames: whatever comes, and wherever the stream is cut, the same frames are told, or the same
 * fault. Drives the product's own reader (common/net/conn_read.c) on a connection without a socket.
 */
#include "common/frame.h"
#include "common/buf.h"
#include "common/net/conn_private.h"
#include "tests/fuzz/fuzz.h"
#include <event2/buffer.h>
#include <event2/bufferevent.h>

#define STREAM_MOST (1u << 16)

struct told {
    uint64_t sum; /* of all frames, their sizes and bytes, in order */
    unsigned frames;
    bool fault;
    enum error_code code;
};

struct reader {
    struct conn *conn;
    struct told told;
    unsigned free_at; /* the connection is freed in the callback of this frame; 0: never */
    bool hold;        /* each frame holds the connection once */
};

static struct event_base *base;

static uint64_t mix(uint64_t sum, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t part = 0;
        memcpy(&part, data + i, size - i < 8 ? size - i : 8);
        sum = (sum ^ part) * 0x9E3779B97F4A7C15u;
    }
    return (sum ^ size) * 0x9E3779B97F4A7C15u;
}

static void on_event(struct conn *conn, enum conn_event event, const uint8_t *data, size_t size,
                     void *arg)
{
    struct reader *r = arg;
    must(!r->told.fault); /* nothing is told after a fault */
    if (event == CONN_FAULT) {
        r->told.fault = true;
        r->told.code = conn_error(conn)->code;
        must(conn_error(conn)->text[0]);
        return;
    }
    must(event == CONN_FRAME && size >= 1 && size <= conn->limits.max_frame);
    r->told.sum = mix(r->told.sum, data, size);
    r->told.frames++;
    if (r->hold)
        conn_hold(conn);
    if (r->told.frames == r->free_at)
        conn_free(&r->conn);
}

static void on_resume(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct conn *conn = arg;
    conn_enter(conn);
    if (conn->state == CONN_STATE_OPEN)
        conn_read(conn);
    conn_leave(conn);
}

/* As conn.c makes it and conn_tls.c opens it, but for the socket. */
static void reader_open(struct reader *r, uint32_t max_frame, struct budget *budget)
{
    struct conn *conn = calloc(1, sizeof *conn);
    must(conn);
    conn->base = base;
    conn->fn = on_event;
    conn->arg = r;
    conn->limits = (struct conn_limits){
        .max_frame = max_frame, .first_ms = 60000, .frame_ms = 60000, .budget = budget};
    conn->bev = bufferevent_socket_new(base, -1, 0);
    must(conn->bev);
    must(evbuffer_unfreeze(bufferevent_get_input(conn->bev), 0) == 0);
    event_assign(&conn->resume, base, -1, 0, on_resume, conn);
    conn_time_init(conn);
    conn->state = CONN_STATE_OPEN;
    r->conn = conn;
}

static bool same(const struct told *a, const struct told *b)
{
    return a->sum == b->sum && a->frames == b->frames && a->fault == b->fault && a->code == b->code;
}

/* A piece of the stream has come. */
static void reader_feed(struct reader *r, const char *data, size_t size)
{
    if (!r->conn)
        return;
    evbuffer_add(bufferevent_get_input(r->conn->bev), data, size);
    struct conn *conn = r->conn;
    conn_enter(conn);
    if (conn->state == CONN_STATE_OPEN)
        conn_read(conn);
    conn_leave(conn);
    while (r->conn && r->conn->holds > 0) {
        conn_release(r->conn);
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
}

/* What is in the stream, in the plainest words. */
static struct told expected(const struct buf *stream, uint32_t max_frame)
{
    struct told told = {0};
    for (size_t at = 0; stream->len - at >= FRAME_HEADER;) {
        const uint8_t *head = (const uint8_t *)stream->data + at;
        uint64_t length =
            ((uint64_t)head[0] << 24) + ((uint64_t)head[1] << 16) + head[2] * 256u + head[3];
        if (length == 0 || length > max_frame) {
            told.fault = true;
            told.code = length ? ERROR_TOO_LARGE : ERROR_INVALID;
            break;
        }
        if (stream->len - at - FRAME_HEADER < length)
            break;
        told.sum = mix(told.sum, head + FRAME_HEADER, length);
        told.frames++;
        at += FRAME_HEADER + length;
    }
    return told;
}

/* The stream, as it is or in a short form: 0x80 | n: n literal bytes; 0x40 | n: a header that is
 * right and n x 700 bytes; else four bytes of a header as they come. */
static void make_stream(struct fuzz_input *in, struct buf *stream)
{
    if (fuzz_byte(in) % 2 == 0) {
        buf_add(stream, in->at, in->left);
        return;
    }
    while (in->left && stream->len < STREAM_MOST) {
        uint8_t op = fuzz_byte(in);
        if (op & 0x80u) {
            struct fuzz_input part = fuzz_take(in, op & 0x7Fu);
            buf_add(stream, part.at, part.left);
        } else if (op & 0x40u) {
            uint32_t size = (op & 0x3Fu) * 700u;
            char *room;
            buf_put_u32(stream, size);
            must((room = buf_reserve(stream, size)));
            memset(room, op, size);
            stream->len += size;
        } else {
            buf_put_u32(stream, fuzz_u32(in));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t most[4] = {16, 4096, 40000, FRAME_MAX_DEFAULT};
    struct fuzz_input in = {data, size}, cuts;
    struct buf stream = {0};
    struct budget budget;
    if (!base)
        base = event_base_new();
    must(base);
    uint8_t how = fuzz_byte(&in);
    uint32_t max_frame = most[how & 3u];
    struct reader whole = {0}, cut = {.hold = (how & 4u) != 0};
    unsigned free_at = how & 8u ? 1 + (how >> 5) : 0;
    cuts = fuzz_take(&in, how >> 4);
    make_stream(&in, &stream);
    budget_init(&budget, 1u << 20);

    reader_open(&whole, max_frame, how & 16u ? &budget : NULL);
    reader_feed(&whole, stream.data, stream.len);
    must(whole.told.fault == (whole.conn->state == CONN_STATE_FAULT));
    const struct told plain = expected(&stream, max_frame);
    must(same(&whole.told, &plain));
    conn_free(&whole.conn);
    must(budget.used == 0);

    reader_open(&cut, max_frame, how & 16u ? &budget : NULL);
    for (size_t at = 0; at < stream.len;) {
        size_t piece = cuts.left ? fuzz_byte(&cuts) : stream.len - at;
        piece = piece * piece / 16 + 1; /* 1 byte .. 4 kB */
        piece = piece < stream.len - at ? piece : stream.len - at;
        reader_feed(&cut, stream.data + at, piece);
        at += piece;
    }
    must(same(&whole.told, &cut.told));
    conn_free(&cut.conn);
    must(budget.used == 0);

    /* Freed in its own callback: no byte of it is touched afterwards. */
    if (free_at) {
        struct reader gone = {.free_at = free_at};
        reader_open(&gone, max_frame, how & 16u ? &budget : NULL);
        reader_feed(&gone, stream.data, stream.len);
        must(!gone.conn == (whole.told.frames >= free_at));
        conn_free(&gone.conn);
        must(budget.used == 0);
    }
    buf_release(&stream);
    event_base_loop(base, EVLOOP_NONBLOCK);
    return 0;
}
