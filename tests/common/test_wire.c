#include "common/wire.h"

#include "tests/common/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void batches_come_back(void **state)
{
    (void)state;
    for (int full = 0; full < 2; full++) {
        for (size_t n = 0; n <= RESPONSES; n = n * 2 + 1) {
            struct buf frame = {0};
            struct error err = {0};
            uint32_t length;
            uint64_t id = 0;
            struct arena arena;
            pack_batch(&frame, 77 + n, n, full != 0);
            assert_int_equal(frame_length((uint8_t *)frame.data, FRAME_MAX_DEFAULT, &length, &err),
                             0);
            assert_int_equal(length, frame.len - FRAME_HEADER);
            arena_init(&arena, wire_arena_cap(length));
            Suara__V1__Request *got = wire_request(body(&frame), length, &arena, &id, &err);
            assert_non_null(got);
            assert_int_equal(id, 77 + n);
            assert_int_equal(got->body_case, SUARA__V1__REQUEST__BODY_SUBMIT);
            assert_int_equal(got->submit->n_response, n);
            for (size_t i = 0; i < n; i++) {
                const Suara__V1__Response *r = got->submit->response[i];
                assert_int_equal(r->collected, response[i].collected);
                assert_int_equal(r->occupation, response[i].occupation);
                assert_memory_equal(r->id.data, ids[i], 16);
                assert_memory_equal(r->ratings.data, ratings[i], 9);
                assert_int_equal(r->comment_kind, response[i].comment_kind);
            }
            arena_release(&arena);
            buf_release(&frame);
        }
    }
}

/* What wire.h says of the cap. */
static void honest_batches_take_less_than_half(void **state)
{
    (void)state;
    for (int full = 0; full < 2; full++) {
        for (size_t n = 1; n <= RESPONSES; n = n < 100 ? n + 1 : n + 700) {
            struct buf frame = {0};
            struct error err;
            uint64_t id;
            struct arena arena;
            pack_batch(&frame, n, n, full != 0);
            size_t cap = wire_arena_cap(frame.len - FRAME_HEADER);
            arena_init(&arena, cap);
            assert_non_null(
                wire_request(body(&frame), frame.len - FRAME_HEADER, &arena, &id, &err));
            assert_true(arena.held < cap / 2);
            arena_release(&arena);
            buf_release(&frame);
        }
    }
}

/* What a newer peer might send, and what is no message at all. */
static void names_what_it_cannot_take(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        uint64_t id;
        enum error_code code;
    } table[] = {
        {"", 0, 0, ERROR_UNSUPPORTED},
        {"\x08\x2a", 2, 42, ERROR_UNSUPPORTED},
        {"\x08\x2a\xfa\x01\x03"
         "abc",
         8, 42, ERROR_UNSUPPORTED},
        {"\xfa\x01\x03"
         "abc\x08\x2a",
         8, 42, ERROR_UNSUPPORTED},
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\xf8\x01\x05", 14, UINT64_MAX,
         ERROR_UNSUPPORTED},
        {"\x08\x2a\x12\x05"
         "abc",
         7, 42, ERROR_INVALID},
        {"\x08\x2a\x12\xff\xff\xff\xff\x0f", 8, 42, ERROR_INVALID},
        {"\x08\x2a\x12\x00\x08", 5, 42, ERROR_INVALID},
        {"\x08", 1, 0, ERROR_INVALID},
        {"\x08\xff", 2, 0, ERROR_INVALID},
        {"\x08\x2a\x13", 3, 42, ERROR_INVALID},
        {"GET / HTTP/1.1", 14, 0, ERROR_INVALID},
        {"\x00\x00\x00\x00", 4, 0, ERROR_INVALID},
        {"\x08\x2a\x12\x00", 4, 42, ERROR_NONE},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct arena arena;
        struct error err = {0};
        uint64_t id = 99;
        arena_init(&arena, wire_arena_cap(table[i].size));
        const uint8_t *bytes = (const uint8_t *)table[i].bytes;
        bool got = wire_request(bytes, table[i].size, &arena, &id, &err) != NULL;
        if (got != (table[i].code == ERROR_NONE) || err.code != table[i].code || id != table[i].id)
            fail_msg("row %zu: code %d, id %llu", i, (int)err.code, (unsigned long long)id);
        assert_int_equal(err.text[0] == '\0', got);
        arena_release(&arena);
    }
}

static void replies_come_back(void **state)
{
    (void)state;
    struct buf frame = {0};
    struct error err = {.code = ERROR_OVERLOADED, .retry_after_ms = 1500};
    Suara__V1__Error message = wire_error(&err);
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    reply.id = 5;
    reply.last = 1;
    reply.body_case = SUARA__V1__REPLY__BODY_ERROR;
    reply.error = &message;
    assert_int_equal(wire_pack(&frame, &reply.base, FRAME_MAX_DEFAULT, &err), 0);
    struct arena arena;
    arena_init(&arena, wire_arena_cap(frame.len - FRAME_HEADER));
    Suara__V1__Reply *got = wire_reply(body(&frame), frame.len - FRAME_HEADER, &arena, &err);
    assert_non_null(got);
    assert_int_equal(got->id, 5);
    assert_int_equal(got->last, 1);
    assert_int_equal(got->body_case, SUARA__V1__REPLY__BODY_ERROR);
    assert_int_equal(got->error->retry_after_ms, 1500);
    assert_null(wire_reply((const uint8_t *)"\x08\x05\xfa\x01\x00", 5, &arena, &err));
    assert_int_equal(err.code, ERROR_UNSUPPORTED);
    assert_null(wire_reply((const uint8_t *)"\x1a\x05", 2, &arena, &err));
    assert_int_equal(err.code, ERROR_INVALID);
    arena_release(&arena);
    buf_release(&frame);
}

/* All codes there and back; those that never travel become INTERNAL. */
static void errors_come_back(void **state)
{
    (void)state;
    for (int code = -1; code < 100; code++) {
        struct error err = {.code = (enum error_code)code, .retry_after_ms = 9};
        snprintf(err.text, sizeof err.text, "sentence %d", code);
        snprintf(err.field, sizeof err.field, "u%d", code);
        Suara__V1__Error message = wire_error(&err);
        struct error back = {0};
        wire_error_read(&message, &back);
        bool travels = code >= ERROR_INVALID && code <= ERROR_INTERNAL;
        assert_int_equal(back.code, travels ? code : ERROR_INTERNAL);
        assert_string_equal(back.text, err.text);
        assert_string_equal(back.field, err.field);
        assert_int_equal(back.retry_after_ms, 9);
        message.code = (Suara__V1__Error__Code)code;
        wire_error_read(&message, &back);
        assert_int_equal(back.code, travels ? code : ERROR_INTERNAL);
    }
    static uint8_t longest[2000];
    memset(longest, 'x', sizeof longest);
    Suara__V1__Error message = SUARA__V1__ERROR__INIT;
    message.text = message.field = (ProtobufCBinaryData){sizeof longest, longest};
    struct error back;
    wire_error_read(&message, &back);
    assert_int_equal(strlen(back.text), sizeof back.text - 1);
    assert_int_equal(strlen(back.field), sizeof back.field - 1);
    static uint8_t nul[2];
    for (size_t len = 0; len <= sizeof nul; len++) { /* a person is told something all the same */
        message.text = (ProtobufCBinaryData){len, nul};
        wire_error_read(&message, &back);
        assert_string_equal(back.text, "the other side gave no reason");
    }
}

static void packs_behind_what_is_there(void **state)
{
    (void)state;
    struct buf out = {0};
    for (size_t n = 0; n < 50; n++)
        pack_batch(&out, n, n, false);
    size_t at = 0;
    for (size_t n = 0; n < 50; n++) {
        uint32_t length = 0;
        uint64_t id;
        struct error err;
        struct arena arena;
        const uint8_t *frame = (const uint8_t *)out.data + at;
        assert_int_equal(frame_length(frame, FRAME_MAX_DEFAULT, &length, &err), 0);
        arena_init(&arena, wire_arena_cap(length));
        assert_non_null(wire_request(frame + FRAME_HEADER, length, &arena, &id, &err));
        assert_int_equal(id, n);
        arena_release(&arena);
        at += FRAME_HEADER + length;
    }
    assert_int_equal(at, out.len);
    buf_release(&out);
}

static void packs_nothing_above_max(void **state)
{
    (void)state;
    struct buf out = {0};
    struct error err = {0};
    Suara__V1__SubmitBatch batch;
    make_batch(&batch, 100, true);
    size_t size = protobuf_c_message_get_packed_size(&batch.base);
    buf_puts(&out, "before");
    assert_int_equal(wire_pack(&out, &batch.base, (uint32_t)size - 1, &err), -1);
    assert_int_equal(err.code, ERROR_TOO_LARGE);
    assert_string_equal(out.data, "before");
    assert_int_equal(wire_pack(&out, &batch.base, (uint32_t)size, &err), 0);
    assert_int_equal(out.len, 6 + FRAME_HEADER + size);
    out.failed = true; /* as when memory ran out */
    assert_int_equal(wire_pack(&out, &batch.base, (uint32_t)size, &err), -1);
    assert_int_equal(err.code, ERROR_INTERNAL);
    assert_int_equal(out.len, 6 + FRAME_HEADER + size);
    buf_release(&out);
}

static void compares_text(void **state)
{
    (void)state;
    ProtobufCBinaryData text = wire_text("kiosk"), none = {0, NULL};
    assert_true(wire_is(&text, "kiosk"));
    assert_false(wire_is(&text, "kios"));
    assert_false(wire_is(&text, "kiosks"));
    assert_false(wire_is(&text, ""));
    assert_true(wire_is(&none, ""));
    assert_false(wire_is(&none, "x"));
    assert_int_equal(wire_text(NULL).len, 0);
    assert_non_null(wire_text(NULL).data);
    ProtobufCBinaryData zero = {6, (uint8_t[]){'k', 'i', 'o', 's', 'k', 0}};
    assert_false(wire_is(&zero, "kiosk"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_come_back),
        cmocka_unit_test(honest_batches_take_less_than_half),
        cmocka_unit_test(names_what_it_cannot_take),
        cmocka_unit_test(replies_come_back),
        cmocka_unit_test(errors_come_back),
        cmocka_unit_test(packs_behind_what_is_there),
        cmocka_unit_test(packs_nothing_above_max),
        cmocka_unit_test(compares_text),
    };
    return cmocka_run_group_tests_name("common/wire", tests, NULL, NULL);
}
