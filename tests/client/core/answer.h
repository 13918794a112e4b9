/*
 * An answer to a report, made by hand for the tests of the layouts: one row of published figures
 * and one without responses.
 */
#ifndef SUARA_TESTS_CLIENT_CORE_ANSWER_H
#define SUARA_TESTS_CLIENT_CORE_ANSWER_H

#include "client/core/layout_index.h"
#include "common/buf.h"
#include "common/wire.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The published ratings of 49 respondents (first half of 2019). */
static uint64_t answer_sums[9] = {138, 139, 150, 177, 159, 163, 161, 143, 159};
/* How many of them gave 1, 2, 3, 4. */
static uint64_t answer_spread[36] = {
    1,  8,  39, 1, 2,  9,  33, 5, 1,  6,  31, 11, 0,  2,  15, 32, 0,  2,
    33, 14, 0,  2, 29, 18, 0,  1, 33, 15, 1,  14, 22, 12, 0,  6,  25, 18,
};

struct answer {
    Suara__V1__Rows rows;
    Suara__V1__Row row[2], *list[2];
    ProtobufCBinaryData element[9];
};

static inline void answer_init(struct answer *answer)
{
    static const char *const code[9] = {"U1", "U2", "U3", "U4", "U5", "U6", "U7", "U8", "U9"};

    suara__v1__rows__init(&answer->rows);
    for (size_t i = 0; i < 9; i++)
        answer->element[i] = wire_text(code[i]);
    answer->rows.element = answer->element;
    answer->rows.n_element = 9;
    answer->rows.instrument = wire_text("skm-2017");
    answer->rows.method = wire_text("exact");
    answer->rows.scale = 4;
    for (size_t i = 0; i < 2; i++) {
        suara__v1__row__init(&answer->row[i]);
        answer->list[i] = &answer->row[i];
    }
    answer->row[0].office = wire_text("BBPOM-SMG");
    answer->row[0].offices = 1;
    answer->row[0].n = 49;
    answer->row[0].index = 7874;
    answer->row[0].low = 7626;
    answer->row[0].high = 8123;
    answer->row[0].grade = wire_text("B");
    answer->row[0].quality = wire_text("Baik");
    answer->row[0].sum = answer_sums;
    answer->row[0].n_sum = 9;
    answer->row[0].square = 39839;
    answer->row[1].office = wire_text("KLATEN");
    answer->rows.row = answer->list;
    answer->rows.n_row = 1;
}

/* The same with how many gave each rating. */
static inline void answer_with_spread(struct answer *answer)
{
    answer_init(answer);
    answer->row[0].spread = answer_spread;
    answer->row[0].n_spread = 36;
}

/* What the answer looks like; malloc'd. */
static inline char *laid_out(const struct answer *answer, const struct layout_ask *ask,
                             enum layout_format format, size_t width, bool colour)
{
    const struct layout_style style = {format, width, colour};
    struct layout_index index;
    struct buf out = {0};

    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &answer->rows, NULL), 0);
    layout_index_print(&out, &index, ask, &style);
    assert_false(out.failed);
    layout_index_release(&index);
    return out.data;
}

#endif
