/*
 * Made-up input for the unit tests, the same in every run: splitmix64 from a fixed seed.
 */
#ifndef SUARA_TESTS_GENERATE_H
#define SUARA_TESTS_GENERATE_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t generate(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* 0 .. below - 1 */
static inline size_t generate_below(uint64_t *state, size_t below)
{
    return (size_t)(generate(state) % below);
}

static inline void generate_bytes(uint64_t *state, void *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = (uint8_t)(generate(state) >> 56);
}

#endif
