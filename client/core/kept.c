#include "client/core/kept.h"

#include "client/core/pack.h"
#include "common/error.h"
#include "common/frame.h"
#include "common/squeeze.h"
#include "common/wire.h"

/* Fields of Request. */
enum {
    REQUEST_ID = 1,
    REQUEST_SUBMIT = SUARA__V1__REQUEST__BODY_SUBMIT,
    REQUEST_ZSTD = SUARA__V1__REQUEST__BODY_ZSTD
};
#define ZSTD_FIRST  0x28u              /* of a zstd frame; a SubmitBatch begins with field 1 */
#define UNPACK_MOST ((size_t)64 << 20) /* nothing that was kept comes near it */

static bool is_zstd(const void *kept, size_t size)
{
    return size > 0 && *(const uint8_t *)kept == ZSTD_FIRST;
}

bool kept_make(struct buf *out, struct squeeze *squeeze, const struct buf *batch)
{
    size_t packed;
    buf_clear(out);
    pack_bytes(out, REQUEST_SUBMIT, batch->data, batch->len);
    if (out->failed)
        return false;
    const uint8_t *zstd = squeeze_pack(squeeze, (const uint8_t *)out->data, out->len, &packed);
    buf_clear(out);
    if (zstd)
        buf_add(out, zstd, packed);
    else
        buf_add(out, batch->data, batch->len);
    return !out->failed;
}

/* ---- on its way ----------------------------------------------------------------------------- */

static int too_large(size_t size, uint32_t max, struct error *err)
{
    return error_set(err, ERROR_TOO_LARGE, NULL,
                     "a batch of %zu bytes, where the daemon takes at most %u: send less at a time",
                     size, max);
}

static int damaged(struct error *err)
{
    return error_set(err, ERROR_INTERNAL, NULL, "a batch in the outbox is damaged");
}

/* The frame from `start` on gets its length. */
static int finish(struct buf *out, size_t start, size_t whole, uint32_t max, struct error *err)
{
    if (out->failed)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for a batch");
    if (out->len - start - FRAME_HEADER > max)
        return too_large(whole, max, err);
    frame_put_length((uint8_t *)out->data + start, (uint32_t)(out->len - start - FRAME_HEADER));
    return 0;
}

int kept_frame(struct buf *out, const void *kept, size_t size, uint64_t id, bool zstd,
               struct squeeze *squeeze, uint32_t max, struct error *err)
{
    const uint8_t header[FRAME_HEADER] = {0}, *data = kept;
    const bool squeezed = is_zstd(kept, size);
    size_t start = out->len, whole = size;
    /* Also where it goes as it is: what its checksum does not fit would be refused there, and the
     * connection closed. */
    if (squeezed)
        data = squeeze_unpack(squeeze, kept, size, UNPACK_MOST, &whole, err);
    if (!data)
        return err->code == ERROR_OVERLOADED ? -1 : damaged(err);
    if (whole > max)
        return too_large(whole, max, err);
    buf_add(out, header, sizeof header);
    pack_number(out, REQUEST_ID, id);
    if (squeezed && !zstd)
        buf_add(out, data, whole);
    else
        pack_bytes(out, squeezed ? REQUEST_ZSTD : REQUEST_SUBMIT, kept, size);
    return finish(out, start, whole, max, err);
}

/* ---- looked at ------------------------------------------------------------------------------ */

static const Suara__V1__SubmitBatch *open_zstd(const void *kept, size_t size, struct arena *arena,
                                               bool *memory)
{
    struct squeeze *squeeze = squeeze_new();
    const Suara__V1__Request *request = NULL;
    struct error err = {0};
    size_t whole = 0;
    uint64_t id;
    const uint8_t *data =
        squeeze ? squeeze_unpack(squeeze, kept, size, UNPACK_MOST, &whole, &err) : NULL;
    *memory = !squeeze || err.code == ERROR_OVERLOADED;
    arena_init(arena, wire_arena_cap(whole));
    if (data)
        request = wire_request(data, whole, arena, &id, &err);
    squeeze_free(&squeeze);
    return request && request->body_case == SUARA__V1__REQUEST__BODY_SUBMIT ? request->submit
                                                                            : NULL;
}

const Suara__V1__SubmitBatch *kept_open(const void *kept, size_t size, struct arena *arena,
                                        struct error *err)
{
    const Suara__V1__SubmitBatch *batch;
    bool memory = false;
    if (is_zstd(kept, size)) {
        batch = open_zstd(kept, size, arena, &memory);
    } else {
        arena_init(arena, wire_arena_cap(size));
        batch = suara__v1__submit_batch__unpack(&arena->allocator, size, kept);
    }
    if (!batch && (memory || arena->starved))
        (void)error_set(err, ERROR_IO, NULL, "memory ran out");
    else if (!batch)
        (void)damaged(err);
    return batch;
}
