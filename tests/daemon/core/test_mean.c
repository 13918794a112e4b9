#include "daemon/core/mean.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct figure_rule skm = {4, 9, 1, 9};

/* Made outside with fractions; low and high 0: an office with one response has no variance. */
static const struct {
    struct figure_sample office[3];
    size_t offices;
    uint32_t index, low, high;
} means[] = {
    {{{30, 615, 13001}, {12, 324, 8822}, {5, 158, 4996}}, 3, 7324, 7120, 7528},
    {{{100, 2683, 72585}}, 1, 7453, 7317, 7589},
    {{{1, 33, 1089}, {9, 245, 6741}}, 2, 8364, 0, 0},
    {{{2, 43, 937}, {3, 56, 1064}}, 2, 5579, 2500, 10000},
};

static void means_are_those_of_fractions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        struct mean mean = {0};
        uint32_t index = 0, low = 0, high = 0;
        for (size_t o = 0; o < means[i].offices; o++)
            mean_add(&mean, &skm, &means[i].office[o]);
        mean_add(&mean, &skm, &(struct figure_sample){0, 0, 0}); /* does not count */
        assert_int_equal(mean.offices, means[i].offices);
        assert_true(mean_index(&mean, &index));
        assert_int_equal(index, means[i].index);
        assert_int_equal(mean_interval(&mean, &skm, &low, &high), means[i].high != 0);
        assert_int_equal(low, means[i].low);
        assert_int_equal(high, means[i].high);
    }
    struct mean none = {0};
    uint32_t index, low, high;
    assert_false(mean_index(&none, &index));
    assert_false(mean_interval(&none, &skm, &low, &high));
}

/* Exact halves go up, though their thirds and sevenths end nowhere: offices of which the indices in
 * hundredths are j + a/b and k + 1 - a/b, that is j + k + 1, an odd number, over two. */
static void halves_go_up(void **state)
{
    (void)state;
    static const struct figure_rule plain = {100, 1, 1, 100}; /* a hundredth is a mean of 0.01 */
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        uint64_t b = 3 + generate_below(&seed, 1000), a = 1 + generate_below(&seed, b - 1);
        uint64_t j = 1000 + generate_below(&seed, 8000),
                 k = 2 * generate_below(&seed, 4000) + j % 2;
        struct mean mean = {0};
        uint32_t index = 0;
        mean_add(&mean, &plain, &(struct figure_sample){b, j * b + a, 0});
        mean_add(&mean, &plain, &(struct figure_sample){b, k * b + b - a, 0});
        assert_true(mean_index(&mean, &index));
        assert_int_equal(index, (j + k + 2) / 2);
    }
}

/* A nation of large offices: nothing overflows. */
static void many_large_offices(void **state)
{
    (void)state;
    static const struct figure_rule big = {100, 64, 1, 64};
    struct mean mean = {0};
    uint32_t index = 0, low = 0, high = 0;
    for (int i = 0; i < 100000; i++) {
        uint64_t n = (UINT64_C(1) << 32) - (uint64_t)i;
        mean_add(&mean, &big, &(struct figure_sample){n, n * 6400, n * 6400 * 6400});
    }
    assert_true(mean_index(&mean, &index));
    assert_int_equal(index, 10000);
    assert_true(mean_interval(&mean, &big, &low, &high));
    assert_int_equal(low, 10000);
    assert_int_equal(high, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_are_those_of_fractions),
        cmocka_unit_test(halves_go_up),
        cmocka_unit_test(many_large_offices),
    };
    return cmocka_run_group_tests_name("daemon/core/mean", tests, NULL, NULL);
}
