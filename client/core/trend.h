/*
 * How the index moves from period to period.
 */
#ifndef SUARA_CLIENT_CORE_TREND_H
#define SUARA_CLIENT_CORE_TREND_H

#include "client/core/layout_index.h"
#include "common/figure.h"

struct buf;

/* The change of the index from one row to another, from their exact sums. False when one of them
 * has no figures or is NULL. */
bool trend_change(const struct layout_index *index, const struct figure_rule *rule,
                  const struct layout_index_row *before, const struct layout_index_row *after,
                  struct figure_change *out);

/* The first and the last row with figures; both NULL when there are none. */
void trend_ends(const struct layout_index *index, const struct layout_index_row **first,
                const struct layout_index_row **last);

/* One of eight bars for each row, the lowest index and the highest at the ends of the scale, a dot
 * where there are no figures. False (and nothing) with fewer than two figures. */
bool trend_spark(struct buf *out, const struct layout_index *index, uint32_t *lowest,
                 uint32_t *highest);

#endif
