/*
 * Connections of the fuzzed daemon: what it sends is taken apart, and a ledger is kept of what each
 * client asked and was told. The target plays the peers.
 */
#ifndef SUARA_TESTS_FUZZ_EDGE_CONN_H
#define SUARA_TESTS_FUZZ_EDGE_CONN_H

#include "common/frame.h"
#include "common/net/conn.h"
#include "common/squeeze.h"
#include "common/wire.h"
#include "tests/fuzz/fuzz.h"
#include <openssl/ssl.h>

#define ASKED_MOST 64u /* far above what may be open at once */

/* A request that was delivered and not answered yet. */
struct asked {
    uint64_t id;
    bool submit;
    size_t responses;
};

struct conn {
    conn_fn *fn;
    void *arg;
    uint32_t max_frame;
    struct tls_identity identity;
    unsigned holds;
    bool finished, jammed, owes_room, welcomed;
    struct asked asked[ASKED_MOST];
    bool twice; /* an id that was open was used again */
    size_t asked_count;
    uint64_t stored, answered;
};

static SSL_CTX *edge_context;
static SSL *edge_ssl;
static struct squeeze *edge_squeeze;
static struct conn *edge_accepted; /* by the last conn_accept */

/* The reply is to one of the open requests; its last one closes it. */
static inline void edge_reply(struct conn *conn, const Suara__V1__Reply *reply)
{
    bool error = reply->body_case == SUARA__V1__REPLY__BODY_ERROR;
    size_t i = 0;
    while (i < conn->asked_count && conn->asked[i].id != reply->id)
        i++;
    if (reply->body_case == SUARA__V1__REPLY__BODY_WELCOME) {
        must(!conn->welcomed);
        conn->welcomed = true;
    }
    must(conn->welcomed || error);
    must(!error || (reply->last && reply->error->text.len > 0 && reply->error->code > 0));
    if (i == conn->asked_count) { /* of the line as a whole */
        must(error && reply->id == 0);
        return;
    }
    if (reply->body_case == SUARA__V1__REPLY__BODY_RECEIPT) {
        uint64_t total = reply->receipt->stored;
        /* Ids may be used twice: it is one of those, unless an error took its place meanwhile. */
        size_t same = i;
        for (size_t v = 0; v < reply->receipt->n_verdict; v++)
            total += reply->receipt->verdict[v]->n_index;
        while (i < conn->asked_count && (conn->asked[i].id != reply->id || !conn->asked[i].submit ||
                                         conn->asked[i].responses != total))
            i++;
        if (i == conn->asked_count && conn->twice)
            i = same;
        must(i < conn->asked_count && reply->last);
        conn->stored += reply->receipt->stored;
    }
    if (reply->last) {
        conn->answered++;
        conn->asked[i] = conn->asked[--conn->asked_count];
    }
}

bool conn_send(struct conn *conn, const struct buf *frames)
{
    struct arena arena;
    struct error err;
    must(!conn->finished && !frames->failed);
    for (size_t at = 0; at < frames->len;) {
        uint32_t length;
        const uint8_t *data = (const uint8_t *)frames->data + at;
        must(frames->len - at > FRAME_HEADER);
        must(frame_length(data, conn->max_frame, &length, &err) == 0);
        must(frames->len - at >= FRAME_HEADER + length);
        arena_init(&arena, wire_arena_cap(length)); /* what the client gives it */
        const Suara__V1__Reply *reply = wire_reply(data + FRAME_HEADER, length, &arena, &err);
        must(reply);
        if (reply->body_case == SUARA__V1__REPLY__BODY_ZSTD) {
            must(conn->welcomed && (edge_squeeze || (edge_squeeze = squeeze_new())));
            reply = wire_reply_inside(reply, edge_squeeze, conn->max_frame, &arena, &err);
            must(reply);
        }
        edge_reply(conn, reply);
        arena_release(&arena);
        at += FRAME_HEADER + length;
    }
    conn->owes_room = conn->owes_room || conn->jammed;
    return !conn->jammed;
}

struct conn *conn_accept(struct event_base *base, SSL_CTX *context, evutil_socket_t fd,
                         const struct conn_limits *limits, conn_fn *fn, void *arg,
                         struct error *err)
{
    (void)base, (void)context, (void)fd, (void)err;
    struct conn *conn = calloc(1, sizeof *conn);
    must(conn);
    conn->fn = fn;
    conn->arg = arg;
    conn->max_frame = limits->max_frame;
    edge_accepted = conn;
    return conn;
}

void conn_hold(struct conn *conn)
{
    conn->holds++;
}

void conn_release(struct conn *conn)
{
    must(conn->holds > 0);
    conn->holds--;
}

void conn_finish(struct conn *conn)
{
    conn->finished = true;
}

void conn_free(struct conn **conn)
{
    free(*conn);
    *conn = NULL;
}

const struct tls_identity *conn_identity(const struct conn *conn)
{
    return &conn->identity;
}

const char *conn_peer(const struct conn *conn)
{
    (void)conn;
    return "192.0.2.7:51514";
}

const struct error *conn_error(const struct conn *conn)
{
    static const struct error why = {
        .code = ERROR_INVALID, .field = "frame", .text = "a frame of length 0"};
    (void)conn;
    return &why;
}

enum conn_limit conn_limit(const struct conn *conn)
{
    (void)conn;
    return CONN_LIMIT_NONE;
}

void conn_set_share(struct conn *conn, struct budget_share *share)
{
    must(conn && share);
}

void conn_progress(struct conn *conn, uint64_t now_ms, struct conn_progress *out)
{
    *out = (struct conn_progress){.quiet_ms = now_ms - 20000, .held = conn->holds > 0};
    out->out_since_ms = conn->jammed;
}

size_t conn_output(const struct conn *conn)
{
    return conn->jammed ? CONN_OUTPUT_HIGH : 0;
}

SSL *conn_ssl(struct conn *conn)
{
    (void)conn;
    return edge_ssl;
}

/* ---- TLS: no files ----------------------------------------------------------------------------
 */

SSL_CTX *tls_server_context(const struct tls_files *files, struct error *err)
{
    (void)files, (void)err;
    SSL_CTX_up_ref(edge_context);
    return edge_context;
}

bool tls_still_good(const SSL_CTX *context, SSL *ssl)
{
    return context && ssl;
}

void tls_context_lives(const SSL_CTX *context, int64_t now_ms, struct tls_lives *out)
{
    (void)context, (void)now_ms;
    *out = (struct tls_lives){{0, 0}, {0, 0}, {0, 0}};
}

#endif
