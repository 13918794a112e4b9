#include "common/arena.h"

#include <stdint.h>

#define ARENA_ALIGN 16u
#define BLOCK_LEAST ((size_t)4096)
#define BLOCK_MOST  ((size_t)1024 * 1024)

struct arena_block {
    struct arena_block *next;
    size_t size; /* of the whole block, with this header */
    size_t used; /* likewise */
};

#define HEADER ((sizeof(struct arena_block) + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN)

static void *allocator_alloc(void *data, size_t size)
{
    return arena_alloc(data, size);
}

static void allocator_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

void arena_init(struct arena *arena, size_t cap)
{
    *arena = (struct arena){
        .cap = cap,
        .allocator = {allocator_alloc, allocator_free, arena},
    };
}

void arena_release(struct arena *arena)
{
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    arena->blocks = NULL;
    arena->held = 0;
    arena->refused = arena->starved = false;
}

void arena_clear(struct arena *arena)
{
    struct arena_block *keep = NULL;
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        if (block->size <= arena->cap && (!keep || block->size > keep->size)) {
            free(keep);
            keep = block;
        } else {
            free(block);
        }
    }
    arena->blocks = keep;
    arena->held = 0;
    arena->refused = arena->starved = false;
    if (keep) {
        keep->next = NULL;
        keep->used = HEADER;
        arena->held = keep->size;
    }
}

/* Blocks grow with what is held, so that there are few of them and at most half is wasted. */
static struct arena_block *add_block(struct arena *arena, size_t need)
{
    size_t room = arena->cap > arena->held ? arena->cap - arena->held : 0;
    if (need > room)
        return NULL;
    size_t size = arena->held / 2;
    if (size < BLOCK_LEAST)
        size = BLOCK_LEAST;
    if (size > BLOCK_MOST)
        size = BLOCK_MOST;
    if (size < need)
        size = need;
    if (size > room)
        size = room;
    struct arena_block *block = malloc(size);
    if (!block) {
        arena->starved = true;
        return NULL;
    }
    *block = (struct arena_block){.size = size, .used = HEADER};
    arena->held += size;

    /* The block with more room left stays in front: a large allocation does not end a block that
     * small ones can still use. */
    struct arena_block *front = arena->blocks;
    if (front && front->size - front->used > size - need) {
        block->next = front->next;
        front->next = block;
    } else {
        block->next = front;
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX - HEADER - ARENA_ALIGN) {
        arena->refused = true;
        return NULL;
    }
    size_t need = size ? (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN : ARENA_ALIGN;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < need)
        block = add_block(arena, HEADER + need);
    if (!block) {
        arena->refused = true;
        return NULL;
    }
    void *out = (char *)block + block->used;
    block->used += need;
    return out;
}

char *arena_strndup(struct arena *arena, const void *data, size_t size)
{
    if (size == SIZE_MAX) {
        arena->refused = true;
        return NULL;
    }
    char *out = arena_alloc(arena, size + 1);
    if (!out)
        return NULL;
    if (size)
        memcpy(out, data, size);
    out[size] = '\0';
    return out;
}
