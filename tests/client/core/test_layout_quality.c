#include "client/core/layout_quality.h"

#include "common/buf.h"
#include "common/error.h"
#include "common/wire.h"

#include <jansson.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct layout_ask half_year = {.by = {"", ""},
                                            .period = "2023-S1",
                                            .from = 20230101,
                                            .to = 20230630,
                                            .perspective = "recipient"};

static const struct {
    const char *office, *sign;
    uint64_t count, of;
    uint32_t share, usual, compared;
} answer[] = {
    {"A", "alike", 5, 60, 833, 667, 5},
    {"A", "burst", 0, 39, 0, 0, 5},
    {"B", "alike", 60, 60, 10000, 667, 5},
    {"B", "day", 60, 60, 10000, 0, 5},
    {"B", "later", 60, 60, 10000, 0, 5}, /* a sign of a newer daemon */
    {"C", "", 0, 0, 0, 0, 0},
};
#define ROWS (sizeof answer / sizeof *answer)

static char *laid_out(size_t from, size_t rows, enum layout_format format)
{
    const struct layout_style style = {format, 0, false};
    Suara__V1__QualityRow row[ROWS], *list[ROWS];
    Suara__V1__QualityRows part = SUARA__V1__QUALITY_ROWS__INIT;
    struct layout_quality quality;
    struct buf out = {0};

    layout_quality_init(&quality);
    assert_int_equal(layout_quality_take(&quality, &part, NULL), 0); /* more is to come */
    for (size_t i = 0; i < rows; i++) {
        suara__v1__quality_row__init(&row[i]);
        row[i].office = wire_text(answer[from + i].office);
        row[i].sign = wire_text(answer[from + i].sign);
        row[i].count = answer[from + i].count;
        row[i].of = answer[from + i].of;
        row[i].share = answer[from + i].share;
        row[i].usual = answer[from + i].usual;
        row[i].compared = answer[from + i].compared;
        list[i] = &row[i];
    }
    part.row = list;
    part.n_row = rows;
    assert_int_equal(layout_quality_take(&quality, &part, NULL), 0);
    layout_quality_print(&out, &quality, &half_year, &style);
    assert_false(out.failed);
    layout_quality_release(&quality);
    return out.data;
}

static void table_of_several(void **state)
{
    (void)state;
    char *text = laid_out(0, ROWS, LAYOUT_TABLE);
    assert_string_equal(
        text,
        "Signs that answers were not given by the public, 1 Jan 2023 - 30 Jun 2023, recipients\n"
        "Office  Sign                      Count  Of     Share   Usual  Compared\n"
        "A       all elements rated alike      5  60    8.33 %  6.67 %         5\n"
        "B       all elements rated alike     60  60  100.00 %  6.67 %         5\n"
        "B       a day without a time         60  60  100.00 %  0.00 %         5\n"
        "B       later                        60  60  100.00 %  0.00 %         5\n"
        "C       no responses\n"
        "\n"
        "B: 60 of 60 responses rate all elements alike: 100.00 %, usual is 6.67 %.\n"
        "A sign is no proof. Look at how these answers were collected; none of them is left "
        "out of any figure.\n");
    free(text);
}

static void table_of_one(void **state)
{
    (void)state;
    char *text = laid_out(0, 2, LAYOUT_TABLE);
    assert_non_null(strstr(text, "A       5 or more within a minute      0  39  0.00 %"));
    assert_non_null(strstr(text, "\nNo sign is far more frequent than usual.\n"));
    free(text);
    text = laid_out(5, 1, LAYOUT_TABLE);
    assert_non_null(strstr(text, "C       no responses\n"));
    assert_non_null(strstr(text, "\nToo few offices with responses to tell what is usual.\n"));
    free(text);
}

static void programs(void **state)
{
    (void)state;
    char *text = laid_out(0, ROWS, LAYOUT_JSON);
    json_t *rows = json_loads(text, 0, NULL), *row = json_array_get(rows, 0);
    assert_int_equal(json_array_size(rows), ROWS);
    assert_string_equal(json_string_value(json_object_get(row, "sign")), "alike");
    assert_string_equal(json_string_value(json_object_get(row, "share")), "8.33");
    assert_string_equal(json_string_value(json_object_get(row, "usual")), "6.67");
    assert_int_equal(json_integer_value(json_object_get(row, "of")), 60);
    row = json_array_get(rows, 5);
    assert_true(json_is_null(json_object_get(row, "sign")));
    assert_true(json_is_null(json_object_get(row, "share")));
    assert_true(json_is_null(json_object_get(row, "usual")));
    json_decref(rows);
    free(text);
    text = laid_out(0, ROWS, LAYOUT_CSV);
    assert_non_null(
        strstr(text, "office,sign,count,of,share,usual,compared\nA,alike,5,60,8.33,6.67,5\n"));
    assert_non_null(strstr(text, "C,,0,0,,,\n"));
    free(text);
}

static void far_above_the_usual(void **state)
{
    (void)state;
    static const struct {
        struct layout_quality_row row;
        bool far;
    } table[] = {
        {{.count = 5, .share = 1000, .usual = 0, .compared = 5}, true},
        {{.count = 4, .share = 1000, .usual = 0, .compared = 5}, false},
        {{.count = 5, .share = 999, .usual = 0, .compared = 5}, false},
        {{.count = 50, .share = 3999, .usual = 2000, .compared = 5}, false},
        {{.count = 50, .share = 4000, .usual = 2000, .compared = 5}, true},
        {{.count = 50, .share = 9000, .usual = 0, .compared = 0}, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(layout_quality_far_above(&table[i].row), table[i].far);
}

static void odd_answers_are_refused(void **state)
{
    (void)state;
    Suara__V1__QualityRow row = SUARA__V1__QUALITY_ROW__INIT, *list[1] = {&row};
    Suara__V1__QualityRows part = SUARA__V1__QUALITY_ROWS__INIT;
    struct layout_quality quality;
    struct error err = {0};
    layout_quality_init(&quality);
    part.row = list;
    part.n_row = 1;
    row.count = 1;
    assert_int_equal(layout_quality_take(&quality, &part, &err), -1);
    assert_int_equal(err.code, ERROR_INTERNAL);
    row.of = 1;
    row.share = 10001;
    assert_int_equal(layout_quality_take(&quality, &part, &err), -1);
    layout_quality_release(&quality);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_of_several),
        cmocka_unit_test(table_of_one),
        cmocka_unit_test(programs),
        cmocka_unit_test(far_above_the_usual),
        cmocka_unit_test(odd_answers_are_refused),
    };
    if (!setlocale(LC_ALL, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
