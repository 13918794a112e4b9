/*
 * The answer to a report: collects its parts, and lays out the report of the satisfaction index.
 * The figures are the daemon's; only the mean of an element is computed here, from its exact sum.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_INDEX_H
#define SUARA_CLIENT_CORE_LAYOUT_INDEX_H

#include "client/core/layout.h"
#include "client/core/layout_ask.h"

struct layout_index_row {
    struct layout_index_row *next;
    char *office;                                /* code; "": not of one office */
    char *key[LAYOUT_AXES], *label[LAYOUT_AXES]; /* on each axis, for programs and for people */
    char *grade, *quality;
    uint64_t *sum;    /* per element; NULL when n is 0 or the row is hidden */
    uint64_t *spread; /* per element, how many gave 1 .. scale; NULL when it was not asked for */
    uint64_t n, square;
    uint32_t offices, index; /* index in hundredths */
    uint32_t low, high;      /* its 95 % interval; both 0: none */
    bool hidden;             /* the small cells together: n only */
};

struct layout_index {
    struct arena arena; /* owns all that follows */
    char **element;     /* codes */
    size_t element_count;
    char *instrument, *method;  /* NULL until the first part */
    uint32_t scale, small_cell; /* small_cell 0: nothing is hidden */
    bool mean_of_offices;
    struct layout_index_row *first, *last;
    size_t count;
};

void layout_index_init(struct layout_index *index);
void layout_index_release(struct layout_index *index);

/* Copies one part of the answer. -1: TOO_LARGE, or INTERNAL when it contradicts itself. */
int layout_index_take(struct layout_index *index, const Suara__V1__Rows *rows, struct error *err)
    __attribute__((warn_unused_result));

/*
 * TABLE: a heading, the rows, and for a report of one row its elements.
 * CSV: a header and one line per row, elements as u1_sum, u1_mean ..
 * JSON: an array of objects: office (null unless of one office), period, the keys of the axes under
 * their names, labels (of the axes, likewise), n, index ("78.74", null without responses), interval
 * ({low, high}, null for n < 2), grade, quality, instrument, method, mean_of_offices, offices,
 * scale, hidden, elements: [{code, n, sum, mean}], mean with three decimals, rounded half up.
 */
void layout_index_print(struct buf *out, const struct layout_index *index,
                        const struct layout_ask *ask, const struct layout_style *style);

/* Does the row have figures? Not one of small cells, nor one without responses. */
bool layout_index_known(const struct layout_index_row *row);

/* What the row is called on an axis by people: its key, "not given" or "not shown". */
const char *layout_index_key(const struct layout_index_row *row, const struct layout_ask *ask,
                             size_t axis);

/* The period of a row: as asked for, "2019-01-01..2019-06-30", or its own by an axis of time. */
void layout_index_period(const struct layout_index_row *row, const struct layout_ask *ask,
                         char out[64]);

/* The heading of a report of these rows, with the sum of their n; `method`: it has an index in it.
 */
void layout_index_heading(struct buf *out, const char *title, const struct layout_index *index,
                          bool method, const struct layout_ask *ask,
                          const struct layout_style *style);

/* Says "no responses" where there are none, also none that are not shown. */
bool layout_index_nothing(struct buf *out, const struct layout_index *index);

/* Tells what "not shown" means, where some row is. */
void layout_index_hidden(struct buf *out, const struct layout_index *index,
                         const struct layout_style *style);

/* The table alone, for people. */
void layout_index_table(struct buf *out, const struct layout_index *index,
                        const struct layout_ask *ask, const struct layout_style *style);

#endif
