#include "client/core/layout_index.h"

#include "client/core/message.h"
#include "common/buf.h"
#include "common/text.h"
#include <ctype.h>
#include <libsmartcols.h>

#define SEPARATOR 2u /* blanks between columns, see layout_scols */

/* ---- the line above the table -------------------------------------------------------------- */

static void add_day(struct buf *out, civil_day day)
{
    static const char *const month[12] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    unsigned m = day / 100 % 100;

    buf_printf(out, "%u %s %u", day % 100, month[m >= 1 && m <= 12 ? m - 1 : 0], day / 10000);
}

static void add_scope(struct buf *out, const struct layout_index *index,
                      const struct layout_ask *ask)
{
    const struct layout_index_row *row = index->first;

    if (strcmp(ask->by[0], "office") == 0) {
        buf_puts(out, "each office by itself");
    } else if (ask->by[0][0] && ask->office) {
        buf_puts(out, "office ");
        text_escape(out, ask->office, strlen(ask->office));
        buf_printf(out, ", by %s", ask->by[0]);
    } else if (ask->by[0][0]) {
        buf_printf(out, "pooled over all offices asked for, by %s", ask->by[0]);
    } else if (row && row->office[0]) {
        buf_puts(out, "office ");
        text_escape(out, row->office, strlen(row->office));
    } else if (row) {
        buf_printf(out, "pooled over %u %s", row->offices,
                   row->offices == 1 ? "office" : "offices");
    } else {
        buf_puts(out, "pooled");
    }
}

static void add_heading(struct buf *out, const struct layout_index *index,
                        const struct layout_ask *ask)
{
    const char *instrument = index->instrument ? index->instrument : "";
    const char *method = index->method ? index->method : "";

    buf_puts(out, MSG_INDEX ", ");
    text_escape(out, instrument, strlen(instrument));
    buf_puts(out, ", method ");
    text_escape(out, method, strlen(method));
    buf_puts(out, ", ");
    add_scope(out, index, ask);
    buf_puts(out, ", ");
    add_day(out, ask->from);
    buf_puts(out, " - ");
    add_day(out, ask->to);
    if (strcmp(ask->perspective, "all") == 0)
        buf_puts(out, ", recipients and providers apart\n");
    else
        buf_printf(out, ", %ss\n", ask->perspective);
}

/* ---- the columns --------------------------------------------------------------------------- */

enum column {
    COLUMN_KEY,
    COLUMN_LABEL,
    COLUMN_OFFICES,
    COLUMN_N,
    COLUMN_INDEX,
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
    switch (column) {
    case COLUMN_KEY:
        return strcmp(shape->ask->by[0], "office") == 0 ? row->office : row->key;
    case COLUMN_LABEL:
        return row->label;
    case COLUMN_OFFICES:
        snprintf(own, 32, "%u", row->offices);
        return own;
    case COLUMN_N:
        snprintf(own, 32, "%" PRIu64, row->n);
        return own;
    case COLUMN_INDEX:
        if (row->n == 0)
            return MSG_NO_RESPONSES;
        snprintf(own, 32, "%u.%02u", row->index / 100, row->index % 100);
        return own;
    case COLUMN_GRADE:
        return row->n > 0 ? row->grade : "";
    case COLUMN_QUALITY:
        return row->n > 0 ? row->quality : "";
    case COLUMN_COUNT:
        break;
    }
    return "";
}

static const char *title(enum column column, const struct shape *shape, char own[32])
{
    static const char *const fixed[COLUMN_COUNT] = {"",      "Name",  "Offices", "n",
                                                    "Index", "Grade", "Quality"};

    if (column != COLUMN_KEY)
        return fixed[column];
    snprintf(own, 32, "%.31s", shape->ask->by[0]);
    own[0] = (char)toupper((unsigned char)own[0]);
    return own;
}

/* A key that is its own label (a month, a year) is shown once. */
static void choose(struct shape *shape, const struct layout_index *index,
                   const struct layout_ask *ask)
{
    bool label = false;

    for (const struct layout_index_row *row = index->first; row && !label; row = row->next)
        label = row->label[0] != '\0' && strcmp(row->label, row->key) != 0 &&
                strcmp(row->label, row->office) != 0;
    *shape = (struct shape){.ask = ask, .elements = ask->by[0][0] != '\0'};
    for (int i = 0; i < COLUMN_COUNT; i++)
        shape->shown[i] = true;
    shape->shown[COLUMN_KEY] = ask->by[0][0] != '\0';
    shape->shown[COLUMN_LABEL] = ask->by[0][0] != '\0' && label;
    shape->shown[COLUMN_OFFICES] = strcmp(ask->by[0], "office") != 0;
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

static const char *grade_colour(const char *grade)
{
    static const char *const colour[4] = {"green", "cyan", "yellow", "red"};

    return grade[0] >= 'A' && grade[0] <= 'D' && grade[1] == '\0' ? colour[grade[0] - 'A'] : NULL;
}

static int add_columns(struct libscols_table *table, const struct layout_index *index,
                       const struct shape *shape)
{
    char own[32];

    for (int i = 0; i < COLUMN_COUNT; i++) {
        bool figure = i == COLUMN_OFFICES || i == COLUMN_N || i == COLUMN_INDEX;
        int flags = figure ? SCOLS_FL_RIGHT : i == COLUMN_LABEL ? SCOLS_FL_TRUNC : 0;

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
        if (row->n > 0 && (i == COLUMN_INDEX || i == COLUMN_GRADE))
            colour = grade_colour(row->grade);
        if (layout_scols_cell(line, column++, text, strlen(text), colour) < 0)
            return -1;
    }
    for (size_t i = 0; shape->elements && i < index->element_count; i++) {
        own[0] = '\0';
        if (row->n > 0)
            layout_mean(row->sum[i], row->n, own);
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
        layout_mean(row->sum[i], row->n, mean);
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

void layout_index_table(struct buf *out, const struct layout_index *index,
                        const struct layout_ask *ask, const struct layout_style *style)
{
    struct shape shape;
    bool narrow = false;

    add_heading(out, index, ask);
    if (index->count == 0) {
        buf_puts(out, MSG_NO_RESPONSES "\n");
        return;
    }
    choose(&shape, index, ask);
    if (shape.elements && style->width > 0 && width_of(index, &shape) > style->width) {
        shape.elements = false;
        narrow = true;
    }
    print_rows(out, index, &shape, style);
    if (narrow)
        buf_puts(out, MSG_ELEMENTS_WIDE "\n");
    if (!ask->by[0][0] && index->count == 1 && index->first->n > 0 && index->element_count > 0)
        print_elements(out, index, index->first, style);
}
