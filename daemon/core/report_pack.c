#include "common/arena.h"
#include "common/error.h"
#include "common/rules.h"
#include "common/wire.h"
#include "daemon/core/report.h"
#include "daemon/core/report_private.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_PER_REPLY 256u
#define NAMES_BYTES    128u /* what a row takes beside itself: a pointer, names of a period */

/* What a row is called; of several offices, or of the only one that was asked for. */
static void name_row(const struct report *r, struct arena *arena, struct report_row *row)
{
    row->office = NULL;
    for (unsigned a = 2; a-- > 0;) {
        bool all = row->key.hidden && r->axis[a]->kind == AXIS_VALUE;
        row->name[a] = all ? (struct axis_name){NULL, "", ""}
                           : axis_name(r->axis[a], r->directory, arena, row->key.place[a]);
        if (row->name[a].office)
            row->office = row->name[a].office;
    }
    if (!row->office && r->scope.office_count == 1) {
        const struct office *only = directory_office_by_id(r->directory, r->scope.offices[0]);
        row->office = only ? only->code : NULL;
    }
    if (!row->office)
        row->office = "";
}

static void fill_figure(const struct report *r, const struct report_row *row, Suara__V1__Row *out)
{
    struct figure_sample sample = {row->n, 0, row->square};
    struct figure_rule rule = index_rule(r->instrument, r->method);
    for (size_t e = 0; e < r->instrument->elements; e++)
        sample.total += row->figure[e];
    struct figure figure = index_figure(r->instrument, r->method, &sample);
    if (row->by_mean && mean_index(&row->by_mean->mean, &figure.hundredths)) {
        figure.grade = index_grade(r->instrument, figure.hundredths);
        figure.interval = mean_interval(&row->by_mean->mean, &rule, &figure.low, &figure.high);
    }
    if (!figure.present)
        return;
    out->index = figure.hundredths;
    out->grade = wire_text(figure.grade->grade);
    out->quality = wire_text(figure.grade->quality_id);
    out->low = figure.interval ? figure.low : 0;
    out->high = figure.interval ? figure.high : 0;
}

static void fill_row(const struct report *r, struct report_row *row, Suara__V1__Row *out)
{
    size_t elements = r->instrument->elements;
    suara__v1__row__init(out);
    out->office = wire_text(row->office);
    out->key = wire_text(row->name[0].key);
    out->label = wire_text(row->name[0].label);
    out->key2 = wire_text(row->name[1].key);
    out->label2 = wire_text(row->name[1].label);
    out->n = row->n;
    out->hidden = row->key.hidden;
    if (row->key.hidden)
        return;
    out->offices = row->offices;
    out->square = row->square;
    out->sum = row->figure;
    out->n_sum = elements;
    out->spread = row->figure + elements;
    out->n_spread = r->spread ? elements * r->instrument->scale : 0;
    fill_figure(r, row, out);
}

/* Offices, services and periods by their codes; terms in the order of their list. */
static int place_order(const struct report *r, unsigned a, const struct report_row *x,
                       const struct report_row *y)
{
    const struct axis *axis = r->axis[a];
    if (x->key.place[a] == y->key.place[a])
        return 0;
    bool listed = axis->kind == AXIS_PERSPECTIVE || axis->kind == AXIS_TIME ||
                  (axis->kind == AXIS_VALUE && axis->dim != DIM_SERVICE);
    if (listed)
        return x->key.place[a] > y->key.place[a] ? 1 : -1;
    return strcmp(x->name[a].key, y->name[a].key);
}

/* By office, then along the axes; what is hidden comes behind what it belongs to. */
static int row_order(const void *a, const void *b, void *report)
{
    const struct report_row *x = *(struct report_row *const *)a;
    const struct report_row *y = *(struct report_row *const *)b;
    const struct report *r = report;
    int order = x->office == y->office ? 0 : strcmp(x->office, y->office);
    for (unsigned i = 0; i < 2 && !order; i++) {
        bool hides = (x->key.hidden || y->key.hidden) && r->axis[i]->kind == AXIS_VALUE;
        order = hides ? x->key.hidden - y->key.hidden : place_order(r, i, x, y);
    }
    return order ? order : x->key.hidden - y->key.hidden;
}

static int pack_part(const struct report *r, uint64_t id, Suara__V1__Row **rows, size_t count,
                     bool last, uint32_t max_frame, struct buf *out, struct error *err)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Rows part = SUARA__V1__ROWS__INIT;
    ProtobufCBinaryData element[INSTRUMENT_ELEMENTS_MAX];
    for (size_t e = 0; e < r->instrument->elements; e++)
        element[e] = wire_text(r->instrument->element[e].code);
    part.element = element;
    part.n_element = r->instrument->elements;
    part.row = rows;
    part.n_row = count;
    part.instrument = wire_text(r->instrument->code);
    part.method = wire_text(r->method->name);
    part.scale = r->instrument->scale;
    part.mean_of_offices = r->mean_of_offices;
    part.small_cell = (uint32_t)r->small_cell;
    reply.id = id;
    reply.last = last;
    reply.body_case = SUARA__V1__REPLY__BODY_ROWS;
    reply.rows = &part;
    return wire_pack(out, &reply.base, max_frame, err);
}

static int pack_all(struct report *r, struct arena *arena, uint64_t id, uint32_t max_frame,
                    struct buf *out, struct error *err)
{
    size_t count = HASH_COUNT(r->rows), n = 0, done = 0, most = ROWS_PER_REPLY;
    struct report_row **rows = arena_alloc(arena, (count + 1) * sizeof *rows);
    Suara__V1__Row *body = arena_alloc(arena, ROWS_PER_REPLY * sizeof *body);
    Suara__V1__Row **list = arena_alloc(arena, ROWS_PER_REPLY * sizeof *list);
    struct report_row *row, *next;
    if (!rows || !body || !list)
        return -1;
    HASH_ITER (hh, r->rows, row, next) {
        name_row(r, arena, row);
        rows[n++] = row;
    }
    if (arena->refused)
        return -1;
    qsort_r(rows, n, sizeof *rows, row_order, r);
    do {
        size_t part = n - done < most ? n - done : most;
        for (size_t i = 0; i < part; i++) {
            fill_row(r, rows[done + i], &body[i]);
            list[i] = &body[i];
        }
        if (pack_part(r, id, list, part, done + part == n, max_frame, out, err) == 0)
            done += part;
        else if (err->code == ERROR_TOO_LARGE && part > 1)
            most = part / 2; /* the spread of a long questionnaire */
        else
            return -1;
    } while (done < n);
    return 0;
}

int report_pack(struct report *report, uint64_t id, uint32_t max_frame, struct buf *out,
                struct error *err)
{
    struct arena arena;
    report_fold_end(report);
    (void)error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    if (report->large)
        return error_set(err, ERROR_TOO_LARGE, "by",
                         "the report would have more rows than the %u (or %u MiB) that one may "
                         "have: ask for fewer offices, a shorter time, or by less",
                         REPORT_ROWS_MAX, REPORT_BYTES_MAX >> 20);
    if (report->failed)
        return -1;
    arena_init(&arena, (HASH_COUNT(report->rows) + 1) * NAMES_BYTES + 262144);
    int rc = pack_all(report, &arena, id, max_frame, out, err);
    arena_release(&arena);
    return rc;
}
