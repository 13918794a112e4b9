#include "daemon/core/directory.h"

#include "common/error.h"
#include "daemon/core/directory_private.h"
#include "daemon/core/roles.h"
#include <stdlib.h>
#include <string.h>

/* All four structs that are listed are ordered by the first text that names them. */
static int by_office(const void *a, const void *b)
{
    const struct office *const *x = a, *const *y = b;
    return strcmp((*x)->code, (*y)->code);
}

static int by_service(const void *a, const void *b)
{
    const struct service *const *x = a, *const *y = b;
    int order = ((*x)->office_id > (*y)->office_id) - ((*x)->office_id < (*y)->office_id);
    return order ? order : strcmp((*x)->code, (*y)->code);
}

static int by_instrument(const void *a, const void *b)
{
    const struct instrument *const *x = a, *const *y = b;
    return strcmp((*x)->code, (*y)->code);
}

static int by_principal(const void *a, const void *b)
{
    const struct principal *const *x = a, *const *y = b;
    int order = ((*x)->role > (*y)->role) - ((*x)->role < (*y)->role);
    return order ? order : strcmp((*x)->name, (*y)->name);
}

static void sort(struct list *list, int (*order)(const void *, const void *))
{
    if (list->count)
        qsort(list->item, list->count, sizeof *list->item, order);
}

static int tie_offices(struct directory *d, struct error *err)
{
    for (size_t i = 0; i < d->offices.count; i++) {
        struct office *o = d->offices.item[i];
        if (o->zone == ZONE_NONE)
            return error_set(err, ERROR_INTERNAL, "zone", "office %s has no time zone", o->code);
        if (!o->parent_id)
            continue;
        o->parent = directory_office_by_id(d, o->parent_id);
        if (!o->parent)
            return error_set(err, ERROR_INTERNAL, "parent", "office %s has an unknown parent",
                             o->code);
    }
    for (size_t i = 0; i < d->offices.count; i++) {
        const struct office *top = d->offices.item[i];
        size_t steps = 0;
        for (const struct office *o = top; o; o = o->parent)
            if (steps++ > d->offices.count)
                return error_set(err, ERROR_INTERNAL, "parent", "office %s is above itself",
                                 top->code);
    }
    return 0;
}

static int tie_principals(struct directory *d, struct error *err)
{
    for (size_t i = 0; i < d->principals.count; i++) {
        struct principal *p = d->principals.item[i];
        if (p->office_id)
            p->office = directory_office_by_id(d, p->office_id);
        bool needs_office = p->role == ROLE_OFFICE || p->role == ROLE_SUPERVISOR;
        if (needs_office != (p->office != NULL))
            return error_set(err, ERROR_INTERNAL, "principal", "principal %s:%s %s",
                             role_name(p->role), p->name,
                             needs_office ? "has no office" : "must not have an office");
    }
    return 0;
}

int directory_seal(struct directory *d, struct error *err)
{
    if (tie_offices(d, err) != 0 || tie_principals(d, err) != 0 ||
        directory_check_instruments(d, err) != 0)
        return -1;
    sort(&d->offices, by_office);
    sort(&d->services, by_service);
    sort(&d->instruments, by_instrument);
    sort(&d->principals, by_principal);
    return 0;
}
