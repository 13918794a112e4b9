/* How a peer gets on, byte by byte of TLS. */
#include "common/clock.h"
#include "tests/common/net/stage.h"
#include <openssl/bio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#define LATER 1000000 /* ms: a time of the test's own, after all that the connection noted */

static struct conn_progress progress(const struct side *side, uint64_t now)
{
    struct conn_progress out;
    conn_progress(side->conn, now, &out);
    return out;
}

static void call(struct stage *stage, struct raw *raw)
{
    raw_call(stage, raw, stage->client_context);
    STAGE_UNTIL(stage, raw->connected && stage->accepted && stage->servers[0].opened);
}

static void half_a_frame(void **state)
{
    struct stage *stage = *state;
    struct side *server = &stage->servers[0];
    struct raw raw;
    uint64_t began = clock_monotonic_ms();
    call(stage, &raw);
    struct conn_progress first = progress(server, LATER), half, more;
    assert_int_equal(first.in_since_ms, 0);
    assert_int_equal(first.out_since_ms, 0);
    assert_in_range(first.quiet_ms, began, clock_monotonic_ms());
    assert_false(first.held);
    assert_int_equal(first.in, 0);

    bufferevent_write(raw.bev, "\0\0\0\5ab", 6);
    STAGE_UNTIL(stage, progress(server, LATER).in_since_ms &&
                           progress(server, LATER).in_since_ms != LATER);
    half = progress(server, LATER);
    assert_in_range(half.in_since_ms, began, clock_monotonic_ms());
    assert_int_equal(half.quiet_ms, first.quiet_ms);
    bufferevent_write(raw.bev, "c", 1);
    STAGE_UNTIL(stage, progress(server, LATER).in > half.in);
    more = progress(server, LATER);
    assert_int_equal(more.in_since_ms, half.in_since_ms);

    /* Held, it is not the peer who is late. */
    conn_hold(server->conn);
    assert_true(progress(server, LATER).held);
    assert_int_equal(progress(server, LATER).in_since_ms, 0);
    conn_release(server->conn);
    STAGE_UNTIL(stage, !progress(server, LATER).held);
    assert_true(progress(server, LATER).in_since_ms >= half.in_since_ms);

    bufferevent_write(raw.bev, "de", 2);
    STAGE_UNTIL(stage, server->frames == 1);
    assert_int_equal(progress(server, LATER).in_since_ms, 0);
    assert_true(progress(server, LATER).quiet_ms >= half.in_since_ms);
    raw_close(&raw);
}

/* A slow line takes seconds for a record, of which TLS tells nothing before it is whole. */
static void half_a_record(void **state)
{
    struct stage *stage = *state;
    struct side *server = &stage->servers[0];
    struct raw raw;
    static char frame[4 + 15000] = {0, 0, (char)0x3a, (char)0x98}, *bytes;
    call(stage, &raw);
    evutil_socket_t fd = bufferevent_getfd(raw.bev);
    BIO *record = BIO_new(BIO_s_mem());
    SSL_set0_wbio(raw_ssl(&raw), record);
    assert_int_equal(SSL_write(raw_ssl(&raw), frame, sizeof frame), sizeof frame);
    long size = BIO_get_mem_data(record, &bytes);
    assert_true(size > (long)sizeof frame);

    assert_int_equal(send(fd, bytes, 1000, 0), 1000);
    STAGE_UNTIL(stage, progress(server, LATER).in == 1000);
    assert_int_equal(progress(server, LATER).in_since_ms, LATER);
    assert_int_equal(send(fd, bytes + 1000, 1000, 0), 1000);
    STAGE_UNTIL(stage, progress(server, LATER + 7).in == 2000);
    assert_int_equal(progress(server, LATER + 7).in_since_ms, LATER);
    assert_int_equal(send(fd, bytes + 2000, (size_t)size - 2000, 0), size - 2000);
    STAGE_UNTIL(stage, server->frames == 1);
    assert_int_equal(progress(server, LATER).in_since_ms, 0);
    assert_int_equal(progress(server, LATER).in, 0);
    raw_close(&raw);
}

static void send_much(struct side *side, enum conn_event event, const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    for (int i = 0; event == CONN_OPEN && i < 16; i++)
        side_send(side, FRAME_MAX_DEFAULT, 'm');
}

/* What is in the kernel's buffers was not taken by the peer. */
static void replies_not_taken(void **state)
{
    struct stage *stage = *state;
    struct side *server = &stage->servers[0];
    struct raw raw;
    int little = 32768;
    stage->server_also = send_much;
    raw_call(stage, &raw, stage->client_context);
    (void)setsockopt(bufferevent_getfd(raw.bev), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
    STAGE_UNTIL(stage, raw.connected);
    bufferevent_disable(raw.bev, EV_READ);
    STAGE_UNTIL(stage, stage->accepted && server->opened);
    struct conn_progress still = progress(server, LATER);
    assert_int_equal(still.out_since_ms, LATER);
    /* Written is far more than that: what the kernel has room for. */
    size_t queued = conn_output(server->conn);
    STAGE_UNTIL(stage, conn_output(server->conn) + 1000000 < queued);
    assert_true(progress(server, LATER).out < 500000);

    bufferevent_enable(raw.bev, EV_READ);
    STAGE_UNTIL(stage, progress(server, LATER).out > 1000000);
    assert_int_equal(progress(server, LATER + 7).out_since_ms, LATER);
    STAGE_UNTIL(stage, progress(server, LATER).out_since_ms == 0);
    raw_close(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(half_a_frame),
        STAGED(half_a_record),
        STAGED(replies_not_taken),
    };
    return cmocka_run_group_tests(tests, stage_group, NULL);
}
