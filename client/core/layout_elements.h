/*
 * The report of the elements: of one period in full, or of several side by side with the changes.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_ELEMENTS_H
#define SUARA_CLIENT_CORE_LAYOUT_ELEMENTS_H

#include "client/core/elements.h"

/*
 * The answer has the rows of the axis of time ask->by[0] in order (periods_fill), or one row. Where
 * it is not known, instrument is NULL: then elements have no names.
 *
 * TABLE: of one period an element a line: n, how many gave each rating, sum, NRR, weighted NRR,
 * rank and which are strongest and weakest. Of several an element a line and a period a column: NRR
 * and its change against the period before; as many tables as the terminal needs. CSV: a line per
 * period and element. JSON: an array of the periods: office, period, n, index, instrument, method,
 * scale, and elements: code, name, n, counts, sum, mean (NRR), weighted, rank, strongest, weakest,
 * change ({value, low, high, beyond_chance} or null).
 */
void layout_elements_print(struct buf *out, const struct layout_index *index,
                           const struct instrument *instrument, const struct layout_ask *ask,
                           const struct layout_style *style);

/* The two for programs. */
void layout_elements_json(struct buf *out, const struct layout_index *index,
                          const struct instrument *instrument, const struct layout_ask *ask);
void layout_elements_csv(struct buf *out, const struct layout_index *index,
                         const struct instrument *instrument, const struct layout_ask *ask);

/* The row that an answer's row is compared with: the one before, if it has responses and is shown.
 */
const struct layout_index_row *layout_elements_before(const struct layout_index *index,
                                                      const struct layout_index_row *row);

#endif
