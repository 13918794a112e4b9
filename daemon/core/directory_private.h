/*
 * What the directory's files share: the store behind it.
 */
#ifndef SUARA_DAEMON_CORE_DIRECTORY_PRIVATE_H
#define SUARA_DAEMON_CORE_DIRECTORY_PRIVATE_H

#include "common/arena.h"
#include "daemon/core/directory.h"

enum kind {
    BY_OFFICE,
    BY_OFFICE_ID,
    BY_SERVICE,
    BY_SERVICE_ID,
    BY_INSTRUMENT,
    BY_INSTRUMENT_ID,
    BY_TERM,
    BY_TERM_ID,
    BY_PRINCIPAL
};

struct entry;

struct list {
    void **item;
    size_t count, room;
};

struct directory {
    unsigned holders;
    struct arena arena;
    struct entry *table;
    struct list offices, services, instruments, principals;
};

void *directory_make(struct directory *d, size_t size);            /* zeroed, of its arena; NULL */
const char *directory_keep(struct directory *d, const char *text); /* a copy there; NULL */
int directory_list_add(struct list *list, void *item);

/* -1: no memory, too long a code, or the key is taken. */
int directory_enter(struct directory *d, enum kind kind, int32_t owner, const char *code,
                    void *item);
void *directory_find(const struct directory *d, enum kind kind, int32_t owner, const void *code,
                     size_t size);

/* Is each of them whole? -1 and INTERNAL: no. */
int directory_check_instruments(const struct directory *d, struct error *err);

#endif
