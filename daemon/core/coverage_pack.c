#include "common/error.h"
#include "common/figure.h"
#include "common/wire.h"
#include "daemon/core/coverage_private.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_PER_REPLY 256u

/* Offices by code, each before its services by theirs. */
static int code_order(const void *a, const void *b)
{
    const struct coverage_row *x = a, *y = b;
    int order = strcmp(x->office->code, y->office->code);
    if (order != 0 || x->service == y->service)
        return order;
    if (!x->service || !y->service)
        return x->service ? 1 : -1;
    return strcmp(x->service->code, y->service->code);
}

/* The last receipt is the office's; its services show it, too. */
static void spread_receipts(struct coverage *c)
{
    uint64_t received = 0;
    for (size_t i = 0; i < c->row_count; i++) {
        if (c->rows[i].service)
            c->rows[i].received = received;
        received = c->rows[i].received;
    }
}

static void fill_row(const struct coverage_row *row, Suara__V1__CoverageRow *out)
{
    suara__v1__coverage_row__init(out);
    out->office = wire_text(row->office->code);
    out->service = wire_text(row->service ? row->service->code : "");
    out->name = wire_text(row->service ? row->service->name : row->office->name);
    out->n = row->n;
    out->population_known = row->population_known;
    if (row->population_known) {
        out->population = row->population;
        out->need = figure_sample_need(row->population);
    }
    out->last_receipt = row->received;
    out->last_collected = row->collected;
}

static int pack_part(const struct coverage_row *rows, size_t count, uint64_t id, bool last,
                     uint32_t max_frame, struct buf *out, struct error *err)
{
    Suara__V1__CoverageRow body[ROWS_PER_REPLY], *list[ROWS_PER_REPLY];
    Suara__V1__CoverageRows part = SUARA__V1__COVERAGE_ROWS__INIT;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    for (size_t i = 0; i < count; i++) {
        fill_row(&rows[i], &body[i]);
        list[i] = &body[i];
    }
    part.row = list;
    part.n_row = count;
    reply.id = id;
    reply.last = last;
    reply.body_case = SUARA__V1__REPLY__BODY_COVERAGE;
    reply.coverage = &part;
    return wire_pack(out, &reply.base, max_frame, err);
}

int coverage_pack(struct coverage *c, uint64_t id, uint32_t max_frame, struct buf *out,
                  struct error *err)
{
    size_t done = 0;
    coverage_complete(c);
    if (c->failed)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    if (c->row_count)
        qsort(c->rows, c->row_count, sizeof *c->rows, code_order);
    spread_receipts(c);
    do {
        size_t left = c->row_count - done, count = left < ROWS_PER_REPLY ? left : ROWS_PER_REPLY;
        if (pack_part(c->rows + done, count, id, count == left, max_frame, out, err) != 0)
            return -1;
        done += count;
    } while (done < c->row_count);
    return 0;
}
