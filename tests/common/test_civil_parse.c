#include "common/civil.h"

#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* 2019-06-30T13:05:00 in WIB */
#define NOON 1561874700000

static void reads_the_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
        bool needs_zone;
    } table[] = {
        {"2019-06-30", NOON - 47100000, true},
        {"2019-06-30 13:05", NOON, true},
        {"2019-06-30T13:05", NOON, true},
        {"2019-06-30t13:05", NOON, true},
        {"2019-06-30 13:05:09", NOON + 9000, true},
        {"2019-06-30 13:05:09.1", NOON + 9100, true},
        {"2019-06-30 13:05:09.123", NOON + 9123, true},
        {"2019-06-30 13:05:09,123", NOON + 9123, true},
        {"2019-06-30 13:05:09.1239999", NOON + 9123, true},
        {"2019-06-30T13:05:09.123+07:00", NOON + 9123, false},
        {"2019-06-30T13:05:09.123+0700", NOON + 9123, false},
        {"2019-06-30T13:05:09.123+07", NOON + 9123, false},
        {"2019-06-30T14:05:09.123+08:00", NOON + 9123, false},
        {"2019-06-30T06:05:09.123Z", NOON + 9123, false},
        {"2019-06-30T06:05:09z", NOON + 9000, false},
        {"2019-06-30T06:05Z", NOON, false},
        {"2019-06-30T06:05:09-00:00", NOON + 9000, false},
        {"2019-06-29T20:35:00-09:30", NOON, false},
        {"30/06/2019", NOON - 47100000, true},
        {"30/06/2019 13:05", NOON, true},
        {"30/06/2019 13:05:09", NOON + 9000, true},
        {"30-06-2019 13:05:09", NOON + 9000, true},
        {"30.06.2019 13:05:09", NOON + 9000, true},
        {"30/6/2019 13:05:09", NOON + 9000, true},
        {"1/7/2019 9:05", NOON + 72000000, true},
        {"30/06/2019 13:05:09+07:00", NOON + 9000, false},
        {"29/02/2020", 1582909200000, true},
        {"30/06/2019 13.05", NOON, true},
        {"30/06/2019 13.05.09", NOON + 9000, true},
        {"2019-06-30 13.05", NOON, true},
        {"2019/06/30", NOON - 47100000, true},
        {"2019/6/30 13:05", NOON, true},
        {"2019/06/30 1:05:09 PM GMT+7", NOON + 9000, false},
        {"2019/06/30 1:05:09 pm GMT+07:00", NOON + 9000, false},
        {"2019/06/30 6:05:09 AM UTC", NOON + 9000, false},
        {"2019/06/30 12:05 PM", NOON - 3600000, true},
        {"2019/06/30 12:05AM", NOON - 46800000, true},
        {"1970-01-01T00:00Z", 0, false},
        {"1970-01-01", -25200000, true},
        {"1899-12-30T00:00Z", -2209161600000, false},
        {"1999-12-31", 946573200000, true},
        {"2999-12-31T23:59:59.999Z", 32503679999999, false},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        int64_t ms = -1;
        if (!civil_parse_time(table[i].text, ZONE_WIB, &ms) || ms != table[i].ms)
            fail_msg("%s -> %lld", table[i].text, (long long)ms);
        assert_int_equal(civil_needs_zone(table[i].text), table[i].needs_zone);
        assert_int_equal(civil_parse_time(table[i].text, ZONE_NONE, &ms), !table[i].needs_zone);
    }
}

static const char *const no_times[] = {
    "",
    " ",
    "x",
    "2019",
    "2019-06",
    "2019-6-30",
    "2019-06-3",
    "2019-06-31",
    "2019-02-29",
    "2100-02-29",
    "2019-13-01",
    "2019-00-01",
    "2019-06-00",
    "20190630",
    "2019-06-30 ",
    " 2019-06-30",
    "2019-06-30T",
    "2019-06-30 13",
    "2019-06-30 13:5",
    "2019-06-30 24:00",
    "2019-06-30 13:60",
    "2019-06-30 13:05:60",
    "2019-06-30 13:05:",
    "2019-06-30 13:05:9",
    "2019-06-30 13:05:09.",
    "2019-06-30 13:05:09.1234567890",
    "2019-06-30 13:05:09 ",
    "2019-06-30  13:05",
    "2019-06-30 13:05+",
    "2019-06-30 13:05+7",
    "2019-06-30 13:05+07:",
    "2019-06-30 13:05+07:0",
    "2019-06-30 13:05+15:00",
    "2019-06-30 13:05+07:60",
    "2019-06-30 13:05Zx",
    "2019-06-30 13:05+07:00x",
    "2019-06-30Z",
    "2019-06-30+07:00",
    "30/06-2019",
    "30/06/19",
    "31/06/2019",
    "29/02/2019",
    "06/30/2019",
    "32/01/2019",
    "0/01/2019",
    "030/06/2019",
    "30/006/2019",
    "30/06/20190",
    "30 06 2019",
    "30/06",
    "-1/06/2019",
    "+1/06/2019",
    "1e1/06/2019",
    "3000-01-01",
    "0019-06-30",
    "1799-12-31",
    "2019/06-30",
    "2019/6/31",
    "2019-06-30 1:05 XM",
    "2019-06-30 0:05 PM",
    "2019-06-30 13:05 PM",
    "2019-06-30 1:05 PMx",
    "2019-06-30 1:05  PM",
    "2019-06-30 13.05:09",
    "2019-06-30 13:05.09",
    "2019-06-30 13.5",
    "2019-06-30 13.05.09.123",
    "2019-06-30 13:05 GMT+",
    "2019-06-30 13:05 GMT7",
    "2019-06-30 13:05 GMT+15",
    "2019-06-30 13:05 GMT+07:60",
    "2019-06-30 13:05GMT+7",
    "2019-06-30 13:05 WIB+7",
    "99999-01-01",
    "2019-06-30 -1:05",
    "\u0662019-06-30",
};

static void knows_months_that_come_first(void **state)
{
    (void)state;
    static const char *const first[] = {"6/30/2019", "06/13/2019 13:05:09", "6-30-2019",
                                        "12.31.2019 1:05 PM"};
    static const char *const not [] = {"6/7/2019",  "30/06/2019", "30/13/2019", "2/31/2019",
                                       "6/30/19",   "2019/30/06", "6/30/2019x", "6/30/2019 25:00",
                                       "31/6/2019", "",           "baik"};
    for (size_t i = 0; i < COUNT(first); i++)
        assert_true(civil_month_first(first[i]));
    for (size_t i = 0; i < COUNT(not ); i++)
        assert_false(civil_month_first(not [i]));
}

static void refuses_what_is_no_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(no_times); i++) {
        int64_t ms = -7;
        if (civil_parse_time(no_times[i], ZONE_WIB, &ms))
            fail_msg("taken: '%s'", no_times[i]);
        assert_int_equal(ms, -7);
        assert_false(civil_needs_zone(no_times[i]));
    }
}

/* What civil_format_ms writes is read back. */
static void reads_what_is_written(void **state)
{
    (void)state;
    static const enum zone zones[] = {ZONE_NONE, ZONE_WIB, ZONE_WITA, ZONE_WIT};
    uint64_t seed = 7;
    for (int i = 0; i < 50000; i++) {
        int64_t ms = (int64_t)(generate(&seed) % 32503640000000u), back;
        char text[40];
        civil_format_ms(ms, zones[i % 4], text);
        assert_true(civil_parse_time(text, ZONE_NONE, &back));
        assert_int_equal(back, ms);
        text[23] = '\0'; /* without the offset it is local */
        assert_true(civil_parse_time(text, zones[i % 4], &back) || zones[i % 4] == ZONE_NONE);
        assert_int_equal(back, ms);
    }
}

/* Made of the letters of times, and cut and changed ones: no crash, no effect when refused. */
static void survives_anything(void **state)
{
    (void)state;
    static const char letters[] = "0123456789-/.:+TZ ,SQW";
    uint64_t seed = 8;
    for (int i = 0; i < 200000; i++) {
        char text[32];
        size_t len = generate_below(&seed, sizeof text);
        for (size_t k = 0; k < len; k++)
            text[k] = letters[generate_below(&seed, sizeof letters - 1)];
        text[len] = '\0';
        int64_t ms = -7;
        if (civil_parse_time(text, ZONE_WIT, &ms))
            assert_true(ms >= 0 && civil_day_of_ms(ms, ZONE_WIT) <= CIVIL_LAST + 10000);
        else
            assert_int_equal(ms, -7);
        civil_day from = 1, to = 1;
        if (civil_parse_period(text, &from, &to))
            assert_true(civil_valid(from) && civil_valid(to) && from <= to);
        else
            assert_true(from == 1 && to == 1);
    }
}

static void reads_periods(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        civil_day from, to;
    } table[] = {
        {"2023", 20230101, 20231231},       {"2023-S1", 20230101, 20230630},
        {"2023-s2", 20230701, 20231231},    {"2023-Q1", 20230101, 20230331},
        {"2023-Q2", 20230401, 20230630},    {"2023-q3", 20230701, 20230930},
        {"2023-Q4", 20231001, 20231231},    {"2023-TW1", 20230101, 20230331},
        {"2023-tw4", 20231001, 20231231},   {"2023-Tw3", 20230701, 20230930},
        {"2023-01", 20230101, 20230131},    {"2023-02", 20230201, 20230228},
        {"2024-02", 20240201, 20240229},    {"2023-12", 20231201, 20231231},
        {"2023-07-13", 20230713, 20230713}, {"2024-02-29", 20240229, 20240229},
        {"2000", 20000101, 20001231},       {"2999-12-31", 29991231, 29991231},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        civil_day from = 0, to = 0;
        if (!civil_parse_period(table[i].text, &from, &to))
            fail_msg("refused: %s", table[i].text);
        assert_int_equal(from, table[i].from);
        assert_int_equal(to, table[i].to);
    }
    static const char *const bad[] = {
        "",         "x",         "23",         "20233",      "2023-",      "2023-S",
        "2023-S0",  "2023-S3",   "2023-S11",   "2023-Q0",    "2023-Q5",    "2023-TW",
        "2023-TW5", "2023-T1",   "2023-W1",    "2023-7",     "2023-00",    "2023-13",
        "2023-07-", "2023-07-0", "2023-07-00", "2023-07-32", "2023-02-29", "2023-07-13x",
        "1999",     "3000",      "2023-S1 ",   " 2023",      "2023-S1-01", "2023/07",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        civil_day from = 1, to = 1;
        if (civil_parse_period(bad[i], &from, &to))
            fail_msg("taken: '%s'", bad[i]);
        assert_true(from == 1 && to == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_forms),       cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(reads_what_is_written), cmocka_unit_test(survives_anything),
        cmocka_unit_test(reads_periods),         cmocka_unit_test(knows_months_that_come_first),
    };
    return cmocka_run_group_tests_name("common/civil_parse", tests, NULL, NULL);
}
