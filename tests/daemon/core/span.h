/*
 * What can be worked out from sums: the row span of linear equations over at most 64 unknowns, by
 * elimination modulo the prime 2^61 - 1. The coefficients are small, so that what depends there
 * depends among the fractions too.
 */
#ifndef SUARA_TESTS_SPAN_H
#define SUARA_TESTS_SPAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SPAN_MOST  64u
#define SPAN_PRIME ((UINT64_C(1) << 61) - 1)

__extension__ typedef unsigned __int128 span_wide;

struct span {
    unsigned width;
    bool used[SPAN_MOST];               /* is there a row that begins in this column? */
    uint64_t row[SPAN_MOST][SPAN_MOST]; /* it begins with 1 */
};

static inline uint64_t span_mul(uint64_t a, uint64_t b)
{
    return (uint64_t)((span_wide)a * b % SPAN_PRIME);
}

static inline uint64_t span_inverse(uint64_t a)
{
    uint64_t power = 1;
    for (uint64_t e = SPAN_PRIME - 2; e; e >>= 1) {
        power = e & 1 ? span_mul(power, a) : power;
        a = span_mul(a, a);
    }
    return power;
}

/* What is left of an equation when the rows are taken off it: its first column, or width. */
static inline unsigned span_reduce(const struct span *s, const int64_t *equation, uint64_t *left)
{
    unsigned first = s->width;
    for (unsigned c = 0; c < s->width; c++)
        left[c] = (uint64_t)((equation[c] % (int64_t)SPAN_PRIME + (int64_t)SPAN_PRIME) %
                             (int64_t)SPAN_PRIME);
    for (unsigned c = 0; c < s->width; c++) {
        uint64_t times = left[c];
        if (times && !s->used[c] && first == s->width)
            first = c;
        if (!times || !s->used[c])
            continue;
        for (unsigned k = c; k < s->width; k++)
            left[k] = (left[k] + SPAN_PRIME - span_mul(times, s->row[c][k])) % SPAN_PRIME;
    }
    return first;
}

/* Can this sum be worked out? */
static inline bool span_tells(const struct span *s, const int64_t *sum)
{
    uint64_t left[SPAN_MOST];
    return span_reduce(s, sum, left) == s->width;
}

static inline void span_add(struct span *s, const int64_t *equation)
{
    uint64_t left[SPAN_MOST];
    unsigned first = span_reduce(s, equation, left);
    if (first == s->width)
        return;
    uint64_t inverse = span_inverse(left[first]);
    for (unsigned c = 0; c < s->width; c++)
        s->row[first][c] = span_mul(left[c], inverse);
    s->used[first] = true;
}

#endif
