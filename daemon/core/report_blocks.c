#include "daemon/core/hide.h"
#include "daemon/core/report_private.h"
#include <stdlib.h>
#include <string.h>

/*
 * A report by a trait of the respondents, for outsiders. The months of an office by value come
 * first, for whole calendar years, and are told as blocks (hide.h): rows are made of the blocks
 * that lie wholly in their period. Then come the totals; what they have beyond the rows is hidden.
 */

/* A month of the office whose turn it is, by one value. */
struct month {
    int16_t perspective;
    int32_t month, value; /* month: year x 100 + month */
    int64_t n, square;
    size_t sums; /* where its sums begin, in the store */
};

struct report_blocks {
    enum dim dim;
    int32_t office_id, place[2]; /* on the axes of the tree */
    struct month *month;
    size_t count, room;
    int64_t *sums;
    struct hide_value *value; /* of the year in hand; as much room as there are months */
};

struct report_blocks *report_blocks_new(enum dim dim)
{
    struct report_blocks *blocks = calloc(1, sizeof *blocks);
    if (blocks)
        blocks->dim = dim;
    return blocks;
}

enum dim report_blocks_dim(const struct report_blocks *blocks)
{
    return blocks->dim;
}

void report_blocks_free(struct report_blocks **blocks)
{
    if (!*blocks)
        return;
    free((*blocks)->month);
    free((*blocks)->sums);
    free((*blocks)->value);
    free(*blocks);
    *blocks = NULL;
}

static bool make_room(struct report_blocks *b, size_t elements)
{
    if (b->count < b->room)
        return true;
    size_t room = b->room ? b->room * 2 : 256;
    struct month *month = realloc(b->month, room * sizeof *month);
    if (!month)
        return false;
    b->month = month;
    int64_t *sums = realloc(b->sums, room * elements * sizeof *sums);
    if (!sums)
        return false;
    b->sums = sums;
    struct hide_value *value = realloc(b->value, room * sizeof *value);
    if (!value)
        return false;
    b->value = value;
    b->room = room;
    return true;
}

static void keep_month(struct report *r, const struct report_cell *cell)
{
    struct report_blocks *b = r->blocks;
    size_t elements = r->instrument->elements;
    if (cell->elements != elements || !civil_valid(cell->month) || !make_room(b, elements)) {
        r->failed = true;
        return;
    }
    struct month *m = &b->month[b->count];
    *m = (struct month){.perspective = cell->perspective,
                        .month = (int32_t)(cell->month / 100),
                        .value = cell->value[0],
                        .n = cell->n,
                        .square = cell->square,
                        .sums = b->count * elements};
    memcpy(b->sums + m->sums, cell->sums, elements * sizeof *b->sums);
    b->count++;
}

/* ---- periods --------------------------------------------------------------------------------- */

/* The unit of the report's axis of time; 0: it has none. */
static unsigned time_unit(const struct report *r)
{
    for (unsigned a = 0; a < 2; a++)
        if (r->axis[a]->kind == AXIS_TIME)
            return r->axis[a]->unit;
    return 0;
}

/* Does the block that begins with this month lie in the report, and in one of its periods? */
static bool block_inside(const struct report *r, int32_t first, unsigned months)
{
    civil_day from = (civil_day)first * 100 + 1;
    civil_day to = civil_month_end(from + (months - 1) * 100);
    unsigned unit = time_unit(r);
    return r->scope.from <= from && to <= r->scope.to && (unit == 0 || months <= unit);
}

static bool chosen(const struct report *r, int32_t value)
{
    for (size_t i = 0; i < r->filter_count; i++)
        if (r->filters[i].value == value)
            return true;
    return r->filter_count == 0;
}

/* The key of a row; value < 0: of what is hidden there. */
static struct row_key key_of(const struct report *r, int16_t perspective, int32_t month,
                             int32_t value)
{
    struct row_key key = {{0, 0}, value < 0};
    for (unsigned a = 0; a < 2; a++)
        switch (r->axis[a]->kind) {
        case AXIS_TREE:
            key.place[a] = r->blocks->place[a];
            break;
        case AXIS_PERSPECTIVE:
            key.place[a] = perspective;
            break;
        case AXIS_TIME:
            key.place[a] = axis_period((civil_day)month * 100 + 1, r->axis[a]->unit);
            break;
        case AXIS_VALUE:
            key.place[a] = value < 0 ? 0 : value;
            break;
        case AXIS_NOTHING:
            break;
        }
    return key;
}

/* ---- an office's years ----------------------------------------------------------------------- */

static int month_order(const void *a, const void *b)
{
    const struct month *x = a, *y = b;
    int order = (x->perspective > y->perspective) - (x->perspective < y->perspective);
    if (!order)
        order = (x->month / 100 > y->month / 100) - (x->month / 100 < y->month / 100);
    if (!order)
        order = (x->value > y->value) - (x->value < y->value);
    return order ? order : (x->month > y->month) - (x->month < y->month);
}

/* The part of a block that is one month. */
static void tell_month(struct report *r, const struct month *m, unsigned unit)
{
    int32_t in_year = m->month % 100 - 1;
    int32_t first = m->month - in_year % (int32_t)unit;
    if (!block_inside(r, first, unit))
        return;
    struct report_cell cell = {.office_id = r->blocks->office_id,
                               .n = m->n,
                               .square = m->square,
                               .sums = r->blocks->sums + m->sums,
                               .elements = r->instrument->elements};
    struct row_key key = key_of(r, m->perspective, m->month, -1);
    struct report_row *row = report_row(r, &key);
    if (row)
        row->told += (uint64_t)m->n;
    if (!row || !chosen(r, m->value))
        return;
    key = key_of(r, m->perspective, m->month, m->value);
    row = report_row(r, &key);
    if (row)
        report_row_add(r, row, &cell);
}

/* Months of one perspective and year, sorted by value. */
static void tell_year(struct report *r, const struct month *month, size_t count)
{
    struct hide_value *value = r->blocks->value;
    size_t values = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || month[i].value != month[i - 1].value)
            value[values++] = (struct hide_value){.value = month[i].value};
        value[values - 1].n[(month[i].month - 1) % 100 % 12] += (uint64_t)month[i].n;
    }
    unsigned unit = hide_year(value, values, r->small_cell);
    for (size_t i = 0, v = 0; unit && i < count; i++) {
        v += i > 0 && month[i].value != month[i - 1].value;
        if (!value[v].hidden)
            tell_month(r, &month[i], unit);
    }
}

static void tell_office(struct report *r)
{
    struct report_blocks *b = r->blocks;
    size_t first = 0;
    if (b->count)
        qsort(b->month, b->count, sizeof *b->month, month_order);
    for (size_t i = 1; i <= b->count; i++)
        if (i == b->count || b->month[i].perspective != b->month[first].perspective ||
            b->month[i].month / 100 != b->month[first].month / 100) {
            tell_year(r, b->month + first, i - first);
            first = i;
        }
    b->count = 0;
}

void report_blocks_add(struct report *r, const struct report_cell *cell)
{
    struct report_blocks *b = r->blocks;
    if (b->count && (cell->part != 0 || cell->office_id != b->office_id))
        tell_office(r);
    b->office_id = cell->office_id;
    memcpy(b->place, r->place, sizeof b->place);
    if (cell->part == 0) {
        keep_month(r, cell);
        return;
    }
    struct row_key key = key_of(r, cell->perspective, (int32_t)(cell->month / 100), -1);
    struct report_row *row = report_row(r, &key);
    if (row)
        row->n += (uint64_t)cell->n;
}

void report_blocks_end(struct report *r)
{
    tell_office(r);
}
