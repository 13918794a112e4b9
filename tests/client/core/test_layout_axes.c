#include "client/core/message.h"
#include "tests/client/core/answer.h"

#include <jansson.h>
#include <locale.h>

/* By month and sex: a row that is shown, and the small cells of the month together. */
static void answer_of_two_axes(struct answer *answer)
{
    answer_init(answer);
    answer->rows.n_element = 1;
    answer->rows.n_row = 2;
    answer->rows.small_cell = 5;
    answer->row[0].office = wire_text("");
    answer->row[0].offices = 3;
    answer->row[0].n_sum = 1;
    answer->row[0].square = 0;
    answer->row[0].key = answer->row[0].label = wire_text("2019-01");
    answer->row[0].key2 = wire_text("P");
    answer->row[0].label2 = wire_text("Perempuan");
    answer->row[1].office = wire_text("");
    answer->row[1].key = answer->row[1].label = wire_text("2019-01");
    answer->row[1].n = 6;
    answer->row[1].hidden = true;
}

static const struct layout_ask month_and_sex = {.by = {"month", "sex"},
                                                .period = "2019",
                                                .from = 20190101,
                                                .to = 20191231,
                                                .perspective = "recipient",
                                                .only = (char[]){"channel web or kiosk"}};

static void two_axes_and_small_cells_in_a_table(void **state)
{
    (void)state;
    struct answer answer;

    answer_of_two_axes(&answer);
    answer.rows.mean_of_offices = true;
    char *text = laid_out(&answer, &month_and_sex, LAYOUT_TABLE, 0, false);
    assert_string_equal(
        text,
        "Satisfaction index (IKM), skm-2017, method exact, mean of the indices of all offices "
        "asked for, by month and sex, 1 Jan 2019 - 31 Dec 2019, recipients, only channel web "
        "or kiosk, n = 49\n"
        "Month    Sex        Name       Offices   n  Index  95 % interval  Grade  Quality     U1\n"
        "2019-01  P          Perempuan        3  49  78.74  76.26 - 81.23  B      Baik     2.816\n"
        "2019-01  not shown                       6\n"
        "Not shown, here together: groups of fewer than 5, and those that such a group could be "
        "worked out from.\n");
    free(text);
}

static void two_axes_and_small_cells_for_programs(void **state)
{
    (void)state;
    struct answer answer;

    answer_of_two_axes(&answer);
    char *text = laid_out(&answer, &month_and_sex, LAYOUT_JSON, 0, false);
    json_t *array = json_loads(text, 0, NULL), *row = json_array_get(array, 0);
    json_t *labels = json_object_get(row, "labels");
    assert_string_equal(json_string_value(json_object_get(row, "period")), "2019-01");
    assert_string_equal(json_string_value(json_object_get(row, "sex")), "P");
    assert_string_equal(json_string_value(json_object_get(labels, "sex")), "Perempuan");
    row = json_array_get(array, 1);
    assert_true(json_is_true(json_object_get(row, "hidden")));
    assert_int_equal(json_integer_value(json_object_get(row, "n")), 6);
    assert_true(json_is_null(json_object_get(row, "sex")));
    assert_true(json_is_null(json_object_get(row, "index")));
    json_t *u1 = json_array_get(json_object_get(row, "elements"), 0);
    assert_true(json_is_null(json_object_get(u1, "sum")));
    json_decref(array);
    free(text);
    text = laid_out(&answer, &month_and_sex, LAYOUT_CSV, 0, false);
    assert_non_null(strstr(text, ",month,sex,label,label2,n,"));
    assert_non_null(strstr(text, "\n,2019-01,2019-01,,2019-01,,6,,,,,,exact,false,0,4,true,,\n"));
    free(text);
}

/* No line passes the end of the terminal while something can be left out. */
static void narrow_terminals_are_kept_to(void **state)
{
    (void)state;
    struct answer answer;

    answer_of_two_axes(&answer);
    for (size_t width = 60; width < 130; width++) {
        char *text = laid_out(&answer, &month_and_sex, LAYOUT_TABLE, width, false);
        for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
            assert_true(strcspn(at, "\n") <= width);
        assert_non_null(strstr(text, "76.26 - 81.23"));
        free(text);
    }
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_axes_and_small_cells_in_a_table),
        cmocka_unit_test(two_axes_and_small_cells_for_programs),
        cmocka_unit_test(narrow_terminals_are_kept_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
