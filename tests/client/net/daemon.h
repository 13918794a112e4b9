/*
 * The uplink blocks in a loop of its own, so the daemon that it talks to runs in a thread, with the
 * stage as its loop. What it does with a request is a word in the request itself: List.what.
 */
#ifndef SUARA_TESTS_CLIENT_NET_DAEMON_H
#define SUARA_TESTS_CLIENT_NET_DAEMON_H

#include "client/net/uplink.h"
#include "common/squeeze.h"
#include "common/wire.h"
#include "tests/common/net/stage.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>

#include <cmocka.h>

struct daemon {
    struct stage stage;
    pthread_t thread;
    int stop; /* eventfd */
    struct event *on_stop;
    bool refuse, mute, stranger; /* how it greets */
    struct squeeze *squeeze;     /* NULL: an older one, which knows no compression */
    unsigned unfolded;           /* requests that came compressed */
    struct uplink_settings settings;
    char server[64], certificate[400], key[400], ca[400];
};

static inline void send_reply(struct side *side, Suara__V1__Reply *reply)
{
    struct buf out = {0};
    struct daemon *daemon = (struct daemon *)side->stage;
    struct buf squeezed = {0};
    must(wire_pack(&out, &reply->base, UINT32_MAX, NULL) == 0, "wire_pack");
    bool smaller = daemon->squeeze && wire_squeeze(&squeezed, daemon->squeeze, (uint8_t *)out.data,
                                                   out.len, WIRE_REPLY_ZSTD);
    conn_send(side->conn, smaller ? &squeezed : &out);
    buf_release(&out);
    buf_release(&squeezed);
}

static inline void send_error(struct side *side, uint64_t id, enum error_code code,
                              const char *text)
{
    struct error err = {.code = code, .retry_after_ms = 1500};
    snprintf(err.text, sizeof err.text, "%s", text);
    Suara__V1__Error message = wire_error(&err);
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    reply.id = id;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_ERROR;
    reply.error = &message;
    send_reply(side, &reply);
}

static inline void send_added(struct side *side, uint64_t id, const char *text, bool last)
{
    Suara__V1__Added added = SUARA__V1__ADDED__INIT;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    added.text = wire_text(text);
    reply.id = id;
    reply.last = last;
    reply.body_case = SUARA__V1__REPLY__BODY_ADDED;
    reply.added = &added;
    send_reply(side, &reply);
}

static inline void greet(struct daemon *daemon, struct side *side,
                         const Suara__V1__Request *request)
{
    Suara__V1__Welcome welcome = SUARA__V1__WELCOME__INIT;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    must(wire_is(&request->hello->program, "suara " SUARA_VERSION), "Hello");
    if (daemon->mute)
        return;
    if (daemon->refuse) {
        send_error(side, request->id, ERROR_UNAVAILABLE, "the database is away");
        return;
    }
    if (daemon->stranger) {
        send_added(side, request->id, "hello", true);
        return;
    }
    welcome.program = wire_text("suarad 0.1.0");
    welcome.office = wire_text("BBPOM-SMG");
    welcome.max_frame = 100000;
    welcome.ready = true;
    Suara__V1__Compression zstd = SUARA__V1__COMPRESSION__COMPRESSION_ZSTD;
    must(wire_has_zstd(request->hello->compression, request->hello->n_compression), "offered");
    welcome.compression = &zstd;
    welcome.n_compression = daemon->squeeze != NULL;
    reply.id = request->id;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_WELCOME;
    reply.welcome = &welcome;
    send_reply(side, &reply);
}

static inline void send_receipt(struct side *side, const Suara__V1__Request *request)
{
    Suara__V1__Receipt receipt = SUARA__V1__RECEIPT__INIT;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    receipt.batch = request->submit->batch;
    receipt.stored = (uint32_t)request->submit->n_response;
    reply.id = request->id;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_RECEIPT;
    reply.receipt = &receipt;
    send_reply(side, &reply);
}

/* One long reply, which gets smaller. */
static inline void send_long(struct side *side, uint64_t id)
{
    char text[5000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + (i * i >> 3) % 23);
    text[sizeof text - 1] = '\0';
    send_added(side, id, text, true);
}

/* What is said to be compressed is rubbish. */
static inline void send_broken(struct side *side, uint64_t id)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    reply.id = id;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_ZSTD;
    reply.zstd = wire_text("no zstd frame");
    send_reply(side, &reply);
}

static inline void obey(struct side *side, const Suara__V1__Request *request)
{
    const ProtobufCBinaryData *what = &request->list->what;
    if (wire_is(what, "one")) {
        send_added(side, request->id, "one", true);
    } else if (wire_is(what, "three")) {
        send_added(side, request->id, "first", false);
        send_added(side, 999999, "for nobody", true);
        send_added(side, request->id, "second", false);
        send_added(side, request->id, "third", true);
    } else if (wire_is(what, "deny")) {
        send_error(side, request->id, ERROR_PERMISSION_DENIED, "you may not");
    } else if (wire_is(what, "hang up")) {
        conn_finish(side->conn);
    } else if (wire_is(what, "long")) {
        send_long(side, request->id);
    } else if (wire_is(what, "broken")) {
        send_broken(side, request->id);
    } else if (wire_is(what, "rubbish")) {
        side_send(side, 10, 0xff);
    } else if (wire_is(what, "line")) {
        send_error(side, 0, ERROR_TOO_LARGE, "a frame was too large");
        conn_finish(side->conn);
    }
    /* "nothing": no answer at all */
}

static inline void serve(struct side *side, enum conn_event event, const uint8_t *data, size_t size)
{
    struct daemon *daemon = (struct daemon *)side->stage;
    struct arena arena;
    struct error err;
    uint64_t id;
    if (event != CONN_FRAME)
        return;
    arena_init(&arena, wire_arena_cap(size));
    const Suara__V1__Request *request = wire_request(data, size, &arena, &id, &err);
    must(request != NULL, err.text);
    must(request->id == side->frames, "ids count from 1");
    if (request->body_case == SUARA__V1__REQUEST__BODY_ZSTD) {
        must(daemon->squeeze != NULL, "compressed, though it was not agreed");
        daemon->unfolded++;
        request = wire_request_inside(request, daemon->squeeze, 100000, &arena, &err);
        must(request != NULL, err.text);
    }
    if (request->body_case == SUARA__V1__REQUEST__BODY_HELLO)
        greet(daemon, side, request);
    else if (request->body_case == SUARA__V1__REQUEST__BODY_SUBMIT)
        send_receipt(side, request);
    else
        obey(side, request);
    arena_release(&arena);
}

static inline void on_stop(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    event_base_loopbreak(arg);
}

static inline void *run_daemon(void *arg)
{
    struct daemon *daemon = arg;
    event_base_dispatch(daemon->stage.base);
    return NULL;
}

static inline void start_daemon(struct daemon *daemon)
{
    must(pthread_create(&daemon->thread, NULL, run_daemon, daemon) == 0, "no thread");
}

static inline int daemon_setup(void **state)
{
    struct daemon *daemon = calloc(1, sizeof *daemon);
    must(daemon != NULL, "no memory");
    stage_open(&daemon->stage);
    daemon->stage.server_also = serve;
    daemon->stop = eventfd(0, EFD_NONBLOCK);
    daemon->on_stop =
        event_new(daemon->stage.base, daemon->stop, EV_READ, on_stop, daemon->stage.base);
    event_add(daemon->on_stop, NULL);
    struct tls_files files = pki_files(&daemon->stage.pki, "office", NULL);
    snprintf(daemon->server, sizeof daemon->server, "127.0.0.1:%u", daemon->stage.port);
    snprintf(daemon->certificate, sizeof daemon->certificate, "%s", files.certificate);
    snprintf(daemon->key, sizeof daemon->key, "%s", files.key);
    snprintf(daemon->ca, sizeof daemon->ca, "%s", files.ca);
    daemon->settings = (struct uplink_settings){.server = daemon->server,
                                                .certificate = daemon->certificate,
                                                .key = daemon->key,
                                                .ca = daemon->ca,
                                                .connect_ms = 10000,
                                                .reply_ms = 10000};
    *state = daemon;
    return 0;
}

static inline int daemon_teardown(void **state)
{
    struct daemon *daemon = *state;
    must(write(daemon->stop, &(uint64_t){1}, sizeof(uint64_t)) == sizeof(uint64_t), "eventfd");
    if (daemon->thread)
        pthread_join(daemon->thread, NULL);
    event_free(daemon->on_stop);
    close(daemon->stop);
    stage_close(&daemon->stage);
    squeeze_free(&daemon->squeeze);
    free(daemon);
    return 0;
}

static inline struct uplink *open_line(struct daemon *daemon)
{
    struct error err = {0};
    struct uplink *uplink = uplink_open(&daemon->settings, &err);
    if (!uplink)
        fail_msg("%s", err.text);
    return uplink;
}

/* What came for a request. */
struct heard {
    unsigned replies, errors;
    char text[64];
    uint32_t stored;
    struct error error;
    struct uplink *ask_more; /* sends `one` for each reply */
    struct heard *more;
};

static inline void hear(const Suara__V1__Reply *reply, const struct error *err, void *arg);

static inline int send_list(struct uplink *uplink, const char *what, struct heard *heard,
                            struct error *err)
{
    Suara__V1__List list = SUARA__V1__LIST__INIT;
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    list.what = wire_text(what);
    request.body_case = SUARA__V1__REQUEST__BODY_LIST;
    request.list = &list;
    return uplink_send(uplink, &request, hear, heard, err);
}

static inline void hear(const Suara__V1__Reply *reply, const struct error *err, void *arg)
{
    struct heard *heard = arg;
    assert_true((reply != NULL) != (err != NULL));
    if (err) {
        heard->errors++;
        heard->error = *err;
        return;
    }
    heard->replies++;
    if (reply->body_case == SUARA__V1__REPLY__BODY_RECEIPT)
        heard->stored = reply->receipt->stored;
    if (reply->body_case == SUARA__V1__REPLY__BODY_ADDED)
        snprintf(heard->text, sizeof heard->text, "%.*s", (int)reply->added->text.len,
                 (const char *)reply->added->text.data);
    if (heard->ask_more)
        assert_int_equal(send_list(heard->ask_more, "one", heard->more, NULL), 0);
}

#define WITH_DAEMON(test) cmocka_unit_test_setup_teardown(test, daemon_setup, daemon_teardown)

#endif
