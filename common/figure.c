#include "common/figure.h"

#include "common/wide.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define NEAR 1e-6 /* floating point is trusted where it lies farther than this from a half */

/* What a figure is printed in: so many units for one point of a sum of ratings. */
struct unit {
    uint64_t num, den;
};

/* The variance of a mean as a fraction. */
struct variance {
    uint64_t n;
    struct wide above, below;
};

static struct unit unit_of(const struct figure_rule *rule)
{
    return (struct unit){(uint64_t)rule->num * 10000u, (uint64_t)rule->den * rule->scale};
}

static uint64_t half_up(u128 above, u128 below)
{
    return (uint64_t)(above / below + (above % below >= below - above % below));
}

static uint64_t round_total(const struct unit *unit, uint64_t total, uint64_t n)
{
    return half_up((u128)total * unit->num, (u128)n * unit->den);
}

bool figure_index(const struct figure_rule *rule, const struct figure_sample *sample,
                  uint32_t *hundredths)
{
    struct unit unit = unit_of(rule);
    if (sample->n == 0)
        return false;
    *hundredths = (uint32_t)round_total(&unit, sample->total, sample->n);
    return true;
}

/* ---- chance ---------------------------------------------------------------------------------- */

/* (n x square - total^2) / (n^2 x (n - 1)): of the mean of n values. */
static struct variance variance_of(uint64_t n, uint64_t total, uint64_t square)
{
    u128 above = (u128)n * square, taken = (u128)total * total;
    struct variance v = {.n = n, .above = wide_of(above > taken ? above - taken : 0)};
    struct wide once = wide_of((u128)n * n);
    v.below = wide_times(&once, n - 1);
    return v;
}

static struct variance variance_sum(const struct variance *a, const struct variance *b)
{
    struct variance sum = {.n = 0, .below = wide_mul(&a->below, &b->below)};
    struct wide x = wide_mul(&a->above, &b->below), y = wide_mul(&b->above, &a->below);
    sum.above = wide_add(&x, &y);
    return sum;
}

/* t x the root of the variance, in units, rounded half up. */
static uint64_t half_width(const struct unit *unit, const struct variance *v, uint64_t t)
{
    double variance = wide_double(&v->above) / wide_double(&v->below);
    double width = (double)unit->num / (double)unit->den * (double)t / 1e6 * sqrt(variance);
    uint64_t up = (uint64_t)(width + 0.5 + NEAR);
    if (up == (uint64_t)(width + 0.5 - NEAR))
        return up;
    /* Is the width at least up - 1/2? As whole numbers: 4 (num t)^2 above >= ((2 up - 1) den
     * 10^6)^2 below. */
    struct wide side = wide_of((u128)unit->num * (2 * t));
    struct wide left = wide_mul(&side, &side), right;
    left = wide_mul(&left, &v->above);
    side = wide_of((u128)unit->den * 1000000u);
    side = wide_times(&side, 2 * up - 1);
    right = wide_mul(&side, &side);
    right = wide_mul(&right, &v->below);
    return wide_compare(&left, &right) >= 0 ? up : up - 1;
}

bool figure_interval(const struct figure_rule *rule, const struct figure_sample *sample,
                     uint32_t *low, uint32_t *high)
{
    struct unit unit = unit_of(rule);
    uint64_t n = sample->n;
    if (n < 2)
        return false;
    uint64_t index = round_total(&unit, sample->total, n);
    uint64_t least = round_total(&unit, rule->elements, 1);
    uint64_t most = round_total(&unit, (uint64_t)rule->elements * rule->scale, 1);
    struct variance v = variance_of(n, sample->total, sample->square);
    uint64_t half = half_width(&unit, &v, figure_student(n - 1));
    *low = (uint32_t)(index > least + half ? index - half : least);
    *high = (uint32_t)(index + half < most ? index + half : most);
    return true;
}

/* ---- differences ----------------------------------------------------------------------------- */

/*
 * Welch and Satterthwaite, rounded down: with x and y the two variances brought to one denominator,
 * (x + y)^2 / (x^2 / (n - 1) + y^2 / (m - 1)). Both 0: as large as it can be.
 */
static uint64_t degrees_of(const struct variance *a, const struct variance *b)
{
    struct wide x = wide_mul(&a->above, &b->below), y = wide_mul(&b->above, &a->below);
    struct wide sum = wide_add(&x, &y), left = wide_mul(&sum, &sum), right;
    uint64_t p = a->n - 1, q = b->n - 1;
    left = wide_times(&left, p);
    left = wide_times(&left, q);
    x = wide_mul(&x, &x);
    y = wide_mul(&y, &y);
    x = wide_times(&x, q);
    y = wide_times(&y, p);
    right = wide_add(&x, &y);
    double below = wide_double(&right), degrees = wide_double(&left);
    if (below <= 0)
        return p + q;
    degrees /= below;
    double near = degrees * 1e-12 + NEAR;
    uint64_t whole = (uint64_t)(degrees + near);
    if (whole == (uint64_t)(degrees - near))
        return whole;
    right = wide_times(&right, whole);
    return wide_compare(&left, &right) >= 0 ? whole : whole - 1;
}

/* b - a of the means, in units. */
static void difference(const struct unit *unit, const struct figure_sample *a,
                       const struct figure_sample *b, struct figure_change *out)
{
    u128 x = (u128)b->total * a->n, y = (u128)a->total * b->n;
    u128 apart = x > y ? x - y : y - x;
    struct wide above = wide_of(apart), below = wide_of((u128)a->n * b->n);
    above = wide_times(&above, unit->num);
    below = wide_times(&below, unit->den);
    double estimate = wide_double(&above) / wide_double(&below);
    uint64_t up = (uint64_t)(estimate + 0.5 + NEAR);
    if (up != (uint64_t)(estimate + 0.5 - NEAR)) {
        above = wide_times(&above, 2);
        below = wide_times(&below, 2 * up - 1);
        if (wide_compare(&above, &below) < 0)
            up--;
    }
    *out = (struct figure_change){.hundredths = x > y ? (int64_t)up : -(int64_t)up};
    if (a->n < 2 || b->n < 2)
        return;
    struct variance va = variance_of(a->n, a->total, a->square);
    struct variance vb = variance_of(b->n, b->total, b->square);
    struct variance both = variance_sum(&va, &vb);
    int64_t half = (int64_t)half_width(unit, &both, figure_student(degrees_of(&va, &vb)));
    out->known = true;
    out->low = out->hundredths - half;
    out->high = out->hundredths + half;
    out->beyond_chance = out->low > 0 || out->high < 0;
}

void figure_change(const struct figure_rule *rule, const struct figure_sample *before,
                   const struct figure_sample *after, struct figure_change *out)
{
    struct unit unit = unit_of(rule);
    difference(&unit, before, after, out);
}

void figure_gap(const struct figure_part *a, const struct figure_part *b, struct figure_gap *out)
{
    const struct unit thousandth = {1000, 1};
    struct figure_sample x = {a->n, a->sum, a->square}, y = {b->n, b->sum, b->square};
    struct figure_change change;
    difference(&thousandth, &y, &x, &change);
    *out = (struct figure_gap){change.hundredths, change.known, change.low, change.high,
                               change.beyond_chance};
}

void figure_part_of(const uint64_t *spread, unsigned scale, struct figure_part *out)
{
    *out = (struct figure_part){0};
    for (unsigned r = 1; r <= scale; r++) {
        out->n += spread[r - 1];
        out->sum += spread[r - 1] * r;
        out->square += spread[r - 1] * r * r;
    }
}

/* ---- means and samples ----------------------------------------------------------------------- */

void figure_mean(uint64_t sum, uint64_t n, char out[32])
{
    uint64_t thousandths = half_up((u128)sum * 1000u, n);
    (void)snprintf(out, 32, "%" PRIu64 ".%03u", thousandths / 1000, (unsigned)(thousandths % 1000));
}

/* 3.841 N 0.25 / (0.0025 (N - 1) + 3.841 x 0.25), both sides times 100,000. */
uint64_t figure_sample_need(uint64_t population)
{
    if (population == 0)
        return 0;
    return half_up((u128)population * 96025u, (u128)(population - 1) * 250u + 96025u);
}

uint64_t figure_student(uint64_t degrees)
{
    /* The two-sided 95 % points, from the distribution's finite sums. */
    static const uint32_t table[] = {
        12706205, 4302653, 3182446, 2776445, 2570582, 2446912, 2364624, 2306004, 2262157, 2228139,
        2200985,  2178813, 2160369, 2144787, 2131450, 2119905, 2109816, 2100922, 2093024, 2085963,
        2079614,  2073873, 2068658, 2063899, 2059539, 2055529, 2051831, 2048407, 2045230, 2042272,
        2039513,  2036933, 2034515, 2032245, 2030108, 2028094, 2026192, 2024394, 2022691, 2021075,
        2019541,  2018082, 2016692, 2015368, 2014103, 2012896, 2011741, 2010635, 2009575, 2008559,
        2007584,  2006647, 2005746, 2004879, 2004045, 2003241, 2002465, 2001717, 2000995, 2000298,
        1999624,  1998972, 1998341, 1997730};
    const size_t rows = sizeof table / sizeof *table;
    if (degrees <= rows)
        return table[degrees ? degrees - 1 : 0];
    /* Beyond, in millionths of millionths: the normal distribution's point and the first three
     * terms of Cornish and Fisher's expansion in 1 / degrees; the fourth is below the last place.
     */
    const uint64_t z = 1959963984540, first = 2372271230299, second = 2822498615740,
                   third = 2555849679508;
    return (z + (first + (second + third / degrees) / degrees) / degrees + 500000) / 1000000;
}
