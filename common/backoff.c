#include "common/backoff.h"

void backoff_init(struct backoff *backoff, uint32_t base_ms, uint32_t cap_ms, uint64_t seed)
{
    *backoff = (struct backoff){
        .base_ms = base_ms,
        .cap_ms = cap_ms,
        .seed = seed ? seed : 0x9E3779B97F4A7C15u, /* 0 is the fixed point of the generator */
    };
}

void backoff_reset(struct backoff *backoff)
{
    backoff->tries = 0;
}

/* xorshift64* (Vigna 2016): enough to spread clients, and replayable from the seed. */
static uint64_t next_random(struct backoff *backoff)
{
    uint64_t x = backoff->seed;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    backoff->seed = x;
    return x * 0x2545F4914F6CDD1Du;
}

uint32_t backoff_next(struct backoff *backoff)
{
    uint64_t whole = backoff->base_ms;
    for (uint32_t i = 0; i < backoff->tries && whole < backoff->cap_ms; i++)
        whole *= 2;
    if (whole > backoff->cap_ms)
        whole = backoff->cap_ms;
    else if (backoff->tries < UINT32_MAX)
        backoff->tries++; /* only while it still doubles */
    uint64_t half = (whole + 1) / 2;
    return (uint32_t)(half + (next_random(backoff) >> 32) % (whole - half + 1));
}
