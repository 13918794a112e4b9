#include "client/net/uplink.h"
#include "tests/client/net/daemon.h"

static void welcomed(void **state)
{
    struct daemon *daemon = *state;
    start_daemon(daemon);
    struct uplink *uplink = open_line(daemon);
    assert_true(wire_is(&uplink_welcome(uplink)->office, "BBPOM-SMG"));
    assert_int_equal(uplink_welcome(uplink)->max_frame, 100000);
    assert_true(uplink_welcome(uplink)->ready);
    uplink_close(&uplink);
    assert_null(uplink);
    uplink_close(&uplink);
}

static void replies_find_their_requests(void **state)
{
    struct daemon *daemon = *state;
    struct heard one = {0}, three = {0}, deny = {0}, again = {0};
    struct error err = {0};
    start_daemon(daemon);
    struct uplink *uplink = open_line(daemon);
    assert_int_equal(uplink_run(uplink, 1, &err), 0); /* nothing is open */
    assert_int_equal(send_list(uplink, "three", &three, &err), 0);
    assert_int_equal(send_list(uplink, "deny", &deny, &err), 0);
    assert_int_equal(send_list(uplink, "one", &one, &err), 0);
    assert_int_equal(three.replies + deny.errors + one.replies, 0);
    assert_int_equal(uplink_run(uplink, 1, &err), 0);
    assert_int_equal(three.replies, 3);
    assert_string_equal(three.text, "third");
    assert_int_equal(deny.errors, 1);
    assert_int_equal(deny.error.code, ERROR_PERMISSION_DENIED);
    assert_string_equal(deny.error.text, "you may not");
    assert_int_equal(deny.error.retry_after_ms, 1500);
    assert_int_equal(one.replies, 1);
    /* A request may be sent from within an answer. */
    three.ask_more = uplink;
    three.more = &again;
    assert_int_equal(send_list(uplink, "three", &three, &err), 0);
    assert_int_equal(uplink_run(uplink, 1, &err), 0);
    assert_int_equal(again.replies, 3);
    uplink_close(&uplink);
}

static void runs_until_few_enough_are_open(void **state)
{
    struct daemon *daemon = *state;
    struct heard heard = {0}, never = {0};
    struct error err = {0};
    start_daemon(daemon);
    struct uplink *uplink = open_line(daemon);
    assert_int_equal(send_list(uplink, "nothing", &never, &err), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(send_list(uplink, "one", &heard, &err), 0);
    assert_int_equal(uplink_run(uplink, 50, &err), 0);
    assert_true(heard.replies >= 52);
    assert_int_equal(uplink_run(uplink, 2, &err), 0);
    assert_int_equal(heard.replies, 100);
    uplink_close(&uplink); /* with one open: without a word */
    assert_int_equal(never.replies + never.errors, 0);
}

static void ask_is_one_conversation(void **state)
{
    struct daemon *daemon = *state;
    struct heard heard = {0};
    struct error err = {0};
    Suara__V1__List list = SUARA__V1__LIST__INIT;
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    request.body_case = SUARA__V1__REQUEST__BODY_LIST;
    request.list = &list;
    start_daemon(daemon);
    struct uplink *uplink = open_line(daemon);
    list.what = wire_text("three");
    assert_int_equal(uplink_ask(uplink, &request, hear, &heard, &err), 0);
    assert_int_equal(heard.replies, 3);
    list.what = wire_text("deny");
    assert_int_equal(uplink_ask(uplink, &request, hear, &heard, &err), -1);
    assert_int_equal(err.code, ERROR_PERMISSION_DENIED);
    list.what = wire_text("hang up");
    assert_int_equal(uplink_ask(uplink, &request, hear, &heard, &err), -1);
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_string_equal(err.field, "");
    assert_int_equal(heard.replies, 3);
    assert_int_equal(uplink_ask(uplink, &request, hear, &heard, &err), -1);
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    uplink_close(&uplink);
}

/* The frame made by hand is the one that protobuf-c would have made: the daemon unpacks it. */
static void send_batches(struct daemon *daemon)
{
    struct error err = {0};
    static uint8_t packed[200000];
    static Suara__V1__Response response[3000];
    static Suara__V1__Response *list[3000];
    struct uplink *uplink = open_line(daemon);
    static const size_t counts[] = {0, 1, 5, 20, 3000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct heard heard = {0};
        Suara__V1__SubmitBatch batch = SUARA__V1__SUBMIT_BATCH__INIT;
        batch.batch = wire_text("0123456789abcdef");
        for (size_t j = 0; j < counts[i]; j++) {
            suara__v1__response__init(&response[j]);
            response[j].id = wire_text("fedcba9876543210");
            list[j] = &response[j];
        }
        batch.n_response = counts[i];
        batch.response = list;
        size_t size = suara__v1__submit_batch__pack(&batch, packed);
        assert_int_equal(uplink_send_batch(uplink, packed, size, hear, &heard, &err), 0);
        assert_int_equal(uplink_run(uplink, 1, &err), 0);
        assert_int_equal(heard.stored, counts[i]);
    }
    /* The Welcome said 100000, with 11 bytes around it. */
    struct heard heard = {0};
    assert_int_equal(uplink_send_batch(uplink, packed, 100000 - 5, hear, &heard, &err), -1);
    assert_int_equal(err.code, ERROR_TOO_LARGE);
    assert_int_equal(uplink_send_batch(uplink, packed, sizeof packed, hear, &heard, &err), -1);
    assert_int_equal(err.code, ERROR_TOO_LARGE);
    uplink_close(&uplink);
}

static void a_packed_batch(void **state)
{
    struct daemon *daemon = *state;
    start_daemon(daemon);
    send_batches(daemon);
}

/* A request that gets smaller, and is not answered; one that is; and an answer that gets smaller.
 */
static void send_long_ones(struct daemon *daemon)
{
    struct heard heard = {0};
    struct error err = {0};
    char what[6000];
    start_daemon(daemon);
    struct uplink *uplink = open_line(daemon);
    for (size_t i = 0; i < sizeof what; i++)
        what[i] = (char)('a' + (i * i >> 3) % 23);
    what[sizeof what - 1] = '\0';
    assert_int_equal(send_list(uplink, what, &heard, &err), 0);
    assert_int_equal(send_list(uplink, "long", &heard, &err), 0);
    assert_int_equal(send_list(uplink, "one", &heard, &err), 0);
    assert_int_equal(uplink_run(uplink, 2, &err), 0);
    assert_int_equal(heard.replies, 2);
    uplink_close(&uplink);
}

static void an_older_daemon_gets_what_it_knows(void **state)
{
    struct daemon *daemon = *state;
    send_long_ones(daemon);
    assert_int_equal(daemon->unfolded, 0);
}

static void a_compressed_request(void **state)
{
    struct daemon *daemon = *state;
    daemon->squeeze = squeeze_new();
    send_long_ones(daemon);
    assert_int_equal(daemon->unfolded, 1);
}

/* Under 1 KiB, or 3,000 times the same response, which is above the ratio. */
static void batches_that_go_as_they_are(void **state)
{
    struct daemon *daemon = *state;
    daemon->squeeze = squeeze_new();
    start_daemon(daemon);
    send_batches(daemon);
    assert_int_equal(daemon->unfolded, 0);
}

static void a_compressed_reply(void **state)
{
    struct daemon *daemon = *state;
    struct heard heard = {0};
    struct error err = {0};
    daemon->squeeze = squeeze_new();
    start_daemon(daemon);
    struct uplink *uplink = open_line(daemon);
    assert_int_equal(send_list(uplink, "long", &heard, &err), 0);
    assert_int_equal(uplink_run(uplink, 1, &err), 0);
    assert_int_equal(heard.replies, 1);
    assert_memory_equal(heard.text, "aaabcdegikmpsv", 8);
    assert_int_equal(send_list(uplink, "broken", &heard, &err), 0);
    assert_int_equal(uplink_run(uplink, 1, &err), -1);
    assert_int_equal(err.code, ERROR_UNAVAILABLE); /* as any answer that can't be read */
    assert_non_null(strstr(err.text, "can't be read"));
    uplink_close(&uplink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DAEMON(welcomed),
        WITH_DAEMON(replies_find_their_requests),
        WITH_DAEMON(runs_until_few_enough_are_open),
        WITH_DAEMON(ask_is_one_conversation),
        WITH_DAEMON(a_packed_batch),
        WITH_DAEMON(an_older_daemon_gets_what_it_knows),
        WITH_DAEMON(a_compressed_request),
        WITH_DAEMON(batches_that_go_as_they_are),
        WITH_DAEMON(a_compressed_reply),
    };
    return cmocka_run_group_tests(tests, stage_group, NULL);
}
