#include "daemon/core/mean.h"

#include <math.h>

#define PLACES 57u
#define NEAR   7u /* binary places of the sum's error, for each office */

void mean_add(struct mean *mean, const struct figure_rule *rule, const struct figure_sample *sample)
{
    if (sample->n == 0)
        return;
    u128 above = (u128)sample->total * ((uint64_t)rule->num * 10000u);
    u128 below = (u128)sample->n * ((uint64_t)rule->den * rule->scale);
    u128 rest = above % below;
    mean->offices++;
    mean->sum += ((above / below) << PLACES) + (rest << PLACES) / below;
    if (sample->n < 2) {
        mean->single = true;
        return;
    }
    double n = (double)sample->n;
    double factor = 10000.0 * (double)rule->num / ((double)rule->den * rule->scale);
    u128 most = (u128)sample->n * sample->square, taken = (u128)sample->total * sample->total;
    double apart = most > taken ? (double)(most - taken) : 0;
    double variance = factor * factor * apart / (n * n * (n - 1));
    mean->variance += variance;
    mean->squares += variance * variance / (n - 1);
}

bool mean_index(const struct mean *mean, uint32_t *hundredths)
{
    if (mean->offices == 0)
        return false;
    /* floor(sum / offices + 1/2), where an error of the sum must not lose a half */
    u128 sum = mean->sum + ((u128)mean->offices << NEAR);
    *hundredths =
        (uint32_t)((2 * sum + ((u128)mean->offices << PLACES)) / ((u128)mean->offices * 2) >>
                   PLACES);
    return true;
}

bool mean_interval(const struct mean *mean, const struct figure_rule *rule, uint32_t *low,
                   uint32_t *high)
{
    uint32_t index, least, most;
    const struct figure_sample worst = {1, rule->elements, 0};
    const struct figure_sample best = {1, (uint64_t)rule->elements * rule->scale, 0};
    if (mean->single || !mean_index(mean, &index) || !figure_index(rule, &worst, &least) ||
        !figure_index(rule, &best, &most))
        return false;
    double half = 0;
    if (mean->squares > 0) {
        double degrees = mean->variance * mean->variance / mean->squares;
        uint64_t t = figure_student((uint64_t)(degrees * (1 + 1e-12)));
        half = (double)t / 1e6 * sqrt(mean->variance) / (double)mean->offices;
    }
    uint32_t width = half < 1e6 ? (uint32_t)(half + 0.5) : 1000000u;
    *low = index > least + width ? index - width : least;
    *high = index + width < most ? index + width : most;
    return true;
}
