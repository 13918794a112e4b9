/*
 * Messages made smaller for slow lines, with zstd (RFC 8878), whose library is called from here
 * only. One of these serves a whole process, message after message: its contexts and its buffer are
 * used again, so what peers send costs one buffer however many of them there are.
 */
#ifndef SUARA_COMMON_SQUEEZE_H
#define SUARA_COMMON_SQUEEZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct squeeze;

#define SQUEEZE_LEAST 1024u /* a smaller message travels as it is */
#define SQUEEZE_SPARE 16u   /* so many bytes must be saved: what is around it takes that */

/* What is packed unpacks to no more than so many times its size: a peer must send 16 KiB to have 1
 * MiB unpacked and judged. Measured: honest batches 1.7, reports 1.5 to 4.5, lists 9. */
#define SQUEEZE_RATIO 64u

struct squeeze *squeeze_new(void); /* NULL without memory */
void squeeze_free(struct squeeze **squeeze);

/*
 * One zstd frame that carries its content size and a checksum, valid until the next call; *packed
 * bytes. NULL: it had better travel as it is (too small, too little saved, above the ratio, no
 * memory).
 */
const uint8_t *squeeze_pack(struct squeeze *squeeze, const uint8_t *data, size_t size,
                            size_t *packed);

/*
 * What one frame holds, valid until the next call; *size bytes, 1..max. data may not be of this
 * squeeze. NULL and *err: INVALID (not exactly one whole frame, or one that does not say its size,
 * or wants a dictionary), TOO_LARGE (above max, with the field `frame`, or above the ratio; nothing
 * was unpacked), OVERLOADED (no memory). Holds no more than max bytes, beside the library's context
 * of 100 KB.
 */
const uint8_t *squeeze_unpack(struct squeeze *squeeze, const uint8_t *data, size_t packed,
                              size_t max, size_t *size, struct error *err);

/* Bytes that did not travel so far: of what was unpacked, and of what was packed. */
struct squeeze_saved {
    uint64_t in, out;
};
struct squeeze_saved squeeze_saved(const struct squeeze *squeeze);

#endif
