#include "client/cmd/period.h"

#include "client/cmd/progress.h"
#include "common/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TODAY 20230713u

static void reads_what_was_given(void **state)
{
    (void)state;
    static const struct {
        struct period given;
        civil_day from, to;
    } vectors[] = {
        {{NULL, NULL, NULL}, 20230101, TODAY},
        {{"2019-S1", NULL, NULL}, 20190101, 20190630},
        {{"2023", NULL, NULL}, 20230101, 20231231},
        {{NULL, "2021-02-03", NULL}, 20210203, TODAY},
        {{NULL, NULL, "2021-02-03"}, 20210101, 20210203},
        {{NULL, "2021", "2022"}, 20210101, 20221231},
        {{NULL, "2021-02", "2021-02"}, 20210201, 20210228},
        {{NULL, "2023-07-13", "2023-07-13"}, 20230713, 20230713},
    };

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        civil_day from, to;
        assert_int_equal(period_read(&vectors[i].given, TODAY, &from, &to, NULL), 0);
        assert_int_equal(from, vectors[i].from);
        assert_int_equal(to, vectors[i].to);
    }
}

static void refuses_what_is_no_period(void **state)
{
    (void)state;
    static const struct {
        struct period given;
        const char *says;
    } vectors[] = {
        {{"2023-S3", NULL, NULL}, "--period '2023-S3'"},
        {{NULL, "yesterday", NULL}, "--from 'yesterday'"},
        {{NULL, NULL, "2021-02-30"}, "--to '2021-02-30'"},
        {{"2023", "2023", NULL}, "--period and --from"},
        {{"2023", NULL, "2023"}, "--period and --to"},
        {{NULL, "2023-02-02", "2023-02-01"}, "2023-02-02 is after --to 2023-02-01"},
        {{NULL, "2024", NULL}, "is after"},
    };

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        civil_day from = 1, to = 2;
        struct error err;
        assert_int_equal(period_read(&vectors[i].given, TODAY, &from, &to, &err), -1);
        assert_int_equal(err.code, ERROR_USAGE);
        assert_non_null(strstr(err.text, vectors[i].says));
        assert_int_equal(from, 1);
        assert_int_equal(to, 2);
    }
}

static void progress_tells_how_far(void **state)
{
    (void)state;
    char line[256], small[16];

    progress_file_line(line, sizeof line, "a.csv", 50, 200, 1000, 500);
    assert_string_equal(line, "a.csv: 25 %, 1000 rows, 2000/s");
    progress_file_line(line, sizeof line, "-", 4096, 0, 10, 0);
    assert_string_equal(line, "-: 4 KiB, 10 rows, 0/s");
    progress_sync_line(line, sizeof line, "sending", 3000, 7000, 1500);
    assert_string_equal(line, "sending: 3000 of 7000, 2000/s");
    progress_sync_line(small, sizeof small, "sending", UINT64_MAX, UINT64_MAX, 1);
    assert_int_equal(strlen(small), 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_given),
        cmocka_unit_test(refuses_what_is_no_period),
        cmocka_unit_test(progress_tells_how_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
