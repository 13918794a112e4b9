/*
 * An office at its desk, with an outbox, and a daemon that answers as it is told to. A response
 * with the service BAD is one that the daemon does not like.
 */
#ifndef SUARA_TESTS_CLIENT_APP_DESK_H
#define SUARA_TESTS_CLIENT_APP_DESK_H

#include "client/app/submit.h"
#include "client/app/sync.h"
#include "client/store/outbox.h"
#include "client/store/profile.h"
#include "tests/client/folder.h"
#include "tests/client/net/daemon.h"

enum manner {
    GIVES_RECEIPTS, /* BAD ones by verdict */
    REFUSES_WHOLE,  /* a batch with a BAD one gets an error */
    CLOSES,         /* .. and the line is closed, as for a frame that is too large */
    FAILS_INSIDE,   /* .. INTERNAL */
    DENIES,
    IS_BUSY, /* the first three times */
    MISCOUNTS,
    NAMES_OTHER_BATCH,
    NAMES_NO_RESPONSE,
    NAMES_ONE_TWICE,
    TALKS_NONSENSE,
    SAYS_NOTHING,
    SENDS_JUNK,      /* a receipt that something on the way garbled */
    SENDS_LENGTH_0,  /* .. in its length */
    SENDS_LENGTH_2G, /* .. and so */
};

static struct {
    enum manner manner;
    unsigned asked, stored; /* batches; responses */
    char zone[8];
} told;

static inline unsigned bad_ones(const Suara__V1__SubmitBatch *batch, uint32_t *bad)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < batch->n_response; i++) {
        uint32_t word = batch->response[i]->service;
        if (word > 0 && wire_is(&batch->word[word - 1], "BAD"))
            bad[count++] = i;
    }
    return count;
}

static inline void reply_receipt(struct side *side, uint64_t id,
                                 const Suara__V1__SubmitBatch *batch, uint32_t *bad, unsigned count)
{
    Suara__V1__Receipt receipt = SUARA__V1__RECEIPT__INIT;
    Suara__V1__Verdict verdict = SUARA__V1__VERDICT__INIT, *verdicts = &verdict;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    uint8_t other[16] = {1};
    receipt.batch = batch->batch;
    receipt.stored = (uint32_t)batch->n_response - count;
    verdict.status = SUARA__V1__VERDICT__STATUS__INVALID;
    verdict.field = wire_text("service");
    verdict.reason = wire_text("is no service of this office");
    verdict.index = bad;
    verdict.n_index = count;
    receipt.n_verdict = count ? 1 : 0;
    receipt.verdict = &verdicts;
    if (told.manner == MISCOUNTS)
        receipt.stored++;
    if (told.manner == NAMES_OTHER_BATCH)
        receipt.batch = (ProtobufCBinaryData){.len = sizeof other, .data = other};
    if (told.manner == NAMES_NO_RESPONSE)
        bad[0] = (uint32_t)batch->n_response;
    if (told.manner == NAMES_ONE_TWICE)
        bad[1] = bad[0];
    told.stored += receipt.stored;
    reply.id = id;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_RECEIPT;
    reply.receipt = &receipt;
    send_reply(side, &reply);
}

/* It stored them, and what it says about that arrives as this. */
static inline void send_length(struct side *side, uint32_t length)
{
    struct buf out = {0};
    buf_put_u32(&out, length);
    buf_puts(&out, "0123456789");
    conn_send(side->conn, &out);
    buf_release(&out);
}

static inline void answer(struct side *side, uint64_t id, const Suara__V1__SubmitBatch *batch)
{
    static uint32_t bad[4096];
    unsigned count = bad_ones(batch, bad);
    told.asked++;
    if (told.manner == SAYS_NOTHING)
        return;
    if (told.manner == TALKS_NONSENSE)
        send_added(side, id, "what?", true);
    else if (told.manner == SENDS_JUNK)
        side_send(side, 10, 0xff);
    else if (told.manner == SENDS_LENGTH_0)
        send_length(side, 0);
    else if (told.manner == SENDS_LENGTH_2G)
        send_length(side, 1u << 31);
    else if (told.manner == DENIES)
        send_error(side, id, ERROR_PERMISSION_DENIED, "an auditor may not submit");
    else if (told.manner == IS_BUSY && told.asked <= 3)
        send_error(side, id, ERROR_OVERLOADED, "too much at once");
    else if (told.manner == REFUSES_WHOLE && count)
        send_error(side, id, ERROR_INVALID, "I do not like this");
    else if (told.manner == FAILS_INSIDE && count)
        send_error(side, id, ERROR_INTERNAL, "a fault of mine");
    else if (told.manner == CLOSES && count) {
        send_error(side, 0, ERROR_TOO_LARGE, "a frame was too large");
        conn_finish(side->conn);
    } else {
        reply_receipt(side, id, batch, bad, count);
    }
}

static inline void welcome(struct side *side, uint64_t id)
{
    Suara__V1__Welcome welcome = SUARA__V1__WELCOME__INIT;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    welcome.zone = wire_text(told.zone);
    welcome.max_frame = 1 << 20;
    welcome.now = 5000;
    reply.id = id;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_WELCOME;
    reply.welcome = &welcome;
    send_reply(side, &reply);
}

static inline void serve_batches(struct side *side, enum conn_event event, const uint8_t *data,
                                 size_t size)
{
    struct arena arena;
    struct error err;
    uint64_t id;
    if (event != CONN_FRAME)
        return;
    arena_init(&arena, wire_arena_cap(size));
    const Suara__V1__Request *request = wire_request(data, size, &arena, &id, &err);
    must(request != NULL, err.text);
    if (request->body_case == SUARA__V1__REQUEST__BODY_HELLO)
        welcome(side, id);
    else
        answer(side, id, request->submit);
    arena_release(&arena);
}

/* ---- an office ------------------------------------------------------------------------------ */

/* An enrolment's files, under names that end in `mark`, and the settings that name them. */
static inline void put_settings(struct folder *folder, const struct daemon *daemon,
                                const char *mark)
{
    const char *const kind[] = {"certificate", "key", "ca"};
    const char *const there[] = {daemon->certificate, daemon->key, daemon->ca};
    struct buf text = {0};
    char name[32];
    buf_printf(&text, "[profile]\nrole = office\nname = A\nserver = %s\n", daemon->server);
    for (size_t i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s.pem", kind[i], mark);
        must(symlink(there[i], folder_file(folder, name)) == 0, name);
        buf_printf(&text, "%s = %s\n", kind[i], name);
    }
    folder_write(folder, "settings.ini", text.data, text.len);
    buf_release(&text);
}

struct desk {
    struct daemon *daemon;
    struct folder *folder;
    struct profile profile;
    struct outbox *outbox;
    struct sync_options options;
    struct sync_result result;
    struct error err;
};

static inline int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    void *made = NULL;
    must(desk && daemon_setup(&made) == 0, "no daemon");
    desk->daemon = made;
    desk->daemon->stage.server_also = serve_batches;
    must(folder_make(&made) == 0, "no folder");
    desk->folder = made;
    memset(&told, 0, sizeof told);
    put_settings(desk->folder, desk->daemon, "");
    desk->profile = (struct profile){.name = strdup("A"),
                                     .role = strdup("office"),
                                     .principal = strdup("A"),
                                     .zone = ZONE_WIB,
                                     .server = strdup(desk->daemon->server),
                                     .certificate = strdup(folder_file(made, "certificate.pem")),
                                     .key = strdup(folder_file(made, "key.pem")),
                                     .ca = strdup(folder_file(made, "ca.pem")),
                                     .settings = strdup(folder_file(made, "settings.ini")),
                                     .outbox = strdup(folder_file(made, "outbox.db"))};
    desk->outbox = outbox_open(desk->profile.outbox, &desk->err);
    must(desk->outbox != NULL, desk->err.text);
    *state = desk;
    return 0;
}

static inline int teardown(void **state)
{
    struct desk *desk = *state;
    void *daemon = desk->daemon, *folder = desk->folder;
    outbox_close(&desk->outbox);
    sync_result_release(&desk->result);
    profile_release(&desk->profile);
    free(desk);
    return daemon_teardown(&daemon) | folder_remove(&folder);
}

/* Rows 1 .. count; those in `bad` have the service BAD. In batches of ten. */
static inline void save(struct desk *desk, unsigned count, const unsigned *bad, size_t bad_count)
{
    struct buf text = {0};
    struct submit_result result = {0};
    const struct submit_options options = {.now_ms = 1700000000000, .batch_responses = 10};
    buf_puts(&text, "u1,u2,u3,u4,u5,u6,u7,u8,u9,collected_at,service\n");
    for (unsigned row = 1; row <= count; row++) {
        bool is_bad = false;
        for (size_t i = 0; i < bad_count; i++)
            is_bad |= bad[i] == row;
        buf_printf(&text, "1,2,3,4,1,2,3,4,1,2023-07-13 10:%02u:%02u,%s\n", row / 60, row % 60,
                   is_bad ? "BAD" : "");
    }
    const char *path = folder_write(desk->folder, "a.csv", text.data, text.len);
    assert_int_equal(submit_file(&desk->profile, desk->outbox, path, &options, &result, &desk->err),
                     0);
    assert_int_equal(result.saved, count);
    submit_result_release(&result);
    buf_release(&text);
}

static inline int sync_now(struct desk *desk, enum manner manner)
{
    told.manner = manner;
    told.asked = told.stored = 0;
    if (!desk->daemon->thread)
        start_daemon(desk->daemon);
    error_clear(&desk->err);
    sync_result_release(&desk->result);
    return sync_run(&desk->profile, desk->outbox, &desk->options, &desk->result, &desk->err);
}

static inline void check(const struct desk *desk, uint64_t stored, uint64_t rejected,
                         uint64_t waiting)
{
    struct outbox_counts counts;
    struct error err;
    assert_int_equal(desk->result.stored, stored);
    assert_int_equal(desk->result.rejected, rejected);
    assert_int_equal(desk->result.waiting, waiting);
    assert_int_equal(outbox_counts(desk->outbox, &counts, &err), 0);
    assert_int_equal(counts.waiting, waiting);
    assert_int_equal(counts.rejected, rejected);
}

#define AT_DESK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
