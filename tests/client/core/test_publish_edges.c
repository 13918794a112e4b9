/* Parts of a published report that most reports have not. */
#include "client/core/instrument.h"
#include "client/core/layout_coverage.h"
#include "client/core/publish_take.h"
#include "common/error.h"
#include "tests/client/core/answer.h"
#include "tests/client/core/sample.h"

static char *page(const struct publication *p)
{
    struct buf out = {0};

    publish_html(&out, p);
    assert_false(out.failed);
    return out.data;
}

/* One change to the sample, and what the page says then (and not without it). */
struct change {
    void (*make)(struct publication *p);
    const char *says;
};

static void of_several_offices(struct publication *p)
{
    p->subtree = true;
    p->offices = 3;
}

static void with_places(struct publication *p)
{
    static struct publish_figure place[] = {
        {.key = "a", .name = {"Loket <1>", "Desk <1>"}, .n = 200, .index = 9400, .grade = "A"},
        {.key = "b", .name = {"Daring", "Online"}, .n = 17, .index = 9400, .grade = "A"},
    };
    for (unsigned axis = 0; axis < PUBLISH_AXES; axis++)
        if (p->group[axis].count == 0)
            p->group[axis] = (struct publish_group){.row = place, .count = 2, .n = 217};
}

static void collected_until(struct publication *p)
{
    p->last_collected = 20230630;
}

static void last_day_unknown(struct publication *p)
{
    p->last_collected = 0;
}

static void rows_left_out(struct publication *p)
{
    p->group[PUBLISH_SERVICE].left_out = 7;
}

static void all_hidden(struct publication *p)
{
    static struct publish_figure hidden[] = {
        {.key = "", .name = {"Kecil", "Small"}, .n = 4, .hidden = true, .grade = ""}};
    p->group[PUBLISH_AGE] = (struct publish_group){.row = hidden, .count = 1, .n = 4};
}

static void nothing_is_hidden(struct publication *p)
{
    p->small_cell = 0;
}

static void empty_plan(struct publication *p)
{
    p->item = p->item_last = NULL;
}

static void no_gap(struct publication *p)
{
    for (size_t i = 0; i < p->elements; i++)
        p->element[i].gap = 0;
}

static void no_bounds(struct publication *p)
{
    p->bounds = 0;
}

static void enough_asked(struct publication *p)
{
    p->need = 200;
}

static void pages_that_differ(void **state)
{
    static const struct change changes[] = {
        {of_several_offices, "3 offices"},
        {with_places, "Desk &lt;1&gt;, Online</dd>"},
        {collected_until, "30 June 2023"},
        {last_day_unknown, NULL},
        {rows_left_out, "7"},
        {all_hidden, NULL},
        {nothing_is_hidden, NULL},
        {empty_plan, NULL},
        {no_gap, NULL},
        {no_bounds, NULL},
        {enough_asked, NULL},
    };
    struct publication p;

    (void)state;
    sample_publication(&p, PUBLISH_EN);
    char *usual = page(&p);
    publication_release(&p);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        sample_publication(&p, PUBLISH_EN);
        changes[i].make(&p);
        char *text = page(&p);
        if (strcmp(text, usual) == 0)
            fail_msg("change %zu makes no difference", i);
        if (changes[i].says && !strstr(text, changes[i].says))
            fail_msg("change %zu: the page does not say \"%s\"", i, changes[i].says);
        assert_null(strstr(text, "{1}"));
        free(text);
        publication_release(&p);
    }
    free(usual);
}

/* Whatever the index and the changes are, the chart of the trend has room for them. */
static void trends_of_every_height(void **state)
{
    static const struct {
        uint32_t first, second;
        const char *last; /* what the summary says */
    } table[] = {
        {9900, 10000, "more than"}, {50, 60, "more than"},     {2500, 10000, "more than"},
        {10000, 2500, "less than"}, {6000, 9000, "more than"}, {9400, 9400, "the same as"},
        {7000, 9100, "more than"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct publication p;
        struct buf said = {0};
        sample_publication(&p, PUBLISH_EN);
        p.trends = 2;
        for (size_t k = 0; k < 2; k++) {
            struct publish_figure *one = &p.trend[k];
            one->index = one->low = one->high = k ? table[i].second : table[i].first;
        }
        p.trend[1].change_known = true;
        p.trend[1].change_beyond = i % 2;
        p.trend[1].change = (int64_t)table[i].second - table[i].first;
        p.total = p.trend[1];
        publish_summary(&said, &p);
        if (!strstr(buf_text(&said), table[i].last))
            fail_msg("\"%s\" does not say \"%s\"", buf_text(&said), table[i].last);
        char *text = page(&p);
        assert_non_null(strstr(text, "grafik-perkembangan"));
        assert_null(strstr(text, "x=\"-"));
        free(text);
        buf_release(&said);
        publication_release(&p);
    }
}

/* ---- taking answers ---- */

struct desk {
    struct publication p;
    struct publish_sample sample;
    struct layout_index index;
    struct answer answer;
    struct error err;
    uint64_t sums[9], spread[36];
};

static void desk_open(struct desk *desk)
{
    memset(desk, 0, sizeof *desk);
    publication_init(&desk->p);
    desk->p.office = "BBPOM-SMG";
    desk->p.from = 20190101;
    desk->p.to = 20190630;
    answer_with_spread(&desk->answer);
    desk->answer.row[1] = desk->answer.row[0];
    layout_index_init(&desk->index);
    assert_int_equal(publish_take_instrument(&desk->p, instrument_find(NULL, NULL), "",
                                             &desk->sample, &desk->err),
                     0);
}

static void desk_close(struct desk *desk)
{
    layout_index_release(&desk->index);
    publication_release(&desk->p);
}

static struct layout_index *answered(struct desk *desk, size_t rows)
{
    layout_index_release(&desk->index);
    layout_index_init(&desk->index);
    desk->answer.rows.n_row = rows;
    assert_int_equal(layout_index_take(&desk->index, &desk->answer.rows, &desk->err), 0);
    return &desk->index;
}

static int take_total(struct desk *desk, size_t rows)
{
    return publish_take_total(&desk->p, answered(desk, rows), &desk->sample, &desk->err);
}

static void periods_have_short_names(void **state)
{
    static const struct {
        const char *key, *id, *en;
    } table[] = {
        {"2018", "2018", "2018"},
        {"2018-S2", "Sem. II 2018", "H2 2018"},
        {"2018-Q3", "TW III 2018", "Q3 2018"},
        {"2018-05", "Mei 2018", "May 2018"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct desk desk;
        desk_open(&desk);
        assert_int_equal(take_total(&desk, 1), 0);
        desk.answer.row[0].key = wire_text(table[i].key);
        if (publish_take_trend(&desk.p, answered(&desk, 1), &desk.sample, &desk.err) != 0)
            fail_msg("%s: %s", table[i].key, desk.err.text);
        assert_string_equal(desk.p.trend[0].name[PUBLISH_ID], table[i].id);
        assert_string_equal(desk.p.trend[0].name[PUBLISH_EN], table[i].en);
        desk_close(&desk);
    }
    static const struct {
        civil_day from, to;
        const char *id, *en;
    } days[] = {
        {20180301, 20180531, "Mar\xe2\x80\x93Mei 2018", "Mar\xe2\x80\x93May 2018"},
        {20180802, 20180809, "Agu 2018", "Aug 2018"},
        {20161201, 20180131,
         "2016\xe2\x80\x93"
         "2018",
         "2016\xe2\x80\x93"
         "2018"},
    };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct desk desk;
        desk_open(&desk);
        desk.p.from = days[i].from;
        desk.p.to = days[i].to;
        assert_int_equal(take_total(&desk, 1), 0);
        assert_int_equal(publish_take_trend(&desk.p, answered(&desk, 0), &desk.sample, &desk.err),
                         0);
        assert_string_equal(desk.p.trend[0].name[PUBLISH_ID], days[i].id);
        assert_string_equal(desk.p.trend[0].name[PUBLISH_EN], days[i].en);
        desk_close(&desk);
    }
    struct desk desk;
    desk_open(&desk);
    assert_int_equal(take_total(&desk, 1), 0);
    desk.answer.row[0].key = wire_text("soon");
    assert_int_equal(publish_take_trend(&desk.p, answered(&desk, 1), &desk.sample, &desk.err), -1);
    assert_int_equal(desk.err.code, ERROR_INTERNAL);
    desk_close(&desk);
}

/* An answer that is not of the shape that was asked for is no figure. */
static void answers_that_do_not_fit(void **state)
{
    struct desk desk;

    (void)state;
    desk_open(&desk);
    assert_int_equal(take_total(&desk, 2), -1); /* two rows for one total */
    assert_int_equal(desk.err.code, ERROR_INTERNAL);
    desk.answer.row[0].n_spread = 0; /* without the ratings */
    assert_int_equal(take_total(&desk, 1), -1);
    desk.answer.row[0].n_spread = 36;
    assert_int_equal(take_total(&desk, 1), 0);
    desk.answer.row[1].key = wire_text("provider");
    desk.answer.row[1].n_spread = 0;
    assert_int_equal(publish_take_views(&desk.p, answered(&desk, 2), &desk.err), -1);
    desk.answer.row[1].n = 0; /* nobody of the office answered */
    assert_int_equal(publish_take_views(&desk.p, answered(&desk, 2), &desk.err), 0);
    assert_int_equal(desk.p.provider_n, 0);
    desk_close(&desk);
}

/* The total is asked for twice; any difference is seen. */
static void a_total_that_changed_meanwhile(void **state)
{
    struct desk desk;
    uint64_t other[9], moved[36];

    (void)state;
    desk_open(&desk);
    assert_int_equal(take_total(&desk, 1), 0);
    assert_true(publish_same_total(&desk.p, &desk.sample, answered(&desk, 1)));
    assert_false(publish_same_total(&desk.p, &desk.sample, answered(&desk, 0)));
    desk.answer.row[0].square++;
    assert_false(publish_same_total(&desk.p, &desk.sample, answered(&desk, 1)));
    desk.answer.row[0].square--;
    memcpy(other, answer_sums, sizeof other);
    memcpy(moved, answer_spread, sizeof moved);
    other[8]++; /* one more gave U9 a 4 in place of a 3 */
    moved[34]--;
    moved[35]++;
    desk.answer.row[0].sum = other;
    desk.answer.row[0].spread = moved;
    assert_false(publish_same_total(&desk.p, &desk.sample, answered(&desk, 1)));
    desk.answer.row[0].n = 0;
    assert_false(publish_same_total(&desk.p, &desk.sample, answered(&desk, 1)));
    desk_close(&desk);
}

static void bounds_are_sorted(void **state)
{
    struct desk desk;
    struct instrument in = *instrument_find(NULL, NULL);

    (void)state;
    desk_open(&desk);
    for (size_t i = 0; i < in.bounds; i++)
        in.bound[i] = instrument_find(NULL, NULL)->bound[(i + 2) % in.bounds];
    assert_int_equal(publish_take_instrument(&desk.p, &in, "0.111", &desk.sample, &desk.err), 0);
    for (size_t i = 0; i < in.bounds; i++)
        assert_int_equal(desk.p.bound[i].grade[0], 'A' + (int)i);
    desk_close(&desk);
}

/* Rows without responses are left out; what nobody told comes last; the largest are kept. */
static void order_of_groups(void **state)
{
    enum { ROWS = PUBLISH_ROWS_MAX + 6 };
    static Suara__V1__Row row[ROWS], *list[ROWS];
    static char key[ROWS][24];
    struct desk desk;

    (void)state;
    desk_open(&desk);
    assert_int_equal(take_total(&desk, 1), 0);
    for (size_t i = 0; i < ROWS; i++) {
        row[i] = desk.answer.row[0];
        snprintf(key[i], sizeof key[i], "S%02zu", ROWS - i);
        row[i].key = wire_text(key[i]);
        list[i] = &row[i];
    }
    row[3].n = 0;
    desk.answer.rows.row = list;
    struct publish_group *g = &desk.p.group[PUBLISH_SERVICE];
    assert_int_equal(publish_take_group(&desk.p, PUBLISH_SERVICE, answered(&desk, ROWS), &desk.err),
                     0);
    assert_int_equal(g->count, PUBLISH_ROWS_MAX);
    assert_int_equal(g->left_out, 5);
    for (size_t i = 1; i < g->count; i++) /* as many each: by their codes */
        assert_true(strcmp(g->row[i - 1].key, g->row[i].key) < 0);
    row[0].key = wire_text("");
    row[1].key = wire_text("L");
    row[2].key = wire_text("P");
    assert_int_equal(publish_take_group(&desk.p, PUBLISH_SEX, answered(&desk, 3), &desk.err), 0);
    g = &desk.p.group[PUBLISH_SEX];
    assert_string_equal(g->row[0].key, "L");
    assert_string_equal(g->row[1].key, "P");
    assert_string_equal(g->row[2].key, "");
    desk_close(&desk);
}

static void nobody_was_ever_asked(void **state)
{
    struct publication p;
    const struct layout_coverage none = {.count = 0};

    (void)state;
    publication_init(&p);
    p.last_collected = 20230101;
    publish_take_coverage(&p, &none, ZONE_WIB);
    assert_false(p.population_known);
    assert_int_equal(p.last_collected, 0);
    publication_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_that_differ),
        cmocka_unit_test(trends_of_every_height),
        cmocka_unit_test(periods_have_short_names),
        cmocka_unit_test(answers_that_do_not_fit),
        cmocka_unit_test(a_total_that_changed_meanwhile),
        cmocka_unit_test(bounds_are_sorted),
        cmocka_unit_test(order_of_groups),
        cmocka_unit_test(nobody_was_ever_asked),
    };
    return cmocka_run_group_tests_name("client/core/publish_edges", tests, NULL, NULL);
}
