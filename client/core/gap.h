/*
 * How far groups see the elements apart: the office itself and the public, or each stakeholder
 * group and all the others.
 */
#ifndef SUARA_CLIENT_CORE_GAP_H
#define SUARA_CLIENT_CORE_GAP_H

#include "client/core/layout_index.h"
#include "common/figure.h"

struct gap_one {
    const struct layout_index_row *group; /* stakeholders: which; else NULL */
    size_t element;
    struct figure_part a, b; /* provider and recipient; a group and all the others */
    bool known;              /* both have responses, and this is the mean of a - that of b: */
    struct figure_gap gap;
};

struct gap_list {
    struct gap_one *one; /* in the arena of the answer */
    size_t count;
};

/* Of an answer by perspective, with spread: one per element, the largest gap first. -1: TOO_LARGE,
 * or INTERNAL when the answer does not tell the spread. */
int gap_perspectives(struct layout_index *index, struct gap_list *out, struct error *err)
    __attribute__((warn_unused_result));

/* Of an answer by stakeholder, likewise: one per element and group. Those who did not say are among
 * the others. None when there is nobody to compare a group with. */
int gap_stakeholders(struct layout_index *index, struct gap_list *out, struct error *err)
    __attribute__((warn_unused_result));

#endif
