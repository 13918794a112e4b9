#include "common/squeeze.h"
#include "common/wire.h"

#include "tests/common/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct squeeze *squeeze;

static int open_one(void **state)
{
    (void)state;
    squeeze = squeeze_new();
    return squeeze ? 0 : -1;
}

static int close_one(void **state)
{
    (void)state;
    squeeze_free(&squeeze);
    return 0;
}

static const Suara__V1__Request *outer_of(const struct buf *frame, struct arena *arena)
{
    struct error err = {0};
    uint64_t id;
    uint32_t length;
    assert_int_equal(frame_length((const uint8_t *)frame->data, FRAME_MAX_DEFAULT, &length, &err),
                     0);
    assert_int_equal(length, frame->len - FRAME_HEADER);
    arena_init(arena, wire_arena_cap(length));
    const Suara__V1__Request *outer = wire_request(body(frame), length, arena, &id, &err);
    assert_non_null(outer);
    assert_int_equal(outer->body_case, SUARA__V1__REQUEST__BODY_ZSTD);
    return outer;
}

static void batches_come_back(void **state)
{
    (void)state;
    static const uint64_t many[] = {0, 1, 127, 128, 1u << 20, UINT64_MAX};
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        struct buf plain = {0}, squeezed = {0}, again = {0};
        struct error err = {0};
        struct arena arena;
        pack_batch(&plain, many[i], 300, true);
        assert_true(
            wire_squeeze(&squeezed, squeeze, (uint8_t *)plain.data, plain.len, WIRE_REQUEST_ZSTD));
        assert_true(squeezed.len < plain.len);
        const Suara__V1__Request *outer = outer_of(&squeezed, &arena);
        assert_int_equal(outer->id, many[i]);
        Suara__V1__Request *got =
            wire_request_inside(outer, squeeze, plain.len - FRAME_HEADER, &arena, &err);
        assert_non_null(got);
        /* By the message, not by what travelled. */
        assert_int_equal(arena.cap, wire_arena_cap(plain.len - FRAME_HEADER));
        assert_true(arena.held <= arena.cap);
        assert_int_equal(wire_pack(&again, &got->base, FRAME_MAX_DEFAULT, &err), 0);
        assert_int_equal(again.len, plain.len);
        assert_memory_equal(again.data, plain.data, plain.len);
        arena_release(&arena);
        outer = outer_of(&squeezed, &arena);
        assert_null(
            wire_request_inside(outer, squeeze, plain.len - FRAME_HEADER - 1, &arena, &err));
        assert_int_equal(err.code, ERROR_TOO_LARGE);
        arena_release(&arena);
        buf_release(&plain);
        buf_release(&squeezed);
        buf_release(&again);
    }
}

static void replies_come_back(void **state)
{
    (void)state;
    static char words_of_it[5000];
    for (int last = 0; last < 2; last++) {
        struct buf plain = {0}, squeezed = {0};
        struct error err = {0};
        struct arena arena;
        Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
        Suara__V1__Document document = SUARA__V1__DOCUMENT__INIT;
        for (size_t i = 0; i + 1 < sizeof words_of_it; i++)
            words_of_it[i] = "abcde"[i * i % 7 % 5];
        document.text = wire_text(words_of_it);
        reply.id = 300;
        reply.last = last;
        reply.body_case = SUARA__V1__REPLY__BODY_DOCUMENT;
        reply.document = &document;
        for (size_t i = 0; i < sizeof words_of_it - 1; i += 50) /* or it is above the ratio */
            words_of_it[i] = (char)('A' + i / 50 * 7 % 26);
        assert_int_equal(wire_pack(&plain, &reply.base, FRAME_MAX_DEFAULT, &err), 0);
        assert_true(
            wire_squeeze(&squeezed, squeeze, (uint8_t *)plain.data, plain.len, WIRE_REPLY_ZSTD));
        arena_init(&arena, wire_arena_cap(squeezed.len));
        const Suara__V1__Reply *outer =
            wire_reply(body(&squeezed), squeezed.len - FRAME_HEADER, &arena, &err);
        assert_non_null(outer);
        assert_int_equal(outer->body_case, SUARA__V1__REPLY__BODY_ZSTD);
        assert_int_equal(outer->id, 300);
        assert_int_equal(outer->last, last);
        const Suara__V1__Reply *got =
            wire_reply_inside(outer, squeeze, FRAME_MAX_DEFAULT, &arena, &err);
        assert_non_null(got);
        assert_int_equal(got->last, last);
        assert_true(wire_is(&got->document->text, words_of_it));
        arena_release(&arena);
        buf_release(&plain);
        buf_release(&squeezed);
    }
}

static void small_ones_stay(void **state)
{
    (void)state;
    struct buf plain = {0}, squeezed = {0};
    pack_batch(&plain, 1, 2, true); /* 40 words of 19 bytes, and two responses */
    assert_true(plain.len < FRAME_HEADER + SQUEEZE_LEAST);
    assert_false(
        wire_squeeze(&squeezed, squeeze, (uint8_t *)plain.data, plain.len, WIRE_REQUEST_ZSTD));
    assert_int_equal(squeezed.len, 0);
    buf_release(&plain);
    buf_release(&squeezed);
}

/* Around the bytes of a message as they are, whatever they are; with an id of its own. */
static enum error_code inside_of(const uint8_t *message, size_t size, uint64_t id)
{
    struct error err = {0};
    struct arena arena;
    Suara__V1__Request outer = SUARA__V1__REQUEST__INIT;
    size_t packed;
    const uint8_t *zstd = squeeze_pack(squeeze, message, size, &packed);
    assert_non_null(zstd);
    uint8_t *copy = malloc(packed);
    assert_non_null(copy);
    memcpy(copy, zstd, packed);
    outer.id = id;
    outer.zstd = (ProtobufCBinaryData){packed, copy};
    arena_init(&arena, wire_arena_cap(packed));
    const Suara__V1__Request *got =
        wire_request_inside(&outer, squeeze, FRAME_MAX_DEFAULT, &arena, &err);
    assert_true(arena.held <= arena.cap);
    assert_true((got != NULL) == (err.code == ERROR_NONE));
    assert_true(!got || got->id == id);
    arena_release(&arena);
    free(copy);
    return err.code;
}

static void what_is_inside_is_one_request(void **state)
{
    (void)state;
    struct buf plain = {0}, twice = {0};
    static uint8_t many[FRAME_MAX_DEFAULT];
    uint64_t seed = 30;
    pack_batch(&plain, 9, 300, true);
    size_t size = plain.len - FRAME_HEADER;
    assert_int_equal(inside_of(body(&plain), size, 9), ERROR_NONE);
    assert_int_equal(inside_of(body(&plain), size, 10), ERROR_INVALID);
    assert_int_equal(inside_of(body(&plain) + 2, size - 2, 9), ERROR_NONE); /* without its id */
    assert_int_equal(inside_of(body(&plain), size - 1, 9), ERROR_INVALID);

    /* Compressed once more: around it is padding, or it would not get smaller. */
    assert_true(wire_squeeze(&twice, squeeze, (uint8_t *)plain.data, plain.len, WIRE_REQUEST_ZSTD));
    static const char later[] = "\xfa\x3f\x10later, later, la"; /* an unknown field */
    for (int i = 0; i < 200; i++)
        buf_add(&twice, later, sizeof later - 1);
    assert_int_equal(inside_of(body(&twice), twice.len - FRAME_HEADER, 9), ERROR_INVALID);

    /* A request of the future is told from rubbish. */
    many[0] = 1 << 3;
    many[1] = 9;
    for (size_t i = 2; i + 3 <= 3000; i += 3) {
        memcpy(many + i, "\xf8\x3f", 2);
        many[i + 2] = (uint8_t)(i * 37 % 128);
    }
    assert_int_equal(inside_of(many, 2999, 9), ERROR_UNSUPPORTED);

    /* What amplifies does not fit here, either. */
    many[2] = 3 << 3 | 2;
    memcpy(many + 3, "\xf0\xff\x3f", 3);
    for (size_t i = 6; i < 6 + 0xffff0; i += 2) /* by chance, so that it keeps the ratio */
        memcpy(many + i, generate(&seed) % 2 ? "\x22\x00" : "\x1a\x00", 2);
    assert_int_equal(inside_of(many, 6 + 0xffff0, 9), ERROR_TOO_LARGE);
    buf_release(&plain);
    buf_release(&twice);
}

static void both_sides_name_it(void **state)
{
    (void)state;
    static const Suara__V1__Compression list[] = {(Suara__V1__Compression)7,
                                                  SUARA__V1__COMPRESSION__COMPRESSION_ZSTD};
    assert_false(wire_has_zstd(NULL, 0));
    assert_false(wire_has_zstd(list, 1));
    assert_true(wire_has_zstd(list, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_come_back),  cmocka_unit_test(replies_come_back),
        cmocka_unit_test(small_ones_stay),    cmocka_unit_test(what_is_inside_is_one_request),
        cmocka_unit_test(both_sides_name_it),
    };
    return cmocka_run_group_tests_name("common/wire_squeeze", tests, open_one, close_one);
}
