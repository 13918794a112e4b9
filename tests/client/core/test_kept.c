/*
 * A batch in the form that the outbox keeps, and the frame that is made of it: in each of its forms
 * it is read by the daemon's own functions, and is the batch that went in.
 */
#include "client/core/kept.h"

#include "client/core/pack.h"
#include "common/arena.h"
#include "common/error.h"
#include "common/frame.h"
#include "common/squeeze.h"
#include "common/uuid.h"
#include "common/wire.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MOST (1u << 20)

static struct squeeze *squeeze;

static int make_squeeze(void **state)
{
    (void)state;
    squeeze = squeeze_new();
    return squeeze ? 0 : -1;
}

static int free_squeeze(void **state)
{
    (void)state;
    squeeze_free(&squeeze);
    return 0;
}

/* A packed batch of made-up responses, each with another id. */
static void make_batch(unsigned count, struct buf *out)
{
    static Suara__V1__Response response[3000], *list[3000];
    static uint8_t id[3000][16], ratings[9] = {4, 3, 4, 4, 2, 4, 3, 4, 4};
    Suara__V1__SubmitBatch batch = SUARA__V1__SUBMIT_BATCH__INIT;
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < 16; k++)
            id[i][k] = (uint8_t)((i * 2654435761u + k * 40503u) >> (k % 4 * 8));
        suara__v1__response__init(&response[i]);
        response[i].id = (ProtobufCBinaryData){16, id[i]};
        response[i].collected = 1700000000000 + i;
        response[i].ratings = (ProtobufCBinaryData){9, ratings};
        list[i] = &response[i];
    }
    batch.batch = wire_text("0123456789abcdef");
    batch.instrument = wire_text("skm-2017");
    batch.n_response = count;
    batch.response = list;
    buf_clear(out);
    size_t size = suara__v1__submit_batch__get_packed_size(&batch);
    uint8_t *at = (uint8_t *)buf_reserve(out, size);
    assert_non_null(at);
    out->len = suara__v1__submit_batch__pack(&batch, at);
}

static void check_same(const Suara__V1__SubmitBatch *batch, const struct buf *wanted)
{
    uint8_t *packed = malloc(wanted->len);
    assert_non_null(batch);
    assert_int_equal(suara__v1__submit_batch__get_packed_size(batch), wanted->len);
    suara__v1__submit_batch__pack(batch, packed);
    assert_memory_equal(packed, wanted->data, wanted->len);
    free(packed);
}

/* What the daemon makes of a frame; whether it came compressed. */
static bool check_frame(const struct buf *frame, uint64_t id, const struct buf *wanted)
{
    struct arena arena;
    struct error err;
    uint32_t length = 0;
    uint64_t got = 0;
    const uint8_t *data = (const uint8_t *)frame->data;
    assert_int_equal(frame_length(data, MOST, &length, &err), 0);
    assert_int_equal(length + FRAME_HEADER, frame->len);
    arena_init(&arena, wire_arena_cap(length));
    Suara__V1__Request *request = wire_request(data + FRAME_HEADER, length, &arena, &got, &err);
    assert_non_null(request);
    assert_int_equal(got, id);
    bool zstd = request->body_case == SUARA__V1__REQUEST__BODY_ZSTD;
    if (zstd)
        request = wire_request_inside(request, squeeze, MOST, &arena, &err);
    assert_non_null(request);
    assert_int_equal(request->id, id);
    assert_int_equal(request->body_case, SUARA__V1__REQUEST__BODY_SUBMIT);
    check_same(request->submit, wanted);
    arena_release(&arena);
    return zstd;
}

static void goes_out_as_it_went_in(void **state)
{
    static const struct {
        unsigned count;
        bool shorter;
    } cases[] = {{1, false}, {10, false}, {40, true}, {2000, true}};
    static const uint64_t ids[] = {1, 127, 128, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf batch = {0}, kept = {0}, frame = {0};
        struct arena arena;
        struct error err;
        make_batch(cases[i].count, &batch);
        assert_true(kept_make(&kept, squeeze, &batch));
        assert_int_equal(kept.len < batch.len, cases[i].shorter);
        check_same(kept_open(kept.data, kept.len, &arena, &err), &batch);
        arena_release(&arena);
        for (size_t k = 0; k < 2 * sizeof ids / sizeof *ids; k++) {
            bool zstd = k % 2;
            uint64_t id = ids[k / 2];
            buf_clear(&frame);
            assert_int_equal(kept_frame(&frame, kept.data, kept.len, id, zstd, squeeze, MOST, &err),
                             0);
            assert_int_equal(check_frame(&frame, id, &batch), zstd && cases[i].shorter);
        }
        /* As an outbox of before has it, and as one half of a batch is kept. */
        check_same(kept_open(batch.data, batch.len, &arena, &err), &batch);
        arena_release(&arena);
        buf_clear(&frame);
        assert_int_equal(kept_frame(&frame, batch.data, batch.len, 7, true, squeeze, MOST, &err),
                         0);
        assert_false(check_frame(&frame, 7, &batch));
        buf_release(&batch);
        buf_release(&kept);
        buf_release(&frame);
    }
}

/* The daemon's limit is one for the message, however it travels. */
static void is_as_large_as_its_message(void **state)
{
    (void)state;
    struct buf batch = {0}, kept = {0}, plain = {0}, frame = {0};
    struct error err;
    make_batch(2000, &batch);
    assert_true(kept_make(&kept, squeeze, &batch));
    assert_int_equal(kept_frame(&plain, kept.data, kept.len, 1, false, squeeze, MOST, &err), 0);
    uint32_t size = (uint32_t)(plain.len - FRAME_HEADER);
    for (int zstd = 0; zstd < 2; zstd++) {
        /* Compressed there is no id inside, which are 2 bytes. */
        uint32_t enough = size - (zstd ? 2 : 0);
        buf_clear(&frame);
        assert_int_equal(
            kept_frame(&frame, kept.data, kept.len, 1, zstd, squeeze, enough - 1, &err), -1);
        assert_int_equal(err.code, ERROR_TOO_LARGE);
        buf_clear(&frame);
        assert_int_equal(kept_frame(&frame, kept.data, kept.len, 1, zstd, squeeze, enough, &err),
                         0);
    }
    buf_release(&batch);
    buf_release(&kept);
    buf_release(&plain);
    buf_release(&frame);
}

/* Cut anywhere, or with any byte changed. */
static void says_when_it_is_damaged(void **state)
{
    (void)state;
    struct buf batch = {0}, kept = {0}, frame = {0};
    struct arena arena;
    struct error err;
    make_batch(40, &batch);
    assert_true(kept_make(&kept, squeeze, &batch));
    for (size_t size = 0; size < kept.len; size++) {
        error_clear(&err);
        if (size > 0) {
            assert_null(kept_open(kept.data, size, &arena, &err));
            assert_int_equal(err.code, ERROR_INTERNAL);
            arena_release(&arena);
            buf_clear(&frame);
            assert_int_equal(kept_frame(&frame, kept.data, size, 1, false, squeeze, MOST, &err),
                             -1);
            assert_int_equal(err.code, ERROR_INTERNAL);
        }
        kept.data[size] ^= 0x55;
        for (int zstd = 0; size > 0 && zstd < 2; zstd++) { /* before it goes out, too */
            buf_clear(&frame);
            error_clear(&err);
            assert_int_equal(kept_frame(&frame, kept.data, kept.len, 1, zstd, squeeze, MOST, &err),
                             -1);
            assert_int_equal(err.code, ERROR_INTERNAL);
        }
        error_clear(&err);
        assert_null(kept_open(kept.data, kept.len, &arena, &err));
        assert_int_equal(err.code, ERROR_INTERNAL);
        arena_release(&arena);
        kept.data[size] ^= 0x55;
    }
    buf_release(&batch);
    buf_release(&kept);
    buf_release(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_out_as_it_went_in),
        cmocka_unit_test(is_as_large_as_its_message),
        cmocka_unit_test(says_when_it_is_damaged),
    };
    return cmocka_run_group_tests_name("client/core/kept", tests, make_squeeze, free_squeeze);
}
