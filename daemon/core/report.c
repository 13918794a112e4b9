#include "daemon/core/report.h"

#include "common/error.h"
#include "common/wire.h"
#include "daemon/core/report_private.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum dim dim;
    bool months;
} bys[BY_COUNT] = {
    [BY_NOTHING] = {"", DIM_ALL, false},
    [BY_OFFICE] = {"office", DIM_ALL, false},
    [BY_SERVICE] = {"service", DIM_SERVICE, false},
    [BY_CHANNEL] = {"channel", DIM_CHANNEL, false},
    [BY_STAKEHOLDER] = {"stakeholder", DIM_STAKEHOLDER, false},
    [BY_PERSPECTIVE] = {"perspective", DIM_ALL, false},
    [BY_MONTH] = {"month", DIM_ALL, true},
    [BY_YEAR] = {"year", DIM_ALL, true},
};

static int plan_by(struct report *r, const Suara__V1__Report *request, struct error *err)
{
    const char *names[BY_COUNT];
    r->by = BY_COUNT;
    for (int by = 0; by < BY_COUNT; by++) {
        names[by] = by ? bys[by].name : NULL;
        if (wire_is(&request->by, bys[by].name))
            r->by = (enum report_by)by;
    }
    return r->by == BY_COUNT ? scope_unknown(err, "by", request->by, names, BY_COUNT) : 0;
}

static int plan_perspective(struct report *r, const Suara__V1__Report *request, struct error *err)
{
    static const char *const names[] = {"recipient", "provider", "all"};
    bool all = wire_is(&request->perspective, "all");
    r->perspective = PERSPECTIVE_RECIPIENT;
    if (all || (r->by == BY_PERSPECTIVE && request->perspective.len == 0)) {
        if (r->by != BY_PERSPECTIVE)
            return error_set(err, ERROR_INVALID, "perspective",
                             "recipients and providers are never mixed in one figure: ask with "
                             "by = perspective, or for one of them");
        r->perspective = PERSPECTIVE_ALL;
        return 0;
    }
    if (request->perspective.len == 0)
        return 0;
    const struct term *term = directory_term(r->directory, DIM_PERSPECTIVE,
                                             request->perspective.data, request->perspective.len);
    if (!term || !term->id)
        return scope_unknown(err, "perspective", request->perspective, names, 3);
    r->perspective = term->id;
    return 0;
}

static int plan_instrument(struct report *r, const Suara__V1__Report *request, struct error *err)
{
    r->instrument = scope_instrument(r->directory, request->instrument, err);
    if (!r->instrument)
        return -1;
    r->method = index_method(r->instrument, request->method.data, request->method.len);
    if (!r->method) {
        const char *names[INSTRUMENT_METHODS_MAX];
        for (size_t i = 0; i < r->instrument->methods; i++)
            names[i] = r->instrument->method[i].name;
        return scope_unknown(err, "method", request->method, names, r->instrument->methods);
    }
    return 0;
}

int report_plan(struct report *report, const struct directory *directory,
                const struct principal *principal, const Suara__V1__Report *request,
                struct error *err)
{
    *report = (struct report){.directory = directory};
    if (scope_days(&report->scope, request->from, request->to, err) != 0 ||
        plan_by(report, request, err) != 0 || plan_perspective(report, request, err) != 0 ||
        plan_instrument(report, request, err) != 0 ||
        scope_offices(&report->scope, directory, principal, request->office, request->n_office,
                      request->subtree, err) != 0) {
        report_release(report);
        return -1;
    }
    return 0;
}

enum dim report_dim(const struct report *report)
{
    return bys[report->by].dim;
}

bool report_by_month(const struct report *report)
{
    return bys[report->by].months;
}

/* ---- folding -------------------------------------------------------------------------------- */

struct report_row *report_row(struct report *report, int32_t key)
{
    struct report_row *row = NULL;
    HASH_FIND(hh, report->rows, &key, sizeof key, row);
    if (row)
        return row;
    row = calloc(1, sizeof *row + report->instrument->elements * sizeof row->sum[0]);
    if (!row) {
        report->failed = true;
        return NULL;
    }
    row->key = key;
    HASH_ADD(hh, report->rows, key, sizeof row->key, row);
    if (row->lost) {
        report->failed = true;
        free(row);
        return NULL;
    }
    return row;
}

static int32_t key_of(enum report_by by, const struct report_cell *cell)
{
    switch (by) {
    case BY_OFFICE:
        return cell->office_id;
    case BY_SERVICE:
    case BY_CHANNEL:
    case BY_STAKEHOLDER:
        return cell->value;
    case BY_PERSPECTIVE:
        return cell->perspective;
    case BY_MONTH:
        return (int32_t)(cell->month / 100);
    case BY_YEAR:
        return (int32_t)(cell->month / 10000);
    case BY_NOTHING:
    case BY_COUNT:
        break;
    }
    return 0;
}

void report_add(struct report *report, const struct report_cell *cell)
{
    struct report_row *row = report_row(report, key_of(report->by, cell));
    if (!row || cell->n <= 0)
        return;
    if (row->last_office != cell->office_id) {
        row->last_office = cell->office_id;
        row->offices++;
    }
    row->n += (uint64_t)cell->n;
    for (size_t e = 0; e < cell->elements && e < report->instrument->elements; e++)
        row->sum[e] += (uint64_t)cell->sums[e];
}

void report_release(struct report *report)
{
    struct report_row *row, *next;
    HASH_ITER (hh, report->rows, row, next) {
        HASH_DEL(report->rows, row);
        free(row);
    }
    scope_release(&report->scope);
    *report = (struct report){0};
}
