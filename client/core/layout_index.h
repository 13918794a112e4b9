/*
 * The report of the satisfaction index: collects the parts of the answer, and lays it out. The
 * figures are the daemon's; only the mean of an element is computed here, from its exact sum.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_INDEX_H
#define SUARA_CLIENT_CORE_LAYOUT_INDEX_H

#include "client/core/layout.h"
#include "client/core/layout_ask.h"

struct layout_index_row {
    struct layout_index_row *next;
    char *office; /* code; "": not of one office */
    char *key, *label, *grade, *quality;
    uint64_t *sum; /* per element; NULL when n is 0 */
    uint64_t n;
    uint32_t offices, index; /* index in hundredths */
};

struct layout_index {
    struct arena arena; /* owns all that follows */
    char **element;     /* codes */
    size_t element_count;
    char *instrument, *method; /* NULL until the first part */
    uint32_t scale;
    struct layout_index_row *first, *last;
    size_t count;
};

void layout_index_init(struct layout_index *index);
void layout_index_release(struct layout_index *index);

/* Copies one part of the answer. -1: TOO_LARGE, or INTERNAL when it contradicts itself. */
int layout_index_take(struct layout_index *index, const Suara__V1__Rows *rows, struct error *err)
    __attribute__((warn_unused_result));

/*
 * TABLE: a line that says what it is, the rows, and for a report of one row its elements.
 * CSV: a header and one line per row, elements as u1_sum, u1_mean ..
 * JSON: an array of objects: office (null unless of one office), period, the dimension's key under
 * its name, n, index ("78.74", null without responses), grade, quality, method, offices, scale,
 * elements: [{code, n, sum, mean}], mean with three decimals, rounded half up.
 */
void layout_index_print(struct buf *out, const struct layout_index *index,
                        const struct layout_ask *ask, const struct layout_style *style);

/* sum / n with three decimals, rounded half up; n > 0. */
void layout_mean(uint64_t sum, uint64_t n, char out[32]);

/* The period of a row: as asked for, "2019-01-01..2019-06-30", or its key by month or year. */
void layout_index_period(const struct layout_index_row *row, const struct layout_ask *ask,
                         char out[64]);

/* The table alone, for people. */
void layout_index_table(struct buf *out, const struct layout_index *index,
                        const struct layout_ask *ask, const struct layout_style *style);

#endif
