/*
 * Frames: a 4-byte big-endian length, then that many bytes (suara-protocol(7)).
 */
#ifndef SUARA_COMMON_FRAME_H
#define SUARA_COMMON_FRAME_H

#include <stddef.h>
#include <stdint.h>

struct error;

#define FRAME_HEADER      4u
#define FRAME_MAX_DEFAULT (1024u * 1024u)

void frame_put_length(uint8_t header[FRAME_HEADER], uint32_t length);

/* The length, 1..max. Returns -1 and INVALID for 0, TOO_LARGE above max. */
int frame_length(const uint8_t header[FRAME_HEADER], uint32_t max, uint32_t *length,
                 struct error *err) __attribute__((warn_unused_result));

#endif
