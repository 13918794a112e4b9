#include "client/core/layout_index.h"

#include "client/core/layout_figure.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/figure.h"
#include "common/text.h"
#include <ctype.h>
#include <libsmartcols.h>

#define SEPARATOR 2u /* blanks between columns, see layout_scols */

/* ---- the columns --------------------------------------------------------------------------- */

enum column {
    COLUMN_KEY, /* of the first axis, and its label; then those of the second */
    COLUMN_LABEL,
    COLUMN_KEY2,
    COLUMN_LABEL2,
    COLUMN_OFFICE,
    COLUMN_OFFICES,
    COLUMN_N,
    COLUMN_INDEX,
    COLUMN_INTERVAL,
    COLUMN_GRADE,
    COLUMN_QUALITY,
    COLUMN_COUNT
};

struct shape {
    bool shown[COLUMN_COUNT];
    bool elements;
    const struct layout_ask *ask;
};

/* The text of a cell, in `own` when it has to be made. */
static const char *cell(const struct layout_index_row *row, enum column column,
                        const struct shape *shape, char own[32])
{
    bool known = layout_index_known(row);

    switch (column) {
    case COLUMN_KEY:
    case COLUMN_KEY2:
        return layout_index_key(row, shape->ask, column == COLUMN_KEY2);
    case COLUMN_LABEL:
    case COLUMN_LABEL2:
        return row->label[column == COLUMN_LABEL2];
    case COLUMN_OFFICE:
        return row->office;
    case COLUMN_OFFICES:
        snprintf(own, 32, "%u", row->offices);
        return row->hidden ? "" : own;
    case COLUMN_N:
        snprintf(own, 32, "%" PRIu64, row->n);
        return own;
    case COLUMN_INDEX:
        if (row->n == 0)
            return MSG_NO_RESPONSES;
        snprintf(own, 32, "%u.%02u", row->index / 100, row->index % 100);
        return known ? own : "";
    case COLUMN_INTERVAL:
        snprintf(own, 32, "%u.%02u - %u.%02u", row->low / 100, row->low % 100, row->high / 100,
                 row->high % 100);
        return known && row->high > 0 ? own : "";
    case COLUMN_GRADE:
        return known ? row->grade : "";
    case COLUMN_QUALITY:
        return known ? row->quality : "";
    case COLUMN_COUNT:
        break;
    }
    return "";
}

static const char *title(enum column column, const struct shape *shape, char own[32])
{
    static const char *const fixed[COLUMN_COUNT] = {
        "",      "Name",          "",      "Name",   "Office", "Offices", "n",
        "Index", "95 % interval", "Grade", "Quality"};

    if (column != COLUMN_KEY && column != COLUMN_KEY2)
        return fixed[column];
    snprintf(own, 32, "%.31s", shape->ask->by[column == COLUMN_KEY2]);
    own[0] = (char)toupper((unsigned char)own[0]);
    return own;
}

/* A key that is its own label (a month, a year) is shown once. */
static bool has_labels(const struct layout_index *index, size_t axis)
{
    for (const struct layout_index_row *row = index->first; row; row = row->next)
        if (row->label[axis][0] && strcmp(row->label[axis], row->key[axis]) != 0 &&
            strcmp(row->label[axis], row->office) != 0)
            return true;
    return false;
}

static bool has_axis(const struct layout_ask *ask, const char *axis)
{
    return strcmp(ask->by[0], axis) == 0 || strcmp(ask->by[1], axis) == 0;
}

static void choose(struct shape *shape, const struct layout_index *index,
                   const struct layout_ask *ask)
{
    bool each = has_axis(ask, "office") || has_axis(ask, "service"), several = false;

    for (const struct layout_index_row *row = index->first; row && !several; row = row->next)
        several = strcmp(row->office, index->first->office) != 0;
    *shape = (struct shape){.ask = ask, .elements = ask->by[0][0] != '\0'};
    for (int i = 0; i < COLUMN_COUNT; i++)
        shape->shown[i] = true;
    shape->shown[COLUMN_KEY] = ask->by[0][0] != '\0';
    shape->shown[COLUMN_KEY2] = ask->by[1][0] != '\0';
    shape->shown[COLUMN_LABEL] = ask->by[0][0] && has_labels(index, 0);
    shape->shown[COLUMN_LABEL2] = ask->by[1][0] && has_labels(index, 1);
    shape->shown[COLUMN_OFFICE] = several && has_axis(ask, "service") && !has_axis(ask, "office");
    shape->shown[COLUMN_OFFICES] = !each;
}

static size_t width_of(const struct layout_index *index, const struct shape *shape)
{
    char own[32];
    size_t all = 0;

    for (int i = 0; i < COLUMN_COUNT; i++) {
        const char *text = title((enum column)i, shape, own);
        size_t widest = text_width(text, strlen(text));

        if (!shape->shown[i])
            continue;
        for (const struct layout_index_row *row = index->first; row; row = row->next) {
            text = cell(row, (enum column)i, shape, own);
            if (text_width(text, strlen(text)) > widest)
                widest = text_width(text, strlen(text));
        }
        all += widest + SEPARATOR;
    }
    if (shape->elements)
        all += index->element_count * (strlen("3.480") + SEPARATOR);
    return all;
}

/* ---- the rows ------------------------------------------------------------------------------ */

static int add_columns(struct libscols_table *table, const struct layout_index *index,
                       const struct shape *shape)
{
    char own[32];

    for (int i = 0; i < COLUMN_COUNT; i++) {
        bool label = i == COLUMN_LABEL || i == COLUMN_LABEL2;
        bool figure = i >= COLUMN_OFFICES && i <= COLUMN_INTERVAL;
        int flags = figure ? SCOLS_FL_RIGHT : label ? SCOLS_FL_TRUNC : 0;

        if (shape->shown[i] &&
            !scols_table_new_column(table, title((enum column)i, shape, own), 0, flags))
            return -1;
    }
    for (size_t i = 0; shape->elements && i < index->element_count; i++) {
        struct buf name = {0};

        text_escape(&name, index->element[i], strlen(index->element[i]));
        bool ok = name.data && scols_table_new_column(table, name.data, 0, SCOLS_FL_RIGHT);
        buf_release(&name);
        if (!ok)
            return -1;
    }
    return 0;
}

static int add_row(struct libscols_table *table, const struct layout_index *index,
                   const struct layout_index_row *row, const struct shape *shape)
{
    char own[32];
    size_t column = 0;
    struct libscols_line *line = scols_table_new_line(table, NULL);

    if (!line)
        return -1;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        const char *text = cell(row, (enum column)i, shape, own), *colour = NULL;

        if (!shape->shown[i])
            continue;
        if (layout_index_known(row) && (i == COLUMN_INDEX || i == COLUMN_GRADE))
            colour = layout_grade_colour(row->grade);
        if (layout_scols_cell(line, column++, text, strlen(text), colour) < 0)
            return -1;
    }
    for (size_t i = 0; shape->elements && i < index->element_count; i++) {
        own[0] = '\0';
        if (row->sum)
            figure_mean(row->sum[i], row->n, own);
        if (layout_scols_cell(line, column++, own, strlen(own), NULL) < 0)
            return -1;
    }
    return 0;
}

static void print_rows(struct buf *out, const struct layout_index *index, const struct shape *shape,
                       const struct layout_style *style)
{
    struct libscols_table *table = layout_scols(style);
    bool ok = table && add_columns(table, index, shape) == 0;

    for (const struct layout_index_row *row = index->first; ok && row; row = row->next)
        ok = add_row(table, index, row, shape) == 0;
    if (ok)
        layout_scols_print(out, table);
    else
        out->failed = true;
    scols_unref_table(table);
}

/* A report of one row has room for its elements, one below the other. */
static void print_elements(struct buf *out, const struct layout_index *index,
                           const struct layout_index_row *row, const struct layout_style *style)
{
    struct libscols_table *table = layout_scols(style);
    bool ok = table && scols_table_new_column(table, "Element", 0, 0) &&
              scols_table_new_column(table, "n", 0, SCOLS_FL_RIGHT) &&
              scols_table_new_column(table, "Sum", 0, SCOLS_FL_RIGHT) &&
              scols_table_new_column(table, "Mean", 0, SCOLS_FL_RIGHT);

    for (size_t i = 0; ok && i < index->element_count; i++) {
        char n[32], sum[32], mean[32];
        struct libscols_line *line = scols_table_new_line(table, NULL);
        const char *code = index->element[i];

        snprintf(n, sizeof n, "%" PRIu64, row->n);
        snprintf(sum, sizeof sum, "%" PRIu64, row->sum[i]);
        figure_mean(row->sum[i], row->n, mean);
        ok = line && layout_scols_cell(line, 0, code, strlen(code), NULL) == 0 &&
             layout_scols_cell(line, 1, n, strlen(n), NULL) == 0 &&
             layout_scols_cell(line, 2, sum, strlen(sum), NULL) == 0 &&
             layout_scols_cell(line, 3, mean, strlen(mean), NULL) == 0;
    }
    buf_putc(out, '\n');
    if (ok)
        layout_scols_print(out, table);
    else
        out->failed = true;
    scols_unref_table(table);
}

/* What does not fit is left out, from the least needed on; true when it was the elements. */
static bool fit(struct shape *shape, const struct layout_index *index, size_t width)
{
    static const enum column spare[] = {COLUMN_QUALITY, COLUMN_LABEL2, COLUMN_OFFICES};
    bool elements = shape->elements;

    if (width == 0)
        return false;
    if (elements && width_of(index, shape) > width)
        shape->elements = false;
    for (size_t i = 0; i < sizeof spare / sizeof *spare && width_of(index, shape) > width; i++)
        shape->shown[spare[i]] = false;
    return elements && !shape->elements;
}

void layout_index_table(struct buf *out, const struct layout_index *index,
                        const struct layout_ask *ask, const struct layout_style *style)
{
    struct shape shape;

    layout_index_heading(out, MSG_INDEX, index, true, ask, style);
    if (index->count == 0) {
        buf_puts(out, MSG_NO_RESPONSES "\n");
        return;
    }
    choose(&shape, index, ask);
    bool narrow = fit(&shape, index, style->width);
    print_rows(out, index, &shape, style);
    layout_index_hidden(out, index, style);
    if (narrow)
        layout_fold(out, MSG_ELEMENTS_WIDE, style->width);
    if (!ask->by[0][0] && index->count == 1 && index->first->sum && index->element_count > 0)
        print_elements(out, index, index->first, style);
}
