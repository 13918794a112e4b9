/*
 * sync against a daemon that answers as it is told to. A response with the service BAD is one that
 * the daemon does not like.
 */
#include "client/app/sync.h"

#include "client/app/submit.h"
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
};

static struct {
    enum manner manner;
    unsigned asked, stored; /* batches; responses */
    char zone[8];
} told;

static unsigned bad_ones(const Suara__V1__SubmitBatch *batch, uint32_t *bad)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < batch->n_response; i++) {
        uint32_t word = batch->response[i]->service;
        if (word > 0 && wire_is(&batch->word[word - 1], "BAD"))
            bad[count++] = i;
    }
    return count;
}

static void reply_receipt(struct side *side, uint64_t id, const Suara__V1__SubmitBatch *batch,
                          uint32_t *bad, unsigned count)
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

static void answer(struct side *side, uint64_t id, const Suara__V1__SubmitBatch *batch)
{
    static uint32_t bad[4096];
    unsigned count = bad_ones(batch, bad);
    told.asked++;
    if (told.manner == TALKS_NONSENSE)
        send_added(side, id, "what?", true);
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

static void welcome(struct side *side, uint64_t id)
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

static void serve_batches(struct side *side, enum conn_event event, const uint8_t *data,
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

/* ---- an office ----------------------------------------------------------------------------------
 */

struct desk {
    struct daemon *daemon;
    struct folder *folder;
    struct profile profile;
    struct outbox *outbox;
    struct sync_options options;
    struct sync_result result;
    struct error err;
};

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    void *made = NULL;
    must(desk && daemon_setup(&made) == 0, "no daemon");
    desk->daemon = made;
    desk->daemon->stage.server_also = serve_batches;
    must(folder_make(&made) == 0, "no folder");
    desk->folder = made;
    memset(&told, 0, sizeof told);
    desk->profile = (struct profile){.name = strdup("A"),
                                     .role = strdup("office"),
                                     .principal = strdup("A"),
                                     .zone = ZONE_WIB,
                                     .server = strdup(desk->daemon->server),
                                     .certificate = strdup(desk->daemon->certificate),
                                     .key = strdup(desk->daemon->key),
                                     .ca = strdup(desk->daemon->ca)};
    desk->profile.settings = strdup(folder_file(desk->folder, "settings.ini"));
    desk->profile.outbox = strdup(folder_file(desk->folder, "outbox.db"));
    desk->outbox = outbox_open(desk->profile.outbox, &desk->err);
    must(desk->outbox != NULL, desk->err.text);
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;
    void *daemon = desk->daemon, *folder = desk->folder;
    outbox_close(&desk->outbox);
    profile_release(&desk->profile);
    free(desk);
    return daemon_teardown(&daemon) | folder_remove(&folder);
}

/* Rows 1 .. count; those in `bad` have the service BAD. In batches of ten. */
static void save(struct desk *desk, unsigned count, const unsigned *bad, size_t bad_count)
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

static int sync_now(struct desk *desk, enum manner manner)
{
    told.manner = manner;
    told.asked = told.stored = 0;
    if (!desk->daemon->thread)
        start_daemon(desk->daemon);
    error_clear(&desk->err);
    return sync_run(&desk->profile, desk->outbox, &desk->options, &desk->result, &desk->err);
}

static void check(const struct desk *desk, uint64_t stored, uint64_t rejected, uint64_t waiting)
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

static const unsigned bad[] = {7, 24, 25};

/* The bad rows are in FILE.rejected.csv, by their lines. */
static void check_beside(const struct desk *desk, const char *reason)
{
    char *text = folder_read(folder_file(desk->folder, "a.csv.rejected.csv"));
    char line[128];
    assert_non_null(text);
    for (size_t i = 0; i < 3; i++) {
        snprintf(line, sizeof line, "\n%u,%s,1,2,3,4,1,2,3,4,1,", bad[i] + 1, reason);
        if (!strstr(text, line))
            fail_msg("\"%s\" is not in \"%s\"", line, text);
    }
    free(text);
}

static void sends_what_waits(void **state)
{
    struct desk *desk = *state;
    snprintf(told.zone, sizeof told.zone, "WITA");
    save(desk, 100, NULL, 0);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 100, 0, 0);
    assert_int_equal(told.asked, 10);
    assert_int_equal(desk->profile.zone, ZONE_WITA);
    assert_int_equal(access(desk->profile.settings, F_OK), 0);
    assert_true(desk->result.daemon_ms < -1000000000);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    assert_int_equal(told.asked, 0);
}

static void puts_refused_ones_aside(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, bad, 3);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 32, 3, 0);
    check_beside(desk, "service,is no service of this office");
    /* Sent again, they are refused again, one by one. */
    assert_int_equal(outbox_retry(desk->outbox, 0, 1, &desk->err), 3);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 0, 3, 0);
    assert_int_equal(told.asked, 3);
}

static void narrows_down_what_is_refused_whole(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, bad, 3);
    assert_int_equal(sync_now(desk, REFUSES_WHOLE), 0);
    check(desk, 32, 3, 0);
    assert_int_equal(told.stored, 32);
    check_beside(desk, ",I do not like this");
}

static void narrows_down_what_closes_the_line(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, bad, 3);
    assert_int_equal(sync_now(desk, CLOSES), 0);
    assert_int_equal(desk->result.rejected, 3);
    assert_int_equal(desk->result.waiting, 0);
    check_beside(desk, ",a frame was too large");
}

static void goes_on_past_a_fault_of_the_daemon(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, bad, 3);
    assert_int_equal(sync_now(desk, FAILS_INSIDE), -1);
    assert_int_equal(desk->err.code, ERROR_INTERNAL);
    check(desk, 15, 0, 20);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    check(desk, 17, 3, 0);
}

static void stops_when_it_may_not(void **state)
{
    struct desk *desk = *state;
    save(desk, 100, NULL, 0);
    assert_int_equal(sync_now(desk, DENIES), -1);
    assert_int_equal(desk->err.code, ERROR_PERMISSION_DENIED);
    assert_string_equal(desk->err.text, "an auditor may not submit");
    assert_true(told.asked <= 4);
    check(desk, 0, 0, 100);
}

static void is_patient_when_told(void **state)
{
    struct desk *desk = *state;
    save(desk, 30, NULL, 0);
    assert_int_equal(sync_now(desk, IS_BUSY), -1);
    assert_int_equal(desk->err.code, ERROR_OVERLOADED);
    desk->options.patience_ms = 60000;
    desk->options.window = 1;
    assert_int_equal(outbox_drop(desk->outbox, 0, &desk->err), 0);
    uint64_t stored = desk->result.stored;
    assert_int_equal(sync_now(desk, IS_BUSY), 0);
    assert_int_equal(stored + desk->result.stored, 30);
}

/* What does not account for every response counts for nothing. */
static void believes_no_odd_receipt(void **state)
{
    struct desk *desk = *state;
    save(desk, 35, bad, 3);
    static const enum manner odd[] = {MISCOUNTS, NAMES_OTHER_BATCH, TALKS_NONSENSE};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        assert_int_equal(sync_now(desk, odd[i]), -1);
        assert_int_equal(desk->err.code, ERROR_INTERNAL);
        check(desk, 0, 0, 35);
    }
    /* These two only lie about batches with a BAD one (the third has two, the second none). */
    assert_int_equal(sync_now(desk, NAMES_NO_RESPONSE), -1);
    check(desk, 15, 0, 20);
    assert_int_equal(sync_now(desk, NAMES_ONE_TWICE), -1);
    assert_int_equal(desk->err.code, ERROR_INTERNAL);
    check(desk, 9, 1, 10);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    assert_int_equal(desk->result.stored, 8);
    assert_int_equal(desk->result.rejected, 2);
    assert_int_equal(desk->result.waiting, 0);
}

static void leaves_it_to_another_process(void **state)
{
    struct desk *desk = *state;
    save(desk, 10, NULL, 0);
    struct outbox *other = outbox_open(desk->profile.outbox, &desk->err);
    assert_int_equal(outbox_lock(other, &desk->err), 1);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    assert_true(desk->result.busy);
    check(desk, 0, 0, 10);
    outbox_close(&other);
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), 0);
    assert_false(desk->result.busy);
    check(desk, 10, 0, 0);
}

static void says_when_nobody_is_there(void **state)
{
    struct desk *desk = *state;
    save(desk, 10, NULL, 0);
    free(desk->profile.server);
    desk->profile.server = strdup("127.0.0.1:1");
    assert_int_equal(sync_now(desk, GIVES_RECEIPTS), -1);
    assert_int_equal(desk->err.code, ERROR_UNAVAILABLE);
    check(desk, 0, 0, 10);
}

int main(void)
{
#define AT_DESK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        AT_DESK(sends_what_waits),
        AT_DESK(puts_refused_ones_aside),
        AT_DESK(narrows_down_what_is_refused_whole),
        AT_DESK(narrows_down_what_closes_the_line),
        AT_DESK(goes_on_past_a_fault_of_the_daemon),
        AT_DESK(stops_when_it_may_not),
        AT_DESK(is_patient_when_told),
        AT_DESK(believes_no_odd_receipt),
        AT_DESK(leaves_it_to_another_process),
        AT_DESK(says_when_nobody_is_there),
    };
    return cmocka_run_group_tests_name("client/app/sync", tests, NULL, NULL);
}
