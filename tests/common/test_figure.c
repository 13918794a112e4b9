#include "common/figure.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Vectors of the rules of the survey: n, total, and the index by each of the four methods. */
static const struct {
    uint64_t n, total;
    uint32_t index[4];
} vectors[] = {
    {1, 9, {2500, 2475, 2498, 2500}},     {1, 36, {10000, 9900, 9990, 9999}},
    {19, 604, {8830, 8742, 8822, 8830}},  {43, 1367, {8831, 8742, 8822, 8830}},
    {52, 1653, {8830, 8742, 8821, 8829}}, {19, 524, {7661, 7584, 7653, 7660}},
    {26, 717, {7660, 7584, 7653, 7659}},  {45, 1241, {7660, 7584, 7653, 7660}},
    {58, 1357, {6499, 6434, 6493, 6498}}, {29, 955, {9148, 9056, 9138, 9147}},
    {49, 1389, {7874, 7795, 7866, 7873}}, {4294967296, 4294967296 * 36, {10000, 9900, 9990, 9999}},
};

static const struct figure_rule methods[] = {
    {4, 9, 1, 9}, {4, 9, 11, 100}, {4, 9, 111, 1000}, {4, 9, 1111, 10000}};

static void index_is_that_of_the_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        for (size_t m = 0; m < 4; m++) {
            struct figure_sample sample = {vectors[i].n, vectors[i].total, 0};
            uint32_t index = 0;
            assert_true(figure_index(&methods[m], &sample, &index));
            assert_int_equal(index, vectors[i].index[m]);
        }
    uint32_t untouched = 7;
    assert_false(figure_index(&methods[0], &(struct figure_sample){0, 0, 0}, &untouched));
    assert_int_equal(untouched, 7);
}

/* Half up, by trial: the figure is the largest k with k - 1/2 <= the exact index in hundredths. */
static void index_is_rounded_half_up(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 200000; i++) {
        const struct figure_rule *rule = &methods[generate_below(&seed, 4)];
        uint64_t n = 1 + generate_below(&seed, 3000);
        struct figure_sample sample = {n, 9 * n + generate_below(&seed, 27 * n + 1), 0};
        uint32_t k = 0;
        assert_true(figure_index(rule, &sample, &k));
        uint64_t left = 2 * 10000 * sample.total * (uint64_t)rule->num;
        uint64_t right = 4 * n * (uint64_t)rule->den;
        assert_true((2 * (uint64_t)k - 1) * right <= left);
        assert_true((2 * (uint64_t)k + 1) * right > left);
    }
}

/* From exact fractions and the closed form of Student's distribution, outside of this program; also
 * 2^32 responses, 64 elements, a scale of 100. low and high 0: there is none. */
static const struct {
    struct figure_rule rule;
    struct figure_sample sample;
    uint32_t index, low, high;
} intervals[] = {
    {{4, 9, 1, 9}, {1, 30u, 900u}, 8333, 0, 0},
    {{4, 9, 1, 9}, {2, 63u, 2025u}, 8750, 2500, 10000},
    {{4, 9, 1, 9}, {2, 72u, 2592u}, 10000, 10000, 10000},
    {{4, 9, 1, 9}, {2, 18u, 162u}, 2500, 2500, 2500},
    {{4, 9, 1, 9}, {5, 114u, 2642u}, 6333, 5205, 7461},
    {{4, 9, 1, 9}, {30, 874u, 25650u}, 8093, 7829, 8357},
    {{4, 9, 11, 100}, {30, 867u, 25335u}, 7948, 7630, 8266},
    {{4, 9, 111, 1000}, {31, 915u, 27155u}, 8191, 7965, 8417},
    {{4, 9, 1, 9}, {64, 1869u, 55199u}, 8112, 7895, 8329},
    {{4, 9, 1, 9}, {65, 1648u, 42258u}, 7043, 6856, 7230},
    {{4, 9, 1, 9}, {66, 1683u, 43273u}, 7083, 6923, 7243},
    {{4, 9, 1, 9}, {1000, 28822u, 837382u}, 8006, 7961, 8051},
    {{4, 14, 71, 1000}, {100, 4495u, 202925u}, 7979, 7874, 8084},
    {{10, 5, 1, 5}, {77, 2508u, 83814u}, 6514, 6274, 6754},
    {{100, 64, 1, 64}, {12, 37708u, 119389174u}, 4910, 4626, 5194},
    {{100, 64, 1, 64}, {100000000, 323200000000u, 2048204800000000u}, 5050, 5049, 5051},
    {{4, 9, 1, 9}, {100000000, 2250000000u, 68850000000u}, 6250, 6249, 6251},
    {{100, 64, 1, 64}, {4294967296, 13881334300672u, 87969726315102208u}, 5050, 5050, 5050},
    {{100, 64, 1, 64}, {100000000, 640000000000u, 4096000000000000u}, 10000, 10000, 10000},
    {{4, 9, 1, 9}, {2, 45u, 1377u}, 6250, 2500, 10000},
    {{4, 9, 1, 9}, {3, 81u, 2673u}, 7500, 2500, 10000},
    /* 12.706205 x 100 000: a half width of 1 270 620.5, in whole numbers */
    {{100, 64, 40, 1}, {2, 6400, 3225 * 3225 + 3175 * 3175}, 12800000, 11529379, 14070621},
};

static void intervals_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        uint32_t index = 0, low = 0, high = 0;
        assert_true(figure_index(&intervals[i].rule, &intervals[i].sample, &index));
        bool has = figure_interval(&intervals[i].rule, &intervals[i].sample, &low, &high);
        assert_int_equal(has, intervals[i].high != 0);
        assert_int_equal(index, intervals[i].index);
        assert_int_equal(low, intervals[i].low);
        assert_int_equal(high, intervals[i].high);
    }
    uint32_t low, high;
    assert_false(figure_interval(&methods[0], &(struct figure_sample){0, 0, 0}, &low, &high));
}

/* Likewise; before and after, then the change with its interval. */
static const struct {
    struct figure_rule rule;
    struct figure_sample before, after;
    struct figure_change change;
} changes[] = {
    {{4, 9, 1, 9}, {30, 864u, 25032u}, {40, 1158u, 33866u}, {42, true, -304, 388, false}},
    {{4, 9, 1, 9}, {30, 680u, 15918u}, {40, 1148u, 33248u}, {1676, true, 1185, 2167, true}},
    {{4, 9, 1, 9}, {300, 8608u, 249260u}, {25, 620u, 15610u}, {-1081, true, -1448, -714, true}},
    {{4, 9, 1, 9}, {1, 30u, 900u}, {2, 63u, 2025u}, {417, false, 0, 0, false}},
    {{4, 9, 1, 9}, {2, 63u, 2025u}, {2, 63u, 2025u}, {0, true, -7606, 7606, false}},
    {{4, 9, 1, 9}, {2, 72u, 2592u}, {3, 81u, 2187u}, {-2500, true, -2500, -2500, true}},
    {{4, 9, 11, 100}, {500, 14462u, 421538u}, {600, 17324u, 504162u}, {-14, true, -98, 70, false}},
    {{4, 14, 71, 1000},
     {50, 2252u, 102090u},
     {60, 2359u, 93479u},
     {-1016, true, -1259, -773, true}},
    {{100, 64, 1, 64},
     {100000000, 323200000000u, 2048204800000000u},
     {99999993, 323199980544u, 2048204677103616u},
     {0, true, -1, 1, false}},
    {{100, 64, 1, 64},
     {100000000, 6400000000u, 409600000000u},
     {100000000, 640000000000u, 4096000000000000u},
     {9900, true, 9900, 9900, true}},
    {{4, 9, 1, 9},
     {4294967296, 96636764160u, 2957084983296u},
     {4294967295, 96636764151u, 2957084983215u},
     {0, true, 0, 0, false}},
    {{4, 9, 1, 9}, {1, 31u, 961u}, {1, 32u, 1024u}, {278, false, 0, 0, false}},
    {{4, 9, 1, 9}, {5000, 100000u, 2000000u}, {5000, 100009u, 2000369u}, {1, true, 1, 1, true}},
    {{4, 9, 1, 9}, {5000, 100009u, 2000369u}, {5000, 100000u, 2000000u}, {-1, true, -1, -1, true}},
};

static void changes_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct figure_change out, back;
        const struct figure_change *want = &changes[i].change;
        figure_change(&changes[i].rule, &changes[i].before, &changes[i].after, &out);
        assert_int_equal(out.hundredths, want->hundredths);
        assert_int_equal(out.known, want->known);
        assert_int_equal(out.low, want->low);
        assert_int_equal(out.high, want->high);
        assert_int_equal(out.beyond_chance, want->beyond_chance);
        figure_change(&changes[i].rule, &changes[i].after, &changes[i].before, &back);
        assert_int_equal(back.hundredths, -out.hundredths);
        assert_int_equal(back.low, -out.high);
    }
}

static const struct {
    uint64_t a[4], b[4]; /* how many gave 1 to 4 */
    struct figure_gap gap;
} gaps[] = {
    {{12, 14, 9, 5}, {1, 3, 20, 30}, {-1288, true, -1658, -918, true}},
    {{0, 0, 3, 7}, {0, 0, 7, 3}, {400, true, -54, 854, false}},
    {{1, 0, 0, 0}, {0, 0, 0, 1}, {-3000, false, 0, 0, false}},
    {{2, 0, 0, 0}, {0, 0, 0, 2}, {-3000, true, -3000, -3000, true}},
    {{5, 10, 20, 40}, {50, 100, 200, 390}, {10, true, -215, 235, false}},
    {{0, 1000, 0, 0}, {1, 999, 0, 0}, {1, true, -1, 3, false}},
    {{0, 1999, 1, 0}, {0, 2000, 0, 0}, {1, true, 0, 2, false}},
};

static void gaps_are_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        struct figure_part a, b;
        struct figure_gap out;
        const struct figure_gap *want = &gaps[i].gap;
        figure_part_of(gaps[i].a, 4, &a);
        figure_part_of(gaps[i].b, 4, &b);
        figure_gap(&a, &b, &out);
        assert_int_equal(out.thousandths, want->thousandths);
        assert_int_equal(out.known, want->known);
        assert_int_equal(out.low, want->low);
        assert_int_equal(out.high, want->high);
        assert_int_equal(out.beyond_chance, want->beyond_chance);
    }
}

static void parts_add_up(void **state)
{
    (void)state;
    struct figure_part part;
    figure_part_of((const uint64_t[]){5, 0, 2, 10}, 4, &part);
    assert_int_equal(part.n, 17);
    assert_int_equal(part.sum, 5 + 6 + 40);
    assert_int_equal(part.square, 5 + 18 + 160);
}

static void means_have_three_decimals(void **state)
{
    (void)state;
    static const struct {
        uint64_t sum, n;
        const char *text;
    } means[] = {{0, 3, "0.000"},         {10, 3, "3.333"},   {11, 3, "3.667"},
                 {3999, 1000, "3.999"},   {1, 2000, "0.001"}, {1, 2001, "0.000"},
                 {39995, 10000, "4.000"}, {141, 49, "2.878"}, {6400000000, 100000000, "64.000"}};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        char text[32];
        figure_mean(means[i].sum, means[i].n, text);
        assert_string_equal(text, means[i].text);
    }
}

static void samples_of_krejcie_and_morgan(void **state)
{
    (void)state;
    static const uint64_t need[][2] = {
        {0, 0},     {1, 1},      {10, 10},    {50, 44},     {100, 80},      {200, 132},
        {500, 217}, {1000, 278}, {5000, 357}, {10000, 370}, {1000000, 384}, {UINT64_MAX, 384}};
    for (size_t i = 0; i < sizeof need / sizeof *need; i++)
        assert_int_equal(figure_sample_need(need[i][0]), need[i][1]);
}

/* Points of Student's distribution as they are printed in tables; it falls without a step. */
static void student_falls_to_the_normal_point(void **state)
{
    (void)state;
    static const uint64_t points[][2] = {
        {1, 12706205},        {2, 4302653},    {5, 2570582},     {10, 2228139},
        {30, 2042272},        {64, 1997730},   {65, 1997138},    {100, 1983972},
        {120, 1979930},       {1000, 1962339}, {10000, 1960201}, {100000000, 1959964},
        {8589934592, 1959964}};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        assert_int_equal(figure_student(points[i][0]), points[i][1]);
    for (uint64_t v = 1; v < 5000; v++)
        assert_true(figure_student(v + 1) <= figure_student(v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_is_that_of_the_rules),
        cmocka_unit_test(index_is_rounded_half_up),
        cmocka_unit_test(intervals_are_exact),
        cmocka_unit_test(changes_are_exact),
        cmocka_unit_test(gaps_are_exact),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(means_have_three_decimals),
        cmocka_unit_test(samples_of_krejcie_and_morgan),
        cmocka_unit_test(student_falls_to_the_normal_point),
    };
    return cmocka_run_group_tests_name("common/figure", tests, NULL, NULL);
}
