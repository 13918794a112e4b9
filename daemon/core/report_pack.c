#include "common/arena.h"
#include "common/error.h"
#include "common/rules.h"
#include "common/wire.h"
#include "daemon/core/report.h"
#include "daemon/core/report_private.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_PER_REPLY 256u
#define ROW_BYTES      512u /* more than a row and its names take while they are packed */

/* How a row is named: by its office, its key as programs read it, and a label for people. */
struct naming {
    const char *office, *key, *label;
};

static struct naming name_term(const struct report *r, enum dim dim, int32_t key)
{
    const struct term *t = directory_term_by_id(r->directory, dim, (int16_t)key);
    return t ? (struct naming){NULL, t->code, t->name} : (struct naming){NULL, "?", "?"};
}

static struct naming name_office(const struct report *r, int32_t id)
{
    const struct office *o = directory_office_by_id(r->directory, id);
    return o ? (struct naming){o->code, o->code, o->name} : (struct naming){"?", "?", "?"};
}

static struct naming name_service(const struct report *r, int32_t id)
{
    const struct service *s = directory_service_by_id(r->directory, id);
    if (!s)
        return (struct naming){NULL, "?", "?"};
    return (struct naming){name_office(r, s->office_id).office, s->code, s->name};
}

static struct naming name_days(struct arena *arena, int32_t key, bool month)
{
    struct buf text = {0};
    if (month)
        buf_printf(&text, "%04d-%02d", (int)(key / 100), (int)(key % 100));
    else
        buf_printf(&text, "%04d", (int)key);
    const char *kept = text.failed ? NULL : arena_strndup(arena, text.data, text.len);
    buf_release(&text);
    return (struct naming){NULL, kept ? kept : "?", kept ? kept : "?"};
}

static struct naming name_row(const struct report *r, struct arena *arena, int32_t key)
{
    switch (r->by) {
    case BY_OFFICE:
        return name_office(r, key);
    case BY_SERVICE:
        return name_service(r, key);
    case BY_CHANNEL:
        return name_term(r, DIM_CHANNEL, key);
    case BY_STAKEHOLDER:
        return name_term(r, DIM_STAKEHOLDER, key);
    case BY_PERSPECTIVE:
        return name_term(r, DIM_PERSPECTIVE, key);
    case BY_MONTH:
    case BY_YEAR:
        return name_days(arena, key, r->by == BY_MONTH);
    case BY_NOTHING:
    case BY_COUNT:
        break;
    }
    return (struct naming){NULL, "", ""};
}

/* The one office a row is of: named by it, or the only one of the report. */
static const char *sole_office(const struct report *r, const struct naming *naming)
{
    if (naming->office)
        return naming->office;
    return r->scope.office_count == 1 ? name_office(r, r->scope.offices[0]).office : "";
}

static void fill_row(const struct report *r, struct arena *arena, struct report_row *row,
                     Suara__V1__Row *out)
{
    struct naming naming = name_row(r, arena, row->key);
    uint64_t total = 0;
    for (size_t e = 0; e < r->instrument->elements; e++)
        total += row->sum[e];
    struct figure figure =
        index_figure(r->instrument, r->method, &(struct figure_sample){row->n, total, 0});
    suara__v1__row__init(out);
    out->office = wire_text(sole_office(r, &naming));
    out->offices = row->offices;
    out->key = wire_text(naming.key);
    out->label = wire_text(naming.label);
    out->n = row->n;
    out->sum = row->sum;
    out->n_sum = r->instrument->elements;
    if (figure.present) {
        out->index = figure.hundredths;
        out->grade = wire_text(figure.grade->grade);
        out->quality = wire_text(figure.grade->quality_id);
    }
}

static int compare_bytes(const ProtobufCBinaryData *a, const ProtobufCBinaryData *b)
{
    size_t size = a->len < b->len ? a->len : b->len;
    int order = size ? memcmp(a->data, b->data, size) : 0;
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* By office, then by key: codes and days sort as text. */
static int row_order(const void *a, const void *b)
{
    const Suara__V1__Row *x = *(Suara__V1__Row *const *)a, *y = *(Suara__V1__Row *const *)b;
    int order = compare_bytes(&x->office, &y->office);
    return order ? order : compare_bytes(&x->key, &y->key);
}

static int pack_part(const struct report *r, uint64_t id, Suara__V1__Row **rows, size_t count,
                     bool last, uint32_t max_frame, struct buf *out, struct error *err)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Rows part = SUARA__V1__ROWS__INIT;
    ProtobufCBinaryData element[RULES_ELEMENTS_MAX];
    for (size_t e = 0; e < r->instrument->elements; e++)
        element[e] = wire_text(r->instrument->element[e].code);
    part.element = element;
    part.n_element = r->instrument->elements;
    part.row = rows;
    part.n_row = count;
    part.instrument = wire_text(r->instrument->code);
    part.method = wire_text(r->method->name);
    part.scale = r->instrument->scale;
    reply.id = id;
    reply.last = last;
    reply.body_case = SUARA__V1__REPLY__BODY_ROWS;
    reply.rows = &part;
    return wire_pack(out, &reply.base, max_frame, err);
}

/* Rows that must be there also when nothing came for them. */
static void complete(struct report *r)
{
    if (r->by == BY_OFFICE)
        for (size_t i = 0; i < r->scope.office_count; i++)
            (void)report_row(r, r->scope.offices[i]);
    if (r->by == BY_NOTHING)
        (void)report_row(r, 0);
}

static int pack_all(struct report *r, struct arena *arena, uint64_t id, uint32_t max_frame,
                    struct buf *out, struct error *err)
{
    size_t count = HASH_COUNT(r->rows), n = 0;
    Suara__V1__Row **rows = arena_alloc(arena, (count + 1) * sizeof *rows);
    Suara__V1__Row *body = arena_alloc(arena, (count + 1) * sizeof *body);
    struct report_row *row, *next;
    if (!rows || !body)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    HASH_ITER (hh, r->rows, row, next) {
        fill_row(r, arena, row, &body[n]);
        rows[n] = &body[n];
        n++;
    }
    if (arena->refused)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    qsort(rows, n, sizeof(Suara__V1__Row *), row_order);
    size_t done = 0;
    do {
        size_t part = n - done < ROWS_PER_REPLY ? n - done : ROWS_PER_REPLY;
        if (pack_part(r, id, rows + done, part, done + part == n, max_frame, out, err) != 0)
            return -1;
        done += part;
    } while (done < n);
    return 0;
}

int report_pack(struct report *report, uint64_t id, uint32_t max_frame, struct buf *out,
                struct error *err)
{
    struct arena arena;
    complete(report);
    if (report->failed)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    arena_init(&arena, (HASH_COUNT(report->rows) + 1) * ROW_BYTES + 65536);
    int rc = pack_all(report, &arena, id, max_frame, out, err);
    arena_release(&arena);
    return rc;
}
