#include "common/arena.h"

#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void owns_nothing_at_first(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1000);
    assert_null(arena.blocks);
    assert_int_equal(arena.held, 0);
    arena_clear(&arena);
    arena_release(&arena);
    arena_release(&arena);
}

/* Each piece is aligned, and none overlaps another: each keeps the byte it was filled with. */
static void hands_out_separate_pieces(void **state)
{
    (void)state;
    enum { PIECES = 3000 };
    static unsigned char *piece[PIECES];
    static size_t size[PIECES];
    uint64_t seed = 2;
    struct arena arena;
    arena_init(&arena, (size_t)64 << 20);
    for (int round = 0; round < 5; round++) {
        for (size_t i = 0; i < PIECES; i++) {
            size[i] = generate_below(&seed, i % 100 == 0 ? 50000 : 200);
            piece[i] = arena_alloc(&arena, size[i]);
            assert_non_null(piece[i]);
            assert_int_equal((uintptr_t)piece[i] % 16, 0);
            memset(piece[i], (int)(i % 251), size[i]);
        }
        for (size_t i = 0; i < PIECES; i++)
            for (size_t k = 0; k < size[i]; k++)
                assert_int_equal(piece[i][k], i % 251);
        assert_false(arena.refused);
        arena_clear(&arena);
    }
    arena_release(&arena);
}

/* Whatever the pattern of sizes, held stays under the cap, and what was refused is said. */
static void never_holds_more_than_the_cap(void **state)
{
    (void)state;
    static const size_t caps[] = {0, 1, 31, 32, 48, 100, 4095, 4096, 4097, 10000, 65536, 1 << 20};
    uint64_t seed = 3;
    for (size_t c = 0; c < sizeof caps / sizeof *caps; c++) {
        for (int round = 0; round < 50; round++) {
            struct arena arena;
            arena_init(&arena, caps[c]);
            size_t given = 0;
            int misses = 0;
            while (misses < 20) {
                size_t size = generate_below(&seed, (size_t)1 << generate_below(&seed, 16));
                void *piece = arena_alloc(&arena, size);
                assert_true(arena.held <= caps[c]);
                if (piece) {
                    memset(piece, 1, size);
                    given += size;
                } else {
                    misses++;
                    assert_true(arena.refused);
                }
            }
            assert_true(given <= caps[c]);
            arena_clear(&arena);
            assert_false(arena.refused);
            assert_true(arena.held <= caps[c]);
            arena_release(&arena);
            assert_int_equal(arena.held, 0);
        }
    }
}

/* One allocation may take all but the block's header. */
static void can_use_the_cap(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 100000);
    assert_non_null(arena_alloc(&arena, 99900));
    assert_false(arena.refused);
    arena_release(&arena);
    for (size_t total = 0;; total += 16) {
        if (arena_alloc(&arena, 16))
            continue;
        assert_true(total >= 90000);
        break;
    }
    arena_release(&arena);
}

static void refuses_sizes_that_overflow(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, (size_t)1 << 30); /* a size that wraps round would be taken */
    for (size_t below = 0; below < 100; below++) {
        volatile size_t size = SIZE_MAX - below; /* or the compiler sees it and warns */
        assert_null(arena_alloc(&arena, size));
        assert_true(arena.refused);
        arena_clear(&arena);
    }
    arena_release(&arena);
}

static void clear_keeps_the_largest_block(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    assert_non_null(arena_alloc(&arena, 100));
    assert_non_null(arena_alloc(&arena, 200000));
    assert_non_null(arena_alloc(&arena, 3000));
    arena_clear(&arena);
    assert_true(arena.held > 200000 && arena.held < 201000);
    size_t held = arena.held;
    assert_non_null(arena_alloc(&arena, 200000));
    assert_int_equal(arena.held, held);
    arena.cap = 1000; /* a smaller frame comes next */
    arena_clear(&arena);
    assert_int_equal(arena.held, 0);
    arena_release(&arena);
}

static void is_an_allocator(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 10000);
    void *piece = arena.allocator.alloc(arena.allocator.allocator_data, 9000);
    assert_non_null(piece);
    arena.allocator.free(arena.allocator.allocator_data, piece);
    assert_null(arena.allocator.alloc(arena.allocator.allocator_data, 9000));
    assert_true(arena.refused);
    arena_release(&arena);
}

static void copies_text(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 10000);
    assert_string_equal(arena_strndup(&arena, "kantor!", 6), "kantor");
    assert_string_equal(arena_strndup(&arena, NULL, 0), "");
    static const char large[20000];
    assert_null(arena_strndup(&arena, large, sizeof large));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owns_nothing_at_first),
        cmocka_unit_test(hands_out_separate_pieces),
        cmocka_unit_test(never_holds_more_than_the_cap),
        cmocka_unit_test(can_use_the_cap),
        cmocka_unit_test(refuses_sizes_that_overflow),
        cmocka_unit_test(clear_keeps_the_largest_block),
        cmocka_unit_test(is_an_allocator),
        cmocka_unit_test(copies_text),
    };
    return cmocka_run_group_tests_name("common/arena", tests, NULL, NULL);
}
