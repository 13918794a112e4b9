#include "client/core/layout_grid.h"

#include "common/buf.h"
#include "common/text.h"
#include <libsmartcols.h>
#include <stdarg.h>

struct layout_grid_row {
    struct layout_grid_row *next;
    const char *cell[LAYOUT_GRID_COLUMNS], *colour[LAYOUT_GRID_COLUMNS];
};

void layout_grid_init(struct layout_grid *grid)
{
    *grid = (struct layout_grid){0};
    arena_init(&grid->arena, LAYOUT_MEMORY_MAX);
}

void layout_grid_release(struct layout_grid *grid)
{
    arena_release(&grid->arena);
    *grid = (struct layout_grid){0};
}

size_t layout_grid_column(struct layout_grid *grid, const char *title, bool number, unsigned least,
                          unsigned spare)
{
    char *copy = arena_strndup(&grid->arena, title, strlen(title));

    if (!copy || grid->columns == LAYOUT_GRID_COLUMNS) {
        grid->failed = true;
        return 0;
    }
    grid->column[grid->columns] = (struct layout_grid_column){copy, number, least, spare};
    return grid->columns++;
}

void layout_grid_row(struct layout_grid *grid)
{
    struct layout_grid_row *row = arena_alloc(&grid->arena, sizeof *row);

    if (!row) {
        grid->failed = true;
        return;
    }
    *row = (struct layout_grid_row){0};
    if (grid->last)
        grid->last->next = row;
    else
        grid->first = row;
    grid->last = row;
}

void layout_grid_put(struct layout_grid *grid, size_t column, const char *colour,
                     const char *format, ...)
{
    struct buf shown = {0};
    char said[512];
    va_list args;

    if (grid->failed || !grid->last || column >= grid->columns)
        return;
    va_start(args, format);
    vsnprintf(said, sizeof said, format, args);
    va_end(args);
    text_escape(&shown, said, strlen(said));
    grid->last->cell[column] = arena_strndup(&grid->arena, buf_text(&shown), shown.len);
    if (shown.failed || !grid->last->cell[column])
        grid->failed = true;
    grid->last->colour[column] = colour;
    buf_release(&shown);
}

/* ---- printing ------------------------------------------------------------------------------ */

static size_t width_of(const struct layout_grid *grid, size_t column)
{
    const char *title = grid->column[column].title;
    size_t widest = text_width(title, strlen(title));

    for (const struct layout_grid_row *row = grid->first; row; row = row->next) {
        size_t wide =
            row->cell[column] ? text_width(row->cell[column], strlen(row->cell[column])) : 0;
        if (wide > widest)
            widest = wide;
    }
    return widest;
}

/* Which columns have room; names count with the least of them. */
static void choose(const struct layout_grid *grid, size_t width, bool *shown)
{
    size_t own[LAYOUT_GRID_COLUMNS], all = 0;

    for (size_t i = 0; i < grid->columns; i++) {
        own[i] = width_of(grid, i);
        if (grid->column[i].least > 0 && own[i] > grid->column[i].least)
            own[i] = grid->column[i].least;
        own[i] += LAYOUT_GRID_GAP;
        all += own[i];
        shown[i] = true;
    }
    while (width > 0 && all > width + LAYOUT_GRID_GAP) {
        size_t out = grid->columns;
        for (size_t i = 0; i < grid->columns; i++)
            if (shown[i] && grid->column[i].spare > 0 &&
                (out == grid->columns || grid->column[i].spare > grid->column[out].spare))
                out = i;
        if (out == grid->columns)
            return;
        shown[out] = false;
        all -= own[out];
    }
}

static int add_columns(struct libscols_table *table, const struct layout_grid *grid,
                       const bool *shown)
{
    for (size_t i = 0; i < grid->columns; i++) {
        struct buf title = {0};
        int flags = (grid->column[i].number ? SCOLS_FL_RIGHT : 0) |
                    (grid->column[i].least > 0 ? SCOLS_FL_TRUNC : 0);

        if (!shown[i])
            continue;
        text_escape(&title, grid->column[i].title, strlen(grid->column[i].title));
        bool ok =
            !title.failed && scols_table_new_column(table, buf_text(&title), 0, flags) != NULL;
        buf_release(&title);
        if (!ok)
            return -1;
    }
    return 0;
}

static int add_row(struct libscols_table *table, const struct layout_grid *grid,
                   const struct layout_grid_row *row, const bool *shown)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    size_t at = 0;

    for (size_t i = 0; line && i < grid->columns; i++) {
        if (!shown[i])
            continue;
        /* Escaped already: escaping again would double the backslashes. */
        if (scols_line_set_data(line, at, row->cell[i] ? row->cell[i] : "") != 0)
            return -1;
        if (row->colour[i] &&
            scols_cell_set_color(scols_line_get_cell(line, at), row->colour[i]) != 0)
            return -1;
        at++;
    }
    return line ? 0 : -1;
}

void layout_grid_print(struct buf *out, const struct layout_grid *grid,
                       const struct layout_style *style)
{
    bool shown[LAYOUT_GRID_COLUMNS];
    struct libscols_table *table = grid->failed ? NULL : layout_scols(style);
    bool ok = table != NULL;

    if (ok) {
        choose(grid, style->width, shown);
        ok = add_columns(table, grid, shown) == 0;
    }
    for (const struct layout_grid_row *row = grid->first; ok && row; row = row->next)
        ok = add_row(table, grid, row, shown) == 0;
    if (ok)
        layout_scols_print(out, table);
    else
        out->failed = true;
    scols_unref_table(table);
}
