/*
 * Messages to bytes and back. Unpacking happens only into a capped arena, so its cost is bounded
 * whatever the bytes are; packing writes frame and message into one buffer.
 */
#ifndef SUARA_COMMON_WIRE_H
#define SUARA_COMMON_WIRE_H

#include "common/arena.h"
#include "common/buf.h"
#include "proto/suara.pb-c.h"
#include <stddef.h>
#include <stdint.h>

struct error;
struct squeeze;

/*
 * What a frame of `size` bytes may cost unpacked: 16 x size + 64 KiB. An honest request takes less
 * than half of it. Measured: 5,000 responses with nothing but id, time and ratings 7.0 x their 190
 * kB, with all words and a short comment in each 3.6 x; rows of reports and tables at most 8 x. A
 * receipt stays under it as long as its verdicts are grouped (one verdict for all responses with
 * the same status, field and reason): 5,000 verdicts of one response each would need 22 x.
 * The worst that 1 MiB can do is 16 MiB and 50 ms, instead of 92 MB and 360 ms.
 */
size_t wire_arena_cap(size_t size);

/*
 * NULL and *err (INVALID: not a message; TOO_LARGE: the arena's cap was reached; OVERLOADED: malloc
 * gave nothing) when the bytes are no such message or name no body this version knows
 * (UNSUPPORTED). *id is given in each case, as far as it can be read, else 0. The result lives in
 * the arena and must not be freed.
 */
Suara__V1__Request *wire_request(const uint8_t *data, size_t size, struct arena *arena,
                                 uint64_t *id, struct error *err);
Suara__V1__Reply *wire_reply(const uint8_t *data, size_t size, struct arena *arena,
                             struct error *err);

/*
 * The message that travelled compressed in `outer`, where that is its body, in place of it: the
 * arena is used again, with the cap that goes with the size of the message itself, at most `max`.
 * As above, but also INVALID or TOO_LARGE by squeeze_unpack, and INVALID when it is compressed
 * once more or has another id (that of a Request may be left out).
 */
Suara__V1__Request *wire_request_inside(const Suara__V1__Request *outer, struct squeeze *squeeze,
                                        size_t max, struct arena *arena, struct error *err);
Suara__V1__Reply *wire_reply_inside(const Suara__V1__Reply *outer, struct squeeze *squeeze,
                                    size_t max, struct arena *arena, struct error *err);

/*
 * Appends a frame with its message compressed, as the body of the oneof's field `body` behind the
 * same id (and `last`). False: nothing was appended, for it had better travel as it is, or is
 * compressed already. `size` bytes with the header.
 */
enum wire_body {
    WIRE_REQUEST_ZSTD = SUARA__V1__REQUEST__BODY_ZSTD,
    WIRE_REPLY_ZSTD = SUARA__V1__REPLY__BODY_ZSTD
};
bool wire_squeeze(struct buf *out, struct squeeze *squeeze, const uint8_t *frame, size_t size,
                  enum wire_body body);

/* Does a Hello or Welcome name it? */
bool wire_has_zstd(const Suara__V1__Compression *list, size_t count);

/* Appends header and message. Returns -1 without memory or above max bytes of message. */
int wire_pack(struct buf *out, const ProtobufCMessage *message, uint32_t max, struct error *err)
    __attribute__((warn_unused_result));

/* Bytes of a message as text: never NULL. */
ProtobufCBinaryData wire_text(const char *text);

/* Does the field hold exactly this text? */
int wire_is(const ProtobufCBinaryData *field, const char *text);

/* A struct error as its message, which points into *err, and back. A code that does not travel
 * becomes INTERNAL, and so does one that this version does not know; what comes back has a
 * sentence, also where none came. */
Suara__V1__Error wire_error(const struct error *err);
void wire_error_read(const Suara__V1__Error *message, struct error *err);

#endif
