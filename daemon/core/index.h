/*
 * The satisfaction index (IKM) of an instrument (PermenPANRB 14/2017; the rules and their vectors
 * stand in docs/index.md): by the weight of a method, rounded, and only then graded. The arithmetic
 * is common/figure.c.
 */
#ifndef SUARA_DAEMON_CORE_INDEX_H
#define SUARA_DAEMON_CORE_INDEX_H

#include "common/figure.h"
#include "daemon/core/directory.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct figure {
    bool present;        /* false: no responses, and nothing below */
    uint32_t hundredths; /* 7874 = 78.74 */
    const struct grade_bound *grade;
    bool interval; /* false: fewer than 2 responses */
    uint32_t low, high;
};

struct figure_rule index_rule(const struct instrument *instrument, const struct method *method);
struct figure index_figure(const struct instrument *instrument, const struct method *method,
                           const struct figure_sample *sample);

/* The grade of a rounded index; below all bounds it is the lowest. */
const struct grade_bound *index_grade(const struct instrument *instrument, uint32_t hundredths);

/* By name; "" = exact, or the first where an instrument has no such. NULL: none of that name. */
const struct method *index_method(const struct instrument *instrument, const void *name,
                                  size_t size);

#endif
