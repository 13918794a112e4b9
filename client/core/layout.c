#include "client/core/layout.h"

#include "client/core/layout_json.h"
#include "client/core/layout_stream.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include "common/wire.h"
#include <libsmartcols.h>

void layout_rows_init(struct layout_rows *rows)
{
    *rows = (struct layout_rows){0};
    arena_init(&rows->arena, LAYOUT_MEMORY_MAX);
}

void layout_rows_release(struct layout_rows *rows)
{
    arena_release(&rows->arena);
    rows->columns = NULL;
    rows->first = rows->last = NULL;
    rows->column_count = rows->count = 0;
}

static int too_large(struct error *err)
{
    return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
}

int layout_rows_head(struct layout_rows *rows, const struct layout_column *columns, size_t count,
                     struct error *err)
{
    struct layout_column *copy = NULL;

    if (count <= LAYOUT_MEMORY_MAX / sizeof *copy)
        copy = arena_alloc(&rows->arena, (count + 1) * sizeof *copy);
    if (!copy)
        return too_large(err);
    for (size_t i = 0; i < count; i++) {
        copy[i].number = columns[i].number;
        copy[i].name = arena_strndup(&rows->arena, columns[i].name, strlen(columns[i].name));
        if (!copy[i].name)
            return too_large(err);
    }
    rows->columns = copy;
    rows->column_count = count;
    return 0;
}

int layout_rows_add(struct layout_rows *rows, const ProtobufCBinaryData *cells, size_t count,
                    struct error *err)
{
    if (count > rows->column_count)
        return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);

    struct layout_row *row = arena_alloc(&rows->arena, sizeof *row);
    ProtobufCBinaryData *copy =
        arena_alloc(&rows->arena, (rows->column_count + 1) * sizeof(ProtobufCBinaryData));
    if (!row || !copy)
        return too_large(err);
    for (size_t i = 0; i < rows->column_count; i++) {
        copy[i] = (ProtobufCBinaryData){0, NULL};
        if (i >= count || cells[i].len == 0)
            continue;
        copy[i].data = (uint8_t *)arena_strndup(&rows->arena, cells[i].data, cells[i].len);
        if (!copy[i].data)
            return too_large(err);
        copy[i].len = cells[i].len;
    }
    *row = (struct layout_row){NULL, copy};
    if (rows->last)
        rows->last->next = row;
    else
        rows->first = row;
    rows->last = row;
    rows->count++;
    return 0;
}

/* The header of a daemon's table as columns: all text. */
static int take_head(struct layout_rows *rows, const Suara__V1__Table *table, struct error *err)
{
    struct layout_column *columns = arena_alloc(&rows->arena, table->n_column * sizeof *columns);

    if (!columns)
        return too_large(err);
    for (size_t i = 0; i < table->n_column; i++) {
        char *name =
            arena_strndup(&rows->arena, table->column[i].data ? (char *)table->column[i].data : "",
                          table->column[i].len);
        if (!name)
            return too_large(err);
        if (!text_is_utf8(name, strlen(name))) /* a key of JSON */
            return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);
        columns[i] = (struct layout_column){name, false};
    }
    return layout_rows_head(rows, columns, table->n_column, err);
}

int layout_rows_take(struct layout_rows *rows, const Suara__V1__Table *table, struct error *err)
{
    if (!rows->columns && table->n_column > 0 && take_head(rows, table, err) < 0)
        return -1;
    if (!rows->columns && table->n_row > 0) /* whoever asked looks into the cells of a row */
        return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);
    for (size_t i = 0; i < table->n_row; i++)
        if (layout_rows_add(rows, table->row[i]->cell, table->row[i]->n_cell, err) < 0)
            return -1;
    return 0;
}

/* ---- tables: libsmartcols ------------------------------------------------------------------ */

struct libscols_table *layout_scols(const struct layout_style *style)
{
    struct libscols_table *table = scols_new_table();

    if (!table || scols_table_set_column_separator(table, "  ") != 0) {
        scols_unref_table(table);
        return NULL;
    }
    /* Cells are escaped by us; its own escaping would escape the backslashes again. */
    scols_table_enable_noencoding(table, 1);
    if (style->width > 0) {
        scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
        scols_table_set_termwidth(table, style->width);
    } else {
        scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
    }
    scols_table_enable_colors(table, style->colour);
    return table;
}

int layout_scols_cell(void *line, size_t column, const void *data, size_t size, const char *colour)
{
    struct buf text = {0};
    int rc = -1;

    text_escape(&text, data, size);
    if (!text.failed && scols_line_set_data(line, column, buf_text(&text)) == 0) {
        rc = colour ? scols_cell_set_color(scols_line_get_cell(line, column), colour) : 0;
    }
    buf_release(&text);
    return rc;
}

/* Takes the blanks off the ends of lines: the last column is padded on a terminal. */
static void add_trimmed(struct buf *out, const char *text)
{
    while (*text) {
        size_t line = strcspn(text, "\n"), keep = line;

        while (keep > 0 && text[keep - 1] == ' ')
            keep--;
        buf_add(out, text, keep);
        buf_putc(out, '\n');
        text += line + (text[line] == '\n');
    }
}

void layout_scols_print(struct buf *out, struct libscols_table *table)
{
    char *text = NULL;

    if (scols_print_table_to_string(table, &text) < 0 || !text)
        out->failed = true;
    else
        add_trimmed(out, text);
    free(text);
}

/* A column that says nothing in any row only takes room from the others. */
static bool says_nothing(const struct layout_rows *rows, size_t column)
{
    for (const struct layout_row *row = rows->first; row; row = row->next)
        if (row->cell[column].len > 0)
            return false;
    return true;
}

static int fill_table(struct libscols_table *table, const struct layout_rows *rows)
{
    for (size_t i = 0; i < rows->column_count; i++) {
        struct buf name = {0};
        int flags = (rows->columns[i].number ? SCOLS_FL_RIGHT : 0) |
                    (says_nothing(rows, i) ? SCOLS_FL_HIDDEN : 0);

        text_escape(&name, rows->columns[i].name, strlen(rows->columns[i].name));
        bool ok = !name.failed && scols_table_new_column(table, buf_text(&name), 0, flags) != NULL;
        buf_release(&name);
        if (!ok)
            return -1;
    }
    for (const struct layout_row *row = rows->first; row; row = row->next) {
        struct libscols_line *line = scols_table_new_line(table, NULL);

        if (!line)
            return -1;
        for (size_t i = 0; i < rows->column_count; i++)
            if (layout_scols_cell(line, i, row->cell[i].data, row->cell[i].len, NULL) < 0)
                return -1;
    }
    return 0;
}

static void print_table(struct buf *out, const struct layout_rows *rows,
                        const struct layout_style *style)
{
    if (rows->count == 0) {
        buf_puts(out, MSG_NO_ROWS "\n");
        return;
    }

    struct libscols_table *table = layout_scols(style);
    if (!table || fill_table(table, rows) < 0)
        out->failed = true;
    else
        layout_scols_print(out, table);
    scols_unref_table(table);
}

/* ---- CSV ----------------------------------------------------------------------------------- */

static void print_csv(struct buf *out, const struct layout_rows *rows)
{
    struct layout_stream stream = {
        .format = LAYOUT_CSV, .columns = rows->columns, .column_count = rows->column_count};

    for (const struct layout_row *row = rows->first; row; row = row->next)
        layout_stream_row(&stream, row->cell, out);
    layout_stream_end(&stream, out);
}

void layout_rows_print(struct buf *out, const struct layout_rows *rows,
                       const struct layout_style *style)
{
    switch (style->format) {
    case LAYOUT_TABLE:
        print_table(out, rows, style);
        break;
    case LAYOUT_CSV:
        print_csv(out, rows);
        break;
    case LAYOUT_JSON:
        layout_json_print(out, layout_json_rows(rows));
        break;
    }
}

/* ---- facts --------------------------------------------------------------------------------- */

static void print_fact(struct buf *out, const struct layout_fact *fact, size_t width)
{
    if (fact->absent || (fact->kind == FACT_TEXT && !fact->text))
        return;
    buf_puts(out, fact->title);
    for (size_t i = text_width(fact->title, strlen(fact->title)); i < width + 2; i++)
        buf_putc(out, ' ');
    if (fact->text)
        text_escape(out, fact->text, strlen(fact->text));
    else if (fact->kind == FACT_BOOL)
        buf_puts(out, fact->number ? "yes" : "no");
    else
        buf_printf(out, "%" PRId64, fact->number);
    if (fact->note) {
        buf_puts(out, " (");
        text_escape(out, fact->note, strlen(fact->note));
        buf_putc(out, ')');
    }
    buf_putc(out, '\n');
}

void layout_facts_print(struct buf *out, const struct layout_fact *facts, size_t count,
                        const struct layout_rows *rows, const char *rows_key,
                        const struct layout_style *style)
{
    size_t width = 0;

    if (style->format == LAYOUT_JSON) {
        layout_json_print(out, layout_json_facts(facts, count, rows, rows_key));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t own = text_width(facts[i].title, strlen(facts[i].title));
        if (own > width)
            width = own;
    }
    for (size_t i = 0; i < count; i++)
        print_fact(out, &facts[i], width);
    if (rows) {
        buf_putc(out, '\n');
        layout_rows_print(out, rows, style);
    }
}

void layout_csv_field(struct buf *out, const void *data, size_t size)
{
    struct buf text = {0};

    if (size == 0 || text_check(data, size, size) == TEXT_OK) {
        text_csv_field(out, data, size);
        return;
    }
    text_escape(&text, data, size);
    text_csv_field(out, buf_text(&text), text.len);
    buf_done(&text, out);
}
