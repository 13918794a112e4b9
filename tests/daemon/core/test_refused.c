#include "daemon/core/refused.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MINUTE REFUSED_EVERY_MS

/* -1: left out; else how many were left out before it. */
static int take(struct refused *r, const char *who, enum verb verb, uint64_t now)
{
    uint64_t again = 999;
    return refused_take(r, who, verb, now, &again) ? (int)again : -1;
}

static void test_one_a_minute(void **state)
{
    (void)state;
    struct refused *r = calloc(1, sizeof *r);
    assert_non_null(r);
    assert_int_equal(take(r, "office:A", VERB_ADD, 5), 0);
    for (unsigned k = 0; k < 17; k++)
        assert_int_equal(take(r, "office:A", VERB_ADD, 6 + k), -1);
    assert_int_equal(take(r, "office:A", VERB_ADD, 5 + MINUTE - 1), -1);
    assert_int_equal(take(r, "office:A", VERB_ADD, 5 + MINUTE), 18);
    assert_int_equal(take(r, "office:A", VERB_ADD, 6 + MINUTE), -1);
    assert_int_equal(take(r, "office:A", VERB_ADD, 5 + 9 * MINUTE), 1);
    assert_int_equal(take(r, "office:A", VERB_ADD, 5 + 18 * MINUTE), 0);
    assert_int_equal(r->left_out, 19);
    free(r);
}

static void test_each_for_itself(void **state)
{
    (void)state;
    struct refused *r = calloc(1, sizeof *r);
    assert_non_null(r);
    assert_int_equal(take(r, "office:A", VERB_HELLO, 0),
                     0); /* all zero, and yet not a free place */
    assert_int_equal(take(r, "office:A", VERB_HELLO, 1), -1);
    assert_int_equal(take(r, "office:A", VERB_ADD, 1), 0);
    assert_int_equal(take(r, "office:B", VERB_ADD, 1), 0);
    assert_int_equal(take(r, "office:A", VERB_ADD, 2), -1);
    assert_int_equal(take(r, "office:B", VERB_ADD, 1 + MINUTE), 0);
    assert_int_equal(take(r, "office:A", VERB_ADD, 1 + MINUTE), 1);
    free(r);
}

static void test_bounded(void **state)
{
    (void)state;
    struct refused *r = calloc(1, sizeof *r);
    char who[32];
    assert_non_null(r);
    for (unsigned k = 0; k < REFUSED_MOST; k++) {
        snprintf(who, sizeof who, "office:K%u", k);
        assert_int_equal(take(r, who, VERB_ADD, 100 + k), 0);
    }
    assert_int_equal(take(r, "office:ONE-MORE", VERB_ADD, 700), -1);
    assert_int_equal(r->left_out, 1);
    assert_int_equal(take(r, "office:K511", VERB_ADD, 700), -1); /* those that are, are known */
    assert_int_equal(take(r, "office:ONE-MORE", VERB_ADD, 100 + MINUTE), 0); /* in K0's place */
    assert_int_equal(take(r, "office:ONE-MORE", VERB_ADD, 101 + MINUTE), -1);
    assert_int_equal(take(r, "office:K511", VERB_ADD, 611 + MINUTE), 1);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_a_minute),
        cmocka_unit_test(test_each_for_itself),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
