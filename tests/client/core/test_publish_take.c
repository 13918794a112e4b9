#include "client/core/instrument.h"
#include "client/core/layout_coverage.h"
#include "client/core/publish_take.h"
#include "common/error.h"
#include "tests/client/core/answer.h"

/* Takes the answers of the report of 49 respondents whose figures were published. */
struct desk {
    struct publication p;
    struct publish_sample sample;
    struct layout_index index;
    struct answer answer;
    struct error err;
    uint64_t sums[2][9], spread[2][36];
};

static int desk_open(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);

    if (!desk)
        return -1;
    publication_init(&desk->p);
    desk->p.office = "BBPOM-SMG";
    desk->p.from = 20190101;
    desk->p.to = 20190630;
    answer_init(&desk->answer);
    desk->answer.row[0].spread = answer_spread;
    desk->answer.row[0].n_spread = 36;
    desk->answer.row[1] = desk->answer.row[0];
    *state = desk;
    return publish_take_instrument(&desk->p, instrument_find(NULL, &desk->err), "", &desk->sample,
                                   &desk->err);
}

static int desk_close(void **state)
{
    struct desk *desk = *state;

    layout_index_release(&desk->index);
    publication_release(&desk->p);
    free(desk);
    return 0;
}

/* The rows so far as an answer. */
static struct layout_index *answered(struct desk *desk, size_t rows)
{
    layout_index_release(&desk->index);
    layout_index_init(&desk->index);
    desk->answer.rows.n_row = rows;
    assert_int_equal(layout_index_take(&desk->index, &desk->answer.rows, &desk->err), 0);
    return &desk->index;
}

/* A row of n respondents who all gave the best rating: its parts must hold together. */
static void perfect(struct desk *desk, size_t row, uint64_t n)
{
    Suara__V1__Row *to = &desk->answer.row[row];

    memset(desk->spread[row], 0, sizeof desk->spread[row]);
    for (size_t e = 0; e < 9; e++) {
        desk->sums[row][e] = 4 * n;
        desk->spread[row][e * 4 + 3] = n;
    }
    to->n = n;
    to->sum = desk->sums[row];
    to->spread = desk->spread[row];
    to->square = n * 36 * 36;
    to->index = to->low = to->high = 10000;
    to->grade = wire_text("A");
}

static void take_total(struct desk *desk)
{
    assert_int_equal(publish_take_total(&desk->p, answered(desk, 1), &desk->sample, &desk->err), 0);
}

static void instrument_and_total(void **state)
{
    struct desk *desk = *state;
    struct publication *p = &desk->p;

    take_total(desk);
    assert_string_equal(p->method, "exact");
    assert_int_equal(p->weight_den, 9);
    assert_int_equal(p->bounds, 4);
    assert_string_equal(p->bound[0].grade, "A");
    assert_string_equal(p->bound[3].quality[PUBLISH_EN], "Not good");
    assert_int_equal(p->total.index, 7874);
    assert_int_equal(p->element[3].rank, 1);
    assert_int_equal(p->element[0].rank, 9);
    assert_int_equal(p->element[0].spread[2], 39);
    assert_int_equal(desk->sample.now.total, 1389);
    assert_true(publish_same_total(p, &desk->sample, answered(desk, 1)));
    perfect(desk, 0, 49);
    assert_false(publish_same_total(p, &desk->sample, answered(desk, 1)));
}

static void no_responses_are_refused(void **state)
{
    struct desk *desk = *state;

    desk->answer.row[0].n = 0;
    assert_int_equal(publish_take_total(&desk->p, answered(desk, 1), &desk->sample, &desk->err),
                     -1);
    assert_int_equal(desk->err.code, ERROR_USAGE);
    assert_string_equal(desk->err.text, "BBPOM-SMG has no responses from 1 January \xe2\x80\x93 30 "
                                        "June 2019; nothing was published");
}

static void answers_of_another_shape(void **state)
{
    struct desk *desk = *state;

    desk->answer.element[8] = wire_text("U10");
    assert_int_equal(publish_take_total(&desk->p, answered(desk, 1), &desk->sample, &desk->err),
                     -1);
    assert_int_equal(desk->err.code, ERROR_INTERNAL);
    assert_int_equal(publish_take_instrument(&desk->p, instrument_find(NULL, &desk->err), "0.12",
                                             &desk->sample, &desk->err),
                     -1);
    assert_string_equal(desk->err.text, "the instrument skm-2017 has no method 0.12");
}

/* Row by row, as a longer answer comes. */
static void add_period(struct desk *desk, const char *key, uint64_t n)
{
    desk->answer.row[0].key = wire_text(key);
    desk->answer.row[0].n = n;
    desk->answer.rows.n_row = 1;
    assert_int_equal(layout_index_take(&desk->index, &desk->answer.rows, &desk->err), 0);
}

static void trend_of_the_last_ones(void **state)
{
    static const char *const key[] = {"2016-S1", "2016-S2", "2017-S1",
                                      "2017-S2", "2018-S1", "2018-S2"};
    struct desk *desk = *state;
    struct publication *p = &desk->p;

    take_total(desk);
    layout_index_release(&desk->index);
    layout_index_init(&desk->index);
    for (size_t i = 0; i < 6; i++)
        add_period(desk, key[i], i == 4 ? 0 : 49);
    assert_int_equal(publish_take_trend(p, &desk->index, &desk->sample, &desk->err), 0);
    assert_int_equal(p->trends, PUBLISH_TREND_MAX);
    assert_string_equal(p->trend[0].key, "2016-S2"); /* 2018-S1 has none, 2016-S1 is too old */
    assert_string_equal(p->trend[0].name[PUBLISH_ID], "Sem. II 2016");
    assert_string_equal(p->trend[3].name[PUBLISH_EN], "H2 2018");
    assert_string_equal(p->trend[4].name[PUBLISH_ID], "Sem. I 2019");
    assert_string_equal(p->trend[4].key, "2019-01-01..2019-06-30");
    assert_false(p->trend[0].change_known);
    assert_true(p->trend[4].change_known);
    assert_int_equal(p->trend[4].change, 0);
    assert_false(p->trend[4].change_beyond);
}

static void axes_of_periods(void **state)
{
    (void)state;
    static const struct {
        civil_day from, to;
        const char *axis;
        civil_day before;
    } cases[] = {
        {20230101, 20231231, "year", 20221231},    {20230701, 20231231, "semester", 20230630},
        {20230401, 20230630, "quarter", 20230331}, {20230201, 20230228, "month", 20230131},
        {20230101, 20230713, "year", 20221231},    {20230301, 20230331, "month", 20230228},
        {20230201, 20230430, "year", 20221231},    {20230713, 20230713, "year", 20221231},
        {20220101, 20231231, "year", 20211231},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        civil_day before;
        assert_string_equal(publish_trend_axis(cases[i].from, cases[i].to, &before), cases[i].axis);
        assert_int_equal(before, cases[i].before);
    }
}

static void groups_with_hidden_cells(void **state)
{
    struct desk *desk = *state;
    struct publish_group *g = &desk->p.group[PUBLISH_SEX];

    take_total(desk);
    desk->answer.rows.small_cell = 5;
    desk->answer.row[0].key = wire_text("P");
    desk->answer.row[0].label = wire_text("Perempuan");
    perfect(desk, 0, 40);
    desk->answer.row[1].n = 9;
    desk->answer.row[1].hidden = true;
    desk->answer.row[1].n_sum = desk->answer.row[1].n_spread = 0;
    assert_int_equal(publish_take_group(&desk->p, PUBLISH_SEX, answered(desk, 2), &desk->err), 0);
    assert_int_equal(g->count, 2);
    assert_int_equal(g->n, 49);
    assert_int_equal(desk->p.small_cell, 5);
    assert_string_equal(g->row[0].name[PUBLISH_EN], "Female");
    assert_true(g->row[1].hidden);
    assert_string_equal(g->row[1].name[PUBLISH_EN], "Small groups (together)");
}

static void services_of_several_offices(void **state)
{
    struct desk *desk = *state;
    struct publish_group *g = &desk->p.group[PUBLISH_SERVICE];

    take_total(desk);
    desk->p.subtree = true;
    for (size_t i = 0; i < 2; i++) {
        desk->answer.row[i].key = wire_text("UMUM");
        desk->answer.row[i].label = wire_text("Umum");
        perfect(desk, i, 20 + i);
    }
    desk->answer.row[1].office = wire_text("KLATEN");
    assert_int_equal(publish_take_group(&desk->p, PUBLISH_SERVICE, answered(desk, 2), &desk->err),
                     0);
    assert_string_equal(g->row[0].name[PUBLISH_ID], "Umum (KLATEN)"); /* the larger one first */
    assert_string_equal(g->row[1].name[PUBLISH_EN], "Umum (BBPOM-SMG)");
}

static void views_and_gap(void **state)
{
    struct desk *desk = *state;
    struct publication *p = &desk->p;

    take_total(desk);
    perfect(desk, 1, 10); /* ten colleagues */
    desk->answer.row[0].key = wire_text("recipient");
    desk->answer.row[1].key = wire_text("provider");
    assert_int_equal(publish_take_views(p, answered(desk, 2), &desk->err), 0);
    assert_int_equal(p->provider_n, 10);
    assert_int_equal(p->element[0].gap, 1184); /* 4 - 138/49 = 1.1837 */
    assert_true(p->element[0].gap_beyond);
    assert_int_equal(publish_take_views(p, answered(desk, 1), &desk->err), 0);
    assert_int_equal(p->provider_n, 0);
}

static void coverage_of_all_offices(void **state)
{
    struct desk *desk = *state;
    struct layout_coverage_row row[3] = {
        {.office = "A",
         .service = "",
         .population_known = true,
         .population = 600,
         .last_collected = 1561852800000},
        {.office = "A", .service = "UMUM", .population_known = false, .population = 0},
        {.office = "B", .service = "", .population_known = true, .population = 400},
    };
    struct layout_coverage coverage = {.first = &row[0], .count = 3};

    row[0].next = &row[1];
    row[1].next = &row[2];
    publish_take_coverage(&desk->p, &coverage, ZONE_WIB);
    assert_true(desk->p.population_known);
    assert_int_equal(desk->p.population, 1000);
    assert_int_equal(desk->p.need, 278);
    assert_int_equal(desk->p.last_collected, 20190630);
    row[2].population_known = false;
    publish_take_coverage(&desk->p, &coverage, ZONE_WIB);
    assert_false(desk->p.population_known);
}

#define DESK(test) cmocka_unit_test_setup_teardown(test, desk_open, desk_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK(instrument_and_total),
        DESK(no_responses_are_refused),
        DESK(answers_of_another_shape),
        DESK(trend_of_the_last_ones),
        DESK(groups_with_hidden_cells),
        DESK(services_of_several_offices),
        DESK(views_and_gap),
        DESK(coverage_of_all_offices),
        cmocka_unit_test(axes_of_periods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
