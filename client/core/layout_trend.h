/*
 * The report of the trend: the periods in a row, each against the one before, and how it went from
 * the first to the last.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_TREND_H
#define SUARA_CLIENT_CORE_LAYOUT_TREND_H

#include "client/core/layout_index.h"

struct figure_rule;

/*
 * The answer has the rows of the axis of time ask->by[0] in order (periods_fill). rule NULL: the
 * method is not known here, and so no change.
 *
 * TABLE: a line for each period, the bars of them all, and a sentence. CSV: a line for each period.
 * JSON: an array: office, period, n, index, interval, grade, quality, instrument, method, hidden,
 * change (against the period before) and since_first (against the first one with responses), each
 * {value, low, high, beyond_chance} or null.
 */
void layout_trend_print(struct buf *out, const struct layout_index *index,
                        const struct figure_rule *rule, const struct layout_ask *ask,
                        const struct layout_style *style);

#endif
