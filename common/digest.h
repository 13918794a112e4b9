/*
 * SHA-256 (FIPS 180-4) from libcrypto, as a pure function of its input; and random bytes.
 */
#ifndef SUARA_COMMON_DIGEST_H
#define SUARA_COMMON_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest; /* reusable: one context for a million digests */

#define DIGEST_SIZE 32

struct digest *digest_new(void); /* NULL without memory */
void digest_free(struct digest **digest);

bool digest_start(struct digest *digest);
bool digest_add(struct digest *digest, const void *data, size_t size);
bool digest_end(struct digest *digest, uint8_t out[DIGEST_SIZE]);

/* The three in one. */
bool digest_of(struct digest *digest, const void *data, size_t size, uint8_t out[DIGEST_SIZE]);

bool random_bytes(void *out, size_t size);

#endif
