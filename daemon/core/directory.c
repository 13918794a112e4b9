#include "daemon/core/directory.h"

#include "daemon/core/directory_private.h"
#include "daemon/core/roles.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) ((element)->failed = true)
#include <uthash.h>

#define DIRECTORY_CAP (512u * 1024u * 1024u) /* a nation of offices takes a hundredth of it */
#define KEY_MAX       128u

/* Every look-up is by kind, owner (an id, a dimension, a role) and code: one table serves them all.
 */
struct entry {
    UT_hash_handle hh;
    void *item;
    bool failed;
    unsigned size;
    unsigned char key[];
};

static unsigned make_key(unsigned char key[KEY_MAX], enum kind kind, int32_t owner,
                         const void *code, size_t size)
{
    if (size > KEY_MAX - 8)
        return 0;
    memset(key, 0, 8);
    key[0] = (unsigned char)kind;
    memcpy(key + 4, &owner, sizeof owner);
    if (size)
        memcpy(key + 8, code, size);
    return (unsigned)size + 8;
}

void *directory_find(const struct directory *d, enum kind kind, int32_t owner, const void *code,
                     size_t size)
{
    unsigned char key[KEY_MAX];
    unsigned length = make_key(key, kind, owner, code, size);
    struct entry *entry = NULL;
    if (length)
        HASH_FIND(hh, d->table, key, length, entry);
    return entry ? entry->item : NULL;
}

int directory_enter(struct directory *d, enum kind kind, int32_t owner, const char *code,
                    void *item)
{
    unsigned char key[KEY_MAX];
    unsigned length = make_key(key, kind, owner, code, code ? strlen(code) : 0);
    if (!length || directory_find(d, kind, owner, code, length - 8))
        return -1;
    struct entry *entry = arena_alloc(&d->arena, sizeof *entry + length);
    if (!entry)
        return -1;
    memset(entry, 0, sizeof *entry);
    entry->item = item;
    entry->size = length;
    memcpy(entry->key, key, length);
    HASH_ADD_KEYPTR(hh, d->table, entry->key, length, entry);
    return entry->failed ? -1 : 0;
}

int directory_list_add(struct list *list, void *item)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 64;
        void **grown = realloc(list->item, room * sizeof *grown);
        if (!grown)
            return -1;
        list->item = grown;
        list->room = room;
    }
    list->item[list->count++] = item;
    return 0;
}

const char *directory_keep(struct directory *d, const char *text)
{
    return arena_strndup(&d->arena, text ? text : "", text ? strlen(text) : 0);
}

void *directory_make(struct directory *d, size_t size)
{
    void *item = arena_alloc(&d->arena, size);
    return item ? memset(item, 0, size) : NULL;
}

struct directory *directory_new(void)
{
    struct directory *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->holders = 1;
    arena_init(&d->arena, DIRECTORY_CAP);
    return d;
}

struct directory *directory_ref(struct directory *d)
{
    d->holders++;
    return d;
}

void directory_free(struct directory **dp)
{
    struct directory *d = *dp;
    *dp = NULL;
    if (!d || --d->holders > 0)
        return;
    HASH_CLEAR(hh, d->table);
    free(d->offices.item);
    free(d->services.item);
    free(d->instruments.item);
    free(d->principals.item);
    arena_release(&d->arena);
    free(d);
}

int directory_add_office(struct directory *d, int32_t id, const char *code, const char *name,
                         int32_t parent_id, const char *zone)
{
    struct office *o = directory_make(d, sizeof *o);
    if (!o || !(o->code = directory_keep(d, code)) || !(o->name = directory_keep(d, name)))
        return -1;
    o->id = id;
    o->parent_id = parent_id;
    o->zone = zone_parse(zone);
    if (directory_enter(d, BY_OFFICE, 0, code, o) != 0 ||
        directory_enter(d, BY_OFFICE_ID, id, NULL, o) != 0)
        return -1;
    return directory_list_add(&d->offices, o);
}

int directory_add_service(struct directory *d, int32_t id, int32_t office_id, const char *code,
                          const char *name)
{
    struct service *s = directory_make(d, sizeof *s);
    if (!s || !(s->code = directory_keep(d, code)) || !(s->name = directory_keep(d, name)))
        return -1;
    s->id = id;
    s->office_id = office_id;
    if (directory_enter(d, BY_SERVICE, office_id, code, s) != 0 ||
        directory_enter(d, BY_SERVICE_ID, id, NULL, s) != 0)
        return -1;
    return directory_list_add(&d->services, s);
}

int directory_add_term(struct directory *d, enum dim dim, int16_t id, const char *code,
                       const char *name)
{
    struct term *t = directory_make(d, sizeof *t);
    if (!t || !(t->code = directory_keep(d, code)) || !(t->name = directory_keep(d, name)))
        return -1;
    t->dim = dim;
    t->id = id;
    if (directory_enter(d, BY_TERM, (int32_t)dim, code, t) != 0)
        return -1;
    return directory_enter(d, BY_TERM_ID, ((int32_t)dim << 16) | (uint16_t)id, NULL, t);
}

int directory_add_principal(struct directory *d, const char *role, const char *name,
                            int32_t office_id, bool active)
{
    struct principal *p = directory_make(d, sizeof *p);
    if (!p || !(p->name = directory_keep(d, name)))
        return -1;
    p->role = role_parse(role);
    p->office_id = office_id;
    p->active = active;
    if (p->role == ROLE_NONE || directory_enter(d, BY_PRINCIPAL, (int32_t)p->role, name, p) != 0)
        return -1;
    return directory_list_add(&d->principals, p);
}

/* ---- asking --------------------------------------------------------------------------------- */

const struct office *directory_office(const struct directory *d, const void *code, size_t size)
{
    return directory_find(d, BY_OFFICE, 0, code, size);
}

const struct office *directory_office_by_id(const struct directory *d, int32_t id)
{
    return directory_find(d, BY_OFFICE_ID, id, NULL, 0);
}

const struct service *directory_service(const struct directory *d, int32_t office_id,
                                        const void *code, size_t size)
{
    return directory_find(d, BY_SERVICE, office_id, code, size);
}

const struct service *directory_service_by_id(const struct directory *d, int32_t id)
{
    return directory_find(d, BY_SERVICE_ID, id, NULL, 0);
}

const struct instrument *directory_instrument(const struct directory *d, const void *code,
                                              size_t size)
{
    return directory_find(d, BY_INSTRUMENT, 0, code, size);
}

const struct term *directory_term(const struct directory *d, enum dim dim, const void *code,
                                  size_t size)
{
    return directory_find(d, BY_TERM, (int32_t)dim, code, size);
}

const struct term *directory_term_by_id(const struct directory *d, enum dim dim, int16_t id)
{
    return directory_find(d, BY_TERM_ID, (int32_t)((uint32_t)dim << 16 | (uint16_t)id), NULL, 0);
}

const struct principal *directory_principal(const struct directory *d, enum role role,
                                            const char *name)
{
    return directory_find(d, BY_PRINCIPAL, (int32_t)role, name, strlen(name));
}

bool directory_within(const struct office *office, const struct office *top)
{
    while (office && office != top)
        office = office->parent;
    return office != NULL;
}

/* The lists hold pointers of one kind each. */
#define LISTED(name, type, list)                                                                   \
    const struct type *const *name(const struct directory *d, size_t *count)                       \
    {                                                                                              \
        *count = d->list.count;                                                                    \
        return (const struct type *const *)(const void *)d->list.item;                             \
    }

LISTED(directory_offices, office, offices)
LISTED(directory_services, service, services)
LISTED(directory_instruments, instrument, instruments)
LISTED(directory_principals, principal, principals)
