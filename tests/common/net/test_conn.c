#include "tests/common/net/stage.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void echo(struct side *side, enum conn_event event, const uint8_t *data, size_t size)
{
    struct buf out = {0};
    if (event != CONN_FRAME)
        return;
    buf_put_u32(&out, size);
    buf_add(&out, data, size);
    conn_send(side->conn, &out);
    buf_release(&out);
}

static void both_open(struct stage *stage, struct side *client)
{
    stage_call(stage, client, "127.0.0.1");
    STAGE_UNTIL(stage, client->opened && stage->servers[0].opened);
}

static void frames_go_both_ways(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    static const uint32_t sizes[] = {
        1, 2, 100, CONN_SMALL - 4, CONN_SMALL, CONN_SMALL + 1, 40000, FRAME_MAX_DEFAULT};
    stage->server_also = echo;
    both_open(stage, &client);
    assert_string_equal(stage->servers[0].identity.role, "office");
    assert_string_equal(stage->servers[0].identity.name, "BBPOM-SMG");
    assert_string_equal(client.identity.role, "server");
    assert_string_equal(client.identity.name, "test");
    assert_memory_equal(stage->servers[0].peer, "127.0.0.1:", 10);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        side_send(&client, sizes[i], 'a' + (int)i);
        STAGE_UNTIL(stage, client.frames == i + 1);
        assert_int_equal(client.last.len, sizes[i]);
        for (size_t at = 0; at < client.last.len; at++)
            assert_int_equal(client.last.data[at], 'a' + (int)i);
    }
    conn_finish(client.conn);
    STAGE_UNTIL(stage, client.closed && stage->servers[0].closed);
    assert_string_equal(client.error.field, "finish");
    assert_int_equal(client.error.code, ERROR_NONE);
    assert_string_equal(stage->servers[0].error.field, "peer");
    side_close(&client);
}

static void a_name_is_resolved_without_the_network(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    stage_call(stage, &client, "localhost");
    STAGE_UNTIL(stage, client.opened || client.closed);
    assert_int_equal(client.opened, 1);
    side_close(&client);
}

static void many_small_frames_in_one_write(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    struct buf out = {0};
    both_open(stage, &client);
    for (unsigned i = 0; i < 20000; i++) {
        buf_put_u32(&out, 1 + i % 50);
        for (unsigned j = 0; j < 1 + i % 50; j++)
            buf_putc(&out, (char)i);
    }
    conn_send(client.conn, &out);
    buf_release(&out);
    STAGE_UNTIL(stage, stage->servers[0].frames == 20000);
    assert_int_equal(stage->servers[0].bytes, 400 * (50 * 51 / 2));
    side_close(&client);
}

/* Same as whole: every way to cut two frames into two writes. */
static void cut_at_every_byte(void **state)
{
    struct stage *stage = *state;
    struct raw raw;
    static const char frames[] = "\0\0\0\x03"
                                 "abc"
                                 "\0\0\0\x05"
                                 "defgh";
    size_t size = sizeof frames - 1;
    raw_call(stage, &raw, stage->client_context);
    STAGE_UNTIL(stage, raw.connected && stage->accepted && stage->servers[0].opened);
    struct side *server = &stage->servers[0];
    for (size_t cut = 0; cut <= size; cut++) {
        unsigned before = server->frames;
        bufferevent_write(raw.bev, frames, cut);
        STAGE_UNTIL(stage, evbuffer_get_length(bufferevent_get_output(raw.bev)) == 0);
        bufferevent_write(raw.bev, frames + cut, size - cut);
        STAGE_UNTIL(stage, server->frames == before + 2);
        assert_string_equal(server->last.data, "defgh");
    }
    raw_close(&raw);
}

/* ---- hold and release ----------------------------------------------------------------------- */

static void hold_each(struct side *side, enum conn_event event, const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    if (event == CONN_FRAME)
        conn_hold(side->conn);
}

static void held_frames_come_one_by_one(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    stage->server_also = hold_each;
    both_open(stage, &client);
    for (int i = 0; i < 10; i++)
        side_send(&client, i % 2 ? 10 : 60000, 'a' + i);
    struct side *server = &stage->servers[0];
    for (unsigned i = 0; i < 10; i++) {
        STAGE_UNTIL(stage, server->frames == i + 1);
        assert_int_equal(server->last.data[0], 'a' + (int)i);
        event_base_loop(stage->base, EVLOOP_NONBLOCK);
        event_base_loop(stage->base, EVLOOP_NONBLOCK);
        assert_int_equal(server->frames, i + 1);
        conn_hold(server->conn);
        conn_release(server->conn);
        event_base_loop(stage->base, EVLOOP_NONBLOCK);
        assert_int_equal(server->frames, i + 1);
        conn_release(server->conn);
    }
    side_close(&client);
}

/* What is not read stays in the kernel: the sender's output does not drain. */
static void a_held_connection_takes_no_more(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    stage->server_also = hold_each;
    both_open(stage, &client);
    side_send(&client, 1, 'x');
    STAGE_UNTIL(stage, stage->servers[0].frames == 1);
    for (int i = 0; i < 32; i++)
        side_send(&client, FRAME_MAX_DEFAULT, 'y');
    size_t before;
    do {
        before = conn_output(client.conn);
        event_base_loop(stage->base, EVLOOP_NONBLOCK);
    } while (conn_output(client.conn) < before);
    assert_true(conn_output(client.conn) > 8 * FRAME_MAX_DEFAULT);
    assert_int_equal(stage->servers[0].frames, 1);
    side_close(&client);
}

/* ---- output --------------------------------------------------------------------------------- */

static void room_is_told_once_output_is_low(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    struct buf out = {0};
    both_open(stage, &client);
    conn_hold(stage->servers[0].conn);
    buf_put_u32(&out, 100000);
    memset(buf_reserve(&out, 100000), 'z', 100000);
    out.len += 100000;
    assert_true(conn_send(client.conn, &out));
    assert_true(conn_send(client.conn, &out));
    assert_false(conn_send(client.conn, &out));
    unsigned sent = 3;
    /* More than what the kernel's buffers hold. */
    for (; sent < 200; sent++)
        conn_send(client.conn, &out);
    event_base_loop(stage->base, EVLOOP_NONBLOCK);
    assert_int_equal(client.rooms, 0);
    conn_release(stage->servers[0].conn);
    STAGE_UNTIL(stage, client.rooms == 1);
    assert_true(conn_output(client.conn) <= CONN_OUTPUT_LOW);
    STAGE_UNTIL(stage, stage->servers[0].frames == sent);
    assert_int_equal(client.rooms, 1);
    buf_release(&out);
    side_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(frames_go_both_ways),
        STAGED(a_name_is_resolved_without_the_network),
        STAGED(many_small_frames_in_one_write),
        STAGED(cut_at_every_byte),
        STAGED(held_frames_come_one_by_one),
        STAGED(a_held_connection_takes_no_more),
        STAGED(room_is_told_once_output_is_low),
    };
    return cmocka_run_group_tests(tests, stage_group, NULL);
}
