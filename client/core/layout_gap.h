/*
 * The report of the gap: how differently two sides rate the elements, the largest difference first.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_GAP_H
#define SUARA_CLIENT_CORE_LAYOUT_GAP_H

#include "client/core/gap.h"

struct instrument;

/*
 * ask->by[0] is perspective or stakeholder, whichever the list was made of; instrument as for the
 * elements.
 *
 * TABLE: a line for each gap (of groups the twenty largest) and a sentence about the largest one.
 * CSV: a line for each. JSON: an array: stakeholder (null between perspectives), element, name,
 * provider and recipient or group and others (each {n, mean}), and gap ({value, low, high,
 * beyond_chance}; null when a side has no responses).
 */
void layout_gap_print(struct buf *out, const struct layout_index *index,
                      const struct gap_list *list, const struct instrument *instrument,
                      const struct layout_ask *ask, const struct layout_style *style);

#endif
