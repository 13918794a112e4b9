#include "daemon/core/coverage_private.h"

#include "common/error.h"
#include "common/wire.h"
#include <stdlib.h>

/* ---- population ----------------------------------------------------------------------------- */

/* The first entry at or behind `at` whose first day is not before `day`. */
static size_t entry_from(const struct coverage_people *entries, size_t at, size_t count,
                         civil_day day)
{
    while (at < count) {
        size_t middle = at + (count - at) / 2;
        if (entries[middle].from < day)
            at = middle + 1;
        else
            count = middle;
    }
    return at;
}

/*
 * From the last entry to the first: `tiles` of an entry = the fewest with which it reaches the end
 * of the period (0: it doesn't), itself included, and `next` the one that follows it. The best
 * entry of a day is the first of that day's that has the fewest, the longest of those.
 */
static size_t best_of(const struct coverage_people *entries, size_t at, size_t count)
{
    size_t best = count;
    civil_day day = at < count ? entries[at].from : 0;
    for (; at < count && entries[at].from == day; at++)
        if (entries[at].tiles && (best == count || entries[at].tiles <= entries[best].tiles))
            best = at;
    return best;
}

bool coverage_population(struct coverage_people *entries, size_t count, civil_day from,
                         civil_day to, uint64_t *people)
{
    for (size_t i = count; i-- > 0;) {
        struct coverage_people *entry = &entries[i];
        entry->tiles = entry->to == to;
        entry->next = count;
        if (entry->to >= to)
            continue;
        civil_day follows = civil_add_days(entry->to, 1);
        size_t at = entry_from(entries, i + 1, count, follows);
        if (at == count || entries[at].from != follows)
            continue;
        entry->next = best_of(entries, at, count);
        entry->tiles = entry->next < count ? entries[entry->next].tiles + 1 : 0;
    }
    if (count == 0 || entries[0].from != from)
        return false;
    size_t at = best_of(entries, 0, count);
    if (at == count)
        return false;
    uint64_t sum = 0;
    for (; at < count; at = entries[at].next)
        sum += entries[at].people;
    *people = sum;
    return true;
}

/* ---- the plan ------------------------------------------------------------------------------- */

static int row_order(const void *a, const void *b)
{
    const struct coverage_row *x = a, *y = b;
    if (x->office->id != y->office->id)
        return x->office->id < y->office->id ? -1 : 1;
    int32_t s = x->service ? x->service->id : 0, t = y->service ? y->service->id : 0;
    return (s > t) - (s < t);
}

static bool in_scope(const struct scope *scope, int32_t office)
{
    size_t low = 0, high = scope->office_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (scope->offices[middle] < office)
            low = middle + 1;
        else
            high = middle;
    }
    return low < scope->office_count && scope->offices[low] == office;
}

static int make_rows(struct coverage *c, struct error *err)
{
    size_t count;
    const struct service *const *services = directory_services(c->directory, &count);
    c->rows = calloc(c->scope.office_count + count + 1, sizeof *c->rows);
    if (!c->rows)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    for (size_t i = 0; i < c->scope.office_count; i++) {
        c->rows[c->row_count].office = directory_office_by_id(c->directory, c->scope.offices[i]);
        c->row_count++;
    }
    for (size_t i = 0; i < count; i++)
        if (in_scope(&c->scope, services[i]->office_id)) {
            c->rows[c->row_count].office =
                directory_office_by_id(c->directory, services[i]->office_id);
            c->rows[c->row_count].service = services[i];
            c->row_count++;
        }
    if (c->row_count)
        qsort(c->rows, c->row_count, sizeof *c->rows, row_order);
    return 0;
}

int coverage_plan(struct coverage *c, const struct directory *directory,
                  const struct principal *principal, const Suara__V1__Coverage *request,
                  struct error *err)
{
    *c = (struct coverage){.directory = directory};
    if (scope_days(&c->scope, request->from, request->to, err) != 0)
        return -1;
    c->instrument = scope_instrument(directory, request->instrument, err);
    if (!c->instrument ||
        scope_offices(&c->scope, directory, principal, request->office, request->n_office,
                      request->subtree, err) != 0 ||
        make_rows(c, err) != 0) {
        coverage_release(c);
        return -1;
    }
    return 0;
}

/* ---- what the database told ----------------------------------------------------------------- */

static struct coverage_row *row_of(struct coverage *c, int32_t office_id, int32_t service_id)
{
    size_t low = 0, high = c->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct coverage_row *row = &c->rows[middle];
        int32_t service = row->service ? row->service->id : 0;
        if (row->office->id < office_id || (row->office->id == office_id && service < service_id))
            low = middle + 1;
        else
            high = middle;
    }
    struct coverage_row *row = low < c->row_count ? &c->rows[low] : NULL;
    bool is =
        row && row->office->id == office_id && (row->service ? row->service->id : 0) == service_id;
    return is ? row : NULL;
}

void coverage_add_responses(struct coverage *c, int32_t office_id, int32_t service_id, uint64_t n)
{
    struct coverage_row *office = row_of(c, office_id, 0);
    struct coverage_row *service = service_id ? row_of(c, office_id, service_id) : NULL;
    if (office)
        office->n += n;
    if (service)
        service->n += n;
}

void coverage_add_seen(struct coverage *c, const struct coverage_seen *seen)
{
    struct coverage_row *row[] = {row_of(c, seen->office_id, 0),
                                  row_of(c, seen->office_id, seen->service_id)};
    for (size_t i = 0; i < 2; i++) {
        if (row[i] && seen->received_ms > 0)
            row[i]->received = (uint64_t)seen->received_ms;
        if (row[i] && seen->collected_ms > 0 && (uint64_t)seen->collected_ms > row[i]->collected)
            row[i]->collected = (uint64_t)seen->collected_ms;
    }
}

/* All entries of one office and service are there. */
static void close_entries(struct coverage *c)
{
    struct coverage_row *row =
        c->entry_count ? row_of(c, c->entries->office_id, c->entries->service_id) : NULL;
    if (row)
        row->population_known = coverage_population(c->entries, c->entry_count, c->scope.from,
                                                    c->scope.to, &row->population);
    c->entry_count = 0;
}

void coverage_add_people(struct coverage *c, const struct coverage_people *people)
{
    if (c->entry_count && (c->entries->office_id != people->office_id ||
                           c->entries->service_id != people->service_id))
        close_entries(c);
    if (c->entry_count == c->entry_room) {
        size_t room = c->entry_room ? 2 * c->entry_room : 64;
        struct coverage_people *more = realloc(c->entries, room * sizeof *more);
        if (!more) {
            c->failed = true;
            return;
        }
        c->entries = more;
        c->entry_room = room;
    }
    c->entries[c->entry_count++] = *people;
}

void coverage_complete(struct coverage *c)
{
    close_entries(c);
}

void coverage_release(struct coverage *c)
{
    scope_release(&c->scope);
    free(c->rows);
    free(c->entries);
    *c = (struct coverage){0};
}
