#include "common/squeeze.h"

#include "common/error.h"
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* Measured on batches of 2,000 responses, 50.7 bytes each: level 1 makes 29.9 of them in 0.17 us,
 * level 3 28.9 in 0.29 us, level 19 27.0 in 10 us. Half of what is left is the random part of ids.
 */
#define LEVEL 1

struct squeeze {
    ZSTD_CCtx *packer;
    ZSTD_DCtx *unpacker;
    uint8_t *buffer;
    size_t room;
    struct squeeze_saved saved;
};

struct squeeze *squeeze_new(void)
{
    struct squeeze *squeeze = calloc(1, sizeof *squeeze);
    if (!squeeze)
        return NULL;
    squeeze->packer = ZSTD_createCCtx();
    squeeze->unpacker = ZSTD_createDCtx();
    if (!squeeze->packer || !squeeze->unpacker ||
        ZSTD_isError(ZSTD_CCtx_setParameter(squeeze->packer, ZSTD_c_compressionLevel, LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(squeeze->packer, ZSTD_c_checksumFlag, 1)))
        squeeze_free(&squeeze);
    return squeeze;
}

void squeeze_free(struct squeeze **squeeze)
{
    if (!*squeeze)
        return;
    ZSTD_freeCCtx((*squeeze)->packer);
    ZSTD_freeDCtx((*squeeze)->unpacker);
    free((*squeeze)->buffer);
    free(*squeeze);
    *squeeze = NULL;
}

static bool make_room(struct squeeze *squeeze, size_t size)
{
    if (size <= squeeze->room)
        return true;
    free(squeeze->buffer); /* what was in it is of no use any more */
    squeeze->buffer = malloc(size);
    squeeze->room = squeeze->buffer ? size : 0;
    return squeeze->buffer != NULL;
}

const uint8_t *squeeze_pack(struct squeeze *squeeze, const uint8_t *data, size_t size,
                            size_t *packed)
{
    if (size < SQUEEZE_LEAST || !make_room(squeeze, size - SQUEEZE_SPARE))
        return NULL;
    size_t made =
        ZSTD_compress2(squeeze->packer, squeeze->buffer, size - SQUEEZE_SPARE, data, size);
    if (ZSTD_isError(made) || size > made * SQUEEZE_RATIO)
        return NULL;
    squeeze->saved.out += size - made;
    *packed = made;
    return squeeze->buffer;
}

static int not_one_frame(struct error *err)
{
    return error_set(err, ERROR_INVALID, NULL, "what is compressed is not one whole zstd frame");
}

/*
 * All that can be said before anything is unpacked. The number in front is looked at because the
 * library would also take the formats that it had before the RFC, by old code that allocates.
 */
static int look(const uint8_t *data, size_t packed, size_t max, size_t *size, struct error *err)
{
    static const uint8_t magic[4] = {0x28, 0xb5, 0x2f, 0xfd};
    if (packed < sizeof magic || data[0] != magic[0] || data[1] != magic[1] ||
        data[2] != magic[2] || data[3] != magic[3])
        return not_one_frame(err);
    unsigned long long says = ZSTD_getFrameContentSize(data, packed);
    /* Cut, or with more behind it. */
    if (says == ZSTD_CONTENTSIZE_ERROR || ZSTD_findFrameCompressedSize(data, packed) != packed)
        return not_one_frame(err);
    if (says == ZSTD_CONTENTSIZE_UNKNOWN || says == 0)
        return error_set(err, ERROR_INVALID, NULL, "the zstd frame does not say what it holds");
    if (says > max)
        return error_set(err, ERROR_TOO_LARGE, "frame",
                         "a compressed message of %llu bytes, where at most %zu are taken", says,
                         max);
    if (says > packed * (unsigned long long)SQUEEZE_RATIO)
        return error_set(err, ERROR_TOO_LARGE, NULL,
                         "%zu bytes that unpack to %llu, where at most %u times are taken: send it "
                         "uncompressed",
                         packed, says, SQUEEZE_RATIO);
    *size = (size_t)says;
    return 0;
}

const uint8_t *squeeze_unpack(struct squeeze *squeeze, const uint8_t *data, size_t packed,
                              size_t max, size_t *size, struct error *err)
{
    size_t says = 0;
    if (look(data, packed, max, &says, err) != 0)
        return NULL;
    if (!make_room(squeeze, says)) {
        (void)error_set(err, ERROR_OVERLOADED, NULL, "memory is short here; try again later");
        return NULL;
    }
    /* In one piece, so that the library needs no window of its own, whatever the frame asks for. */
    size_t made = ZSTD_decompressDCtx(squeeze->unpacker, squeeze->buffer, says, data, packed);
    if (ZSTD_isError(made) && ZSTD_getErrorCode(made) == ZSTD_error_memory_allocation) {
        (void)error_set(err, ERROR_OVERLOADED, NULL, "memory is short here; try again later");
        return NULL;
    }
    if (made != says) {
        (void)not_one_frame(err);
        return NULL;
    }
    squeeze->saved.in += says > packed ? says - packed : 0;
    *size = says;
    return squeeze->buffer;
}

struct squeeze_saved squeeze_saved(const struct squeeze *squeeze)
{
    return squeeze->saved;
}
