#include "client/core/layout_coverage.h"

#include "common/buf.h"
#include "common/error.h"
#include "common/wire.h"

#include <jansson.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DAY INT64_C(86400000)

static const struct layout_ask half_year = {.by = {"", ""},
                                            .period = "2023-S1",
                                            .from = 20230101,
                                            .to = 20230630,
                                            .perspective = "recipient"};

/* Midnight in WIB after the last day of the period. */
static int64_t end_ms(void)
{
    return civil_day_start_ms(20230701, ZONE_WIB);
}

static void row_init(Suara__V1__CoverageRow *row, const char *office, const char *service,
                     uint64_t n, int64_t receipt)
{
    suara__v1__coverage_row__init(row);
    row->office = wire_text(office);
    row->service = wire_text(service);
    row->name = wire_text(service[0] ? "Layanan" : "Kantor");
    row->n = n;
    row->last_receipt = (uint64_t)receipt;
}

static void population(Suara__V1__CoverageRow *row, uint64_t people, uint64_t need)
{
    row->population_known = true;
    row->population = people;
    row->need = need;
}

/* Five offices: short, enough and late, without a population, empty, never heard of. */
static void take(struct layout_coverage *coverage)
{
    Suara__V1__CoverageRow row[9], *list[9];
    Suara__V1__CoverageRows rows = SUARA__V1__COVERAGE_ROWS__INIT;

    row_init(&row[0], "A", "", 60, end_ms() - DAY);
    population(&row[0], 1200, 291);
    row[0].last_collected = (uint64_t)(end_ms() - 2 * DAY);
    row_init(&row[1], "A", "UJI", 60, end_ms() - DAY);
    row_init(&row[2], "A", "UMUM", 0, end_ms() - DAY);
    row_init(&row[3], "B", "", 80, end_ms() - 31 * DAY - 1);
    population(&row[3], 100, 80);
    row_init(&row[4], "B", "UMUM", 80, end_ms() - 31 * DAY - 1);
    row_init(&row[5], "C", "", 5, end_ms() - 31 * DAY);
    row_init(&row[6], "C", "UMUM", 5, end_ms() - 31 * DAY);
    population(&row[6], 10, 10);
    row_init(&row[7], "D", "", 0, end_ms());
    row_init(&row[8], "Z\033[1m", "", 0, 0);
    for (size_t i = 0; i < 9; i++)
        list[i] = &row[i];
    rows.row = list;
    rows.n_row = 4;
    layout_coverage_init(coverage);
    assert_int_equal(layout_coverage_take(coverage, &rows, NULL), 0);
    rows.row = list + 4;
    rows.n_row = 5;
    assert_int_equal(layout_coverage_take(coverage, &rows, NULL), 0);
    assert_int_equal(coverage->count, 9);
}

static char *laid_out(enum layout_format format, int64_t now_ms, unsigned late_days)
{
    const struct layout_style style = {format, 0, false};
    const struct layout_coverage_clock clock = {now_ms, ZONE_WIB, late_days};
    struct layout_coverage coverage;
    struct buf out = {0};

    take(&coverage);
    layout_coverage_print(&out, &coverage, &half_year, &clock, &style);
    assert_false(out.failed);
    layout_coverage_release(&coverage);
    return out.data;
}

static void table_and_sentences(void **state)
{
    (void)state;
    char *text = laid_out(LAYOUT_TABLE, end_ms() + 400 * DAY, 31);

    assert_string_equal(
        text, "Coverage, 1 Jan 2023 - 30 Jun 2023, recipients\n"
              "Office    Service  Name      n  Served  Need  Missing  Sample              Last "
              "receipt      Last collected    Sending\n"
              "Z\\x1b[1m           Kantor    0                         no responses                "
              "                            never sent\n"
              "A                  Kantor   60    1200   291      231  too small           "
              "2023-06-30 00:00  2023-06-29 00:00  in time\n"
              "A         UJI      Layanan  60                         population unknown\n"
              "A         UMUM     Layanan   0                         no responses\n"
              "B                  Kantor   80     100    80           enough              "
              "2023-05-30 23:59                    late\n"
              "C                  Kantor    5                         population unknown  "
              "2023-05-31 00:00                    in time\n"
              "C         UMUM     Layanan   5      10    10        5  too small\n"
              "D                  Kantor    0                         no responses        "
              "2023-07-01 00:00                    in time\n"
              "\n"
              "3 of 5 offices sent responses of this period.\n"
              "Never sent anything: Z\\x1b[1m.\n"
              "Late, nothing received for over 31 days: B.\n"
              "Sample too small (1 of 2 whose population is known): A.\n"
              "The population of this period is not known for 3: an administrator notes it with "
              "`suara admin population add`.\n");
    free(text);
}

/* The period is not over yet: now counts. */
static void late_against_now(void **state)
{
    (void)state;
    char *text = laid_out(LAYOUT_TABLE, end_ms() - 2, 1);
    assert_non_null(strstr(text, "Late, nothing received for over 1 day: B, C.\n"));
    free(text);
    text = laid_out(LAYOUT_TABLE, end_ms() + 1000 * DAY, 60);
    assert_null(strstr(text, "Late"));
    free(text);
}

static void programs_get_all_rows(void **state)
{
    (void)state;
    char *text = laid_out(LAYOUT_JSON, end_ms(), 31);
    json_t *rows = json_loads(text, 0, NULL), *first = json_array_get(rows, 1);

    assert_int_equal(json_array_size(rows), 9);
    assert_string_equal(json_string_value(json_object_get(first, "office")), "A");
    assert_true(json_is_null(json_object_get(first, "service")));
    assert_int_equal(json_integer_value(json_object_get(first, "missing")), 231);
    assert_string_equal(json_string_value(json_object_get(first, "sample")), "short");
    assert_string_equal(json_string_value(json_object_get(first, "sending")), "in time");
    assert_string_equal(json_string_value(json_object_get(first, "last_receipt")),
                        "2023-06-30T00:00:00.000+07:00");
    first = json_array_get(rows, 0);
    assert_string_equal(json_string_value(json_object_get(first, "sending")), "never");
    assert_int_equal(json_integer_value(json_object_get(first, "n")), 0);
    assert_true(json_is_null(json_object_get(first, "need")));
    assert_true(json_is_null(json_object_get(first, "last_receipt")));
    json_decref(rows);
    free(text);
    text = laid_out(LAYOUT_CSV, end_ms(), 31);
    assert_non_null(
        strstr(text, "\nB,,Kantor,80,100,80,0,enough,2023-05-30T23:59:59.999+07:00,,late\n"));
    free(text);
}

static void odd_answers_are_refused(void **state)
{
    (void)state;
    Suara__V1__CoverageRow row, *list[1] = {&row};
    Suara__V1__CoverageRows rows = SUARA__V1__COVERAGE_ROWS__INIT;
    struct layout_coverage coverage;
    struct error err = {0};

    rows.row = list;
    rows.n_row = 1;
    layout_coverage_init(&coverage);
    row_init(&row, "A", "UMUM", 0, 0); /* behind no office */
    assert_int_equal(layout_coverage_take(&coverage, &rows, &err), -1);
    assert_int_equal(err.code, ERROR_INTERNAL);
    row_init(&row, "A", "", UINT64_MAX, 0);
    assert_int_equal(layout_coverage_take(&coverage, &rows, &err), -1);
    row_init(&row, "A", "", 1, INT64_MAX);
    assert_int_equal(layout_coverage_take(&coverage, &rows, &err), -1);
    layout_coverage_release(&coverage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_and_sentences),
        cmocka_unit_test(late_against_now),
        cmocka_unit_test(programs_get_all_rows),
        cmocka_unit_test(odd_answers_are_refused),
    };
    if (!setlocale(LC_ALL, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
