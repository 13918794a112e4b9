#include "common/wide.h"

struct wide wide_of(u128 value)
{
    struct wide w = {{0}};
    for (unsigned i = 0; i < 4; i++)
        w.limb[i] = (uint32_t)(value >> (32 * i));
    return w;
}

struct wide wide_add(const struct wide *a, const struct wide *b)
{
    struct wide sum;
    uint64_t carry = 0;
    for (unsigned i = 0; i < WIDE_LIMBS; i++) {
        carry += (uint64_t)a->limb[i] + b->limb[i];
        sum.limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return sum;
}

struct wide wide_mul(const struct wide *a, const struct wide *b)
{
    struct wide product = {{0}};
    for (unsigned i = 0; i < WIDE_LIMBS; i++) {
        uint64_t carry = 0;
        for (unsigned k = 0; a->limb[i] && i + k < WIDE_LIMBS; k++) {
            carry += (uint64_t)a->limb[i] * b->limb[k] + product.limb[i + k];
            product.limb[i + k] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    return product;
}

struct wide wide_times(const struct wide *a, uint64_t b)
{
    struct wide factor = wide_of(b);
    return wide_mul(&factor, a);
}

int wide_compare(const struct wide *a, const struct wide *b)
{
    for (unsigned i = WIDE_LIMBS; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] > b->limb[i] ? 1 : -1;
    return 0;
}

double wide_double(const struct wide *a)
{
    double value = 0;
    for (unsigned i = WIDE_LIMBS; i-- > 0;)
        value = value * 4294967296.0 + (double)a->limb[i];
    return value;
}
