#include "common/expiry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HOUR (INT64_C(3600) * 1000)
#define DAY  (24 * HOUR)

static void when_it_is_told(void **state)
{
    (void)state;
    static const struct {
        enum expiry_kind kind;
        int64_t life, left;
        bool soon;
    } table[] = {
        {EXPIRY_CERTIFICATE, 730 * DAY, 31 * DAY, false},
        {EXPIRY_CERTIFICATE, 730 * DAY, 30 * DAY, false},
        {EXPIRY_CERTIFICATE, 730 * DAY, 30 * DAY - 1, true},
        {EXPIRY_CERTIFICATE, 730 * DAY, 0, true},
        {EXPIRY_CERTIFICATE, 730 * DAY, -DAY, true},
        {EXPIRY_CERTIFICATE, 10 * DAY, 9 * DAY, true},
        {EXPIRY_CRL, 30 * DAY, 11 * DAY, false}, /* suara-ca's list */
        {EXPIRY_CRL, 30 * DAY, 10 * DAY, false},
        {EXPIRY_CRL, 30 * DAY, 10 * DAY - 1, true},
        {EXPIRY_CRL, 3 * DAY, DAY, false}, /* a short one is not told of all its life */
        {EXPIRY_CRL, 3 * DAY, DAY - 1, true},
        {EXPIRY_CRL, 3 * DAY, -1, true},
        {EXPIRY_CRL, 3650 * DAY, 30 * DAY, false}, /* nor a long one for years */
        {EXPIRY_CRL, 3650 * DAY, 30 * DAY - 1, true},
        {EXPIRY_CRL, -DAY, 29 * DAY, true}, /* a beginning that can't be */
    };
    const int64_t now = 1790000000000;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        int64_t to = now + table[i].left, from = to - table[i].life;
        if (expiry_soon(table[i].kind, from, to, now) != table[i].soon)
            fail_msg("row %zu", i);
    }
}

static void days_are_whole_ones(void **state)
{
    (void)state;
    assert_int_equal(expiry_days(3 * DAY, 0), 3);
    assert_int_equal(expiry_days(3 * DAY - 1, 0), 2);
    assert_int_equal(expiry_days(1, 0), 0);
    assert_int_equal(expiry_days(0, 0), 0);
    assert_int_equal(expiry_days(0, 1), -1);
    assert_int_equal(expiry_days(0, DAY), -1);
    assert_int_equal(expiry_days(0, DAY + 1), -2);
}

static void once_a_day(void **state)
{
    (void)state;
    assert_true(expiry_tell(0, 5));
    assert_false(expiry_tell(5, 5));
    assert_false(expiry_tell(5, 4 + (uint64_t)DAY));
    assert_true(expiry_tell(5, 5 + (uint64_t)DAY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(when_it_is_told),
        cmocka_unit_test(days_are_whole_ones),
        cmocka_unit_test(once_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
