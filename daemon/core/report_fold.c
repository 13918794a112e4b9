#include "daemon/core/report_private.h"
#include <stdlib.h>
#include <string.h>

static size_t figures_of(const struct report *r)
{
    size_t elements = r->instrument->elements;
    return elements + (r->spread ? elements * r->instrument->scale : 0);
}

struct report_row *report_row(struct report *r, const struct row_key *key)
{
    struct report_row *row = NULL;
    size_t size = sizeof *row + figures_of(r) * sizeof row->figure[0];
    HASH_FIND(hh, r->rows, key, sizeof *key, row);
    if (row)
        return row;
    if (HASH_COUNT(r->rows) >= REPORT_ROWS_MAX || r->arena.held + size > REPORT_BYTES_MAX) {
        r->large = true;
        return NULL;
    }
    row = arena_alloc(&r->arena, size);
    struct row_mean *mean = r->mean_of_offices ? arena_alloc(&r->arena, sizeof *mean) : NULL;
    if (row && (mean || !r->mean_of_offices)) {
        memset(row, 0, size);
        if (mean)
            memset(mean, 0, sizeof *mean);
        row->by_mean = mean;
        row->key = *key;
        HASH_ADD(hh, r->rows, key, sizeof row->key, row);
    }
    r->failed |= r->arena.refused || row->lost;
    return r->failed ? NULL : row;
}

/* Another office's turn: the one before is whole, and counts in the mean of offices. */
static void turn(const struct report *r, struct report_row *row, int32_t office_id)
{
    struct figure_rule rule = index_rule(r->instrument, r->method);
    if (row->last_office == office_id)
        return;
    row->last_office = office_id;
    row->offices += office_id != 0;
    if (!row->by_mean)
        return;
    mean_add(&row->by_mean->mean, &rule, &row->by_mean->own);
    row->by_mean->own = (struct figure_sample){0};
}

void report_row_add(struct report *r, struct report_row *row, const struct report_cell *cell)
{
    size_t elements = r->instrument->elements, spreads = elements * r->instrument->scale;
    if (cell->n <= 0)
        return;
    turn(r, row, cell->office_id);
    row->n += (uint64_t)cell->n;
    row->square += (uint64_t)cell->square;
    uint64_t total = 0;
    for (size_t e = 0; e < cell->elements && e < elements; e++) {
        row->figure[e] += (uint64_t)cell->sums[e];
        total += (uint64_t)cell->sums[e];
    }
    if (row->by_mean) {
        row->by_mean->own.n += (uint64_t)cell->n;
        row->by_mean->own.total += total;
        row->by_mean->own.square += (uint64_t)cell->square;
    }
    for (size_t i = 0; r->spread && i < cell->spreads && i < spreads; i++)
        row->figure[elements + i] += (uint64_t)cell->spread[i];
}

int32_t report_tree_place(const struct report *r, const struct axis *axis, int32_t office_id)
{
    return axis->kind == AXIS_TREE ? axis_office(r->directory, office_id, axis->level) : 0;
}

static int32_t place_of(const struct report *r, unsigned a, const struct report_cell *cell)
{
    const struct axis *axis = r->axis[a];
    switch (axis->kind) {
    case AXIS_TREE: /* found out once for all cells of an office */
        return r->place[a];
    case AXIS_VALUE: /* a second dimension comes second */
        return cell->value[a == 1 && r->axis[0]->kind == AXIS_VALUE];
    case AXIS_PERSPECTIVE:
        return cell->perspective;
    case AXIS_TIME:
        return axis_period(cell->month, axis->unit);
    case AXIS_NOTHING:
        break;
    }
    return 0;
}

void report_add(struct report *r, const struct report_cell *cell)
{
    if (r->failed || r->large || cell->n <= 0)
        return;
    if (r->last_office != cell->office_id) {
        r->last_office = cell->office_id;
        for (unsigned a = 0; a < 2; a++)
            r->place[a] = report_tree_place(r, r->axis[a], cell->office_id);
    }
    if (r->blocks) {
        report_blocks_add(r, cell);
        return;
    }
    struct row_key key = {{place_of(r, 0, cell), place_of(r, 1, cell)}, 0};
    if (!r->last || memcmp(&r->last->key, &key, sizeof key) != 0)
        r->last = report_row(r, &key);
    if (r->last)
        report_row_add(r, r->last, cell);
}

/* Rows that must be there also when nothing came for them: those of an axis of the tree alone. */
static void complete(struct report *r)
{
    if (r->axis[1]->kind != AXIS_NOTHING)
        return;
    if (r->axis[0]->kind == AXIS_NOTHING) {
        if (HASH_COUNT(r->rows) == 0)
            (void)report_row(r, &(struct row_key){{0, 0}, 0});
        return;
    }
    for (size_t i = 0; r->axis[0]->kind == AXIS_TREE && i < r->scope.office_count; i++) {
        struct report_row *hidden = NULL;
        struct row_key key = {{report_tree_place(r, r->axis[0], r->scope.offices[i]), 0}, 1};
        HASH_FIND(hh, r->rows, &key, sizeof key, hidden);
        key.hidden = 0;
        if (!hidden)
            (void)report_row(r, &key);
    }
}

void report_fold_end(struct report *r)
{
    struct report_row *row, *next;
    r->last = NULL;
    if (r->blocks)
        report_blocks_end(r);
    HASH_ITER (hh, r->rows, row, next) {
        if (row->key.hidden)
            row->n = row->n > row->told ? row->n - row->told : 0;
        else
            turn(r, row, 0);
        if (row->key.hidden && row->n == 0)
            HASH_DEL(r->rows, row);
    }
    complete(r);
}

void report_release(struct report *r)
{
    HASH_CLEAR(hh, r->rows);
    arena_release(&r->arena);
    report_blocks_free(&r->blocks);
    free(r->filters);
    scope_release(&r->scope);
    *r = (struct report){0};
}
