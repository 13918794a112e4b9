#include "client/core/layout_trend.h"

#include "client/core/layout_figure.h"
#include "client/core/layout_grid.h"
#include "client/core/layout_json.h"
#include "client/core/message.h"
#include "client/core/trend.h"
#include "common/buf.h"
#include "common/text.h"

#define SPARK_MOST 200u /* bars in a line that a person can still read */

/* A row with what it is compared with. */
struct step {
    const struct layout_index_row *row, *before, *first;
    bool changed, since;
    struct figure_change change, since_first;
};

static struct step step_of(const struct layout_index *index, const struct figure_rule *rule,
                           const struct layout_index_row *before,
                           const struct layout_index_row *row)
{
    struct step step = {.row = row, .before = before};
    const struct layout_index_row *last;

    trend_ends(index, &step.first, &last);
    step.changed = rule && trend_change(index, rule, before, row, &step.change);
    step.since =
        rule && row != step.first && trend_change(index, rule, step.first, row, &step.since_first);
    return step;
}

/* ---- table --------------------------------------------------------------------------------- */

enum column { PERIOD, N, INDEX, INTERVAL, GRADE, CHANGE };

static void add_step(struct layout_grid *grid, const struct step *step)
{
    const struct layout_index_row *row = step->row;
    char text[32];

    layout_grid_row(grid);
    layout_grid_put(grid, PERIOD, NULL, "%s", row->key[0]);
    layout_grid_put(grid, N, NULL, "%" PRIu64, row->n);
    if (!layout_index_known(row)) {
        layout_grid_put(grid, INDEX, NULL, "%s", row->hidden ? MSG_NOT_SHOWN : MSG_NO_RESPONSES);
        return;
    }
    layout_signed(row->index, 2, false, text);
    layout_grid_put(grid, INDEX, layout_grade_colour(row->grade), "%s", text);
    if (row->high > 0)
        layout_grid_put(grid, INTERVAL, NULL, "%u.%02u - %u.%02u", row->low / 100, row->low % 100,
                        row->high / 100, row->high % 100);
    layout_grid_put(grid, GRADE, layout_grade_colour(row->grade), "%s", row->grade);
    if (step->changed) {
        layout_signed(step->change.hundredths, 2, true, text);
        layout_grid_put(grid, CHANGE,
                        layout_change_colour(step->change.hundredths, step->change.beyond_chance),
                        "%s%s", text, step->change.beyond_chance ? "*" : " ");
    }
}

static void add_spark(struct buf *out, const struct layout_index *index,
                      const struct layout_style *style)
{
    struct buf bars = {0};
    uint32_t low, high;

    if (index->count > SPARK_MOST || (style->width > 0 && index->count > style->width))
        return;
    if (trend_spark(&bars, index, &low, &high))
        layout_say(out, style, MSG_TREND_BARS, buf_text(&bars), low / 100, low % 100, high / 100,
                   high % 100);
    buf_done(&bars, out);
}

static const char *judged(const struct figure_change *change)
{
    if (!change->known)
        return MSG_CHANCE_UNKNOWN;
    return change->beyond_chance ? MSG_CHANCE_NOT : MSG_CHANCE_CAN;
}

/* How it went from the first to the last. */
static void add_sentence(struct buf *out, const struct layout_index *index,
                         const struct figure_rule *rule, const struct layout_style *style)
{
    const struct layout_index_row *first, *last;
    struct figure_change change;
    char size[32];

    trend_ends(index, &first, &last);
    if (first == last) {
        layout_say(out, style, MSG_TREND_ONE, first->key[0]);
    } else if (rule && trend_change(index, rule, first, last, &change)) {
        layout_signed(change.hundredths < 0 ? -change.hundredths : change.hundredths, 2, false,
                      size);
        if (change.hundredths == 0)
            layout_say(out, style, MSG_TREND_SAME, first->key[0], last->key[0]);
        else
            layout_say(out, style, MSG_TREND, first->key[0], last->key[0],
                       change.hundredths > 0 ? "rose" : "fell", size, judged(&change));
    }
}

static bool any_beyond(const struct layout_index *index, const struct figure_rule *rule)
{
    const struct layout_index_row *before = NULL;

    for (const struct layout_index_row *row = index->first; row; before = row, row = row->next) {
        struct step step = step_of(index, rule, before, row);
        if (step.changed && step.change.beyond_chance)
            return true;
    }
    return false;
}

static void print_table(struct buf *out, const struct layout_index *index,
                        const struct figure_rule *rule, const struct layout_ask *ask,
                        const struct layout_style *style)
{
    static const char *const title[] = {"Period", "n", "Index", "95 % interval", "Grade", "Change"};
    const struct layout_index_row *before = NULL, *first, *last;
    struct layout_grid grid;

    layout_index_heading(out, MSG_TREND_TITLE, index, true, ask, style);
    trend_ends(index, &first, &last);
    if (!first) {
        (void)layout_index_nothing(out, index);
        layout_index_hidden(out, index, style);
        return;
    }
    layout_grid_init(&grid);
    for (unsigned i = 0; i <= CHANGE; i++)
        (void)layout_grid_column(&grid, title[i], i != PERIOD && i != GRADE, 0,
                                 i == INTERVAL ? 1 : 0);
    for (const struct layout_index_row *row = index->first; row; before = row, row = row->next) {
        struct step step = step_of(index, rule, before, row);
        add_step(&grid, &step);
    }
    layout_grid_print(out, &grid, style);
    layout_grid_release(&grid);
    if (any_beyond(index, rule))
        layout_fold(out, MSG_CHANGE_MARK, style->width);
    add_spark(out, index, style);
    add_sentence(out, index, rule, style);
    layout_index_hidden(out, index, style);
}

/* ---- for programs -------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
    return layout_json_text_or_null(text, strlen(text));
}

static json_t *json_change(bool there, const struct figure_change *change)
{
    return there ? layout_json_change(change->hundredths, change->known, change->low, change->high,
                                      change->beyond_chance, 2)
                 : json_null();
}

static json_t *json_step(const struct layout_index *index, const struct layout_ask *ask,
                         const struct step *step)
{
    const struct layout_index_row *row = step->row;
    bool known = layout_index_known(row);
    json_t *object = json_object();
    char text[64];

    layout_index_period(row, ask, text);
    object = layout_json_put(object, "office", text_or_null(row->office));
    object = layout_json_put(object, "period", text_or_null(text));
    object = layout_json_put(object, "n", json_integer((json_int_t)row->n));
    layout_signed(row->index, 2, false, text);
    object = layout_json_put(object, "index", known ? json_string(text) : json_null());
    object = layout_json_put(object, "interval",
                             known ? layout_json_interval(row->low, row->high) : json_null());
    object = layout_json_put(object, "grade", text_or_null(known ? row->grade : ""));
    object = layout_json_put(object, "quality", text_or_null(known ? row->quality : ""));
    object = layout_json_put(object, "instrument", text_or_null(index->instrument));
    object = layout_json_put(object, "method", text_or_null(index->method));
    object = layout_json_put(object, "hidden", json_boolean(row->hidden));
    object = layout_json_put(object, "change", json_change(step->changed, &step->change));
    return layout_json_put(object, "since_first", json_change(step->since, &step->since_first));
}

static void csv_change(struct buf *out, bool there, const struct figure_change *change)
{
    char value[32] = "", low[32] = "", high[32] = "";
    bool known = there && change->known;

    if (there)
        layout_signed(change->hundredths, 2, false, value);
    if (known) {
        layout_signed(change->low, 2, false, low);
        layout_signed(change->high, 2, false, high);
    }
    buf_printf(out, ",%s,%s,%s,%s", value, low, high,
               !known                  ? ""
               : change->beyond_chance ? "true"
                                       : "false");
}

static void csv_step(struct buf *out, const struct layout_index *index,
                     const struct layout_ask *ask, const struct step *step)
{
    const struct layout_index_row *row = step->row;
    bool known = layout_index_known(row), interval = known && row->high > 0;
    char period[64], figure[32] = "", low[32] = "", high[32] = "";

    layout_index_period(row, ask, period);
    layout_csv_field(out, row->office, strlen(row->office));
    buf_putc(out, ',');
    layout_csv_field(out, period, strlen(period));
    if (known)
        layout_signed(row->index, 2, false, figure);
    if (interval) {
        layout_signed(row->low, 2, false, low);
        layout_signed(row->high, 2, false, high);
    }
    buf_printf(out, ",%" PRIu64 ",%s,%s,%s,", row->n, figure, low, high);
    layout_csv_field(out, known ? row->grade : "", known ? strlen(row->grade) : 0);
    buf_putc(out, ',');
    layout_csv_field(out, index->method ? index->method : "",
                     index->method ? strlen(index->method) : 0);
    buf_printf(out, ",%s", row->hidden ? "true" : "false");
    csv_change(out, step->changed, &step->change);
    csv_change(out, step->since, &step->since_first);
    buf_putc(out, '\n');
}

void layout_trend_print(struct buf *out, const struct layout_index *index,
                        const struct figure_rule *rule, const struct layout_ask *ask,
                        const struct layout_style *style)
{
    const struct layout_index_row *before = NULL;
    json_t *array = style->format == LAYOUT_JSON ? json_array() : NULL;

    if (style->format == LAYOUT_TABLE) {
        print_table(out, index, rule, ask, style);
        return;
    }
    if (style->format == LAYOUT_CSV)
        buf_puts(out, "office,period,n,index,low,high,grade,method,hidden,"
                      "change,change_low,change_high,change_beyond_chance,"
                      "since_first,since_first_low,since_first_high,since_first_beyond_chance\n");
    for (const struct layout_index_row *row = index->first; row; before = row, row = row->next) {
        struct step step = step_of(index, rule, before, row);
        if (style->format == LAYOUT_CSV)
            csv_step(out, index, ask, &step);
        else
            array = layout_json_append(array, json_step(index, ask, &step));
    }
    if (style->format == LAYOUT_JSON)
        layout_json_print(out, array);
}
