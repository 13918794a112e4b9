/*
 * Walks through the framed replies of an answer to request 9.
 */
#ifndef SUARA_TESTS_REPLIES_H
#define SUARA_TESTS_REPLIES_H

#include "common/frame.h"
#include "common/wire.h"
#include "tests/daemon/core/fixture.h"

/* The reply at *at, which is moved behind it; NULL at the end. Only the last one is marked so. */
static inline const Suara__V1__Reply *next_reply(const struct buf *frames, size_t *at,
                                                 struct arena *arena)
{
    uint32_t length;
    const uint8_t *data = (const uint8_t *)frames->data + *at;
    if (*at == frames->len)
        return NULL;
    assert_int_equal(frame_length(data, 1 << 20, &length, NULL), 0);
    const Suara__V1__Reply *reply = wire_reply(data + FRAME_HEADER, length, arena, NULL);
    assert_non_null(reply);
    assert_int_equal(reply->id, 9);
    *at += FRAME_HEADER + length;
    assert_int_equal(reply->last, *at == frames->len);
    return reply;
}

#endif
