/*
 * A batch as the outbox keeps it until it is sent: a packed SubmitBatch, or, where that is shorter,
 * one zstd frame of the Request around it, without an id. That frame goes out as it is, so that a
 * batch is compressed once, before it is written to the disk; and its checksum finds what a bad
 * disk did to it. The first byte tells them apart.
 */
#ifndef SUARA_CLIENT_CORE_KEPT_H
#define SUARA_CLIENT_CORE_KEPT_H

#include "common/buf.h"
#include "proto/suara.pb-c.h"

struct arena;
struct error;
struct squeeze;

/* A packed SubmitBatch in the form to keep it in. False without memory. */
bool kept_make(struct buf *out, struct squeeze *squeeze, const struct buf *batch)
    __attribute__((warn_unused_result));

/*
 * Appends the frame of the Request with this id. zstd: the peer takes that; without, what is kept
 * compressed is unpacked first. TOO_LARGE: its message has more than max bytes; INTERNAL: it is
 * damaged; OVERLOADED: no memory.
 */
int kept_frame(struct buf *out, const void *kept, size_t size, uint64_t id, bool zstd,
               struct squeeze *squeeze, uint32_t max, struct error *err)
    __attribute__((warn_unused_result));

/* The message, in an arena whose cap is set here. NULL and *err (INTERNAL: it is damaged; IO: no
 * memory). */
const Suara__V1__SubmitBatch *kept_open(const void *kept, size_t size, struct arena *arena,
                                        struct error *err);

#endif
