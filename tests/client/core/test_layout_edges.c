/* Answers at the ends of what the layouts show, and such as no daemon should send. */
#include "client/core/layout_coverage.h"
#include "client/core/layout_figure.h"
#include "client/core/layout_stream.h"
#include "client/core/pack.h"
#include "common/error.h"
#include "tests/client/core/answer.h"

#include <jansson.h>
#include <locale.h>

static void figures(void **state)
{
    static const struct {
        int64_t value;
        unsigned decimals;
        const char *plus, *size;
    } table[] = {
        {0, 2, "0.00", "0"},        {50, 2, "+0.50", "0.5"},       {-50, 2, "-0.50", "0.5"},
        {1000, 3, "+1.000", "1"},   {-1249, 3, "-1.249", "1.249"}, {10000, 2, "+100.00", "100"},
        {-7, 3, "-0.007", "0.007"},
    };
    char out[32];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        layout_signed(table[i].value, table[i].decimals, true, out);
        assert_string_equal(out, table[i].plus);
        layout_size(table[i].value, table[i].decimals, out);
        assert_string_equal(out, table[i].size);
    }
    assert_string_equal(layout_change_colour(5, true), "green");
    assert_string_equal(layout_change_colour(-5, true), "red");
    assert_null(layout_change_colour(0, true));
    assert_null(layout_change_colour(5, false));
    assert_string_equal(layout_grade_colour("D"), "red");
    static const char *const other[] = {"", "E", "@", "A+"};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        assert_null(layout_grade_colour(other[i]));
}

static void changes_as_json(void **state)
{
    (void)state;
    json_t *known = layout_json_change(-5, true, -9, -1, true, 2);
    json_t *open = layout_json_change(5, false, 0, 0, false, 3);
    const char *value, *low;
    int beyond;

    assert_int_equal(
        json_unpack(known, "{s:s,s:s,s:b}", "value", &value, "low", &low, "beyond_chance", &beyond),
        0);
    assert_string_equal(value, "-0.05");
    assert_string_equal(low, "-0.09");
    assert_true(beyond);
    assert_true(json_is_null(json_object_get(open, "low")));
    assert_true(json_is_null(json_object_get(open, "high")));
    assert_true(json_is_null(json_object_get(open, "beyond_chance")));
    json_decref(known);
    json_decref(open);
    json_t *none = layout_json_interval(0, 0);
    assert_true(json_is_null(none));
    json_decref(none);
}

/* One thing of a good answer, and what it is in place of that. */
struct wrong {
    const char *what;
    size_t at, size; /* in struct spoilt */
    uint64_t value;
};

struct spoilt {
    struct answer answer;
    uint64_t sum[9], spread[36];
};

#define WRONG(field, value)                                                                        \
    {                                                                                              \
#field, offsetof(struct spoilt, field), sizeof(((struct spoilt *)NULL)->field), value      \
    }

static const struct wrong wrongs[] = {
    WRONG(sum[4], 48),         /* less than 49 times the lowest rating .. */
    WRONG(sum[4], 4 * 49 + 1), /* .. and more than the highest */
    WRONG(spread[0], 50),      /* more than all gave it */
    WRONG(spread[0], 2),       /* 50 ratings of 49 people */
    WRONG(answer.row[0].square, UINT64_C(49) * 36 * 36 + 1),
    WRONG(answer.row[0].n, (UINT64_C(1) << 32) + 1),
    WRONG(answer.row[0].low, 9999), /* above the high end */
    WRONG(answer.row[0].n_sum, 8),
    WRONG(answer.row[0].n_spread, 35),
    WRONG(answer.rows.n_element, 1000),
    WRONG(answer.rows.scale, 101),
};

static int take_spoilt(const struct wrong *wrong, struct error *err)
{
    struct spoilt s;
    struct layout_index index;

    answer_with_spread(&s.answer);
    memcpy(s.sum, answer_sums, sizeof s.sum);
    memcpy(s.spread, answer_spread, sizeof s.spread);
    s.answer.row[0].sum = s.sum;
    s.answer.row[0].spread = s.spread;
    if (wrong) {
        uint32_t narrow = (uint32_t)wrong->value;
        if (wrong->at < offsetof(struct spoilt, spread) &&
            wrong->at >= offsetof(struct spoilt, sum))
            s.answer.row[0].n_spread = 0; /* else these would tell */
        if (wrong->size == sizeof narrow)
            memcpy((char *)&s + wrong->at, &narrow, sizeof narrow);
        else
            memcpy((char *)&s + wrong->at, &wrong->value, wrong->size);
    }
    layout_index_init(&index);
    error_clear(err);
    int rc = layout_index_take(&index, &s.answer.rows, err);
    layout_index_release(&index);
    return rc;
}

static void rows_that_do_not_add_up(void **state)
{
    struct error err;

    (void)state;
    assert_int_equal(take_spoilt(NULL, &err), 0);
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        if (take_spoilt(&wrongs[i], &err) == 0)
            fail_msg("%s is taken", wrongs[i].what);
        assert_int_equal(err.code, ERROR_INTERNAL);
    }
}

/* Two rows by service: of one office, or of two. */
static char *shown(struct answer *answer, const struct layout_ask *ask, enum layout_format format,
                   size_t width)
{
    const struct layout_style style = {format, width, false};
    struct layout_index index;
    struct buf out = {0};

    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &answer->rows, NULL), 0);
    layout_index_print(&out, &index, ask, &style);
    assert_false(out.failed);
    layout_index_release(&index);
    return out.data;
}

static void services_of_two_offices(void **state)
{
    static const struct layout_ask by = {.by = {"service", ""},
                                         .subtree = true,
                                         .from = 20190131,
                                         .to = 20190131,
                                         .perspective = "recipient"};
    struct answer answer;

    (void)state;
    answer_init(&answer);
    answer.row[0].key = wire_text("UJI");
    answer.row[1] = answer.row[0];
    answer.rows.n_row = 2;
    char *text = shown(&answer, &by, LAYOUT_TABLE, 0);
    assert_null(strstr(text, "Office"));
    assert_non_null(strstr(text, ", 31 Jan 2019, "));
    free(text);
    answer.row[1].office = wire_text("KLATEN");
    text = shown(&answer, &by, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "Office"));
    assert_non_null(strstr(text, "KLATEN"));
    free(text);
}

/* A hidden row, and one without an interval, in each format. */
static void hidden_rows(void **state)
{
    static const struct layout_ask by = {
        .by = {"age", ""}, .from = 20190101, .to = 20190630, .perspective = "recipient"};
    struct answer answer;

    (void)state;
    answer_init(&answer);
    answer.row[0].key = wire_text("21-30");
    answer.row[0].low = answer.row[0].high = 0;
    answer.row[1].n = 4;
    answer.row[1].hidden = true;
    answer.rows.n_row = 2;
    answer.rows.mean_of_offices = true;
    char *text = shown(&answer, &by, LAYOUT_CSV, 0);
    assert_non_null(strstr(text, "true"));
    free(text);
    text = shown(&answer, &by, LAYOUT_JSON, 0);
    assert_non_null(strstr(text, "\"hidden\": true"));
    assert_non_null(strstr(text, "\"mean_of_offices\": true"));
    free(text);
    text = shown(&answer, &by, LAYOUT_TABLE, 0);
    assert_null(strstr(text, " - 0.00"));
    free(text);
}

/* ---- coverage ---- */

static char *coverage(size_t offices, int64_t receipt, bool known, const char *service)
{
    static const struct layout_ask ask = {
        .from = 20230101, .to = 20230630, .perspective = "recipient"};
    static const struct layout_coverage_clock clock = {INT64_C(1690000000000), ZONE_WIB, 1};
    static const struct layout_style table = {LAYOUT_TABLE, 0, false};
    Suara__V1__CoverageRow row[12], *list[12];
    char code[12][24];
    Suara__V1__CoverageRows rows = SUARA__V1__COVERAGE_ROWS__INIT;
    struct layout_coverage c;
    struct buf out = {0};

    for (size_t i = 0; i < offices; i++) {
        suara__v1__coverage_row__init(&row[i]);
        snprintf(code[i], sizeof code[i], "K%zu", i);
        row[i].office = wire_text(code[i]);
        row[i].service = wire_text(i == 1 ? service : "");
        row[i].n = 90;
        row[i].last_receipt = (uint64_t)receipt;
        row[i].population_known = known && (i != 1 || service[0] == '\0');
        row[i].population = 100;
        row[i].need = 80;
        list[i] = &row[i];
    }
    if (service[0])
        row[1].office = row[0].office;
    rows.row = list;
    rows.n_row = offices;
    layout_coverage_init(&c);
    assert_int_equal(layout_coverage_take(&c, &rows, NULL), 0);
    layout_coverage_print(&out, &c, &ask, &clock, &table);
    assert_false(out.failed);
    layout_coverage_release(&c);
    return out.data;
}

static void coverage_in_sentences(void **state)
{
    (void)state;
    char *text = coverage(12, 0, true, "");
    assert_non_null(strstr(text, "K8, K9 and 2 more.\n"));
    assert_non_null(strstr(text, "12 of 12 offices"));
    free(text);
    text = coverage(1, INT64_C(1600000000000), false, "");
    assert_non_null(strstr(text, "over 1 day: K0."));
    assert_non_null(strstr(text, "1 of 1 office "));
    free(text);
    text = coverage(2, INT64_C(1689999999999), true, "UJI"); /* its only service is as it is */
    assert_null(strstr(text, "UJI"));
    free(text);
    text = coverage(0, 0, true, "");
    assert_null(strstr(text, "offices"));
    free(text);
}

/* ---- streams, packs ---- */

static void streams_without_rows(void **state)
{
    static const struct layout_column columns[] = {{"code", false}, {"n", true}};
    struct layout_stream json = {.format = LAYOUT_JSON, .columns = columns, .column_count = 2};
    struct layout_stream csv = {.format = LAYOUT_CSV, .columns = columns, .column_count = 2};
    struct buf out = {0};

    (void)state;
    layout_stream_end(&json, &out);
    assert_string_equal(buf_text(&out), "[]\n");
    buf_clear(&out);
    layout_stream_end(&csv, &out);
    assert_string_equal(buf_text(&out), "code,n\n");
    buf_release(&out);
}

static void names_of_a_pack(void **state)
{
    struct pack *pack = pack_new("skm-2017", 4);
    struct import_row row = {.line = UINT64_MAX, .elements = 9};

    (void)state;
    assert_non_null(pack);
    assert_true(pack_add(pack, &row));
    assert_null(pack_names(pack));
    assert_int_equal(pack_lines(pack)[0], UINT32_MAX); /* no line of a file is that far down */
    row.names[0] = 77;
    assert_true(pack_add(pack, &row));
    assert_int_equal(pack_names(pack)[IMPORT_NAMES], 77);
    pack_free(&pack);
    pack_free(&pack); /* takes NULL */
    struct buf out = {0};
    pack_number(&out, 2, 300);
    assert_int_equal(out.len, 3);
    assert_memory_equal(out.data, "\x10\xac\x02", 3);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures),
        cmocka_unit_test(changes_as_json),
        cmocka_unit_test(rows_that_do_not_add_up),
        cmocka_unit_test(services_of_two_offices),
        cmocka_unit_test(hidden_rows),
        cmocka_unit_test(coverage_in_sentences),
        cmocka_unit_test(streams_without_rows),
        cmocka_unit_test(names_of_a_pack),
    };
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("client/core/layout_edges", tests, NULL, NULL);
}
