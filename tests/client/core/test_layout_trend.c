#include "client/core/layout_trend.h"
#include "client/core/message.h"
#include "client/core/periods.h"
#include "common/figure.h"
#include "tests/client/core/answer.h"

#include <jansson.h>
#include <locale.h>

static const struct figure_rule exact = {4, 9, 1, 9};
static const struct layout_ask months = {.by = {"month", ""},
                                         .office = "BBPOM-SMG",
                                         .period = "2019-Q1",
                                         .from = 20190101,
                                         .to = 20190331,
                                         .perspective = "recipient"};

static char *shown(const struct answer *answer, enum layout_format format, size_t width)
{
    const struct layout_style style = {format, width, false};
    struct layout_index index;
    struct buf out = {0};

    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &answer->rows, NULL), 0);
    assert_int_equal(periods_fill(&index, "month", months.from, months.to, 20261124, NULL), 0);
    layout_trend_print(&out, &index, &exact, &months, &style);
    assert_false(out.failed);
    layout_index_release(&index);
    return out.data;
}

/* January as published, March with all ratings 4, February without responses. */
static void two_months(struct answer *answer)
{
    static uint64_t fours[9] = {40, 40, 40, 40, 40, 40, 40, 40, 40};

    answer_init(answer);
    answer->row[0].key = wire_text("2019-01");
    answer->row[1] = answer->row[0];
    answer->row[1].key = wire_text("2019-03");
    answer->row[1].n = 10;
    answer->row[1].sum = fours;
    answer->row[1].square = 10 * 36 * 36;
    answer->row[1].index = answer->row[1].low = answer->row[1].high = 10000;
    answer->row[1].grade = wire_text("A");
    answer->rows.n_row = 2;
}

static void a_month_without_responses_is_shown(void **state)
{
    (void)state;
    struct answer answer;

    two_months(&answer);
    char *text = shown(&answer, LAYOUT_TABLE, 0);
    assert_string_equal(
        text,
        "Trend of the satisfaction index (IKM), skm-2017, method exact, office BBPOM-SMG, by "
        "month, 1 Jan 2019 - 31 Mar 2019, recipients, n = 59\n"
        "Period    n         Index    95 % interval  Grade  Change\n"
        "2019-01  49         78.74    76.26 - 81.23  B\n"
        "2019-02   0  no responses\n"
        "2019-03  10        100.00  100.00 - 100.00  A\n"
        "▁·█ lowest 78.74, highest 100.00\n"
        "From 2019-01 to 2019-03 the index rose by 21.26: more than chance explains (95 %).\n");
    free(text);
}

static void each_period_against_the_one_before(void **state)
{
    (void)state;
    struct answer answer;

    two_months(&answer);
    answer.row[1].key = wire_text("2019-02");
    char *text = shown(&answer, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "  A      +21.26*\n"));
    assert_non_null(strstr(text, MSG_CHANGE_MARK));
    free(text);
    text = shown(&answer, LAYOUT_JSON, 0);
    json_t *array = json_loads(text, 0, NULL);
    json_t *change = json_object_get(json_array_get(array, 1), "change");
    assert_int_equal(json_array_size(array), 3);
    assert_true(json_is_null(json_object_get(json_array_get(array, 0), "change")));
    assert_string_equal(json_string_value(json_object_get(change, "value")), "21.26");
    assert_true(json_is_true(json_object_get(change, "beyond_chance")));
    change = json_object_get(json_array_get(array, 2), "change");
    assert_true(json_is_null(change));
    assert_true(json_is_null(json_object_get(json_array_get(array, 2), "index")));
    json_decref(array);
    free(text);
    text = shown(&answer, LAYOUT_CSV, 0);
    assert_non_null(
        strstr(text, "\nBBPOM-SMG,2019-02,10,100.00,100.00,100.00,A,exact,false,21.26,"));
    assert_non_null(strstr(text, "\n,2019-03,0,,,,,exact,false,,,,,,,,\n") ||
                    strstr(text, "\nBBPOM-SMG,2019-03,0,,,,,exact,false,,,,,,,,\n"));
    free(text);
}

/* An older server does not tell the squares: the change is told, and not judged. */
static void without_squares_nothing_is_judged(void **state)
{
    (void)state;
    struct answer answer;

    two_months(&answer);
    answer.row[0].square = 0;
    char *text = shown(&answer, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "rose by 21.26: " MSG_CHANCE_UNKNOWN));
    free(text);
}

static void one_period_or_none(void **state)
{
    (void)state;
    struct answer answer;

    two_months(&answer);
    answer.rows.n_row = 1;
    char *text = shown(&answer, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "Only 2019-01 has responses"));
    free(text);
    answer.rows.n_row = 0;
    text = shown(&answer, LAYOUT_TABLE, 60);
    assert_non_null(strstr(text, "\n" MSG_NO_RESPONSES "\n"));
    assert_null(strstr(text, "2019-01"));
    free(text);
}

/* All that there is, is not shown: that is not the same as no responses. */
static void not_shown_is_not_nothing(void **state)
{
    (void)state;
    struct answer answer;

    two_months(&answer);
    answer.row[0].hidden = answer.row[1].hidden = true;
    answer.rows.small_cell = 5;
    char *text = shown(&answer, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "Not shown, here together: groups of fewer than 5"));
    assert_null(strstr(text, MSG_NO_RESPONSES));
    free(text);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_month_without_responses_is_shown),
        cmocka_unit_test(each_period_against_the_one_before),
        cmocka_unit_test(without_squares_nothing_is_judged),
        cmocka_unit_test(one_period_or_none),
        cmocka_unit_test(not_shown_is_not_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
