/*
 * Response ids: UUIDs whose first 48 bits are the collected time in ms (RFC 9562, versions 7 and
 * 8), so that the key of a response is also its place in time.
 */
#ifndef SUARA_COMMON_UUID_H
#define SUARA_COMMON_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uuid {
    uint8_t byte[16];
};

#define UUID_TEXT 37 /* 36 characters and the zero */

/* Version 7: ms and 10 random bytes (their version and variant bits are overwritten). */
struct uuid uuid_v7(uint64_t ms, const uint8_t random[10]);

/* Version 8: ms and the first 10 bytes of a digest, likewise. */
struct uuid uuid_v8(uint64_t ms, const uint8_t digest[10]);

uint64_t uuid_ms(const struct uuid *id);
int uuid_version(const struct uuid *id); /* 0 when the variant is not RFC 9562's */
int uuid_compare(const struct uuid *a, const struct uuid *b);

void uuid_format(const struct uuid *id, char out[UUID_TEXT]);
bool uuid_parse(const char *text, struct uuid *out); /* 36 characters, either case */

#endif
