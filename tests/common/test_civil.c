#include "common/civil.h"

#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define DAY_MS   86400000

/* Every day there is, against the C library's own calendar. */
static void agrees_with_libc_on_every_day(void **state)
{
    (void)state;
    int64_t days = civil_to_days(CIVIL_FIRST);
    assert_int_equal(days, 10957);
    civil_day last = 0;
    for (;; days++) {
        time_t at = (time_t)days * 86400;
        struct tm tm;
        gmtime_r(&at, &tm);
        civil_day day = civil_from_days(days);
        assert_int_equal(day, (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday);
        assert_true(civil_valid(day));
        assert_int_equal(civil_to_days(day), days);
        assert_true(day > last);
        if (last)
            assert_int_equal(civil_add_days(last, 1), day);
        if (last && last / 100 != day / 100)
            assert_int_equal(civil_month_end(last), last);
        else if (last)
            assert_int_equal(civil_month_end(last), civil_month_end(day));
        last = day;
        if (day == CIVIL_LAST)
            break;
    }
    assert_int_equal(days, 376199);
}

/* Of all numbers that read like days, those are valid that the calendar has. */
static void knows_which_numbers_are_days(void **state)
{
    (void)state;
    unsigned valid = 0;
    for (civil_day day = 19990000; day < 20320000; day++)
        valid += civil_valid(day);
    assert_int_equal(valid, 32 * 365 + 8);
    static const civil_day bad[] = {0,        1,        19991231, 20000100, 20000001, 20010229,
                                    21000229, 20230431, 20231301, 20230732, 30000101, 4294967295u};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(civil_valid(bad[i]));
    assert_true(civil_valid(20000229));
    assert_true(civil_valid(24000229));
}

static void makes_no_other_day_of_nonsense(void **state)
{
    (void)state;
    assert_int_equal(civil_make(2023, 7, 13), 20230713);
    assert_false(civil_valid(civil_make(2023, 2, 31)));
    assert_false(civil_valid(civil_make(2023, 0, 131)));
    assert_false(civil_valid(civil_make(2022, 113, 1)));
    assert_false(civil_valid(civil_make(431519, 0, 0)));
    assert_int_equal(civil_from_days(INT64_MAX), 0);
    assert_int_equal(civil_from_days(INT64_MIN), 0);
    assert_int_equal(civil_from_days(-719162), 10101);
    assert_int_equal(civil_from_days(-719163), 0);
    assert_int_equal(civil_from_days(2932896), 99991231);
    assert_int_equal(civil_from_days(2932897), 0);
    assert_int_equal(civil_add_days(20230713, INT64_MAX), 0);
    assert_int_equal(civil_add_days(20230713, -13), 20230630);
}

/* The first and the last moment of each day, in each zone. */
static void days_begin_and_end_in_their_zone(void **state)
{
    (void)state;
    static const enum zone zones[] = {ZONE_NONE, ZONE_WIB, ZONE_WITA, ZONE_WIT};
    for (size_t z = 0; z < COUNT(zones); z++) {
        for (int64_t days = 10957; days < 376199; days += 13) {
            civil_day day = civil_from_days(days);
            int64_t start = civil_day_start_ms(day, zones[z]);
            assert_int_equal(start, days * DAY_MS - (int64_t)zones[z] * 3600000);
            assert_int_equal(civil_day_of_ms(start, zones[z]), day);
            assert_int_equal(civil_day_of_ms(start + DAY_MS - 1, zones[z]), day);
            assert_int_equal(civil_day_of_ms(start - 1, zones[z]), civil_add_days(day, -1));
        }
    }
    assert_int_equal(civil_day_of_ms(-1, ZONE_NONE), 19691231);
    assert_int_equal(civil_day_of_ms(-DAY_MS, ZONE_NONE), 19691231);
    assert_int_equal(civil_day_of_ms(-DAY_MS - 1, ZONE_NONE), 19691230);
    assert_int_equal(civil_day_of_ms(INT64_MAX, ZONE_WIT), 0);
    assert_int_equal(civil_day_of_ms(INT64_MIN, ZONE_WIB), 0);
}

static void names_zones(void **state)
{
    (void)state;
    assert_int_equal(zone_parse("WIB"), ZONE_WIB);
    assert_int_equal(zone_parse("WITA"), ZONE_WITA);
    assert_int_equal(zone_parse("WIT"), ZONE_WIT);
    static const char *const bad[] = {"", "wib", "WITAA", "UTC", "WI", "+07:00"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(zone_parse(bad[i]), ZONE_NONE);
    assert_string_equal(zone_name(ZONE_WIT), "WIT");
    assert_string_equal(zone_name(ZONE_NONE), "");
    assert_string_equal(zone_name((enum zone)99), "");
}

static void writes_times(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        enum zone zone;
        const char *text;
    } table[] = {
        {1561874709123, ZONE_WIB, "2019-06-30T13:05:09.123+07:00"},
        {1561874709123, ZONE_WITA, "2019-06-30T14:05:09.123+08:00"},
        {1561874709123, ZONE_WIT, "2019-06-30T15:05:09.123+09:00"},
        {1561874709123, ZONE_NONE, "2019-06-30T06:05:09.123Z"},
        {946684800000, ZONE_NONE, "2000-01-01T00:00:00.000Z"},
        {946684799999, ZONE_WIB, "2000-01-01T06:59:59.999+07:00"},
        {0, ZONE_NONE, "1970-01-01T00:00:00.000Z"},
        {-1, ZONE_NONE, "1969-12-31T23:59:59.999Z"},
        {2147483648000, ZONE_NONE, "2038-01-19T03:14:08.000Z"},
        {INT64_MAX, ZONE_WIB, "9223372036854775807 ms"},
        {INT64_MIN, ZONE_WIB, "-9223372036854775808 ms"},
        {281474976710655, ZONE_NONE, "281474976710655 ms"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        char out[40];
        civil_format_ms(table[i].ms, table[i].zone, out);
        assert_string_equal(out, table[i].text);
    }
    char day[16];
    civil_format_day(20230713, day);
    assert_string_equal(day, "2023-07-13");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_libc_on_every_day),
        cmocka_unit_test(knows_which_numbers_are_days),
        cmocka_unit_test(makes_no_other_day_of_nonsense),
        cmocka_unit_test(days_begin_and_end_in_their_zone),
        cmocka_unit_test(names_zones),
        cmocka_unit_test(writes_times),
    };
    return cmocka_run_group_tests_name("common/civil", tests, NULL, NULL);
}
