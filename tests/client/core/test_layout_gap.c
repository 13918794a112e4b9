#include "client/core/instrument.h"
#include "client/core/layout_gap.h"
#include "client/core/message.h"
#include "tests/client/core/answer.h"

#include <jansson.h>
#include <locale.h>

static const struct layout_ask sides = {.by = {"perspective", ""},
                                        .office = "BBPOM-SMG",
                                        .from = 20190101,
                                        .to = 20190630,
                                        .perspective = "all"};
static const struct layout_ask groups = {
    .by = {"stakeholder", ""}, .from = 20190101, .to = 20190630, .perspective = "recipient"};

static char *shown(const struct answer *answer, const struct layout_ask *ask,
                   enum layout_format format, size_t width)
{
    const struct layout_style style = {format, width, false};
    struct layout_index index;
    struct gap_list list;
    struct buf out = {0};

    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &answer->rows, NULL), 0);
    if (ask == &groups)
        assert_int_equal(gap_stakeholders(&index, &list, NULL), 0);
    else
        assert_int_equal(gap_perspectives(&index, &list, NULL), 0);
    layout_gap_print(&out, &index, &list, instrument_find(NULL, NULL), ask, &style);
    assert_false(out.failed);
    layout_index_release(&index);
    return out.data;
}

static uint64_t sums[9], spread[36];

/* Two rows: the published answers, and 20 people who rate everything 3, but U3 as told. */
static void two_sides(struct answer *answer, const char *first, const char *second, uint64_t u3)
{
    answer_with_spread(answer);
    memset(spread, 0, sizeof spread);
    for (size_t i = 0; i < 9; i++) {
        uint64_t rating = i == 2 ? u3 : 3;
        sums[i] = 20 * rating;
        spread[i * 4 + rating - 1] = 20;
    }
    answer->row[1] = answer->row[0];
    answer->row[0].key = wire_text(first);
    answer->row[1].key = wire_text(second);
    answer->row[1].n = 20;
    answer->row[1].sum = sums;
    answer->row[1].spread = spread;
    answer->row[1].square = 20 * 28 * 28;
    answer->rows.n_row = 2;
}

static void the_largest_gap_comes_first(void **state)
{
    (void)state;
    struct answer answer;

    two_sides(&answer, "recipient", "provider", 4);
    char *text = shown(&answer, &sides, LAYOUT_TABLE, 0);
    const char *u3 = strstr(text, "\nU3 "), *u4 = strstr(text, "\nU4 ");
    assert_non_null(strstr(text,
                           "Gap between the office and the public, skm-2017, office BBPOM-SMG, "
                           "1 Jan 2019 - 30 Jun 2019, recipients and providers apart\n"
                           "n = 20 providers, 49 recipients\n"));
    assert_true(u3 && u4 && u3 < u4);
    assert_non_null(strstr(text, "     4.000      3.061  +0.939*  "));
    assert_non_null(strstr(text,
                           "The office rates U3 Waktu Penyelesaian 0.939 higher than the public "
                           "does.\n"));
    assert_null(strstr(text, MSG_GAP_CHANCE));
    free(text);
    for (size_t width = 60; width < 120; width++) {
        text = shown(&answer, &sides, LAYOUT_TABLE, width);
        for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
            assert_true(strcspn(at, "\n") <= width);
        free(text);
    }
}

static void the_public_may_rate_higher(void **state)
{
    (void)state;
    struct answer answer;

    two_sides(&answer, "recipient", "provider", 3);
    char *text = shown(&answer, &sides, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "The public rates U4 Biaya/Tarif 0.612 higher than the office "));
    free(text);
    answer.row[1].n = 1; /* one provider tells nothing of chance */
    for (size_t i = 0; i < 9; i++)
        sums[i] = 3;
    for (size_t i = 0; i < 36; i++)
        spread[i] = i % 4 == 2;
    answer.row[1].square = 27 * 27;
    text = shown(&answer, &sides, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "n = 1 provider, 49 recipients\n"));
    assert_non_null(strstr(text, MSG_GAP_UNKNOWN));
    free(text);
}

static void sides_that_are_missing_are_named(void **state)
{
    (void)state;
    struct answer answer;

    two_sides(&answer, "recipient", "provider", 4);
    answer.rows.n_row = 1;
    char *text = shown(&answer, &sides, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, MSG_GAP_NO_PROVIDER));
    free(text);
    text = shown(&answer, &sides, LAYOUT_JSON, 0);
    json_t *array = json_loads(text, 0, NULL), *one = json_array_get(array, 0);
    assert_int_equal(json_array_size(array), 9);
    assert_true(json_is_null(json_object_get(one, "gap")));
    assert_true(json_is_null(json_object_get(json_object_get(one, "provider"), "mean")));
    json_decref(array);
    free(text);
    answer.row[0].key = wire_text("provider");
    text = shown(&answer, &sides, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, MSG_GAP_NO_RECIPIENT));
    free(text);
    answer.rows.n_row = 0;
    text = shown(&answer, &sides, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "\n" MSG_NO_RESPONSES "\n"));
    free(text);
}

static void groups_against_the_others(void **state)
{
    (void)state;
    struct answer answer;

    two_sides(&answer, "public", "business", 4);
    char *text = shown(&answer, &groups, LAYOUT_JSON, 0);
    json_t *array = json_loads(text, 0, NULL), *one = json_array_get(array, 0);
    json_t *gap = json_object_get(one, "gap");
    assert_int_equal(json_array_size(array), 18);
    assert_string_equal(json_string_value(json_object_get(one, "stakeholder")), "business");
    assert_string_equal(json_string_value(json_object_get(one, "element")), "U3");
    assert_string_equal(json_string_value(json_object_get(gap, "value")), "0.939");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(one, "others"), "n")), 49);
    json_decref(array);
    free(text);
    text = shown(&answer, &groups, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "The group 'business' rates U3 Waktu Penyelesaian 0.939 higher"));
    free(text);
    text = shown(&answer, &groups, LAYOUT_CSV, 0);
    assert_non_null(strstr(text, "\nbusiness,U3,Waktu Penyelesaian,20,4.000,49,3.061,0.939,"));
    free(text);
    answer.row[0].key = wire_text(""); /* did not say: no group, but among the others */
    text = shown(&answer, &groups, LAYOUT_JSON, 0);
    array = json_loads(text, 0, NULL);
    assert_int_equal(json_array_size(array), 9);
    one = json_object_get(json_array_get(array, 0), "others");
    assert_int_equal(json_integer_value(json_object_get(one, "n")), 49);
    json_decref(array);
    free(text);
    answer.rows.n_row = 1;
    text = shown(&answer, &groups, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, MSG_GAP_ONE_GROUP));
    free(text);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_gap_comes_first),
        cmocka_unit_test(the_public_may_rate_higher),
        cmocka_unit_test(sides_that_are_missing_are_named),
        cmocka_unit_test(groups_against_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
