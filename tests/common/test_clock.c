#include "common/clock.h"

#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void wall_clock_is_the_systems(void **state)
{
    (void)state;
    time_t before = time(NULL);
    int64_t ms = clock_wall_ms();
    time_t after = time(NULL);
    assert_true(ms / 1000 >= (int64_t)before - 1 && ms / 1000 <= (int64_t)after + 1);
}

static void monotonic_clock_never_goes_back(void **state)
{
    (void)state;
    uint64_t last_us = clock_monotonic_us(), last_ms = clock_monotonic_ms();
    for (int i = 0; i < 100000; i++) {
        uint64_t us = clock_monotonic_us(), ms = clock_monotonic_ms();
        assert_true(us >= last_us && ms >= last_ms);
        assert_true(ms >= us / 1000);
        last_us = us;
        last_ms = ms;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wall_clock_is_the_systems),
        cmocka_unit_test(monotonic_clock_never_goes_back),
    };
    return cmocka_run_group_tests_name("common/clock", tests, NULL, NULL);
}
