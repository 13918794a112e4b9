#include "daemon/core/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_certificate_ends_at_its_end(void **state)
{
    (void)state;
    assert_false(session_outlived(1000, 999));
    assert_true(session_outlived(1000, 1000));
    assert_true(session_outlived(1000, INT64_MAX));
    assert_false(session_outlived(INT64_MAX, INT64_MAX - 1));
}

static void who_is_gone_or_going_is_not_open(void **state)
{
    (void)state;
    static const bool open[SESSION_STATES] = {[SESSION_GREETING] = true, [SESSION_READY] = true};
    for (int s = 0; s < SESSION_STATES; s++)
        assert_int_equal(session_is_open((enum session_state)s), open[s]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_ends_at_its_end),
        cmocka_unit_test(who_is_gone_or_going_is_not_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
