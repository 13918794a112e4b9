#include "daemon/core/hide.h"
#include "tests/common/generate.h"
#include "tests/daemon/core/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define VALUES 5u

/* Months as they are written, one row for each value; the values that are hidden, and the unit. */
static const struct {
    const char *what;
    uint64_t n[VALUES][12];
    const char *hidden; /* one letter for each value */
    unsigned unit;
} years[] = {
    {"nothing", {{0}}, ".....", 0},
    {"all large in each month", {{9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, {5, 5}}, ".....", 1},
    {"large in quarters only", {{4, 1, 0, 2, 3}, {5, 5, 5, 5, 5, 5}}, ".....", 3},
    {"large in semesters only", {{4, 0, 0, 2, 3, 0}, {5, 0, 5}}, ".....", 6},
    {"large in the year only", {{3, 0, 0, 0, 0, 0, 0, 0, 4}, {5, 5, 5, 0, 9}}, ".....", 12},
    {"two small that are no small cell", {{3}, {4}, {20}}, "xx...", 1},
    {"two small are too few", {{2}, {2}, {20}, {30}}, "xxx..", 1},
    {"one small takes the smallest along", {{3}, {20}, {10}, {30}}, "x.x..", 1},
    {"of equals all", {{20}, {3}, {10}, {10}}, ".xxx.", 1},
    {"of equals all there are", {{10}, {3}, {10}, {10}}, "xxxx.", 0},
    {"all hidden as large as they can be", {{4}, {4}, {20}, {30}}, "xxx..", 1},
    {"the hidden together must be large too",
     {{2, 0, 0, 0, 0, 0, 1}, {0, 4}, {9, 9, 9, 9, 9, 9, 9}},
     "xx...",
     12},
    {"one of the hidden alone in a month", {{0, 4, 0}, {6, 2, 0}, {9, 9, 9}}, "xx...", 3},
    {"two values, one small", {{3}, {100}}, "xx...", 0},
    {"small as a whole", {{1}, {1}, {1}}, "xxx..", 0},
    {"a single response", {{0}, {0}, {1}}, "..x..", 0},
    {"all the same, in a large month", {{0}, {12}}, ".....", 1},
    {"all the same, in small months", {{0}, {3, 3, 3, 3}}, "xxxxx", 0},
    {"all the same in a quarter with a small month", {{0}, {3, 3, 0, 9}, {0, 0, 0, 7}}, ".....", 6},
    {"nobody said anything", {{3, 3, 3, 3}}, ".....", 6},
};

static void years_are_told_so(void **state)
{
    (void)state;
    for (size_t y = 0; y < sizeof years / sizeof *years; y++) {
        struct hide_value value[VALUES];
        char hidden[VALUES + 1] = ".....";
        for (unsigned v = 0; v < VALUES; v++) {
            value[v] = (struct hide_value){.value = (int32_t)v, .hidden = true};
            memcpy(value[v].n, years[y].n[v], sizeof value[v].n);
        }
        unsigned unit = hide_year(value, VALUES, 5);
        for (unsigned v = 0; v < VALUES; v++)
            hidden[v] = value[v].hidden ? 'x' : '.';
        if (strcmp(hidden, years[y].hidden) != 0 || unit != years[y].unit)
            fail_msg("%s: %s by %u", years[y].what, hidden, unit);
    }
}

/* The conditions of the rule, as the page has them, for any year. */
static void the_rule_holds(void **state)
{
    (void)state;
    uint64_t seed = 17;
    for (int i = 0; i < 30000; i++) {
        struct hide_value value[VALUES];
        uint64_t k = 2 + generate_below(&seed, 9), most = 1 + generate_below(&seed, 20);
        for (unsigned v = 0; v < VALUES; v++) {
            value[v] = (struct hide_value){.value = (int32_t)v};
            for (unsigned m = 0; m < 12; m++)
                value[v].n[m] = generate_below(&seed, 3) ? 0 : generate_below(&seed, most);
        }
        unsigned unit = hide_year(value, VALUES, k);
        assert_true(unit == 0 || unit == 1 || unit == 3 || unit == 6 || unit == 12);
        for (unsigned from = 0; unit && from < 12; from += unit) {
            uint64_t hidden = 0, hidden_values = 0;
            for (unsigned v = 0; v < VALUES; v++) {
                uint64_t n = 0;
                for (unsigned m = from; m < from + unit; m++)
                    n += value[v].n[m];
                if (value[v].hidden) {
                    hidden += n;
                    hidden_values += n > 0;
                } else {
                    assert_true(n == 0 || n >= k);
                }
            }
            assert_true(hidden == 0 || (hidden >= k && hidden_values >= 2));
        }
    }
}

/* The means of the other test: hiding the small ones alone is seen through. */
static void the_naive_rule_is_seen_through(void **state)
{
    (void)state;
    struct span span = {.width = 3};
    static const int64_t total[] = {1, 1, 1}, told[2][3] = {{0, 1, 0}, {0, 0, 1}};
    static const int64_t small[] = {1, 0, 0}, two[] = {1, 1, 0};
    span_add(&span, total);
    span_add(&span, told[1]);
    assert_true(span_tells(&span, two));
    assert_false(span_tells(&span, small));
    span_add(&span, told[0]);
    assert_true(span_tells(&span, small));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(years_are_told_so),
        cmocka_unit_test(the_rule_holds),
        cmocka_unit_test(the_naive_rule_is_seen_through),
    };
    return cmocka_run_group_tests_name("daemon/core/hide", tests, NULL, NULL);
}
