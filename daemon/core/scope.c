#include "daemon/core/scope.h"

#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include "common/wire.h"
#include "daemon/core/roles.h"
#include <stdlib.h>
#include <string.h>

int scope_unknown(struct error *err, const char *field, ProtobufCBinaryData given,
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
    const char *name = buf_text(&shown);
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
    int rc = scope_unknown(err, "office", given, codes, codes ? count : 0);
    free(codes);
    return rc;
}

static int id_order(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void sort_once(int32_t *ids, size_t *count)
{
    size_t n = 0;
    if (*count)
        qsort(ids, *count, sizeof *ids, id_order);
    for (size_t i = 0; i < *count; i++)
        if (!n || ids[n - 1] != ids[i])
            ids[n++] = ids[i];
    *count = n;
}

/* Is it, or one above it, among these? */
static bool below(const struct office *office, const int32_t *ids, size_t count)
{
    for (; office; office = office->parent)
        if (bsearch(&office->id, ids, count, sizeof *ids, id_order))
            return true;
    return false;
}

static int name_offices(int32_t *ids, const struct directory *d, const struct principal *p,
                        const ProtobufCBinaryData *code, size_t codes, struct error *err)
{
    for (size_t i = 0; i < codes; i++) {
        const struct office *office = directory_office(d, code[i].data, code[i].len);
        if (!office)
            return unknown_office(d, p, code[i], err);
        if (!role_sees(p, office))
            return error_set(err, ERROR_PERMISSION_DENIED, "office",
                             "%s:%s may not see reports of %s", role_name(p->role), p->name,
                             office->code);
        ids[i] = office->id;
    }
    return 0;
}

int scope_offices(struct scope *scope, const struct directory *d, const struct principal *p,
                  const ProtobufCBinaryData *code, size_t codes, bool subtree, struct error *err)
{
    size_t count, named = codes;
    const struct office *const *all = directory_offices(d, &count);
    if (codes > count)
        return error_set(err, ERROR_INVALID, "office", "more offices are named than there are");
    int32_t *ids = calloc(count + 1, sizeof *ids);
    int32_t *tops = calloc(codes + 1, sizeof *tops);
    int rc = -1;
    if (!ids || !tops)
        (void)error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    else
        rc = name_offices(tops, d, p, code, codes, err);
    if (rc == 0) {
        size_t n = 0;
        sort_once(tops, &named);
        for (size_t i = 0; i < count; i++) {
            const struct office *o = all[i];
            bool in = codes == 0 ? role_sees(p, o)
                      : subtree  ? below(o, tops, named)
                                 : bsearch(&o->id, tops, named, sizeof *tops, id_order) != NULL;
            if (in)
                ids[n++] = o->id;
        }
        sort_once(ids, &n);
        scope->offices = ids;
        scope->office_count = n;
        ids = NULL;
    }
    free(ids);
    free(tops);
    return rc;
}

bool scope_has(const struct scope *scope, int32_t office_id)
{
    return bsearch(&office_id, scope->offices, scope->office_count, sizeof office_id, id_order) !=
           NULL;
}

int scope_days(struct scope *scope, uint32_t from, uint32_t to, struct error *err)
{
    if (!civil_valid(from))
        return error_set(err, ERROR_INVALID, "from", "%u is no day between %u and %u", from,
                         CIVIL_FIRST, CIVIL_LAST);
    if (!civil_valid(to) || to < from)
        return error_set(err, ERROR_INVALID, "to", "%u is no day, or is before %u", to, from);
    scope->from = from;
    scope->to = to;
    return 0;
}

const struct instrument *scope_instrument(const struct directory *d, ProtobufCBinaryData code,
                                          struct error *err)
{
    const char *codes[64] = {NULL};
    size_t count;
    if (code.len == 0)
        code = wire_text("skm-2017");
    const struct instrument *instrument = directory_instrument(d, code.data, code.len);
    if (instrument)
        return instrument;
    const struct instrument *const *all = directory_instruments(d, &count);
    count = count < 64 ? count : 64;
    for (size_t i = 0; i < count; i++)
        codes[i] = all[i]->code;
    (void)scope_unknown(err, "instrument", code, codes, count);
    return NULL;
}

void scope_release(struct scope *scope)
{
    free(scope->offices);
    *scope = (struct scope){0};
}
