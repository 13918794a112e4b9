#include "client/core/layout_index.h"

#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/instrument.h"

/* Far above what people can answer, and what common/figure.h is exact for. */
#define ROW_MAX (UINT64_C(1) << 32)

void layout_index_init(struct layout_index *index)
{
    *index = (struct layout_index){0};
    arena_init(&index->arena, LAYOUT_MEMORY_MAX);
}

void layout_index_release(struct layout_index *index)
{
    arena_release(&index->arena);
    index->first = index->last = NULL;
    index->element = NULL;
    index->instrument = index->method = NULL;
    index->element_count = index->count = 0;
}

/* ---- collecting ---------------------------------------------------------------------------- */

static int too_large(struct error *err)
{
    return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
}

static int odd(struct error *err)
{
    return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);
}

static char *copy(struct layout_index *index, const ProtobufCBinaryData *text)
{
    return arena_strndup(&index->arena, text->len ? (const void *)text->data : "", text->len);
}

static int take_head(struct layout_index *index, const Suara__V1__Rows *rows, struct error *err)
{
    if (rows->n_element > INSTRUMENT_ELEMENTS_MAX || rows->scale > INSTRUMENT_SCALE_MAX)
        return odd(err);
    index->element = arena_alloc(&index->arena, (rows->n_element + 1) * sizeof(char *));
    index->instrument = copy(index, &rows->instrument);
    index->method = copy(index, &rows->method);
    if (!index->element || !index->instrument || !index->method)
        return too_large(err);
    for (size_t i = 0; i < rows->n_element; i++) {
        index->element[i] = copy(index, &rows->element[i]);
        if (!index->element[i])
            return too_large(err);
        if (!index->element[i][0]) /* it is the heading of a column */
            return odd(err);
    }
    index->element_count = rows->n_element;
    index->scale = rows->scale;
    index->small_cell = rows->small_cell;
    index->mean_of_offices = rows->mean_of_offices;
    return 0;
}

static int take_figures(struct layout_index *index, const uint64_t *from, size_t count,
                        uint64_t **out, struct error *err)
{
    *out = arena_alloc(&index->arena, (count + 1) * sizeof **out);
    if (!*out)
        return too_large(err);
    for (size_t i = 0; i < count; i++)
        (*out)[i] = from[i];
    return 0;
}

/* Can these be the sums of n ratings of 1..scale, and their squares? 0 stands for a server that
 * does not tell the squares. */
static bool sums_hold(const struct layout_index *index, const Suara__V1__Row *from)
{
    uint64_t most = index->element_count * index->scale;

    if (most == 0 || from->n_sum != index->element_count || from->square > from->n * most * most)
        return false; /* without elements there are no ratings */
    for (size_t i = 0; i < from->n_sum; i++)
        if (from->sum[i] < from->n || from->sum[i] > from->n * index->scale)
            return false;
    return true;
}

/* Do the counts of the ratings add up to n, and to the sum of their element? */
static bool spread_holds(const struct layout_index *index, const Suara__V1__Row *from)
{
    if (from->n_spread != index->element_count * index->scale)
        return false;
    for (size_t i = 0; i < index->element_count; i++) {
        uint64_t n = 0, sum = 0;
        for (uint64_t rating = 1; rating <= index->scale; rating++) {
            uint64_t gave = from->spread[i * index->scale + rating - 1];
            if (gave > from->n)
                return false;
            n += gave;
            sum += gave * rating;
        }
        if (n != from->n || sum != from->sum[i])
            return false;
    }
    return true;
}

static int take_text(struct layout_index *index, const Suara__V1__Row *from,
                     struct layout_index_row *row, struct error *err)
{
    row->office = copy(index, &from->office);
    row->key[0] = copy(index, &from->key);
    row->key[1] = copy(index, &from->key2);
    row->label[0] = copy(index, &from->label);
    row->label[1] = copy(index, &from->label2);
    row->grade = copy(index, &from->grade);
    row->quality = copy(index, &from->quality);
    if (!row->office || !row->key[0] || !row->key[1] || !row->label[0] || !row->label[1] ||
        !row->grade || !row->quality)
        return too_large(err);
    return 0;
}

static int take_row(struct layout_index *index, const Suara__V1__Row *from, struct error *err)
{
    struct layout_index_row *row = arena_alloc(&index->arena, sizeof *row);

    if (!row)
        return too_large(err);
    if (from->n > ROW_MAX || from->low > from->high)
        return odd(err);
    *row = (struct layout_index_row){.n = from->n,
                                     .square = from->square,
                                     .offices = from->offices,
                                     .index = from->index,
                                     .low = from->low,
                                     .high = from->high,
                                     .hidden = from->hidden};
    if (take_text(index, from, row, err) < 0)
        return -1;
    if (layout_index_known(row)) {
        if (!sums_hold(index, from) || (from->n_spread > 0 && !spread_holds(index, from)))
            return odd(err);
        if (take_figures(index, from->sum, from->n_sum, &row->sum, err) < 0 ||
            (from->n_spread > 0 &&
             take_figures(index, from->spread, from->n_spread, &row->spread, err) < 0))
            return -1;
    }
    if (index->last)
        index->last->next = row;
    else
        index->first = row;
    index->last = row;
    index->count++;
    return 0;
}

int layout_index_take(struct layout_index *index, const Suara__V1__Rows *rows, struct error *err)
{
    if (!index->instrument) {
        if (take_head(index, rows, err) < 0)
            return -1;
    } else if (rows->n_element > 0 && rows->n_element != index->element_count) {
        return odd(err);
    }
    for (size_t i = 0; i < rows->n_row; i++)
        if (take_row(index, rows->row[i], err) < 0)
            return -1;
    return 0;
}

/* ---- figures ------------------------------------------------------------------------------- */

bool layout_index_known(const struct layout_index_row *row)
{
    return row->n > 0 && !row->hidden;
}

const char *layout_index_key(const struct layout_index_row *row, const struct layout_ask *ask,
                             size_t axis)
{
    const char *key = strcmp(ask->by[axis], "office") == 0 ? row->office : row->key[axis];

    if (key[0])
        return key;
    return row->hidden ? MSG_NOT_SHOWN : MSG_NOT_GIVEN;
}

void layout_index_period(const struct layout_index_row *row, const struct layout_ask *ask,
                         char out[64])
{
    char from[16], to[16];

    for (size_t i = 0; i < LAYOUT_AXES; i++)
        if (layout_ask_is_time(ask->by[i])) {
            snprintf(out, 64, "%.60s", row->key[i]);
            return;
        }
    if (ask->period) {
        snprintf(out, 64, "%.60s", ask->period);
    } else {
        civil_format_day(ask->from, from);
        civil_format_day(ask->to, to);
        snprintf(out, 64, "%s..%s", from, to);
    }
}

/* The office that all rows are of, "" when there are several: not told by axes of the offices. */
static const char *sole_office(const struct layout_index *index, const struct layout_ask *ask)
{
    for (size_t i = 0; i < LAYOUT_AXES; i++)
        if (strcmp(ask->by[i], "office") == 0 || strcmp(ask->by[i], "service") == 0 ||
            strncmp(ask->by[i], "level", 5) == 0)
            return "";
    for (const struct layout_index_row *row = index->first; row; row = row->next)
        if (strcmp(row->office, index->first->office) != 0)
            return "";
    return index->first ? index->first->office : "";
}

void layout_index_heading(struct buf *out, const char *title, const struct layout_index *index,
                          bool method, const struct layout_ask *ask,
                          const struct layout_style *style)
{
    const struct layout_index_row *first = index->first;
    struct layout_heading heading = {.title = title,
                                     .instrument = index->instrument ? index->instrument : "",
                                     .method = method && index->method ? index->method : "",
                                     .office = sole_office(index, ask),
                                     .mean_of_offices = index->mean_of_offices};

    for (const struct layout_index_row *row = first; row; row = row->next) {
        /* Perspectives are never added up; what a filter leaves out is among the hidden ones. */
        if (strcmp(ask->perspective, "all") != 0 && !(row->hidden && ask->only))
            heading.n += row->n;
        if (!ask->by[0][0] && row->offices > heading.offices)
            heading.offices = row->offices;
    }
    layout_ask_heading(out, &heading, ask, style);
}

bool layout_index_nothing(struct buf *out, const struct layout_index *index)
{
    for (const struct layout_index_row *row = index->first; row; row = row->next)
        if (row->n > 0)
            return false;
    buf_puts(out, MSG_NO_RESPONSES "\n");
    return true;
}

void layout_index_hidden(struct buf *out, const struct layout_index *index,
                         const struct layout_style *style)
{
    for (const struct layout_index_row *row = index->first; row; row = row->next)
        if (row->hidden) {
            layout_say(out, style, MSG_HIDDEN, index->small_cell);
            return;
        }
}
