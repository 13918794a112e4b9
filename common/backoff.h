/*
 * How long to wait before the next try: doubling, capped, with jitter, so that a thousand clients
 * do not come back in the same second.
 */
#ifndef SUARA_COMMON_BACKOFF_H
#define SUARA_COMMON_BACKOFF_H

#include <stdint.h>

struct backoff {
    uint32_t base_ms, cap_ms;
    uint32_t tries;
    uint64_t seed; /* state of the generator of jitter; never 0 */
};

void backoff_init(struct backoff *backoff, uint32_t base_ms, uint32_t cap_ms, uint64_t seed);
void backoff_reset(struct backoff *backoff); /* it worked */

/* Between half and the whole of min(cap, base x 2^tries), ms. */
uint32_t backoff_next(struct backoff *backoff);

#endif
