/*
 * A capped bump allocator. What a peer sent is unpacked into one and thrown away whole; the cap
 * bounds what a frame may cost, whatever is in it (1 MiB of empty submessages would unpack to 92 MB
 * of heap with protobuf-c 1.4.1).
 */
#ifndef SUARA_COMMON_ARENA_H
#define SUARA_COMMON_ARENA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;   /* newest first */
    size_t held;                  /* bytes got from malloc */
    size_t cap;                   /* `held` never exceeds it */
    bool refused;                 /* an allocation was refused since the last clear .. */
    bool starved;                 /* .. by malloc, not by the cap */
    ProtobufCAllocator allocator; /* hands out of this arena; free does nothing */
};

/* Owns no memory until the first allocation. The arena must not move afterwards. */
void arena_init(struct arena *arena, size_t cap);

/* Frees everything; the arena is as after init. */
void arena_release(struct arena *arena);

/* Forgets everything, keeps the largest block (if it is under the cap) for the next use: for frame
 * after frame four times as fast as release. `cap` may be changed between clear and use. */
void arena_clear(struct arena *arena);

/* 16-byte aligned, not zeroed. NULL when the cap or malloc refuses (and sets `refused`). */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));

/* A zero-terminated copy of size bytes, or NULL. */
char *arena_strndup(struct arena *arena, const void *data, size_t size);

#endif
