#include "daemon/core/verify.h"

#include "common/error.h"
#include "common/wire.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LIST_BYTES (VERIFY_ROWS * 1024u) /* more than the cells and numbers of its rows take */

static const char *const columns[] = {"office", "month",  "instrument", "perspective", "dimension",
                                      "value",  "figure", "rollup",     "recount"};
#define COLUMNS (sizeof columns / sizeof *columns)

/* By the numbers of rollup.dim (sql/): those of enum dim, and the days of large months. */
static const char *const dims[] = {"all", "service", "channel",   "stakeholder", "",
                                   "sex", "age",     "education", "occupation",  "day"};

void verify_list_init(struct verify_list *list, const struct directory *directory)
{
    list->directory = directory;
    list->count = 0;
    list->named = 0;
    arena_init(&list->arena, LIST_BYTES);
}

void verify_list_release(struct verify_list *list)
{
    arena_release(&list->arena);
}

/* ---- words; NULL without memory ---- */

__attribute__((format(printf, 2, 3))) static const char *written(struct verify_list *list,
                                                                 const char *format, ...)
{
    char text[80];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return arena_strndup(&list->arena, text, strlen(text));
}

static const char *number(struct verify_list *list, bool known, int64_t value)
{
    return known ? written(list, "%" PRId64, value) : "";
}

static const char *month(struct verify_list *list, civil_day day)
{
    if (day == 0)
        return "?";
    if (day % 100 == 1)
        return written(list, "%04u-%02u", day / 10000, day / 100 % 100);
    return written(list, "%04u-%02u-%02u", day / 10000, day / 100 % 100, day % 100);
}

static const struct instrument *instrument_of(const struct directory *directory, int16_t id)
{
    size_t count;
    const struct instrument *const *all = directory_instruments(directory, &count);
    for (size_t i = 0; i < count; i++)
        if (all[i]->id == id)
            return all[i];
    return NULL;
}

static const char *term(struct verify_list *list, enum dim dim, int32_t value)
{
    const struct term *t = NULL;
    if (value >= INT16_MIN && value <= INT16_MAX)
        t = directory_term_by_id(list->directory, dim, (int16_t)value);
    return t ? t->code : written(list, "%" PRId32, value);
}

static const char *value(struct verify_list *list, const struct verify_cell *cell)
{
    if (cell->dim == DIM_ALL)
        return cell->value ? written(list, "%" PRId32, cell->value) : "";
    if (cell->dim == DIM_SERVICE) {
        const struct service *s = directory_service_by_id(list->directory, cell->value);
        return s ? s->code : written(list, "%" PRId32, cell->value);
    }
    return term(list, cell->dim, cell->value); /* a day has none, and is its number */
}

static const char *dimension(struct verify_list *list, enum dim dim)
{
    bool known = (unsigned)dim < sizeof dims / sizeof *dims && dims[dim][0];
    return known ? dims[dim] : written(list, "%d", (int)dim);
}

/* A sum by its element, a spread by element and rating; whatever the array has too many by its
 * place. */
static const char *figure(struct verify_list *list, const struct instrument *instrument,
                          const struct verify_cell *cell)
{
    unsigned place = cell->place > 0 ? (unsigned)cell->place - 1 : 0, rating = 0;
    if (cell->place < 1)
        return written(list, "%s", cell->figure);
    if (instrument && strcmp(cell->figure, "spread") == 0) {
        rating = place % instrument->scale + 1;
        place /= instrument->scale;
    }
    if (!instrument || place >= instrument->elements)
        return written(list, "%s %" PRId32, cell->figure, cell->place);
    if (rating)
        return written(list, "%s=%u", instrument->element[place].code, rating);
    return instrument->element[place].code;
}

/* ---- rows ---- */

bool verify_list_add(struct verify_list *list, const struct office *office,
                     const struct verify_cell *cell)
{
    const struct instrument *instrument = instrument_of(list->directory, cell->instrument_id);
    const char *texts[COLUMNS] = {
        office->code,
        month(list, cell->month),
        instrument ? instrument->code : number(list, true, cell->instrument_id),
        term(list, DIM_PERSPECTIVE, cell->perspective),
        dimension(list, cell->dim),
        value(list, cell),
        figure(list, instrument, cell),
        number(list, cell->stored, cell->stored_is),
        number(list, cell->counted, cell->counted_is),
    };
    ProtobufCBinaryData *cells = arena_alloc(&list->arena, COLUMNS * sizeof *cells);
    if (!cells || list->arena.refused)
        return false;
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = wire_text(texts[i]);
    suara__v1__table_row__init(&list->row[list->count]);
    list->row[list->count].cell = cells;
    list->row[list->count].n_cell = COLUMNS;
    list->count++;
    list->named++;
    return true;
}

int verify_list_pack(struct verify_list *list, uint64_t id, uint32_t max_frame, struct buf *out,
                     struct error *err)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Table table = SUARA__V1__TABLE__INIT;
    Suara__V1__TableRow *rows[VERIFY_ROWS];
    ProtobufCBinaryData names[COLUMNS];
    for (size_t i = 0; i < list->count; i++)
        rows[i] = &list->row[i];
    for (size_t i = 0; i < COLUMNS; i++)
        names[i] = wire_text(columns[i]);
    table.column = names;
    table.n_column = COLUMNS;
    table.row = rows;
    table.n_row = list->count;
    reply.id = id;
    reply.body_case = SUARA__V1__REPLY__BODY_TABLE;
    reply.table = &table;
    int rc = wire_pack(out, &reply.base, max_frame, err);
    arena_clear(&list->arena);
    list->count = 0;
    return rc;
}

int verify_count_pack(const struct verify_count *count, uint64_t id, bool last, uint32_t max_frame,
                      struct buf *out, struct error *err)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Verified body = SUARA__V1__VERIFIED__INIT;
    body.compared = count->compared;
    body.differing = count->differing;
    body.responses = count->responses;
    body.left_out = count->left_out;
    reply.id = id;
    reply.last = last;
    reply.body_case = SUARA__V1__REPLY__BODY_VERIFIED;
    reply.verified = &body;
    return wire_pack(out, &reply.base, max_frame, err);
}
