#include "common/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void doubles_up_to_the_cap(void **state)
{
    (void)state;
    static const struct {
        uint32_t base, cap;
    } table[] = {{1, 1},          {1, 60000},
                 {100, 30000},    {250, 250},
                 {1000, 10},      {3, 100},
                 {0, 1000},       {UINT32_MAX, UINT32_MAX},
                 {1, UINT32_MAX}, {2000000000, UINT32_MAX},
                 {0, 0}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        for (uint64_t seed = 0; seed < 50; seed++) {
            struct backoff backoff;
            backoff_init(&backoff, table[i].base, table[i].cap, seed);
            for (int round = 0; round < 2; round++) {
                uint64_t whole = table[i].base;
                for (int n = 0; n < 80; n++) {
                    if (whole > table[i].cap)
                        whole = table[i].cap;
                    uint32_t wait = backoff_next(&backoff);
                    assert_true(wait <= whole && 2 * (uint64_t)wait >= whole);
                    whole *= 2;
                }
                backoff_reset(&backoff);
            }
        }
    }
}

static void is_replayable_from_its_seed(void **state)
{
    (void)state;
    struct backoff a, b, c;
    backoff_init(&a, 1000, 60000, 42);
    backoff_init(&b, 1000, 60000, 42);
    backoff_init(&c, 1000, 60000, 43);
    int differ = 0;
    for (int i = 0; i < 100; i++) {
        uint32_t wait = backoff_next(&a);
        assert_int_equal(wait, backoff_next(&b));
        differ += wait != backoff_next(&c);
    }
    assert_true(differ > 90);
}

/* A thousand clients after the same failure: no tenth of the window gets twice its share. */
static void spreads_a_thousand_clients(void **state)
{
    (void)state;
    int bins[10] = {0};
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        struct backoff backoff;
        uint32_t wait = 0;
        backoff_init(&backoff, 1000, 16000, seed);
        for (int i = 0; i < 8; i++)
            wait = backoff_next(&backoff);
        assert_true(wait >= 8000 && wait <= 16000);
        bins[wait == 16000 ? 9 : (wait - 8000) / 800]++;
    }
    for (int i = 0; i < 10; i++)
        assert_in_range(bins[i], 50, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_up_to_the_cap),
        cmocka_unit_test(is_replayable_from_its_seed),
        cmocka_unit_test(spreads_a_thousand_clients),
    };
    return cmocka_run_group_tests_name("common/backoff", tests, NULL, NULL);
}
