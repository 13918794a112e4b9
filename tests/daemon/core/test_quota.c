/* quota: connections and requests of one principal. */
#include "daemon/core/quota.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S UINT64_C(1000000)

static void test_connections_of_a_name(void **state)
{
    (void)state;
    struct quota quota = {0};
    struct quota_account *a[4] = {0}, *other = NULL, *more = NULL;
    for (int i = 0; i < 3; i++)
        assert_int_equal(quota_join(&quota, ROLE_OFFICE, "SATU", 3, S, &a[i]), QUOTA_JOINED);
    assert_ptr_equal(a[0], a[2]);
    assert_int_equal(quota_join(&quota, ROLE_OFFICE, "SATU", 3, S, &more), QUOTA_FULL);
    assert_null(more);
    /* Neither another name nor the same name in another role. */
    assert_int_equal(quota_join(&quota, ROLE_OFFICE, "DUA", 3, S, &other), QUOTA_JOINED);
    assert_int_equal(quota_join(&quota, ROLE_AUDITOR, "SATU", 3, S, &more), QUOTA_JOINED);
    assert_ptr_not_equal(more, a[0]);
    quota_leave(&quota, &a[1], S);
    assert_null(a[1]);
    assert_int_equal(quota_join(&quota, ROLE_OFFICE, "SATU", 3, S, &a[1]), QUOTA_JOINED);
    /* A reload may have lowered the limit below what is open. */
    assert_int_equal(quota_join(&quota, ROLE_OFFICE, "SATU", 1, S, &a[3]), QUOTA_FULL);
    for (int i = 0; i < 3; i++)
        quota_leave(&quota, &a[i], S);
    quota_leave(&quota, &other, S);
    quota_leave(&quota, &more, S);
    quota_leave(&quota, &more, S); /* NULL */
    assert_int_equal(quota_count(&quota), 0);
}

/* Against the definition: a request is read at the first moment from which on, with it, no window
 * that began at a quiet time has had more than rate x length + rate. */
static void test_rates(void **state)
{
    (void)state;
    static const unsigned rates[] = {1, 2, 3, 7, 10, 50, 100, 999, 1000, 20000, 1000000};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        struct quota quota = {0};
        struct quota_account *account;
        uint64_t now = 5 * S, begun = now;
        unsigned read = 0, most = rates[r] < 400 ? 4 * rates[r] : 1600;
        assert_int_equal(quota_join(&quota, ROLE_OFFICE, "A", 1, now, &account), QUOTA_JOINED);
        /* As fast as it is let: after the burst exactly the rate. */
        while (read < most + rates[r]) {
            read++;
            now += quota_spend(account, rates[r], now);
        }
        uint64_t step = S / rates[r];
        assert_true(now - begun >= most * step - step);
        assert_true(now - begun <= most * step + step);
        /* After a second of rest there is a second's worth again. */
        now += 2 * S;
        for (unsigned i = 0; i < rates[r]; i++)
            assert_int_equal(quota_spend(account, rates[r], now), 0);
        assert_true(quota_spend(account, rates[r], now) > 0);
        quota_leave(&quota, &account, now);
        quota_release(&quota);
    }
}

static void test_no_rate(void **state)
{
    (void)state;
    struct quota quota = {0};
    struct quota_account *account;
    assert_int_equal(quota_join(&quota, ROLE_ADMIN, "a", 1, S, &account), QUOTA_JOINED);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(quota_spend(account, 0, S), 0);
    quota_leave(&quota, &account, S);
    assert_int_equal(quota_count(&quota), 0);
}

/* Hanging up and calling again pays for nothing; accounts that are paid for are not kept. */
static void test_calling_again(void **state)
{
    (void)state;
    struct quota quota = {0};
    struct quota_account *account, *other;
    uint64_t now = S;
    assert_int_equal(quota_join(&quota, ROLE_OFFICE, "A", 1, now, &account), QUOTA_JOINED);
    for (int i = 0; i < 10; i++)
        assert_int_equal(quota_spend(account, 10, now), 0);
    quota_leave(&quota, &account, now);
    assert_int_equal(quota_count(&quota), 1);
    assert_int_equal(quota_join(&quota, ROLE_OFFICE, "A", 1, now, &account), QUOTA_JOINED);
    assert_int_equal(quota_spend(account, 10, now), S / 10);
    quota_leave(&quota, &account, now);
    now += 2 * S;
    assert_int_equal(quota_join(&quota, ROLE_OFFICE, "B", 1, now, &other), QUOTA_JOINED);
    assert_int_equal(quota_count(&quota), 1);
    quota_release(&quota);
    assert_int_equal(quota_count(&quota), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connections_of_a_name),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_no_rate),
        cmocka_unit_test(test_calling_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
