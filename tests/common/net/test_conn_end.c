#include "tests/common/net/stage.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LAST_REPLY 200000

static void answer_and_finish(struct side *side, enum conn_event event, const uint8_t *data,
                              size_t size)
{
    (void)data;
    (void)size;
    if (event != CONN_FAULT && event != CONN_FRAME)
        return;
    side_send(side, LAST_REPLY, 'E');
    conn_finish(side->conn);
}

static void both_open(struct stage *stage, struct side *client)
{
    stage_call(stage, client, "127.0.0.1");
    STAGE_UNTIL(stage, client->opened && stage->servers[0].opened);
}

/*
 * The peer sends without end and its input is never read; it starts to read only when we are done,
 * so that part of the reply is in our kernel still, where a reset would throw it away.
 */
static void the_last_reply_arrives_60_of_60(void **state)
{
    struct stage *stage = *state;
    static char rubbish[64 * 1024];
    stage->server_also = answer_and_finish;
    for (unsigned i = 0; i < 60; i++) {
        struct raw raw;
        raw_call(stage, &raw, stage->client_context);
        STAGE_UNTIL(stage, raw.connected && stage->accepted > i && stage->servers[i].opened);
        struct side *server = &stage->servers[i];
        bufferevent_disable(raw.bev, EV_READ);
        /* A length of 0 is refused; what follows is on its way already. */
        for (int j = 0; j < 32; j++)
            bufferevent_write(raw.bev, rubbish, sizeof rubbish);
        STAGE_UNTIL(stage, server->faults && conn_output(server->conn) == 0);
        for (int j = 0; j < 5; j++)
            event_base_loop(stage->base, EVLOOP_NONBLOCK);
        bufferevent_enable(raw.bev, EV_READ);
        STAGE_UNTIL(stage, raw.ended);
        assert_int_equal(raw_input(&raw), FRAME_HEADER + LAST_REPLY);
        assert_int_equal(server->error.code, ERROR_INVALID);
        assert_string_equal(server->error.field, "frame");
        raw_close(&raw);
        STAGE_UNTIL(stage, server->closed);
        assert_string_equal(server->error.field, "frame");
    }
}

static void too_large_a_frame_is_a_fault(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    stage->server_limits.max_frame = 1000;
    stage->server_also = answer_and_finish;
    both_open(stage, &client);
    side_send(&client, 1001, 'x');
    STAGE_UNTIL(stage, client.closed && stage->servers[0].closed);
    assert_int_equal(stage->servers[0].faults, 1);
    assert_int_equal(stage->servers[0].error.code, ERROR_TOO_LARGE);
    assert_int_equal(client.frames, 1);
    assert_string_equal(client.error.field, "peer");
    side_close(&client);
}

/* Who never hangs up is cut off after CONN_LINGER_MS. */
static void a_peer_that_stays_is_left(void **state)
{
    struct stage *stage = *state;
    struct raw raw;
    stage->server_also = answer_and_finish;
    raw_call(stage, &raw, stage->client_context);
    bufferevent_write(raw.bev, "\0\0\0\1a", 5);
    STAGE_UNTIL(stage, raw.ended);
    assert_int_equal(stage->servers[0].closed, 0);
    STAGE_UNTIL(stage, stage->servers[0].closed);
    assert_string_equal(stage->servers[0].error.field, "finish");
    raw_close(&raw);
}

/* Who does not take the last replies is left after the time that a message may take. */
static void last_replies_wait_only_so_long(void **state)
{
    struct stage *stage = *state;
    struct raw raw;
    stage->server_limits.frame_ms = 300;
    raw_call(stage, &raw, stage->client_context);
    STAGE_UNTIL(stage, raw.connected && stage->accepted && stage->servers[0].opened);
    struct side *server = &stage->servers[0];
    bufferevent_disable(raw.bev, EV_READ);
    for (int i = 0; i < 32; i++) /* more than the kernel's buffers hold */
        side_send(server, FRAME_MAX_DEFAULT, 'E');
    conn_finish(server->conn);
    STAGE_UNTIL(stage, server->closed);
    assert_string_equal(server->error.field, "deadline");
    assert_non_null(strstr(server->error.text, "last replies"));
    raw_close(&raw);
}

static void frames_before_the_end_are_told(void **state)
{
    struct stage *stage = *state;
    struct raw raw;
    raw_call(stage, &raw, stage->client_context);
    STAGE_UNTIL(stage, raw.connected);
    bufferevent_write(raw.bev, "\0\0\0\1a\0\0\0\2bc\0\0\0\3", 15);
    STAGE_UNTIL(stage, evbuffer_get_length(bufferevent_get_output(raw.bev)) == 0);
    SSL_shutdown(raw_ssl(&raw));
    raw_close(&raw);
    STAGE_UNTIL(stage, stage->servers[0].closed);
    assert_int_equal(stage->servers[0].frames, 2);
    assert_string_equal(stage->servers[0].error.field, "peer");
}

/* The end of a frame and the goodbye in one read of libevent: it tells of the end first unless its
 * callbacks are deferred. */
static void a_frame_and_the_end_in_one_breath(void **state)
{
    struct stage *stage = *state;
    struct raw raw;
    static char frame[FRAME_HEADER + CONN_SMALL] = {0, 0, 0x40, 0};
    raw_call(stage, &raw, stage->client_context);
    STAGE_UNTIL(stage, raw.connected && stage->accepted && stage->servers[0].opened);
    /* Leaves less than a record's room in the buffer, so that libevent reads into two. */
    assert_int_equal(SSL_write(raw_ssl(&raw), frame, 10000), 10000);
    assert_int_equal(SSL_write(raw_ssl(&raw), frame + 10000, 6350), 6350);
    for (int i = 0; i < 50; i++)
        event_base_loop(stage->base, EVLOOP_NONBLOCK);
    int rest = (int)sizeof frame - 16350;
    assert_int_equal(SSL_write(raw_ssl(&raw), frame + 16350, rest), rest);
    SSL_shutdown(raw_ssl(&raw));
    STAGE_UNTIL(stage, stage->servers[0].closed);
    assert_int_equal(stage->servers[0].frames, 1);
    raw_close(&raw);
}

/* FIN without close_notify, and a reset: the same as a clean goodbye. */
static void dirty_ends_are_ends(void **state)
{
    struct stage *stage = *state;
    for (unsigned i = 0; i < 2; i++) {
        struct raw raw;
        raw_call(stage, &raw, stage->client_context);
        STAGE_UNTIL(stage, raw.connected && stage->accepted > i && stage->servers[i].opened);
        if (i == 1) {
            const struct linger reset = {.l_onoff = 1};
            setsockopt(bufferevent_getfd(raw.bev), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        }
        raw_close(&raw);
        STAGE_UNTIL(stage, stage->servers[i].closed);
        assert_int_equal(stage->servers[i].error.code, ERROR_UNAVAILABLE);
        assert_string_equal(stage->servers[i].error.field, i == 1 ? "network" : "peer");
    }
}

static void free_at(struct side *side, enum conn_event event, const uint8_t *data, size_t size)
{
    static const enum conn_event order[] = {CONN_OPEN, CONN_FRAME, CONN_FAULT, CONN_CLOSED,
                                            CONN_ROOM};
    if (event != order[side - side->stage->servers])
        return;
    conn_free(&side->conn);
    /* "Valid during the call", also after that. */
    size_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += data[i];
    side->bytes = sum;
}

static void may_be_freed_in_each_event(void **state)
{
    struct stage *stage = *state;
    stage->server_also = free_at;
    for (unsigned i = 0; i < 4; i++) {
        struct side client = {0};
        stage_call(stage, &client, "127.0.0.1");
        STAGE_UNTIL(stage, client.opened);
        if (i == 1)
            side_send(&client, 200000, 'x');
        else if (i == 2)
            side_send(&client, FRAME_MAX_DEFAULT + 1, 'x');
        else if (i == 3)
            conn_finish(client.conn);
        STAGE_UNTIL(stage, stage->accepted > i && !stage->servers[i].conn);
        if (i == 1)
            assert_int_equal(stage->servers[i].bytes, 200000 * 'x');
        STAGE_UNTIL(stage, client.closed);
        side_close(&client);
    }
}

/* ---- who is not let in, and is told why ----------------------------------------------------- */

static void nobody_listens(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    evconnlistener_free(stage->socket);
    stage->socket = NULL;
    stage_call(stage, &client, "127.0.0.1");
    assert_int_equal(client.closed, 0);
    STAGE_UNTIL(stage, client.closed);
    assert_int_equal(client.error.code, ERROR_UNAVAILABLE);
    assert_string_equal(client.error.field, "network");
    assert_non_null(strstr(client.error.text, "refused"));
    side_close(&client);
}

static void given_up_while_it_looks_up(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    stage_call(stage, &client, "no-such-host.invalid");
    event_base_loop(stage->base, EVLOOP_NONBLOCK);
    side_close(&client);
    stage->client_limits.connect_ms = 50;
    stage_call(stage, &client, "no-such-host.invalid");
    STAGE_UNTIL(stage, client.closed);
    assert_int_equal(client.error.code, ERROR_UNAVAILABLE);
    side_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(the_last_reply_arrives_60_of_60),
        STAGED(too_large_a_frame_is_a_fault),
        STAGED(a_peer_that_stays_is_left),
        STAGED(last_replies_wait_only_so_long),
        STAGED(frames_before_the_end_are_told),
        STAGED(a_frame_and_the_end_in_one_breath),
        STAGED(dirty_ends_are_ends),
        STAGED(may_be_freed_in_each_event),
        STAGED(nobody_listens),
        STAGED(given_up_while_it_looks_up),
    };
    return cmocka_run_group_tests(tests, stage_group, NULL);
}
