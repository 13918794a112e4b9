/*
 * The satisfaction index (IKM), computed once, from integers (PermenPANRB 14/2017; the rules and
 * their vectors stand in docs/index.md): index = 100 / scale x sum over elements of weight x (sum
 * of ratings / n), rounded half up to hundredths, and only then graded.
 */
#ifndef SUARA_DAEMON_CORE_INDEX_H
#define SUARA_DAEMON_CORE_INDEX_H

#include "daemon/core/directory.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct figure {
    bool present;        /* false: no responses, and nothing below */
    uint32_t hundredths; /* 7874 = 78.74 */
    const struct grade_bound *grade;
};

/* n responses whose ratings of all elements together sum to total. Exact for all n below 2^48. */
struct figure index_figure(const struct instrument *instrument, const struct method *method,
                           uint64_t n, uint64_t total);

/* By name; "" = exact, or the first where an instrument has no such. NULL: none of that name. */
const struct method *index_method(const struct instrument *instrument, const void *name,
                                  size_t size);

#endif
