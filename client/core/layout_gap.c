#include "client/core/layout_gap.h"

#include "client/core/elements.h"
#include "client/core/layout_figure.h"
#include "client/core/layout_grid.h"
#include "client/core/layout_json.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/text.h"

#define NAME_LEAST  12u
#define GROUPS_MOST 20u /* rows of the table between groups */

struct sides {
    bool groups;
    const struct layout_index *index;
    const struct gap_list *list;
    const struct instrument *instrument;
};

static const char *code_of(const struct sides *sides, const struct gap_one *one)
{
    return sides->index->element[one->element];
}

static const char *name_of(const struct sides *sides, const struct gap_one *one)
{
    return elements_name(sides->instrument, code_of(sides, one));
}

static void mean_of(const struct figure_part *part, char out[32])
{
    out[0] = '\0';
    if (part->n > 0)
        figure_mean(part->sum, part->n, out);
}

/* ---- table --------------------------------------------------------------------------------- */

struct places {
    size_t group, n, code, name, a, b, gap, interval, mark;
};

static void add_columns(struct layout_grid *grid, const struct sides *sides, struct places *at)
{
    const char *a = sides->groups ? "Group" : "Provider";

    if (sides->groups) {
        at->group = layout_grid_column(grid, "Stakeholder", false, 0, 0);
        at->n = layout_grid_column(grid, "n", true, 0, 0);
    }
    at->code = layout_grid_column(grid, "Element", false, 0, 0);
    at->name = layout_grid_column(grid, "Name", false, NAME_LEAST, sides->instrument ? 3 : 99);
    at->a = layout_grid_column(grid, a, true, 0, 0);
    at->b = layout_grid_column(grid, sides->groups ? "Others" : "Recipient", true, 0, 0);
    at->gap = layout_grid_column(grid, "Gap", true, 0, 0);
    at->interval = layout_grid_column(grid, "95 % interval", true, 0, 2);
}

static void add_gap(struct layout_grid *grid, const struct sides *sides, const struct places *at,
                    const struct gap_one *one)
{
    char text[32], high[32];

    layout_grid_row(grid);
    if (sides->groups) {
        layout_grid_put(grid, at->group, NULL, "%s", one->group->key[0]);
        layout_grid_put(grid, at->n, NULL, "%" PRIu64, one->a.n);
    }
    layout_grid_put(grid, at->code, NULL, "%s", code_of(sides, one));
    layout_grid_put(grid, at->name, NULL, "%s", name_of(sides, one));
    mean_of(&one->a, text);
    layout_grid_put(grid, at->a, NULL, "%s", text);
    mean_of(&one->b, text);
    layout_grid_put(grid, at->b, NULL, "%s", text);
    layout_signed(one->gap.thousandths, 3, true, text);
    layout_grid_put(grid, at->gap, one->gap.beyond_chance ? "yellow" : NULL, "%s%s", text,
                    one->gap.beyond_chance ? "*" : " ");
    if (one->gap.known) {
        layout_signed(one->gap.low, 3, true, text);
        layout_signed(one->gap.high, 3, true, high);
        layout_grid_put(grid, at->interval, NULL, "%s .. %s", text, high);
    }
}

static const char *judged(const struct figure_gap *gap)
{
    if (!gap->known)
        return MSG_GAP_UNKNOWN;
    return gap->beyond_chance ? "" : MSG_GAP_CHANCE;
}

static void add_sentence(struct buf *out, const struct sides *sides,
                         const struct layout_style *style)
{
    const struct gap_one *one = &sides->list->one[0];
    const char *name = name_of(sides, one);
    bool more = one->gap.thousandths > 0;
    const char *blank = name[0] ? " " : "";
    char size[32];

    layout_size(one->gap.thousandths, 3, size);
    if (one->gap.thousandths == 0)
        layout_say(out, style, MSG_GAP_NONE);
    else if (sides->groups)
        layout_say(out, style, MSG_GAP_GROUP, one->group->key[0], code_of(sides, one), blank, name,
                   size, more ? "higher" : "lower", judged(&one->gap));
    else
        layout_say(out, style, MSG_GAP, more ? "office" : "public", code_of(sides, one), blank,
                   name, size, more ? "public" : "office", judged(&one->gap));
}

/* What can't be compared, or NULL. */
static const char *nothing_to_compare(const struct sides *sides)
{
    const struct gap_list *list = sides->list;

    if (sides->groups)
        return list->count > 0 ? NULL : MSG_GAP_ONE_GROUP;
    if (list->count == 0 || (list->one[0].a.n == 0 && list->one[0].b.n == 0))
        return MSG_NO_RESPONSES;
    if (list->one[0].a.n == 0)
        return MSG_GAP_NO_PROVIDER;
    return list->one[0].b.n == 0 ? MSG_GAP_NO_RECIPIENT : NULL;
}

static bool any_responses(const struct layout_index *index)
{
    for (const struct layout_index_row *row = index->first; row; row = row->next)
        if (row->n > 0)
            return true;
    return false;
}

static void print_rows(struct buf *out, const struct sides *sides, const struct layout_style *style)
{
    size_t shown = sides->list->count, marks = 0;
    struct layout_grid grid;
    struct places at = {0};

    if (sides->groups && shown > GROUPS_MOST)
        shown = GROUPS_MOST;
    layout_grid_init(&grid);
    add_columns(&grid, sides, &at);
    for (size_t i = 0; i < shown; i++) {
        add_gap(&grid, sides, &at, &sides->list->one[i]);
        marks += sides->list->one[i].gap.beyond_chance;
    }
    layout_grid_print(out, &grid, style);
    layout_grid_release(&grid);
    if (shown < sides->list->count)
        layout_say(out, style, MSG_GAP_MORE, (uint64_t)(sides->list->count - shown));
    if (marks > 0)
        layout_fold(out, MSG_GAP_MARK, style->width);
}

static void print_table(struct buf *out, const struct sides *sides, const struct layout_ask *ask,
                        const struct layout_style *style)
{
    const struct gap_list *list = sides->list;
    struct layout_ask bare = *ask;
    const char *nothing = nothing_to_compare(sides);

    bare.by[0] = sides->groups ? ask->by[0] : "";
    layout_index_heading(out, sides->groups ? MSG_GAP_GROUPS : MSG_GAP_TITLE, sides->index, false,
                         &bare, style);
    if (nothing) {
        layout_fold(out, any_responses(sides->index) ? nothing : MSG_NO_RESPONSES, style->width);
        return;
    }
    if (!sides->groups) {
        layout_say(out, style, MSG_GAP_N, list->one[0].a.n,
                   list->one[0].a.n == 1 ? "provider" : "providers", list->one[0].b.n,
                   list->one[0].b.n == 1 ? "recipient" : "recipients");
    }
    print_rows(out, sides, style);
    add_sentence(out, sides, style);
}

/* ---- for programs -------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
    return layout_json_text_or_null(text, strlen(text));
}

static json_t *json_part(const struct figure_part *part)
{
    char mean[32];

    mean_of(part, mean);
    return layout_json_put(layout_json_put(json_object(), "n", json_integer((json_int_t)part->n)),
                           "mean", text_or_null(mean));
}

static json_t *json_gap(const struct sides *sides, const struct gap_one *one)
{
    json_t *object = json_object();
    const struct figure_gap *gap = &one->gap;

    object = layout_json_put(object, "stakeholder",
                             one->group ? text_or_null(one->group->key[0]) : json_null());
    object = layout_json_put(object, "element", text_or_null(code_of(sides, one)));
    object = layout_json_put(object, "name", text_or_null(name_of(sides, one)));
    object = layout_json_put(object, sides->groups ? "group" : "provider", json_part(&one->a));
    object = layout_json_put(object, sides->groups ? "others" : "recipient", json_part(&one->b));
    return layout_json_put(object, "gap",
                           one->known ? layout_json_change(gap->thousandths, gap->known, gap->low,
                                                           gap->high, gap->beyond_chance, 3)
                                      : json_null());
}

static void csv_gap(struct buf *out, const struct sides *sides, const struct gap_one *one)
{
    const struct figure_gap *gap = &one->gap;
    char a[32], b[32], value[32] = "", low[32] = "", high[32] = "";

    mean_of(&one->a, a);
    mean_of(&one->b, b);
    if (one->known)
        layout_signed(gap->thousandths, 3, false, value);
    if (gap->known) {
        layout_signed(gap->low, 3, false, low);
        layout_signed(gap->high, 3, false, high);
    }
    if (sides->groups) {
        layout_csv_field(out, one->group->key[0], strlen(one->group->key[0]));
        buf_putc(out, ',');
    }
    layout_csv_field(out, code_of(sides, one), strlen(code_of(sides, one)));
    buf_putc(out, ',');
    layout_csv_field(out, name_of(sides, one), strlen(name_of(sides, one)));
    buf_printf(out, ",%" PRIu64 ",%s,%" PRIu64 ",%s,%s,%s,%s,%s\n", one->a.n, a, one->b.n, b, value,
               low, high,
               !gap->known          ? ""
               : gap->beyond_chance ? "true"
                                    : "false");
}

static void print_csv(struct buf *out, const struct sides *sides)
{
    buf_puts(out, sides->groups ? "stakeholder,element,name,group_n,group_mean,others_n,others_mean"
                                : "element,name,provider_n,provider_mean,recipient_n,"
                                  "recipient_mean");
    buf_puts(out, ",gap,low,high,beyond_chance\n");
    for (size_t i = 0; i < sides->list->count; i++)
        csv_gap(out, sides, &sides->list->one[i]);
}

static void print_json(struct buf *out, const struct sides *sides)
{
    json_t *array = json_array();

    for (size_t i = 0; i < sides->list->count; i++)
        array = layout_json_append(array, json_gap(sides, &sides->list->one[i]));
    layout_json_print(out, array);
}

void layout_gap_print(struct buf *out, const struct layout_index *index,
                      const struct gap_list *list, const struct instrument *instrument,
                      const struct layout_ask *ask, const struct layout_style *style)
{
    const struct sides sides = {strcmp(ask->by[0], "stakeholder") == 0, index, list, instrument};

    switch (style->format) {
    case LAYOUT_TABLE:
        print_table(out, &sides, ask, style);
        break;
    case LAYOUT_CSV:
        print_csv(out, &sides);
        break;
    case LAYOUT_JSON:
        print_json(out, &sides);
        break;
    }
}
