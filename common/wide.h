/*
 * Whole numbers of 512 bits without a sign, for comparisons that must be exact where products of
 * counts do not fit a machine word. Who calls sees to it that nothing grows beyond.
 */
#ifndef SUARA_COMMON_WIDE_H
#define SUARA_COMMON_WIDE_H

#include <stdint.h>

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

#define WIDE_LIMBS 16u

struct wide {
    uint32_t limb[WIDE_LIMBS]; /* lowest first */
};

struct wide wide_of(u128 value);
struct wide wide_add(const struct wide *a, const struct wide *b);
struct wide wide_mul(const struct wide *a, const struct wide *b);
struct wide wide_times(const struct wide *a, uint64_t b);
int wide_compare(const struct wide *a, const struct wide *b); /* as memcmp */
double wide_double(const struct wide *a);                     /* the nearest or the next to it */

#endif
