#include "common/wire.h"

#include "tests/common/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void put_varint(struct buf *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_putc(out, (char)(value | 0x80));
    buf_putc(out, (char)value);
}

/* A frame of the largest size: id, then body field `tag` that holds `piece` over and over. */
static void amplify(struct buf *out, unsigned tag, const char *piece, size_t size)
{
    const size_t inner = (FRAME_MAX_DEFAULT - 16) / size * size;
    put_varint(out, 1 << 3);
    put_varint(out, 4711);
    if (tag) {
        put_varint(out, tag << 3 | 2);
        put_varint(out, inner);
    }
    for (size_t n = 0; n < inner; n += size)
        buf_add(out, piece, size);
    assert_true(out->len <= FRAME_MAX_DEFAULT);
}

static void amplifiers_stay_under_the_cap(void **state)
{
    (void)state;
    static const struct {
        unsigned tag;
        const char *piece;
        size_t size;
    } table[] = {
        {3, "\x22\x00", 2},          /* empty responses */
        {3, "\x1a\x00", 2},          /* empty words */
        {3, "\x1a\x01x", 3},         /* short words */
        {3, "\x22\x02\x6a\x00", 4},  /* responses with an empty comment */
        {3, "\x22\x03\x6a\x01x", 5}, /* and with a short one */
        {3, "\x22\x03\x7a\x01x", 5}, /* and with an unknown field */
        {3, "\xfa\x01\x00", 3},      /* unknown fields */
        {3, "\xf8\x01\x01", 3},      /* unknown numbers */
        {5, "\x1a\x00", 2},          /* empty offices */
        {5, "\x1a\x01x", 3},         /* short offices */
        {4, "\x0a\x01x", 3},         /* the same field again and again */
        {0, "\x12\x00", 2},          /* the same body again and again */
        {0, "\x1a\x00", 2},          /* which is merged */
        {0, "\x1a\x02\x22\x00", 4},  /* with one response each, to be merged */
        {0, "\x12\x00\x1a\x00", 4},  /* bodies in turn */
        {0, "\xf8\x01\x01", 3},      /* unknown fields of the request */
        {0, "\x08\x01", 2},          /* ids */
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct buf frame = {0};
        struct error err = {0};
        uint64_t id = 0;
        struct arena arena;
        amplify(&frame, table[i].tag, table[i].piece, table[i].size);
        arena_init(&arena, wire_arena_cap(frame.len));
        assert_null(wire_request((uint8_t *)frame.data, frame.len, &arena, &id, &err));
        assert_int_equal(err.code, ERROR_TOO_LARGE);
        assert_int_equal(id, 4711);
        assert_true(arena.held <= arena.cap);
        arena_release(&arena);
        buf_release(&frame);
    }
}

/* The arena may refuse at any allocation: the answer is whole, or TOO_LARGE. */
static void bears_every_cap(void **state)
{
    (void)state;
    struct buf frame = {0};
    pack_batch(&frame, 9, 30, true);
    int whole = 0;
    for (size_t cap = 0; cap < 20000; cap += 16) {
        struct arena arena;
        struct error err = {0};
        uint64_t id = 0;
        arena_init(&arena, cap);
        Suara__V1__Request *got =
            wire_request(body(&frame), frame.len - FRAME_HEADER, &arena, &id, &err);
        assert_int_equal(id, 9);
        assert_true(arena.held <= cap);
        whole += got != NULL;
        if (got)
            assert_int_equal(got->submit->n_response, 30);
        else
            assert_int_equal(err.code, ERROR_TOO_LARGE);
        arena_release(&arena);
    }
    assert_true(whole > 100);
    buf_release(&frame);
}

static void take_any(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct error err = {0};
    uint64_t id = 0;
    arena_init(&arena, wire_arena_cap(size));
    if (!wire_request(data, size, &arena, &id, &err))
        assert_true(err.code == ERROR_INVALID || err.code == ERROR_TOO_LARGE ||
                    err.code == ERROR_UNSUPPORTED);
    arena_clear(&arena);
    if (!wire_reply(data, size, &arena, &err))
        assert_true(err.code == ERROR_INVALID || err.code == ERROR_TOO_LARGE ||
                    err.code == ERROR_UNSUPPORTED);
    assert_true(arena.held <= arena.cap);
    arena_release(&arena);
}

/* Every prefix, every changed byte, and noise. The copies are of the exact size, so that a
 * sanitizer sees a read behind the end. */
static void bears_broken_frames(void **state)
{
    (void)state;
    struct buf frame = {0};
    uint64_t seed = 21;
    pack_batch(&frame, 9, 3, true);
    size_t size = frame.len - FRAME_HEADER;
    for (size_t i = 0; i < size; i++) {
        uint8_t *copy = malloc(size);
        assert_non_null(copy);
        memcpy(copy, body(&frame), size);
        for (unsigned flip = 1; flip < 256; flip *= 2) {
            copy[i] = (uint8_t)(body(&frame)[i] ^ flip);
            take_any(copy, size);
        }
        free(copy);
        copy = malloc(i + 1);
        assert_non_null(copy);
        memcpy(copy, body(&frame), i);
        take_any(copy, i);
        free(copy);
    }
    for (int i = 0; i < 20000; i++) {
        uint8_t noise[64];
        generate_bytes(&seed, noise, sizeof noise);
        take_any(noise, generate_below(&seed, sizeof noise + 1));
    }
    buf_release(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amplifiers_stay_under_the_cap),
        cmocka_unit_test(bears_every_cap),
        cmocka_unit_test(bears_broken_frames),
    };
    return cmocka_run_group_tests_name("common/wire_hostile", tests, NULL, NULL);
}
