#include "client/core/layout_elements.h"

#include "client/core/layout_figure.h"
#include "client/core/layout_grid.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/instrument.h"

#define NAME_LEAST   12u /* columns that a name keeps */
#define PERIOD_WIDTH 18u /* of two columns: "2019-Q1" or "3.245", and "+0.125*" */
#define COUNTS_MOST  10u /* a scale with more ratings is not counted out in the table */

const struct layout_index_row *layout_elements_before(const struct layout_index *index,
                                                      const struct layout_index_row *row)
{
    const struct layout_index_row *before = NULL;

    for (const struct layout_index_row *at = index->first; at && at != row; at = at->next)
        before = at;
    return before && layout_index_known(before) ? before : NULL;
}

static const struct layout_index_row *first_known(const struct layout_index *index)
{
    const struct layout_index_row *row = index->first;

    while (row && !layout_index_known(row))
        row = row->next;
    return row;
}

/* ---- one period ---------------------------------------------------------------------------- */

struct places {
    size_t code, name, n, count, sum, mean, weighted, rank, mark;
    unsigned counts;
};

static void add_columns(struct layout_grid *grid, const struct layout_index *index,
                        const struct elements_one *one, struct places *at)
{
    bool counted = one[0].spread && index->scale <= COUNTS_MOST;

    at->code = layout_grid_column(grid, "Element", false, 0, 0);
    at->name = layout_grid_column(grid, "Name", false, NAME_LEAST, one[0].name[0] ? 2 : 99);
    at->n = layout_grid_column(grid, "n", true, 0, 0);
    at->counts = counted ? index->scale : 0;
    at->count = grid->columns;
    for (unsigned rating = 1; rating <= at->counts; rating++) {
        char title[16];
        snprintf(title, sizeof title, "%u", rating);
        (void)layout_grid_column(grid, title, true, 0, 3);
    }
    at->sum = layout_grid_column(grid, "Sum", true, 0, 5);
    at->mean = layout_grid_column(grid, "NRR", true, 0, 0);
    at->weighted = layout_grid_column(grid, "Weighted", true, 0, 4);
    at->rank = layout_grid_column(grid, "Rank", true, 0, 0);
    at->mark = layout_grid_column(grid, "", false, 0, 1);
}

static void add_element(struct layout_grid *grid, const struct elements_one *one,
                        const struct places *at)
{
    const char *colour = one->strongest ? "green" : one->weakest ? "red" : NULL;

    layout_grid_row(grid);
    layout_grid_put(grid, at->code, NULL, "%s", one->code);
    layout_grid_put(grid, at->name, NULL, "%s", one->name);
    layout_grid_put(grid, at->n, NULL, "%" PRIu64, one->n);
    for (unsigned i = 0; i < at->counts; i++)
        layout_grid_put(grid, at->count + i, NULL, "%" PRIu64, one->spread[i]);
    layout_grid_put(grid, at->sum, NULL, "%" PRIu64, one->sum);
    layout_grid_put(grid, at->mean, colour, "%s", one->mean);
    layout_grid_put(grid, at->weighted, NULL, "%s", one->weighted);
    layout_grid_put(grid, at->rank, NULL, "%u", one->rank);
    layout_grid_put(grid, at->mark, colour, "%s",
                    one->strongest ? MSG_STRONGEST
                    : one->weakest ? MSG_WEAKEST
                                   : "");
}

static void print_one(struct buf *out, const struct layout_index *index,
                      const struct instrument *instrument, const struct layout_index_row *row,
                      const struct layout_style *style)
{
    struct elements_one one[INSTRUMENT_ELEMENTS_MAX];
    struct layout_grid grid;
    struct places at;

    elements_of(index, instrument, NULL, row, one);
    layout_grid_init(&grid);
    add_columns(&grid, index, one, &at);
    for (size_t i = 0; i < index->element_count; i++)
        add_element(&grid, &one[i], &at);
    layout_grid_print(out, &grid, style);
    layout_grid_release(&grid);
}

/* ---- several periods side by side ---------------------------------------------------------- */

#define PERIODS_MOST ((LAYOUT_GRID_COLUMNS - 2) / 2) /* of one table */

/* A period in a table: its row, the one it is compared with, and the place of its column. */
struct period_column {
    const struct layout_index_row *row, *before;
    size_t at;
};

static size_t add_periods(struct layout_grid *grid, const struct layout_index *index,
                          const struct layout_index_row *first, size_t most,
                          struct period_column *out)
{
    size_t count = 0;

    for (const struct layout_index_row *row = first; row && count < most; row = row->next) {
        if (!layout_index_known(row))
            continue;
        out[count] = (struct period_column){row, layout_elements_before(index, row), 0};
        out[count].at = layout_grid_column(grid, row->key[0], true, 0, 0);
        if (out[count].before)
            (void)layout_grid_column(grid, "change", true, 0, 0);
        count++;
    }
    return count;
}

static void put_period(struct layout_grid *grid, size_t at, const struct elements_one *one)
{
    char change[32];

    layout_grid_put(grid, at, NULL, "%s", one->mean);
    if (!one->compared)
        return;
    layout_signed(one->change.thousandths, 3, true, change);
    layout_grid_put(grid, at + 1,
                    layout_change_colour(one->change.thousandths, one->change.beyond_chance),
                    "%s%s", change, one->change.beyond_chance ? "*" : " ");
}

/* A table of at most `most` periods from `first` on. True when a change is marked. */
static bool print_part(struct buf *out, const struct layout_index *index,
                       const struct instrument *instrument, const struct layout_index_row *first,
                       size_t most, const struct layout_style *style)
{
    struct elements_one one[INSTRUMENT_ELEMENTS_MAX];
    struct period_column period[PERIODS_MOST];
    struct layout_grid grid;
    bool marked = false;

    layout_grid_init(&grid);
    (void)layout_grid_column(&grid, "Element", false, 0, 0);
    (void)layout_grid_column(&grid, "Name", false, NAME_LEAST, instrument ? 1 : 99);
    size_t count = add_periods(&grid, index, first, most, period);
    layout_grid_row(&grid);
    layout_grid_put(&grid, 0, NULL, "n");
    for (size_t k = 0; k < count; k++)
        layout_grid_put(&grid, period[k].at, NULL, "%" PRIu64, period[k].row->n);
    for (size_t i = 0; i < index->element_count; i++) {
        layout_grid_row(&grid);
        layout_grid_put(&grid, 0, NULL, "%s", index->element[i]);
        layout_grid_put(&grid, 1, NULL, "%s", elements_name(instrument, index->element[i]));
        for (size_t k = 0; k < count; k++) {
            elements_of(index, instrument, period[k].before, period[k].row, one);
            put_period(&grid, period[k].at, &one[i]);
            marked = marked || one[i].change.beyond_chance;
        }
    }
    layout_grid_print(out, &grid, style);
    layout_grid_release(&grid);
    return marked;
}

/* Periods that nobody answered in have no column; they are named. */
static void name_empty(struct buf *out, const struct layout_index *index,
                       const struct layout_style *style)
{
    struct buf list = {0};

    for (const struct layout_index_row *row = index->first; row; row = row->next)
        if (row->n == 0)
            buf_printf(&list, "%s%s", list.len > 0 ? ", " : "", row->key[0]);
    if (list.len > 0)
        layout_say(out, style, MSG_EMPTY_PERIODS, list.data);
    buf_done(&list, out);
}

static void print_periods(struct buf *out, const struct layout_index *index,
                          const struct instrument *instrument, const struct layout_style *style)
{
    size_t most = PERIODS_MOST, taken = 0;
    bool marked = false;
    size_t names = strlen("Element") + NAME_LEAST + 2 * LAYOUT_GRID_GAP;

    if (style->width > 0 && style->width < names + most * PERIOD_WIDTH)
        most = style->width > names + PERIOD_WIDTH ? (style->width - names) / PERIOD_WIDTH : 1;
    for (const struct layout_index_row *row = index->first; row; row = row->next) {
        if (!layout_index_known(row))
            continue;
        if (taken % most == 0) {
            buf_puts(out, taken > 0 ? "\n" : "");
            marked = print_part(out, index, instrument, row, most, style) || marked;
        }
        taken++;
    }
    if (marked)
        layout_fold(out, MSG_CHANGE_MARK, style->width);
    name_empty(out, index, style);
}

/* ---- the report ---------------------------------------------------------------------------- */

static void print_table(struct buf *out, const struct layout_index *index,
                        const struct instrument *instrument, const struct layout_ask *ask,
                        const struct layout_style *style)
{
    const struct layout_index_row *known = first_known(index);

    layout_index_heading(out, MSG_ELEMENTS, index, true, ask, style);
    if (!known)
        (void)layout_index_nothing(out, index);
    else if (ask->by[0][0])
        print_periods(out, index, instrument, style);
    else
        print_one(out, index, instrument, known, style);
    layout_index_hidden(out, index, style);
}

void layout_elements_print(struct buf *out, const struct layout_index *index,
                           const struct instrument *instrument, const struct layout_ask *ask,
                           const struct layout_style *style)
{
    switch (style->format) {
    case LAYOUT_TABLE:
        print_table(out, index, instrument, ask, style);
        break;
    case LAYOUT_CSV:
        layout_elements_csv(out, index, instrument, ask);
        break;
    case LAYOUT_JSON:
        layout_elements_json(out, index, instrument, ask);
        break;
    }
}
