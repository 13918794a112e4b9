/* No layout looks complete when memory ran out on the way. */
#include "tests/scarce.h"

#include "client/core/instrument.h"
#include "client/core/layout_batch.h"
#include "client/core/layout_coverage.h"
#include "client/core/layout_elements.h"
#include "client/core/layout_gap.h"
#include "client/core/layout_quality.h"
#include "client/core/layout_stream.h"
#include "client/core/layout_trend.h"
#include "client/core/periods.h"
#include "tests/client/core/answer.h"

#include <inttypes.h>
#include <locale.h>

static const struct layout_ask year = {.by = {"", ""},
                                       .office = "BBPOM-SMG",
                                       .subtree = true,
                                       .period = "2019",
                                       .from = 20190101,
                                       .to = 20191231,
                                       .perspective = "recipient"};
static const struct layout_ask months = {
    .by = {"month", ""}, .from = 20190101, .to = 20190331, .perspective = "recipient"};
static const struct layout_ask sides = {
    .by = {"perspective", ""}, .from = 20190101, .to = 20190630, .perspective = "all"};

/* What all of them get: two rows that differ, of two months or two perspectives. */
static void two_rows(struct answer *answer, const char *first, const char *second)
{
    static uint64_t sum[9], spread[36];

    answer_with_spread(answer);
    memset(spread, 0, sizeof spread);
    for (size_t i = 0; i < 9; i++) {
        sum[i] = i == 2 ? 60 : 80;
        spread[i * 4 + (i == 2 ? 2 : 3)] = 20;
    }
    answer->row[1] = answer->row[0];
    answer->row[0].key = wire_text(first);
    answer->row[1].key = wire_text(second);
    answer->row[1].n = 20;
    answer->row[1].sum = sum;
    answer->row[1].spread = spread;
    answer->row[1].square = 20 * 35 * 35;
    answer->row[1].index = 9722;
    answer->row[1].low = 9722;
    answer->row[1].high = 9722;
    answer->row[1].grade = wire_text("A");
    answer->rows.n_row = 2;
}

typedef int (*index_printer)(struct buf *out, struct layout_index *index,
                             const struct layout_style *style, struct error *err);

struct index_case {
    const char *name, *first, *second;
    index_printer print;
    const struct layout_style *style;
};

static int print_index(struct buf *out, struct layout_index *index,
                       const struct layout_style *style, struct error *err)
{
    (void)err;
    layout_index_print(out, index, &year, style);
    return 0;
}

static int print_months(struct buf *out, struct layout_index *index,
                        const struct layout_style *style, struct error *err)
{
    (void)err;
    layout_index_print(out, index, &months, style);
    return 0;
}

static int print_elements(struct buf *out, struct layout_index *index,
                          const struct layout_style *style, struct error *err)
{
    (void)err;
    layout_elements_print(out, index, instrument_find(NULL, NULL), &months, style);
    return 0;
}

static int print_trend(struct buf *out, struct layout_index *index,
                       const struct layout_style *style, struct error *err)
{
    static const struct figure_rule exact = {4, 9, 1, 9};

    if (periods_fill(index, "month", months.from, months.to, 20261124, err) != 0)
        return -1;
    layout_trend_print(out, index, &exact, &months, style);
    return 0;
}

static int print_gap(struct buf *out, struct layout_index *index, const struct layout_style *style,
                     struct error *err)
{
    struct gap_list list;

    if (gap_perspectives(index, &list, err) != 0)
        return -1;
    layout_gap_print(out, index, &list, instrument_find(NULL, NULL), &sides, style);
    return 0;
}

static int of_index(const void *arg, struct buf *out, struct error *err)
{
    const struct index_case *is = arg;
    struct answer answer;
    struct layout_index index;

    two_rows(&answer, is->first, is->second);
    layout_index_init(&index);
    int rc = layout_index_take(&index, &answer.rows, err);
    if (rc == 0)
        rc = is->print(out, &index, is->style, err);
    layout_index_release(&index);
    return rc;
}

static const struct layout_style styles[] = {{LAYOUT_TABLE, 0, true},
                                             {LAYOUT_TABLE, 80, false},
                                             {LAYOUT_CSV, 0, false},
                                             {LAYOUT_JSON, 0, false}};
#define STYLES (sizeof styles / sizeof *styles)

static void of_every_index(void **state)
{
    static const struct index_case cases[] = {
        {"index", "", "", print_index, NULL},
        {"months", "2019-01", "2019-03", print_months, NULL},
        {"elements", "2019-01", "2019-03", print_elements, NULL},
        {"trend", "2019-01", "2019-03", print_trend, NULL},
        {"gap", "recipient", "provider", print_gap, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t s = 0; s < STYLES; s++) {
            struct index_case one = cases[i];
            one.style = &styles[s];
            /* libsmartcols shows a cell whole when it has no memory to cut it. */
            scarce_spares_libraries = styles[s].width > 0;
            assert_true(scarce_sweep(one.name, of_index, &one) > 0);
        }
}

static int of_coverage(const void *style, struct buf *out, struct error *err)
{
    static const struct layout_coverage_clock clock = {INT64_C(1600000000000), ZONE_WIB, 30};
    static const char *const office[] = {"A", "A", "B"}, *const service[] = {"", "UJI", ""};
    Suara__V1__CoverageRow row[3], *list[3];
    Suara__V1__CoverageRows rows = SUARA__V1__COVERAGE_ROWS__INIT;
    struct layout_coverage coverage;

    for (size_t i = 0; i < 3; i++) {
        suara__v1__coverage_row__init(&row[i]);
        row[i].office = wire_text(office[i]);
        row[i].service = wire_text(service[i]);
        row[i].name = wire_text("Layanan");
        row[i].n = 3 * i;
        row[i].last_receipt = UINT64_C(1550000000000);
        list[i] = &row[i];
    }
    rows.row = list;
    rows.n_row = 3;
    layout_coverage_init(&coverage);
    int rc = layout_coverage_take(&coverage, &rows, err);
    if (rc == 0)
        layout_coverage_print(out, &coverage, &year, &clock, style);
    layout_coverage_release(&coverage);
    return rc;
}

static int of_quality(const void *style, struct buf *out, struct error *err)
{
    Suara__V1__QualityRow row[2], *list[2];
    Suara__V1__QualityRows rows = SUARA__V1__QUALITY_ROWS__INIT;
    struct layout_quality quality;

    for (size_t i = 0; i < 2; i++) {
        suara__v1__quality_row__init(&row[i]);
        row[i].office = wire_text(i ? "B" : "A");
        row[i].sign = wire_text("alike");
        row[i].count = row[i].of = 60;
        row[i].share = 10000;
        row[i].compared = 5;
        list[i] = &row[i];
    }
    rows.row = list;
    rows.n_row = 2;
    layout_quality_init(&quality);
    int rc = layout_quality_take(&quality, &rows, err);
    if (rc == 0)
        layout_quality_print(out, &quality, &year, style);
    layout_quality_release(&quality);
    return rc;
}

static int of_rows(const void *style, struct buf *out, struct error *err)
{
    static const struct layout_column columns[] = {{"code", false}, {"n", true}};
    static const struct layout_fact facts[] = {
        {.key = "a", .title = "A", .kind = FACT_TEXT, .text = "one", .note = "look out"},
        {.key = "b", .title = "B", .kind = FACT_NUMBER, .number = 7},
        {.key = "c", .title = "C", .kind = FACT_BOOL, .number = 1},
        {.key = "d", .title = "D", .kind = FACT_NUMBER, .absent = true},
    };
    const ProtobufCBinaryData cells[] = {wire_text("SMG"), wire_text("12")};
    struct layout_rows rows;

    layout_rows_init(&rows);
    int rc = layout_rows_head(&rows, columns, 2, err);
    if (rc == 0)
        rc = layout_rows_add(&rows, cells, 2, err);
    if (rc == 0)
        layout_facts_print(out, facts, 4, &rows, "offices", style);
    layout_rows_release(&rows);
    return rc;
}

static int of_stream(const void *style, struct buf *out, struct error *err)
{
    static const struct layout_column columns[] = {{"code", false}, {"n", true}};
    const ProtobufCBinaryData cells[] = {wire_text("SMG\x1b[1m"), wire_text("12")};
    struct layout_stream stream = {
        .format =
            ((const struct layout_style *)style)->format == LAYOUT_JSON ? LAYOUT_JSON : LAYOUT_CSV,
        .columns = columns,
        .column_count = 2};

    (void)err;
    layout_stream_row(&stream, cells, out);
    layout_stream_row(&stream, cells, out);
    layout_stream_end(&stream, out);
    return 0;
}

/* As above, with texts that fill blocks: what is taken is whole, or it is refused. */
static int take_index(const void *which, struct buf *out, struct error *err)
{
    const ProtobufCBinaryData text = wire_text(scarce_long());
    struct answer answer;
    struct layout_index index;

    answer_with_spread(&answer);
    ProtobufCBinaryData *const at[] = {
        &answer.rows.instrument, &answer.rows.method,   &answer.element[0],   &answer.row[0].office,
        &answer.row[0].key,      &answer.row[0].key2,   &answer.row[0].label, &answer.row[0].label2,
        &answer.row[0].grade,    &answer.row[0].quality};
    *at[*(const size_t *)which] = text;
    layout_index_init(&index);
    int rc = layout_index_take(&index, &answer.rows, err);
    if (rc == 0)
        buf_printf(out, "%zu %" PRIu64 " %" PRIu64 " %s", index.count, index.first->sum[0],
                   index.first->spread[2], index.first->office);
    layout_index_release(&index);
    return rc;
}

static int take_coverage(const void *which, struct buf *out, struct error *err)
{
    Suara__V1__CoverageRow row, *list[1] = {&row};
    Suara__V1__CoverageRows rows = SUARA__V1__COVERAGE_ROWS__INIT;
    ProtobufCBinaryData *const at[] = {&row.office, &row.name};
    struct layout_coverage coverage;

    suara__v1__coverage_row__init(&row);
    row.office = wire_text("A");
    *at[*(const size_t *)which % 2] = wire_text(scarce_long());
    rows.row = list;
    rows.n_row = 1;
    layout_coverage_init(&coverage);
    int rc = layout_coverage_take(&coverage, &rows, err);
    if (rc == 0)
        buf_printf(out, "%zu %zu", strlen(coverage.first->office), strlen(coverage.first->name));
    layout_coverage_release(&coverage);
    return rc;
}

static int take_rows(const void *which, struct buf *out, struct error *err)
{
    static const struct layout_style csv = {.format = LAYOUT_CSV};
    Suara__V1__Table table = SUARA__V1__TABLE__INIT;
    Suara__V1__TableRow row = SUARA__V1__TABLE_ROW__INIT, *list[1] = {&row};
    ProtobufCBinaryData column[2] = {wire_text("code"), wire_text("name")};
    ProtobufCBinaryData cell[2] = {wire_text("SMG"), wire_text("Kantor")};
    struct layout_rows rows;

    (*(const size_t *)which % 2 ? column : cell)[0] = wire_text(scarce_long());
    table.column = column;
    table.n_column = 2;
    table.row = list;
    table.n_row = 1;
    row.cell = cell;
    row.n_cell = 2;
    layout_rows_init(&rows);
    int rc = layout_rows_take(&rows, &table, err);
    if (rc == 0)
        layout_rows_print(out, &rows, &csv);
    layout_rows_release(&rows);
    return rc;
}

static void of_what_is_taken(void **state)
{
    (void)state;
    for (size_t longest = 0; longest < 10; longest++)
        assert_true(scarce_sweep("index", take_index, &longest) > 1);
    for (size_t longest = 0; longest < 2; longest++) {
        assert_true(scarce_sweep("coverage", take_coverage, &longest) > 1);
        assert_true(scarce_sweep("rows", take_rows, &longest) > 1);
    }
}

static void of_every_list(void **state)
{
    (void)state;
    for (size_t s = 0; s < STYLES; s++) {
        scarce_spares_libraries = styles[s].width > 0;
        assert_true(scarce_sweep("coverage", of_coverage, &styles[s]) > 0);
        assert_true(scarce_sweep("quality", of_quality, &styles[s]) > 0);
        assert_true(scarce_sweep("rows and facts", of_rows, &styles[s]) > 0);
        assert_true(scarce_sweep("stream", of_stream, &styles[s]) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_every_index),
        cmocka_unit_test(of_what_is_taken),
        cmocka_unit_test(of_every_list),
    };
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("client/core/scarce_layout", tests, NULL, NULL);
}
