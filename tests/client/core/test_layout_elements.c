#include "client/core/instrument.h"
#include "client/core/layout_elements.h"
#include "client/core/message.h"
#include "tests/client/core/answer.h"

#include <jansson.h>
#include <locale.h>

static const struct layout_ask half = {.by = {"", ""},
                                       .office = "BBPOM-SMG",
                                       .period = "2019-S1",
                                       .from = 20190101,
                                       .to = 20190630,
                                       .perspective = "recipient"};
static const struct layout_ask quarters = {
    .by = {"quarter", ""}, .from = 20190101, .to = 20190630, .perspective = "recipient"};

static char *shown(const struct answer *answer, const struct layout_ask *ask,
                   enum layout_format format, size_t width)
{
    const struct layout_style style = {format, width, false};
    struct layout_index index;
    struct buf out = {0};

    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &answer->rows, NULL), 0);
    layout_elements_print(&out, &index, instrument_find(NULL, NULL), ask, &style);
    assert_false(out.failed);
    layout_index_release(&index);
    return out.data;
}

static void one_period_in_full(void **state)
{
    (void)state;
    struct answer answer;

    answer_with_spread(&answer);
    char *text = shown(&answer, &half, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "Elements, skm-2017, method exact, office BBPOM-SMG, 1 Jan 2019 - "
                                 "30 Jun 2019, recipients, n = 49\n"));
    assert_non_null(strstr(text, "    n  1   2   3   4  Sum    NRR  Weighted  Rank\n"));
    assert_non_null(strstr(text, "  49  1   8  39   1  138  2.816     0.313     9  weakest\n"));
    assert_non_null(strstr(text, "  49  0   2  15  32  177  3.612     0.401     1  strongest\n"));
    assert_non_null(strstr(text, "\nU5       Produk Spesifikasi Jenis Pelayanan       49"));
    free(text);
    for (size_t width = 50; width < 130; width++) {
        text = shown(&answer, &half, LAYOUT_TABLE, width);
        for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
            assert_true(strcspn(at, "\n") <= width);
        assert_non_null(strstr(text, "3.612"));
        free(text);
    }
}

/* The second quarter: U1 rated 4 by all, the rest as it was. */
static void periods_side_by_side(void **state)
{
    (void)state;
    uint64_t sums[9], spread[36];
    struct answer answer;

    answer_with_spread(&answer);
    memcpy(sums, answer_sums, sizeof sums);
    memcpy(spread, answer_spread, sizeof spread);
    sums[0] = 196;
    memcpy(spread, (uint64_t[4]){0, 0, 0, 49}, sizeof(uint64_t[4]));
    answer.row[1] = answer.row[0];
    answer.row[1].sum = sums;
    answer.row[1].spread = spread;
    answer.row[0].key = wire_text("2019-Q1");
    answer.row[1].key = wire_text("2019-Q2");
    answer.rows.n_row = 2;
    char *text = shown(&answer, &quarters, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "2019-Q1  2019-Q2   change\n"));
    assert_non_null(strstr(text, "     49       49\n"));
    assert_non_null(strstr(text, "  2.816    4.000  +1.184*\n"));
    assert_non_null(strstr(text, "  2.837    2.837   0.000\n"));
    assert_non_null(strstr(text, MSG_CHANGE_MARK));
    free(text);
    text = shown(&answer, &quarters, LAYOUT_TABLE, 50); /* a period at a time */
    assert_non_null(strstr(text, "2019-Q1\n"));
    assert_non_null(strstr(text, "2019-Q2   change\n"));
    free(text);
    text = shown(&answer, &quarters, LAYOUT_JSON, 0);
    json_t *array = json_loads(text, 0, NULL);
    json_t *u1 = json_array_get(json_object_get(json_array_get(array, 1), "elements"), 0);
    json_t *change = json_object_get(u1, "change");
    assert_string_equal(json_string_value(json_object_get(change, "value")), "1.184");
    assert_true(json_is_true(json_object_get(change, "beyond_chance")));
    u1 = json_array_get(json_object_get(json_array_get(array, 0), "elements"), 0);
    assert_true(json_is_null(json_object_get(u1, "change")));
    json_decref(array);
    free(text);
}

static void for_programs(void **state)
{
    (void)state;
    struct answer answer;

    answer_with_spread(&answer);
    char *text = shown(&answer, &half, LAYOUT_JSON, 0);
    json_t *array = json_loads(text, 0, NULL), *row = json_array_get(array, 0);
    json_t *u4 = json_array_get(json_object_get(row, "elements"), 3);
    assert_string_equal(json_string_value(json_object_get(row, "index")), "78.74");
    assert_string_equal(json_string_value(json_object_get(u4, "name")), "Biaya/Tarif");
    assert_string_equal(json_string_value(json_object_get(u4, "mean")), "3.612");
    assert_string_equal(json_string_value(json_object_get(u4, "weighted")), "0.401");
    assert_int_equal(json_array_size(json_object_get(u4, "counts")), 4);
    assert_int_equal(json_integer_value(json_object_get(u4, "rank")), 1);
    assert_true(json_is_true(json_object_get(u4, "strongest")));
    json_decref(array);
    free(text);
    text = shown(&answer, &half, LAYOUT_CSV, 0);
    assert_non_null(strstr(text,
                           "office,period,element,name,n,gave_1,gave_2,gave_3,gave_4,sum,mean,"
                           "weighted,rank,strongest,weakest,change,low,high,beyond_chance\n"));
    assert_non_null(strstr(text, "BBPOM-SMG,2019-S1,U4,Biaya/Tarif,49,"));
    free(text);
}

/* Equal elements share a rank, and when all are alike none is the strongest. */
static void ranks_are_shared(void **state)
{
    (void)state;
    struct answer answer;
    struct layout_index index;
    struct elements_one one[64];
    uint64_t alike[9];

    answer_with_spread(&answer);
    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &answer.rows, NULL), 0);
    elements_of(&index, NULL, NULL, index.first, one);
    assert_int_equal(one[4].rank, one[8].rank);
    assert_int_equal(one[0].rank, 9);
    assert_true(one[0].weakest && one[3].strongest && !one[4].strongest);
    assert_string_equal(one[3].name, "");
    layout_index_release(&index);
    for (size_t i = 0; i < 9; i++)
        alike[i] = 98;
    answer_init(&answer);
    answer.row[0].sum = alike;
    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &answer.rows, NULL), 0);
    elements_of(&index, NULL, NULL, index.first, one);
    for (size_t i = 0; i < 9; i++)
        assert_true(one[i].rank == 1 && !one[i].strongest && !one[i].weakest);
    layout_index_release(&index);
}

static void nothing_is_said_to_be_nothing(void **state)
{
    (void)state;
    struct answer answer;

    answer_init(&answer);
    answer.list[0] = &answer.row[1];
    char *text = shown(&answer, &half, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "\n" MSG_NO_RESPONSES "\n"));
    free(text);
    text = shown(&answer, &half, LAYOUT_JSON, 0);
    json_t *array = json_loads(text, 0, NULL), *row = json_array_get(array, 0);
    json_t *u1 = json_array_get(json_object_get(row, "elements"), 0);
    assert_true(json_is_null(json_object_get(row, "index")));
    assert_true(json_is_null(json_object_get(u1, "mean")));
    assert_true(json_is_null(json_object_get(u1, "rank")));
    assert_true(json_is_null(json_object_get(u1, "counts")));
    json_decref(array);
    free(text);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_period_in_full),
        cmocka_unit_test(periods_side_by_side),
        cmocka_unit_test(for_programs),
        cmocka_unit_test(ranks_are_shared),
        cmocka_unit_test(nothing_is_said_to_be_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
