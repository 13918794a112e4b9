/*
 * What directory.c and directory_seal.c share: the store behind a directory.
 */
#ifndef SUARA_DAEMON_CORE_DIRECTORY_PRIVATE_H
#define SUARA_DAEMON_CORE_DIRECTORY_PRIVATE_H

#include "common/arena.h"
#include "daemon/core/directory.h"

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

#endif
