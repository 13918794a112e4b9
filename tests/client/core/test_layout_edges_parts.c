/* Elements, trend and gap where something is missing, hidden, equal or too much. */
#include "client/core/layout_elements.h"
#include "client/core/layout_gap.h"
#include "client/core/layout_trend.h"
#include "client/core/message.h"
#include "common/error.h"
#include "tests/client/core/answer.h"

#include <locale.h>

/* ---- elements ---- */

static char *elements(struct answer *answer, enum layout_format format, size_t width)
{
    static const struct layout_ask by = {
        .by = {"month", ""}, .from = 20190101, .to = 20190630, .perspective = "recipient"};
    const struct layout_style style = {format, width, false};
    struct layout_index index;
    struct buf out = {0};

    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &answer->rows, NULL), 0);
    layout_elements_print(&out, &index, NULL, &by, &style);
    assert_false(out.failed);
    layout_index_release(&index);
    return out.data;
}

static void elements_of_periods_without_responses(void **state)
{
    struct answer answer;
    static Suara__V1__Row more[2];
    Suara__V1__Row *list[4];

    (void)state;
    answer_init(&answer);
    answer.rows.method = wire_text("other"); /* that the instrument does not know */
    answer.row[0].key = wire_text("2019-01");
    answer.row[1].key = wire_text("2019-02");
    suara__v1__row__init(&more[0]);
    more[0].key = wire_text("2019-03");
    more[1] = answer.row[0];
    more[1].key = wire_text("2019-04");
    list[0] = &answer.row[0];
    list[1] = &answer.row[1];
    list[2] = &more[0];
    list[3] = &more[1];
    answer.rows.row = list;
    answer.rows.n_row = 4;
    char *text = elements(&answer, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "2019-02, 2019-03"));
    free(text);
    text = elements(&answer, LAYOUT_TABLE, 20); /* one period below the other */
    assert_non_null(strstr(text, "2019-04"));
    free(text);
    text = elements(&answer, LAYOUT_CSV, 0);
    assert_non_null(strstr(text, "2019-04"));
    free(text);
    text = elements(&answer, LAYOUT_JSON, 0);
    assert_non_null(strstr(text, "2019-03"));
    free(text);
    answer.row[1].hidden = true;
    answer.row[1].n = 3;
    text = elements(&answer, LAYOUT_JSON, 0);
    assert_non_null(strstr(text, "\"hidden\": true"));
    free(text);
    text = elements(&answer, LAYOUT_CSV, 0);
    assert_non_null(strstr(text, "2019-02"));
    free(text);
}

/* ---- trend, gap ---- */

static char *trend(struct answer *answer, enum layout_format format, size_t width)
{
    static const struct figure_rule exact = {4, 9, 1, 9};
    static const struct layout_ask by = {
        .by = {"month", ""}, .from = 20190101, .to = 20190331, .perspective = "recipient"};
    const struct layout_style style = {format, width, false};
    struct layout_index index;
    struct buf out = {0};

    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &answer->rows, NULL), 0);
    layout_trend_print(&out, &index, &exact, &by, &style);
    assert_false(out.failed);
    layout_index_release(&index);
    return out.data;
}

static void a_trend_that_stays_and_one_that_falls(void **state)
{
    static uint64_t ones[9] = {49, 49, 49, 49, 49, 49, 49, 49, 49};
    struct answer answer;

    (void)state;
    answer_init(&answer);
    answer.row[0].key = wire_text("2019-01");
    answer.row[1] = answer.row[0];
    answer.row[1].key = wire_text("2019-03");
    answer.rows.n_row = 2;
    char *text = trend(&answer, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "2019-01"));
    assert_null(strstr(text, "rose"));
    assert_null(strstr(text, "fell"));
    free(text);
    answer.row[1].sum = ones;
    answer.row[1].square = 49 * 81;
    answer.row[1].index = answer.row[1].low = answer.row[1].high = 2500;
    text = trend(&answer, LAYOUT_TABLE, 0);
    assert_non_null(strstr(text, "fell"));
    free(text);
    text = trend(&answer, LAYOUT_TABLE, 1); /* no room for the bars */
    assert_non_null(strstr(text, "fell"));
    free(text);
    text = trend(&answer, LAYOUT_CSV, 0);
    assert_non_null(strstr(text, "true"));
    free(text);
    answer.row[0].hidden = true;
    answer.row[1].low = answer.row[1].high = 0;
    text = trend(&answer, LAYOUT_CSV, 0);
    assert_non_null(strstr(text, "true"));
    free(text);
}

static char *gap(struct answer *answer, const char *by, enum layout_format format)
{
    const struct layout_ask ask = {
        .by = {by, ""}, .perspective = "recipient", .from = 20190101, .to = 20190630};
    const struct layout_style style = {format, 0, false};
    struct layout_index index;
    struct gap_list list;
    struct error err;
    struct buf out = {0};

    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &answer->rows, NULL), 0);
    int rc = by[0] == 'p' ? gap_perspectives(&index, &list, &err)
                          : gap_stakeholders(&index, &list, &err);
    if (rc == 0)
        layout_gap_print(&out, &index, &list, NULL, &ask, &style);
    else
        assert_int_equal(err.code, ERROR_INTERNAL);
    layout_index_release(&index);
    return out.data;
}

static void gaps_of_every_kind(void **state)
{
    struct answer answer;

    (void)state;
    answer_with_spread(&answer);
    answer.row[0].key = wire_text("recipient");
    answer.row[1] = answer.row[0];
    answer.row[1].key = wire_text("provider");
    answer.rows.n_row = 2;
    char *text = gap(&answer, "perspective", LAYOUT_TABLE); /* both say the very same */
    assert_non_null(strstr(text, MSG_GAP_NONE));
    free(text);
    answer.row[1].key = wire_text("neighbour"); /* a perspective of a newer daemon */
    text = gap(&answer, "perspective", LAYOUT_CSV);
    assert_non_null(text);
    free(text);
    answer.row[0].n_spread = 0; /* an old one that does not tell the ratings */
    assert_null(gap(&answer, "perspective", LAYOUT_TABLE));
    assert_null(gap(&answer, "stakeholder", LAYOUT_TABLE));
}

static void many_groups(void **state)
{
    struct answer answer;
    static Suara__V1__Row row[5];
    Suara__V1__Row *list[5];
    static char key[5][24];

    (void)state;
    answer_with_spread(&answer);
    for (size_t i = 0; i < 5; i++) {
        row[i] = answer.row[0];
        snprintf(key[i], sizeof key[i], "g%zu", i);
        row[i].key = wire_text(key[i]);
        list[i] = &row[i];
    }
    answer.rows.row = list;
    answer.rows.n_row = 5;
    char *text = gap(&answer, "stakeholder", LAYOUT_TABLE); /* 45 pairs, of which 20 are shown */
    assert_non_null(strstr(text, "and 25 smaller ones"));
    free(text);
    text = gap(&answer, "stakeholder", LAYOUT_JSON);
    assert_non_null(strstr(text, "\"g4\""));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_of_periods_without_responses),
        cmocka_unit_test(a_trend_that_stays_and_one_that_falls),
        cmocka_unit_test(gaps_of_every_kind),
        cmocka_unit_test(many_groups),
    };
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("client/core/layout_edges_parts", tests, NULL, NULL);
}
