/*
 * The elements of a row of a report: mean, rank, what they weigh in the index, and how they
 * changed. All from exact sums, rounded once.
 */
#ifndef SUARA_CLIENT_CORE_ELEMENTS_H
#define SUARA_CLIENT_CORE_ELEMENTS_H

#include "client/core/layout_index.h"
#include "common/figure.h"

struct instrument;

/* The name for people of the element with this code, in Indonesian; "" when it is not known. */
const char *elements_name(const struct instrument *instrument, const char *code);

/* How the index was made of the ratings; false: a method that the instrument does not tell. */
bool elements_rule(const struct layout_index *index, const struct instrument *instrument,
                   struct figure_rule *out);

struct elements_one {
    const char *code, *name;
    uint64_t n, sum;
    const uint64_t *spread; /* how many gave 1 .. scale; NULL: not told */
    char mean[32];          /* NRR; "" without responses */
    char weighted[32];      /* NRR x weight; "" when the weight is not known, too */
    unsigned rank;          /* 1: the highest mean; equal means share a rank; 0 without responses */
    bool strongest, weakest; /* neither when all means are the same */
    bool compared;           /* with the row before, and this is the change of the mean: */
    struct figure_gap change;
};

/* One per element of the answer, in its order. before NULL: nothing to compare with. The change is
 * known only where both rows tell the spread. */
void elements_of(const struct layout_index *index, const struct instrument *instrument,
                 const struct layout_index_row *before, const struct layout_index_row *row,
                 struct elements_one *out);

#endif
