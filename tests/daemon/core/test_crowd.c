/* crowd: who makes room in a full house, and in which order. */
#include "daemon/core/crowd.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOW     UINT64_C(1000000)
#define AGO(ms) (NOW - (ms))
#define LATE(ms)                                                                                   \
    {                                                                                              \
        .since_ms = AGO(60000), .paid_ms = AGO(ms)                                                 \
    }
#define DOOR  CROWD_DOOR_MS
#define STALL CROWD_STALL_MS
#define IDLE  CROWD_IDLE_MS
#define GUEST(...)                                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* What a row leaves out: alone of its name, and all long ago. */
static struct crowd_guest filled(struct crowd_guest guest)
{
    guest.state_ms = guest.state_ms ? guest.state_ms : AGO(600000);
    guest.quiet_ms = guest.quiet_ms ? guest.quiet_ms : AGO(600000);
    guest.of_name = guest.of_name ? guest.of_name : 1;
    return guest;
}

static void test_who_goes(void **state)
{
    (void)state;
    static const struct {
        struct crowd_guest guest;
        enum crowd_why why;
        uint64_t weight;
    } table[] = {
        {GUEST(.state = SESSION_OPENING), CROWD_SILENT, 600000},
        {GUEST(.state = SESSION_OPENING, .state_ms = AGO(DOOR)), CROWD_SILENT, DOOR},
        {GUEST(.state = SESSION_OPENING, .state_ms = AGO(DOOR - 1)), CROWD_STAYS, 0},
        /* A full queue reads nobody, but handshakes go on. */
        {GUEST(.state = SESSION_OPENING, .held = true), CROWD_SILENT, 600000},
        {GUEST(.state = SESSION_GREETING, .state_ms = AGO(DOOR)), CROWD_SILENT, DOOR},
        {GUEST(.state = SESSION_GREETING, .state_ms = AGO(DOOR - 1)), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_GREETING, .held = true), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_GREETING, .in = LATE(1)), CROWD_SILENT, 600000},
        /* Idle, of all that its name has. */
        {GUEST(.state = SESSION_READY), CROWD_IDLE, 600000},
        {GUEST(.state = SESSION_READY, .quiet_ms = AGO(IDLE)), CROWD_IDLE, IDLE},
        {GUEST(.state = SESSION_READY, .quiet_ms = AGO(IDLE - 1)), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_READY, .quiet_ms = AGO(200), .of_name = 50), CROWD_IDLE, 10000},
        {GUEST(.state = SESSION_READY, .quiet_ms = AGO(200), .of_name = 49), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_READY, .quiet_ms = NOW, .of_name = 1000), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_READY, .held = true), CROWD_STAYS, 0},
        /* It waits for room: what it wants to send is not here yet, and it is not read. */
        {GUEST(.state = SESSION_READY, .held = true, .waits_ms = AGO(IDLE)), CROWD_WAITS, IDLE},
        {GUEST(.state = SESSION_READY, .held = true, .waits_ms = AGO(IDLE - 1)), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_READY, .held = true, .waits_ms = AGO(200), .of_name = 50),
         CROWD_WAITS, 10000},
        {GUEST(.state = SESSION_READY, .held = true, .waits_ms = AGO(IDLE), .open = 1), CROWD_STAYS,
         0},
        /* Half a message: idle or not is no matter, how it comes is. */
        {GUEST(.state = SESSION_READY, .in = LATE(STALL)), CROWD_SLOW, STALL},
        {GUEST(.state = SESSION_READY, .in = LATE(STALL - 1)), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_READY, .in = LATE(60000), .held = true), CROWD_STAYS, 0},
        /* With a request open it stays as long as it takes what it is sent. */
        {GUEST(.state = SESSION_READY, .open = 1), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_READY, .open = 1, .of_name = 64), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_READY, .open = 1, .in = LATE(60000)), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_READY, .open = 1, .out = LATE(STALL - 1)), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_READY, .open = 1, .out = LATE(STALL)), CROWD_DEAF, STALL},
        {GUEST(.state = SESSION_READY, .out = LATE(0)), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_READY, .held = true, .out = LATE(5000)), CROWD_DEAF, 5000},
        {GUEST(.state = SESSION_LEAVING, .open = 1), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_LEAVING, .open = 1, .out = LATE(5000)), CROWD_DEAF, 5000},
        /* On its way out: goes by itself, but for who does not take the last reply. */
        {GUEST(.state = SESSION_CLOSING), CROWD_STAYS, 0},
        {GUEST(.state = SESSION_CLOSING, .out = LATE(5000)), CROWD_DEAF, 5000},
        {GUEST(.state = SESSION_OVER), CROWD_STAYS, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct crowd_guest guest = filled(table[i].guest);
        struct crowd_verdict got = crowd_judge(&guest, NOW);
        if (got.why != table[i].why || got.weight != table[i].weight)
            fail_msg("row %zu: \"%s\", %ju", i, crowd_why_text(got.why), (uintmax_t)got.weight);
        assert_int_equal(got.why == CROWD_STAYS, crowd_why_text(got.why)[0] == '\0');
    }
}

/* What of a message comes at a rate, looked at in steps: when is it too late? 0: never. */
static uint64_t given_up_ms(uint64_t per_second, uint64_t step_ms, uint64_t burst)
{
    struct crowd_guest guest = filled((struct crowd_guest){.state = SESSION_READY});
    for (uint64_t t = 0; t < 120000; t += step_ms) {
        crowd_look(&guest.in, NOW, burst + per_second * t / 1000, NOW + t);
        if (crowd_judge(&guest, NOW + t).why == CROWD_SLOW)
            return t;
    }
    return 0;
}

static void test_a_bad_line_is_no_drip(void **state)
{
    (void)state;
    static const uint64_t steps[] = {100, 250, 1000, 3000};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        uint64_t step = steps[i];
        assert_int_equal(given_up_ms(8000, step, 0), 0);
        assert_int_equal(given_up_ms(2 * CROWD_RATE, step, 0), 0);
        assert_in_range(given_up_ms(0, step, 0), STALL, STALL + step);
        assert_in_range(given_up_ms(1, step, 0), STALL, STALL + 100 + step);
        /* What came at once is no credit for later. */
        assert_in_range(given_up_ms(1, step, 1000000), STALL, STALL + 100 + step);
        assert_in_range(given_up_ms(CROWD_RATE / 2, step, 0), 2 * STALL - 500,
                        2 * STALL + 2 * step);
    }
}

static void test_each_message_has_its_time(void **state)
{
    (void)state;
    struct crowd_pace pace = {0};
    /* Also of one that was under way for long before the first look. */
    crowd_look(&pace, AGO(5000), 2 * CROWD_RATE, AGO(1000));
    assert_int_equal(pace.paid_ms, AGO(3000));
    crowd_look(&pace, AGO(5000), 3 * CROWD_RATE, AGO(900));
    assert_int_equal(pace.paid_ms, AGO(2000));
    crowd_look(&pace, AGO(50), 0, NOW); /* the next one */
    assert_int_equal(pace.paid_ms, AGO(50));
    crowd_look(&pace, 0, 0, NOW + 9000); /* none is due */
    crowd_look(&pace, NOW + 9000, CROWD_RATE / 2, NOW + 9100);
    assert_int_equal(pace.paid_ms, NOW + 9100);
}

static int by_order(const void *a, const void *b)
{
    return crowd_order(a, b);
}

static void test_order(void **state)
{
    (void)state;
    static const struct crowd_verdict right[] = {
        {CROWD_SILENT, 9000}, {CROWD_SILENT, 2000}, {CROWD_SLOW, 4001},  {CROWD_SLOW, 4000},
        {CROWD_DEAF, 70000},  {CROWD_DEAF, 5000},   {CROWD_IDLE, 80000}, {CROWD_IDLE, 10000},
    };
    enum { COUNT = sizeof right / sizeof *right };
    struct crowd_verdict sorted[COUNT];
    for (size_t turn = 0; turn < COUNT; turn++) {
        for (size_t i = 0; i < COUNT; i++)
            sorted[(i * 3 + turn) % COUNT] = right[i];
        qsort(sorted, COUNT, sizeof *sorted, by_order);
        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(sorted[i].why, right[i].why);
            assert_int_equal(sorted[i].weight, right[i].weight);
        }
    }
    assert_int_equal(crowd_order(&right[0], &right[0]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_goes),
        cmocka_unit_test(test_a_bad_line_is_no_drip),
        cmocka_unit_test(test_each_message_has_its_time),
        cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
