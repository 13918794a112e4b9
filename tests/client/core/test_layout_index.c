#include "client/core/message.h"
#include "common/error.h"
#include "tests/client/core/answer.h"

#include <jansson.h>
#include <locale.h>

static const struct layout_ask one = {.by = {"", ""},
                                      .period = "2019-S1",
                                      .from = 20190101,
                                      .to = 20190630,
                                      .perspective = "recipient"};
static const struct layout_ask offices = {
    .by = {"office", ""}, .from = 20190101, .to = 20190630, .perspective = "recipient"};

static void table_of_one_row(void **state)
{
    (void)state;
    struct answer answer;

    answer_init(&answer);
    char *text = laid_out(&answer, &one, LAYOUT_TABLE, 0, false);
    assert_string_equal(text, "Satisfaction index (IKM), skm-2017, method exact, office BBPOM-SMG, "
                              "1 Jan 2019 - 30 Jun 2019, recipients, n = 49\n"
                              "Offices   n  Index  95 % interval  Grade  Quality\n"
                              "      1  49  78.74  76.26 - 81.23  B      Baik\n"
                              "\n"
                              "Element   n  Sum   Mean\n"
                              "U1       49  138  2.816\n"
                              "U2       49  139  2.837\n"
                              "U3       49  150  3.061\n"
                              "U4       49  177  3.612\n"
                              "U5       49  159  3.245\n"
                              "U6       49  163  3.327\n"
                              "U7       49  161  3.286\n"
                              "U8       49  143  2.918\n"
                              "U9       49  159  3.245\n");
    free(text);
}

static void table_by_office_says_no_responses(void **state)
{
    (void)state;
    struct answer answer;

    answer_init(&answer);
    answer.rows.n_row = 2;
    char *text = laid_out(&answer, &offices, LAYOUT_TABLE, 0, false);
    assert_non_null(strstr(text, "each office by itself"));
    assert_non_null(
        strstr(text, "BBPOM-SMG  49         78.74  76.26 - 81.23  B      Baik     2.816"));
    assert_non_null(strstr(text, "\nKLATEN      0  no responses\n"));
    assert_null(strstr(text, "0.00"));
    free(text);
}

static void narrow_terminals_do_without_elements(void **state)
{
    (void)state;
    struct answer answer;

    answer_init(&answer);
    answer.rows.n_row = 2;
    char *text = laid_out(&answer, &offices, LAYOUT_TABLE, 80, false);
    assert_null(strstr(text, "U1"));
    assert_non_null(strstr(text, MSG_ELEMENTS_WIDE));
    free(text);
    text = laid_out(&answer, &offices, LAYOUT_TABLE, 140, false);
    assert_non_null(strstr(text, "U9"));
    assert_null(strstr(text, MSG_ELEMENTS_WIDE));
    assert_null(strchr(text, '\x1b'));
    free(text);
    text = laid_out(&answer, &offices, LAYOUT_TABLE, 140, true);
    assert_non_null(strchr(text, '\x1b'));
    free(text);
}

static void json_rows_have_the_promised_keys(void **state)
{
    (void)state;
    static const char *const keys[] = {"office",     "period",   "labels",          "n",
                                       "index",      "interval", "grade",           "quality",
                                       "instrument", "method",   "mean_of_offices", "offices",
                                       "scale",      "hidden",   "elements"};
    struct answer answer;

    answer_init(&answer);
    char *text = laid_out(&answer, &one, LAYOUT_JSON, 0, false);
    json_t *array = json_loads(text, 0, NULL), *row = json_array_get(array, 0);
    assert_int_equal(json_array_size(array), 1);
    assert_int_equal(json_object_size(row), 15);
    for (size_t i = 0; i < 15; i++)
        assert_non_null(json_object_get(row, keys[i]));
    assert_string_equal(json_string_value(json_object_get(row, "office")), "BBPOM-SMG");
    assert_string_equal(json_string_value(json_object_get(row, "period")), "2019-S1");
    assert_int_equal(json_integer_value(json_object_get(row, "n")), 49);
    assert_string_equal(json_string_value(json_object_get(row, "index")), "78.74");
    assert_string_equal(json_string_value(json_object_get(row, "method")), "exact");
    json_t *interval = json_object_get(row, "interval");
    assert_string_equal(json_string_value(json_object_get(interval, "low")), "76.26");
    assert_string_equal(json_string_value(json_object_get(interval, "high")), "81.23");
    assert_true(json_is_false(json_object_get(row, "hidden")));
    json_t *u1 = json_array_get(json_object_get(row, "elements"), 0);
    assert_string_equal(json_string_value(json_object_get(u1, "code")), "U1");
    assert_int_equal(json_integer_value(json_object_get(u1, "n")), 49);
    assert_int_equal(json_integer_value(json_object_get(u1, "sum")), 138);
    assert_string_equal(json_string_value(json_object_get(u1, "mean")), "2.816");
    json_decref(array);
    free(text);
}

static void json_without_responses_has_nulls(void **state)
{
    (void)state;
    struct answer answer;
    struct layout_ask by = offices;

    answer_init(&answer);
    answer.list[0] = &answer.row[1];
    answer.row[1].office = wire_text("");
    answer.row[1].key = wire_text("2019-02");
    by.by[0] = "month";
    char *text = laid_out(&answer, &by, LAYOUT_JSON, 0, false);
    json_t *array = json_loads(text, 0, NULL), *row = json_array_get(array, 0);
    assert_int_equal(json_integer_value(json_object_get(row, "n")), 0);
    assert_true(json_is_null(json_object_get(row, "office")));
    assert_true(json_is_null(json_object_get(row, "index")));
    assert_true(json_is_null(json_object_get(row, "interval")));
    assert_true(json_is_null(json_object_get(row, "grade")));
    assert_string_equal(json_string_value(json_object_get(row, "period")), "2019-02");
    assert_string_equal(json_string_value(json_object_get(row, "month")), "2019-02");
    json_t *u1 = json_array_get(json_object_get(row, "elements"), 0);
    assert_true(json_is_null(json_object_get(u1, "mean")));
    json_decref(array);
    free(text);
}

static void csv_has_a_line_per_row(void **state)
{
    (void)state;
    struct answer answer;

    answer_init(&answer);
    answer.rows.n_row = 2;
    answer.rows.n_element = 2;
    answer.row[0].n_sum = 2;
    answer.row[0].square = 0;
    char *text = laid_out(&answer, &offices, LAYOUT_CSV, 0, false);
    assert_string_equal(text,
                        "office,period,label,n,index,low,high,grade,quality,method,"
                        "mean_of_offices,offices,scale,hidden,u1_sum,u1_mean,u2_sum,u2_mean\n"
                        "BBPOM-SMG,2019-01-01..2019-06-30,,49,78.74,76.26,81.23,B,Baik,exact,"
                        "false,1,4,false,138,2.816,139,2.837\n"
                        "KLATEN,2019-01-01..2019-06-30,,0,,,,,,exact,false,0,4,false,0,,0,\n");
    free(text);
}

static void answers_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    struct answer answer;
    struct layout_index index;
    struct error err;

    for (int fault = 0; fault < 5; fault++) {
        answer_init(&answer);
        layout_index_init(&index);
        if (fault == 0)
            answer.row[0].n_sum = 8;
        if (fault == 1)
            answer.row[0].n = UINT64_MAX;
        if (fault == 2) {
            assert_int_equal(layout_index_take(&index, &answer.rows, &err), 0);
            answer.rows.n_element = 8;
        }
        uint64_t huge[9] = {UINT64_MAX};
        if (fault == 3)
            answer.row[0].sum = huge;
        if (fault == 4) /* responses to no questions */
            answer.rows.n_element = answer.row[0].n_sum = 0, answer.row[0].square = 0;
        assert_int_equal(layout_index_take(&index, &answer.rows, &err), -1);
        assert_int_equal(err.code, ERROR_INTERNAL);
        layout_index_release(&index);
    }
}

static void hostile_text_is_escaped(void **state)
{
    (void)state;
    struct answer answer;

    answer_init(&answer);
    answer.row[0].grade = wire_text("\x1b[5mA");
    answer.row[0].office = wire_text("=1+1\xff");
    answer.rows.method = wire_text("\x1b]0;x\a");
    for (int format = 0; format < 3; format++) {
        char *text = laid_out(&answer, &offices, (enum layout_format)format, 120, true);
        assert_true(format != LAYOUT_TABLE || !strstr(text, "\x1b[5m"));
        assert_true(format != LAYOUT_TABLE || !strstr(text, "\x1b]0"));
        assert_true(format != LAYOUT_CSV || strstr(text, "'=1+1"));
        free(text);
    }
}

static void an_answer_without_rows_is_said(void **state)
{
    (void)state;
    struct answer answer;

    answer_init(&answer);
    answer.rows.n_row = 0;
    char *text = laid_out(&answer, &offices, LAYOUT_TABLE, 0, false);
    assert_non_null(strstr(text, MSG_NO_RESPONSES));
    free(text);
    text = laid_out(&answer, &offices, LAYOUT_JSON, 0, false);
    assert_string_equal(text, "[]\n");
    free(text);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_of_one_row),
        cmocka_unit_test(table_by_office_says_no_responses),
        cmocka_unit_test(narrow_terminals_do_without_elements),
        cmocka_unit_test(json_rows_have_the_promised_keys),
        cmocka_unit_test(json_without_responses_has_nulls),
        cmocka_unit_test(csv_has_a_line_per_row),
        cmocka_unit_test(answers_that_contradict_themselves_are_refused),
        cmocka_unit_test(hostile_text_is_escaped),
        cmocka_unit_test(an_answer_without_rows_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
