#include "common/wide.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct wide sum(struct wide a, struct wide b)
{
    return wide_add(&a, &b);
}

static struct wide product(struct wide a, struct wide b)
{
    return wide_mul(&a, &b);
}

static void agrees_with_the_machine(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 20000; i++) {
        uint64_t a = generate(&seed) >> generate_below(&seed, 64);
        uint64_t b = generate(&seed) >> generate_below(&seed, 64);
        struct wide x = wide_of(a), y = wide_of(b), want = wide_of((u128)a * b);
        struct wide got = wide_mul(&x, &y);
        assert_int_equal(wide_compare(&got, &want), 0);
        got = wide_times(&x, b);
        assert_int_equal(wide_compare(&got, &want), 0);
        want = wide_of((u128)a + b);
        got = wide_add(&x, &y);
        assert_int_equal(wide_compare(&got, &want), 0);
        assert_int_equal(wide_compare(&x, &y), (a > b) - (a < b));
        assert_true(wide_double(&x) == (double)a);
    }
}

/* (a + b)^2 = a^2 + 2ab + b^2, over all limbs. */
static void multiplies_beyond_the_machine(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 2000; i++) {
        struct wide a = wide_of(generate(&seed)), b = wide_of(generate(&seed));
        for (int k = 0; k < 2; k++) { /* up to 250 bits */
            a = product(a, wide_of(generate(&seed)));
            b = product(b, wide_of(generate(&seed)));
        }
        struct wide left = product(sum(a, b), sum(a, b)), ab = product(a, b);
        struct wide right = sum(sum(product(a, a), product(b, b)), sum(ab, ab));
        assert_int_equal(wide_compare(&left, &right), 0);
        right = sum(right, wide_of(1));
        assert_int_equal(wide_compare(&left, &right), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_machine),
        cmocka_unit_test(multiplies_beyond_the_machine),
    };
    return cmocka_run_group_tests_name("common/wide", tests, NULL, NULL);
}
