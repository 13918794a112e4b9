#include "common/budget.h"
#include "tests/common/net/stage.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void large_frames_wait_for_their_share(void **state)
{
    struct stage *stage = *state;
    static struct budget budget; /* outlives the connections */
    struct raw slow;
    struct side client = {0};
    static char half[100000];
    budget_init(&budget, 150000);
    stage->server_limits.budget = &budget;
    stage->server_limits.frame_ms = 60000;
    raw_call(stage, &slow, stage->client_context);
    bufferevent_write(slow.bev, "\0\1\x86\xa0", 4); /* 100000 */
    bufferevent_write(slow.bev, half, 1000);
    STAGE_UNTIL(stage, budget.used == 100000);

    stage_call(stage, &client, "127.0.0.1");
    STAGE_UNTIL(stage, client.opened);
    side_send(&client, CONN_SMALL, 's'); /* needs none */
    side_send(&client, 100000, 'l');
    side_send(&client, 7, 't');
    STAGE_UNTIL(stage, stage->servers[1].frames == 1 && budget.line);
    assert_int_equal(budget.used, 100000);

    bufferevent_write(slow.bev, half, sizeof half - 1000);
    STAGE_UNTIL(stage, stage->servers[1].frames == 3);
    assert_int_equal(stage->servers[0].frames, 1);
    assert_int_equal(stage->servers[1].bytes, CONN_SMALL + 100000 + 7);
    assert_int_equal(budget.used, 0);
    side_close(&client);
    raw_close(&slow);
}

static unsigned waiting(const struct budget *budget)
{
    unsigned count = 0;
    for (const struct budget_claim *claim = budget->line; claim; claim = claim->next)
        count++;
    return count;
}

static void the_dead_give_their_share_back(void **state)
{
    struct stage *stage = *state;
    static struct budget budget; /* outlives the connections */
    struct raw slow[3];
    budget_init(&budget, 100000);
    stage->server_limits.budget = &budget;
    for (unsigned i = 0; i < 3; i++) {
        raw_call(stage, &slow[i], stage->client_context);
        bufferevent_write(slow[i].bev, "\0\1\x86\xa0x", 5);
        STAGE_UNTIL(stage, budget.used == 100000 && waiting(&budget) == i);
    }
    raw_close(&slow[0]); /* holds it, hangs up */
    STAGE_UNTIL(stage, stage->servers[0].closed);
    assert_int_equal(budget.used, 100000);
    conn_free(&stage->servers[1].conn);
    conn_free(&stage->servers[2].conn);
    assert_int_equal(budget.used, 0);
    assert_null(budget.line);
    raw_close(&slow[1]);
    raw_close(&slow[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGED(large_frames_wait_for_their_share),
        STAGED(the_dead_give_their_share_back),
    };
    return cmocka_run_group_tests(tests, stage_group, NULL);
}
