#include "client/net/uplink_private.h"

#include "client/core/kept.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/frame.h"
#include "common/squeeze.h"
#include "common/wire.h"
#include <event2/event.h>
#include <stdlib.h>

#define GREETING "suara " SUARA_VERSION

static void drop(struct uplink *uplink, struct request *request)
{
    HASH_DEL(uplink->requests, request);
    free(request);
}

void uplink_forget(struct uplink *uplink)
{
    struct request *request, *next;
    HASH_ITER (hh, uplink->requests, request, next)
        drop(uplink, request);
}

static uint32_t frame_max(const struct uplink *uplink)
{
    uint32_t max = uplink->welcome ? uplink->welcome->max_frame : 0;
    return max ? max : FRAME_MAX_DEFAULT;
}

/* ---- down ---------------------------------------------------------------------------------- */

static void welcome(struct uplink *uplink, const Suara__V1__Reply *reply)
{
    struct error err = {0};
    if (reply->body_case == SUARA__V1__REPLY__BODY_WELCOME) {
        uplink->welcome = reply->welcome;
        uplink->squeezes = uplink->squeeze && wire_has_zstd(reply->welcome->compression,
                                                            reply->welcome->n_compression);
        event_base_loopbreak(uplink->base);
        return;
    }
    if (reply->body_case == SUARA__V1__REPLY__BODY_ERROR)
        wire_error_read(reply->error, &err);
    else
        error_set(&err, ERROR_UNSUPPORTED, NULL, "%s did not greet: is it a suarad?",
                  uplink->server);
    uplink_break(uplink, &err);
}

static void hand_over(struct uplink *uplink, const Suara__V1__Reply *reply)
{
    struct request *request;
    struct error err = {0};
    bool failed = reply->body_case == SUARA__V1__REPLY__BODY_ERROR;
    if (failed)
        wire_error_read(reply->error, &err);
    HASH_FIND(hh, uplink->requests, &reply->id, sizeof reply->id, request);
    if (!request) {
        /* An error that names no request is about the line itself (a frame that was too large). */
        if (failed && reply->id == 0)
            uplink_break(uplink, &err);
        return;
    }
    uplink_fn *fn = request->fn;
    void *arg = request->arg;
    if (failed || reply->last)
        drop(uplink, request);
    fn(failed ? NULL : reply, failed ? &err : NULL, arg);
}

void uplink_take(struct uplink *uplink, const uint8_t *data, size_t size)
{
    struct arena arena;
    struct error err = {0};
    uplink->heard_ms = clock_monotonic_ms();
    if (uplink->broken)
        return;
    arena_init(&arena, wire_arena_cap(size));
    const Suara__V1__Reply *reply =
        wire_reply(data, size, uplink->welcome ? &arena : &uplink->greeting, &err);
    if (reply && uplink->squeezes && reply->body_case == SUARA__V1__REPLY__BODY_ZSTD)
        reply = wire_reply_inside(reply, uplink->squeeze, frame_max(uplink), &arena, &err);
    if (!reply)
        uplink_break_unread(uplink, &err);
    else if (!uplink->welcome)
        welcome(uplink, reply);
    else
        hand_over(uplink, reply);
    arena_release(&arena);
}

/* ---- up ------------------------------------------------------------------------------------ */

void uplink_greet(struct uplink *uplink)
{
    struct error err;
    Suara__V1__Compression zstd = SUARA__V1__COMPRESSION__COMPRESSION_ZSTD;
    Suara__V1__Hello hello = SUARA__V1__HELLO__INIT;
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    hello.program = wire_text(GREETING);
    hello.compression = &zstd;
    hello.n_compression = uplink->squeeze != NULL;
    request.id = ++uplink->last_id;
    request.body_case = SUARA__V1__REQUEST__BODY_HELLO;
    request.hello = &hello;
    buf_clear(&uplink->out);
    if (wire_pack(&uplink->out, &request.base, frame_max(uplink), &err)) {
        uplink_break(uplink, &err);
        return;
    }
    conn_send(uplink->conn, &uplink->out);
    /* What the connection took is not there any more for the Welcome. */
    uint64_t used = clock_monotonic_ms() - uplink->heard_ms;
    if (uplink->connect_ms)
        uplink_listen(uplink, used < uplink->connect_ms ? uplink->connect_ms - (uint32_t)used : 1);
}

/* The request that was packed into uplink->out goes out, and its reply is waited for. */
static int send_packed(struct uplink *uplink, uint64_t id, uplink_fn *fn, void *arg,
                       struct error *err)
{
    struct request *request = malloc(sizeof *request);
    if (!request)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for a request");
    *request = (struct request){.id = id, .fn = fn, .arg = arg};
    bool first = !uplink->requests;
    HASH_ADD(hh, uplink->requests, id, sizeof request->id, request);
    if (request->lost) {
        free(request);
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for a request");
    }
    if (first) {
        uplink->heard_ms = clock_monotonic_ms();
        uplink_listen(uplink, uplink->reply_ms);
    }
    buf_clear(&uplink->squeezed);
    bool smaller = uplink->squeezes &&
                   wire_squeeze(&uplink->squeezed, uplink->squeeze, (uint8_t *)uplink->out.data,
                                uplink->out.len, WIRE_REQUEST_ZSTD);
    conn_send(uplink->conn, smaller ? &uplink->squeezed : &uplink->out);
    return 0;
}

static int check_line(struct uplink *uplink, struct error *err)
{
    buf_clear(&uplink->out);
    if (uplink->broken && err)
        *err = uplink->error;
    return uplink->broken ? -1 : 0;
}

int uplink_send(struct uplink *uplink, Suara__V1__Request *request, uplink_fn *fn, void *arg,
                struct error *err)
{
    if (check_line(uplink, err))
        return -1;
    request->id = ++uplink->last_id;
    if (wire_pack(&uplink->out, &request->base, frame_max(uplink), err))
        return -1;
    return send_packed(uplink, request->id, fn, arg, err);
}

int uplink_send_batch(struct uplink *uplink, const void *kept, size_t size, uplink_fn *fn,
                      void *arg, struct error *err)
{
    if (check_line(uplink, err))
        return -1;
    uint64_t id = uplink->last_id + 1;
    if (kept_frame(&uplink->out, kept, size, id, uplink->squeezes, uplink->squeeze,
                   frame_max(uplink), err))
        return -1;
    uplink->last_id = id;
    return send_packed(uplink, id, fn, arg, err);
}

/* ---- until it is answered ------------------------------------------------------------------ */

static void fail_open(struct uplink *uplink)
{
    while (uplink->requests) {
        struct request *first = uplink->requests;
        uplink_fn *fn = first->fn;
        void *arg = first->arg;
        drop(uplink, first);
        fn(NULL, &uplink->error, arg);
    }
}

int uplink_run(struct uplink *uplink, unsigned open, struct error *err)
{
    while (!uplink->broken && uplink->requests && HASH_COUNT(uplink->requests) >= open)
        uplink_turn(uplink);
    if (!uplink->broken)
        return 0;
    fail_open(uplink);
    if (err)
        *err = uplink->error;
    return -1;
}

struct answer {
    uplink_fn *fn;
    void *arg;
    bool failed;
    struct error error;
};

static void on_answer(const Suara__V1__Reply *reply, const struct error *err, void *arg)
{
    struct answer *answer = arg;
    if (reply) {
        answer->fn(reply, NULL, answer->arg);
        return;
    }
    answer->failed = true;
    answer->error = *err;
}

int uplink_ask(struct uplink *uplink, Suara__V1__Request *request, uplink_fn *fn, void *arg,
               struct error *err)
{
    struct answer answer = {.fn = fn, .arg = arg};
    if (uplink_send(uplink, request, on_answer, &answer, err))
        return -1;
    int result = uplink_run(uplink, 1, err);
    if (result == 0 && answer.failed) {
        if (err)
            *err = answer.error;
        result = -1;
    }
    return result;
}
