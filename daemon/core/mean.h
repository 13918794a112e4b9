/*
 * The mean of the offices' own indices, where each office counts the same however many responses it
 * has. The indices are exact fractions: they are added with 57 binary places, so that the rounding
 * at the end is right wherever the mean is farther than 2^-50 from a half; nearer counts as a half.
 */
#ifndef SUARA_DAEMON_CORE_MEAN_H
#define SUARA_DAEMON_CORE_MEAN_H

#include "common/figure.h"
#include "common/wide.h"

struct mean {
    uint64_t offices;
    u128 sum;                 /* of the indices, hundredths x 2^57 */
    double variance, squares; /* sums of each mean's variance, and of its square by its degrees */
    bool single;              /* an office has one response, and no variance */
};

/* One office; without responses it does not count. */
void mean_add(struct mean *mean, const struct figure_rule *rule,
              const struct figure_sample *sample);

/* As figure_index and figure_interval: the offices are all there are, the responses a sample. */
bool mean_index(const struct mean *mean, uint32_t *hundredths);
bool mean_interval(const struct mean *mean, const struct figure_rule *rule, uint32_t *low,
                   uint32_t *high);

#endif
