#include "common/budget.h"
#include "tests/common/net/stage.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void both_open(struct stage *stage, struct side *client)
{
    stage_call(stage, client, "127.0.0.1");
    STAGE_UNTIL(stage, client->opened && stage->servers[0].opened);
}

static void deadline_is_named(struct side *side, const char *words)
{
    assert_int_equal(side->error.code, ERROR_UNAVAILABLE);
    assert_string_equal(side->error.field, "deadline");
    if (!strstr(side->error.text, words))
        fail_msg("\"%s\" does not say \"%s\"", side->error.text, words);
}

static void silent_callers_are_cut_off(void **state)
{
    struct stage *stage = *state;
    stage->server_limits.connect_ms = 50;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&stage->address, sizeof stage->address), 0);
    STAGE_UNTIL(stage, stage->accepted && stage->servers[0].closed);
    deadline_is_named(&stage->servers[0], "handshake");
    close(fd);
}

static void a_server_that_says_nothing_is_left(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    evconnlistener_disable(stage->socket);
    stage->client_limits.connect_ms = 50;
    stage_call(stage, &client, "127.0.0.1");
    STAGE_UNTIL(stage, client.closed);
    deadline_is_named(&client, "127.0.0.1");
    side_close(&client);
}

static void no_first_frame(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    stage->server_limits.first_ms = 50;
    both_open(stage, &client);
    STAGE_UNTIL(stage, stage->servers[0].closed && client.closed);
    deadline_is_named(&stage->servers[0], "first frame");
    side_close(&client);
}

struct tap {
    struct raw raw;
    unsigned drops;
};

static void drip(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct tap *tap = arg;
    /* Whose first byte makes a frame of 64 KiB, if it is one of the header. */
    if (!tap->raw.ended)
        bufferevent_write(tap->raw.bev, tap->drops == 1 ? "\1" : "", 1);
    tap->drops++;
}

/* Bytes that come one by one move no deadline, neither in the header nor behind it. */
static void dripping_bytes_do_not_help(void **state)
{
    struct stage *stage = *state;
    static const struct {
        uint32_t frame_ms, first_ms;
        suseconds_t period_us;
        const char *says;
    } table[] = {
        {100, 0, 5000, "not whole"},
        {0, 100, 5000, "first frame"},
        {300, 0, 200000, "not whole"},
    };
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct tap tap = {.drops = 0};
        stage->server_limits.frame_ms = table[i].frame_ms;
        stage->server_limits.first_ms = table[i].first_ms;
        raw_call(stage, &tap.raw, stage->client_context);
        STAGE_UNTIL(stage, tap.raw.connected && stage->accepted > i && stage->servers[i].opened);
        struct event *timer = event_new(stage->base, -1, EV_PERSIST, drip, &tap);
        event_add(timer, &(struct timeval){.tv_usec = table[i].period_us});
        STAGE_UNTIL(stage, stage->servers[i].closed);
        deadline_is_named(&stage->servers[i], table[i].says);
        if (i == 2)
            assert_in_range(tap.drops, 1, 3); /* at 200, 400 ms; the deadline is at 500 */
        event_free(timer);
        raw_close(&tap.raw);
    }
}

static void idle_connections_end(void **state)
{
    struct stage *stage = *state;
    struct side client = {0};
    stage->server_limits.idle_ms = 50;
    both_open(stage, &client);
    side_send(&client, 5, 'x');
    STAGE_UNTIL(stage, client.closed && stage->servers[0].closed);
    assert_int_equal(stage->servers[0].frames, 1);
    deadline_is_named(&stage->servers[0], "idle");
    side_close(&client);
}

static void pass(struct stage *stage, suseconds_t us)
{
    bool over = false;
    struct event *timer = event_new(stage->base, -1, 0, stage_patience, &over);
    event_add(timer, &(struct timeval){.tv_usec = us});
    STAGE_UNTIL(stage, over);
    event_free(timer);
}

/* It is our fault, not the peer's, that its frame is not read; and after the release it has time.
 */
static void deadlines_stand_still_while_held(void **state)
{
    struct stage *stage = *state;
    struct raw raw;
    static struct budget budget;
    static char frame[4 + 40000] = {0, 0, (char)0x9c, 0x40};
    budget_init(&budget, 100000);
    stage->server_limits.budget = &budget;
    stage->server_limits.frame_ms = stage->server_limits.first_ms = 500;
    stage->server_limits.idle_ms = 500;
    raw_call(stage, &raw, stage->client_context);
    bufferevent_write(raw.bev, frame, 1000);
    STAGE_UNTIL(stage, budget.used); /* the header was read */
    struct side *server = &stage->servers[0];
    conn_hold(server->conn);
    pass(stage, 900000);
    assert_int_equal(server->closed, 0);
    conn_release(server->conn);
    pass(stage, 50000);
    assert_int_equal(server->closed, 0);
    bufferevent_write(raw.bev, frame + 1000, sizeof frame - 1000);
    STAGE_UNTIL(stage, server->frames || server->closed);
    assert_int_equal(server->frames, 1);
    STAGE_UNTIL(stage, server->closed);
    deadline_is_named(server, "idle");
    raw_close(&raw);
}

static void send_much(struct side *side, enum conn_event event, const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    if (event != CONN_OPEN)
        return;
    for (int i = 0; i < 16; i++)
        side_send(side, FRAME_MAX_DEFAULT, 'm');
    conn_hold(side->conn);
}

static void replies_that_are_not_taken_end_it(void **state)
{
    struct stage *stage = *state;
    struct raw raw;
    stage->server_also = send_much;
    stage->server_limits.idle_ms = 100;
    raw_call(stage, &raw, stage->client_context);
    STAGE_UNTIL(stage, raw.connected);
    bufferevent_disable(raw.bev, EV_READ);
    STAGE_UNTIL(stage, stage->accepted && stage->servers[0].closed);
    deadline_is_named(&stage->servers[0], "not taken");
    raw_close(&raw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(silent_callers_are_cut_off),
        STAGED(a_server_that_says_nothing_is_left),
        STAGED(no_first_frame),
        STAGED(dripping_bytes_do_not_help),
        STAGED(idle_connections_end),
        STAGED(deadlines_stand_still_while_held),
        STAGED(replies_that_are_not_taken_end_it),
    };
    return cmocka_run_group_tests(tests, stage_group, NULL);
}
