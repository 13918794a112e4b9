/*
 * The arithmetic of published figures, the same for the daemon and the client: index, interval,
 * change, gap, mean, sample. Sums are whole numbers until the last step, and each figure is rounded
 * once. The rules and their vectors stand in docs/index.md. Exact for n up to 2^32 with elements
 * and scale of any instrument.
 */
#ifndef SUARA_COMMON_FIGURE_H
#define SUARA_COMMON_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

/* The index of one response is 100 / scale x num / den x the sum of its ratings. */
struct figure_rule {
    unsigned scale, elements;
    int64_t num, den; /* the weight of an element; both above 0 and within 32 bits */
};

struct figure_sample {
    uint64_t n;
    uint64_t total;  /* of all ratings of all responses */
    uint64_t square; /* sum over the responses of (sum of its ratings)^2 */
};

/* In hundredths, rounded half up. False: n is 0, and there is none. */
bool figure_index(const struct figure_rule *rule, const struct figure_sample *sample,
                  uint32_t *hundredths);

/*
 * The 95 % interval of the index by Student's t with n - 1 degrees of freedom: its half width is
 * rounded half up to hundredths and taken from and added to the rounded index, within what the rule
 * can give at all. False: n is below 2, and there is none.
 */
bool figure_interval(const struct figure_rule *rule, const struct figure_sample *sample,
                     uint32_t *low, uint32_t *high);

struct figure_change {
    int64_t hundredths; /* the exact difference of the exact indices, half away from 0 */
    bool known;         /* the interval below: both n are 2 or more */
    int64_t low, high;  /* 95 %, by Welch's t with the degrees of freedom rounded down */
    bool beyond_chance; /* the interval has not 0 in it */
};

/* after - before; both n above 0. */
void figure_change(const struct figure_rule *rule, const struct figure_sample *before,
                   const struct figure_sample *after, struct figure_change *out);

/* One element: how many rated it, the sum of the ratings and that of their squares. */
struct figure_part {
    uint64_t n, sum, square;
};

/* From how many gave 1, 2 .. scale. */
void figure_part_of(const uint64_t *spread, unsigned scale, struct figure_part *out);

struct figure_gap {
    int64_t thousandths; /* the rest as in a change */
    bool known;
    int64_t low, high;
    bool beyond_chance;
};

/* Mean of a - mean of b; both n above 0. */
void figure_gap(const struct figure_part *a, const struct figure_part *b, struct figure_gap *out);

/* sum / n with three decimals, rounded half up: "3.142"; n above 0. */
void figure_mean(uint64_t sum, uint64_t n, char out[32]);

/* How many responses Krejcie and Morgan ask for of so many people, to the nearest. */
uint64_t figure_sample_need(uint64_t population);

/* Student's t that 95 % lie within, in millionths; degrees above 0. */
uint64_t figure_student(uint64_t degrees);

#endif
