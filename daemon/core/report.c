#include "daemon/core/report.h"

#include "common/error.h"
#include "common/wire.h"
#include "daemon/core/report_private.h"
#include "daemon/core/roles.h"
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 256u /* in the filters of one request */

static int no_memory(struct error *err)
{
    return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
}

static int plan_axes(struct report *r, const Suara__V1__Report *request, struct error *err)
{
    r->axis[0] = axis_parse(request->by, "by", err);
    r->axis[1] = r->axis[0] ? axis_parse(request->by2, "by2", err) : NULL;
    return r->axis[1] ? axis_pair(r->axis[0], r->axis[1], err) : -1;
}

static int plan_perspective(struct report *r, const Suara__V1__Report *request, struct error *err)
{
    static const char *const names[] = {"recipient", "provider", "all"};
    bool all = wire_is(&request->perspective, "all"), apart = false;
    for (unsigned a = 0; a < 2; a++)
        apart |= r->axis[a]->kind == AXIS_PERSPECTIVE;
    r->perspective = PERSPECTIVE_RECIPIENT;
    if (all || (apart && request->perspective.len == 0)) {
        if (!apart)
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

/* ---- filters --------------------------------------------------------------------------------- */

static int add_filter(struct report *r, enum dim dim, int32_t value, struct error *err)
{
    size_t n = r->filter_count;
    if (n == REPORT_FILTERS_MAX)
        return error_set(err, ERROR_TOO_LARGE, axis_dim_name(dim),
                         "the filters choose more than %u values of all offices together: name "
                         "fewer offices, or fewer values",
                         REPORT_FILTERS_MAX);
    if (n % 64 == 0) {
        struct report_filter *grown = realloc(r->filters, (n + 64) * sizeof *grown);
        if (!grown)
            return no_memory(err);
        r->filters = grown;
    }
    r->filters[r->filter_count++] = (struct report_filter){dim, value};
    return 0;
}

/* A service is known by its code in each office; it must be one of some office in scope. */
static int filter_service(struct report *r, ProtobufCBinaryData code, struct error *err)
{
    const struct directory *d = r->directory;
    size_t before = r->filter_count, count;
    for (size_t i = 0; i < r->scope.office_count; i++) {
        const struct service *s = directory_service(d, r->scope.offices[i], code.data, code.len);
        if (s && add_filter(r, DIM_SERVICE, s->id, err) != 0)
            return -1;
    }
    if (r->filter_count > before)
        return 0;
    const struct service *const *all = directory_services(d, &count);
    const char **codes = calloc(count + 1, sizeof *codes);
    for (size_t i = 0; codes && i < count; i++)
        codes[i] = scope_has(&r->scope, all[i]->office_id) ? all[i]->code : NULL;
    int rc = scope_unknown(err, "service", code, codes, codes ? count : 0);
    free(codes);
    return rc;
}

static int filter_term(struct report *r, enum dim dim, ProtobufCBinaryData code, struct error *err)
{
    const struct term *term = directory_term(r->directory, dim, code.data, code.len);
    if (term)
        return add_filter(r, dim, term->id, err);
    const char *codes[VALUES_MAX];
    size_t count = 0;
    for (int16_t id = 1; id < 1000 && count < VALUES_MAX; id++) {
        const struct term *known = directory_term_by_id(r->directory, dim, id);
        if (known)
            codes[count++] = known->code;
    }
    return scope_unknown(err, axis_dim_name(dim), code, codes, count);
}

static int plan_filters(struct report *r, const Suara__V1__Report *request, struct error *err)
{
    size_t values = 0;
    bool seen[DIM_COUNT] = {false};
    for (size_t f = 0; f < request->n_filter; f++) {
        const Suara__V1__Filter *filter = request->filter[f];
        enum dim dim = axis_filter(filter->dimension, err);
        if (dim == DIM_ALL)
            return -1;
        const char *name = axis_dim_name(dim);
        if (filter->n_value == 0 || seen[dim])
            return error_set(err, ERROR_INVALID, name, "%s",
                             filter->n_value == 0
                                 ? "a filter names at least one value"
                                 : "a dimension is filtered once: name all its values there");
        seen[dim] = true;
        values += filter->n_value;
        if (values > VALUES_MAX)
            return error_set(err, ERROR_TOO_LARGE, name,
                             "the filters of a report name at most %u values", VALUES_MAX);
        for (size_t v = 0; v < filter->n_value; v++)
            if ((dim == DIM_SERVICE ? filter_service(r, filter->value[v], err)
                                    : filter_term(r, dim, filter->value[v], err)) != 0)
                return -1;
    }
    return 0;
}

/* ---- small cells ----------------------------------------------------------------------------- */

/* The dimensions that axes and filters ask for: how many, how many of them traits, and one. */
struct asked {
    unsigned dims, traits;
    enum dim trait, other;
};

static struct asked asked_for(const struct report *r)
{
    struct asked asked = {0};
    bool seen[DIM_COUNT] = {false};
    for (unsigned a = 0; a < 2; a++)
        seen[r->axis[a]->dim] = true;
    for (size_t i = 0; i < r->filter_count; i++)
        seen[r->filters[i].dim] = true;
    for (int dim = DIM_ALL + 1; dim < DIM_COUNT; dim++) {
        bool trait = axis_profile((enum dim)dim);
        if (!seen[dim])
            continue;
        asked.dims++;
        if (trait && asked.traits++ == 0)
            asked.trait = (enum dim)dim;
        else
            asked.other = (enum dim)dim;
    }
    return asked;
}

/* An office may see all of its own. */
static bool own_figures(const struct report *r, const struct principal *p)
{
    return p->role == ROLE_OFFICE && p->office && r->scope.office_count == 1 &&
           r->scope.offices[0] == p->office->id;
}

static int plan_hiding(struct report *r, const struct principal *p,
                       const struct report_rules *rules, const Suara__V1__Report *request,
                       struct error *err)
{
    struct asked asked = asked_for(r);
    if (asked.traits == 0 || rules->small_cell < 2 || (own_figures(r, p) && !request->public_))
        return 0;
    const char *trait = axis_dim_name(asked.trait);
    if (asked.dims > 1)
        return error_set(err, ERROR_PERMISSION_DENIED, axis_dim_name(asked.other),
                         "%s together with %s could show single respondents: ask for one of them "
                         "at a time; only an office may see both, of itself",
                         trait, axis_dim_name(asked.other));
    if (r->spread)
        return error_set(err, ERROR_PERMISSION_DENIED, "spread",
                         "how many gave each rating, by %s, could show single respondents: ask "
                         "for one of them at a time",
                         trait);
    if (r->mean_of_offices)
        return error_set(err, ERROR_INVALID, "mean_of_offices",
                         "by %s small cells are hidden, so that the mean of offices can't be "
                         "told: ask for all respondents together",
                         trait);
    r->small_cell = rules->small_cell;
    r->blocks = report_blocks_new(asked.trait);
    if (!r->blocks)
        return no_memory(err);
    if (r->scope.to >= rules->today) /* what has not ended yet is told as far as it goes */
        r->scope.to = civil_make(r->scope.to / 10000, 12, 31);
    return 0;
}

int report_plan(struct report *report, const struct directory *directory,
                const struct principal *principal, const struct report_rules *rules,
                const Suara__V1__Report *request, struct error *err)
{
    *report = (struct report){.directory = directory,
                              .spread = request->spread,
                              .mean_of_offices = request->mean_of_offices};
    arena_init(&report->arena, REPORT_BYTES_MAX);
    if (scope_days(&report->scope, request->from, request->to, err) != 0 ||
        plan_axes(report, request, err) != 0 || plan_perspective(report, request, err) != 0 ||
        plan_instrument(report, request, err) != 0 ||
        scope_offices(&report->scope, directory, principal, request->office, request->n_office,
                      request->subtree, err) != 0 ||
        plan_filters(report, request, err) != 0 ||
        plan_hiding(report, principal, rules, request, err) != 0) {
        report_release(report);
        return -1;
    }
    return 0;
}

struct report_reading report_reading(const struct report *report)
{
    struct report_reading reading = {.blocks = report->blocks != NULL};
    unsigned dims = 0;
    for (unsigned a = 0; a < 2; a++) {
        if (report->axis[a]->kind == AXIS_VALUE)
            reading.dim[dims++] = report->axis[a]->dim;
        if (report->axis[a]->kind == AXIS_TIME)
            reading.unit = report->axis[a]->unit;
    }
    if (report->blocks)
        reading.dim[0] = report_blocks_dim(report->blocks);
    return reading;
}
