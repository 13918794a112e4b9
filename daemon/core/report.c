#include "daemon/core/report.h"

#include "common/error.h"
#include "common/text.h"
#include "common/wire.h"
#include "daemon/core/report_private.h"
#include "daemon/core/roles.h"
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

/* "no office BBPOM-SMQ; the nearest is BBPOM-SMG": known may hold NULLs. Peer text is escaped. */
static int unknown(struct error *err, const char *field, ProtobufCBinaryData given,
                   const char *const *known, size_t count)
{
    struct buf shown = {0};
    char word[128];
    size_t size = given.len < sizeof word - 1 ? given.len : sizeof word - 1;
    if (size)
        memcpy(word, given.data, size);
    word[size] = '\0';
    text_escape(&shown, word, strlen(word));
    const char *near = text_nearest(word, known, count);
    const char *name = shown.data ? shown.data : "";
    int rc = near ? error_set(err, ERROR_INVALID, field, "no %s %s is known; the nearest is %s",
                              field, name, near)
                  : error_set(err, ERROR_INVALID, field, "no %s %s is known", field, name);
    buf_release(&shown);
    return rc;
}

static int unknown_office(const struct directory *d, const struct principal *p,
                          ProtobufCBinaryData given, struct error *err)
{
    size_t count;
    const struct office *const *all = directory_offices(d, &count);
    const char **codes = calloc(count + 1, sizeof *codes);
    for (size_t i = 0; codes && i < count; i++)
        codes[i] = role_sees(p, all[i]) ? all[i]->code : NULL;
    int rc = unknown(err, "office", given, codes, codes ? count : 0);
    free(codes);
    return rc;
}

static int id_order(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Which offices: those named, each checked, or all that the asker may see. */
static int plan_offices(struct report *r, const struct principal *p,
                        const Suara__V1__Report *request, struct error *err)
{
    size_t count, n = 0;
    const struct office *const *all = directory_offices(r->directory, &count);
    if (request->n_office > count)
        return error_set(err, ERROR_INVALID, "office", "more offices are named than there are");
    size_t room = request->n_office ? request->n_office : count;
    r->offices = calloc(room + 1, sizeof *r->offices);
    if (!r->offices)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    for (size_t i = 0; i < request->n_office; i++) {
        ProtobufCBinaryData code = request->office[i];
        const struct office *office = directory_office(r->directory, code.data, code.len);
        if (!office)
            return unknown_office(r->directory, p, code, err);
        if (!role_sees(p, office))
            return error_set(err, ERROR_PERMISSION_DENIED, "office",
                             "%s:%s may not see reports of %s", role_name(p->role), p->name,
                             office->code);
        r->offices[n++] = office->id;
    }
    for (size_t i = 0; request->n_office == 0 && i < count; i++)
        if (role_sees(p, all[i]))
            r->offices[n++] = all[i]->id;
    if (n)
        qsort(r->offices, n, sizeof *r->offices, id_order);
    for (size_t i = 0; i < n; i++)
        if (!r->office_count || r->offices[r->office_count - 1] != r->offices[i])
            r->offices[r->office_count++] = r->offices[i];
    return 0;
}

static int plan_days(struct report *r, const Suara__V1__Report *request, struct error *err)
{
    if (!civil_valid(request->from))
        return error_set(err, ERROR_INVALID, "from", "%u is no day between %u and %u",
                         request->from, CIVIL_FIRST, CIVIL_LAST);
    if (!civil_valid(request->to) || request->to < request->from)
        return error_set(err, ERROR_INVALID, "to", "%u is no day, or is before %u", request->to,
                         request->from);
    r->from = request->from;
    r->to = request->to;
    return 0;
}

static int plan_by(struct report *r, const Suara__V1__Report *request, struct error *err)
{
    const char *names[BY_COUNT];
    r->by = BY_COUNT;
    for (int by = 0; by < BY_COUNT; by++) {
        names[by] = by ? bys[by].name : NULL;
        if (wire_is(&request->by, bys[by].name))
            r->by = (enum report_by)by;
    }
    return r->by == BY_COUNT ? unknown(err, "by", request->by, names, BY_COUNT) : 0;
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
        return unknown(err, "perspective", request->perspective, names, 3);
    r->perspective = term->id;
    return 0;
}

static int plan_instrument(struct report *r, const Suara__V1__Report *request, struct error *err)
{
    ProtobufCBinaryData code =
        request->instrument.len ? request->instrument : wire_text("skm-2017");
    r->instrument = directory_instrument(r->directory, code.data, code.len);
    if (!r->instrument) {
        const char *codes[64] = {NULL};
        size_t count;
        const struct instrument *const *all = directory_instruments(r->directory, &count);
        count = count < 64 ? count : 64;
        for (size_t i = 0; i < count; i++)
            codes[i] = all[i]->code;
        return unknown(err, "instrument", code, codes, count);
    }
    r->method = index_method(r->instrument, request->method.data, request->method.len);
    if (!r->method) {
        const char *names[INSTRUMENT_METHODS_MAX];
        for (size_t i = 0; i < r->instrument->methods; i++)
            names[i] = r->instrument->method[i].name;
        return unknown(err, "method", request->method, names, r->instrument->methods);
    }
    return 0;
}

int report_plan(struct report *report, const struct directory *directory,
                const struct principal *principal, const Suara__V1__Report *request,
                struct error *err)
{
    *report = (struct report){.directory = directory};
    if (plan_days(report, request, err) != 0 || plan_by(report, request, err) != 0 ||
        plan_perspective(report, request, err) != 0 || plan_instrument(report, request, err) != 0 ||
        plan_offices(report, principal, request, err) != 0) {
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
    free(report->offices);
    *report = (struct report){0};
}
