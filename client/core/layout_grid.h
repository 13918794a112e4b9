/*
 * A table for people whose columns know how they may shrink: what is needed least is left out first
 * where the terminal is too narrow, and names are cut before figures are.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_GRID_H
#define SUARA_CLIENT_CORE_LAYOUT_GRID_H

#include "client/core/layout.h"

#define LAYOUT_GRID_COLUMNS 32u
#define LAYOUT_GRID_GAP     2u /* blanks between columns */

struct layout_grid_column {
    const char *title;
    bool number;    /* right-aligned */
    unsigned least; /* may be cut down to this width; 0: never cut */
    unsigned spare; /* 0: always there; of the others the highest is left out first */
};

struct layout_grid_row;

struct layout_grid {
    struct arena arena; /* owns the rows */
    struct layout_grid_column column[LAYOUT_GRID_COLUMNS];
    size_t columns;
    struct layout_grid_row *first, *last;
    bool failed; /* memory, or too many columns: print tells it */
};

void layout_grid_init(struct layout_grid *grid);
void layout_grid_release(struct layout_grid *grid);

/* One more column, before the first row; the title is copied. Gives its place. */
size_t layout_grid_column(struct layout_grid *grid, const char *title, bool number, unsigned least,
                          unsigned spare);

/* A row of empty cells; the cells put next belong to it. */
void layout_grid_row(struct layout_grid *grid);

/* Colour: a name of libsmartcols, a constant; NULL: none. */
__attribute__((format(printf, 4, 5))) void layout_grid_put(struct layout_grid *grid, size_t column,
                                                           const char *colour, const char *format,
                                                           ...);

/* Appends the table; out->failed without memory. */
void layout_grid_print(struct buf *out, const struct layout_grid *grid,
                       const struct layout_style *style);

#endif
