/*
 * Asking for reports in the tests of decisions: a request, its plan, cells, and the rows as they
 * are read from the frames.
 */
#ifndef SUARA_TESTS_REPORTING_H
#define SUARA_TESTS_REPORTING_H

#include "common/error.h"
#include "common/frame.h"
#include "common/wire.h"
#include "daemon/core/report.h"
#include "tests/daemon/core/fixture.h"

#include <string.h>

#define ROWS_MOST 512u

struct ask {
    Suara__V1__Report request;
    ProtobufCBinaryData office[4], value[2][4];
    Suara__V1__Filter filter[2], *filters[2];
    struct report_rules rules;
    struct report report;
    struct error err;
    struct buf frames;
    struct arena arena;
    Suara__V1__Row *row[ROWS_MOST];
    size_t rows;
    uint32_t small_cell;
};

/* The year 2023, of all offices, asked in the middle of 2024; cells under 5 are hidden. */
static inline void ask_init(struct ask *a)
{
    memset(a, 0, sizeof *a);
    suara__v1__report__init(&a->request);
    a->request.from = 20230101;
    a->request.to = 20231231;
    a->request.office = a->office;
    a->request.filter = a->filters;
    a->rules = (struct report_rules){.small_cell = 5, .today = 20240713};
    arena_init(&a->arena, 1 << 24);
}

static inline void ask_by(struct ask *a, const char *by, const char *by2)
{
    a->request.by = wire_text(by);
    a->request.by2 = wire_text(by2);
}

static inline void ask_office(struct ask *a, const char *code)
{
    a->office[a->request.n_office++] = wire_text(code);
}

/* One value more: of the filter on this dimension, which is made if need be. */
static inline void ask_filter(struct ask *a, const char *dimension, const char *value)
{
    size_t f = a->request.n_filter;
    if (f == 0 || !wire_is(&a->filter[f - 1].dimension, dimension)) {
        assert_true(f < 2);
        suara__v1__filter__init(&a->filter[f]);
        a->filter[f].dimension = wire_text(dimension);
        a->filter[f].value = a->value[f];
        a->filters[f] = &a->filter[f];
        a->request.n_filter = ++f;
    }
    a->value[f - 1][a->filter[f - 1].n_value++] = wire_text(value);
}

static inline int ask_plan(struct ask *a, struct directory *d, enum role role, const char *name)
{
    report_release(&a->report);
    return report_plan(&a->report, d, directory_principal(d, role, name), &a->rules, &a->request,
                       &a->err);
}

/* Unpacks all replies; only the last is marked as the last. */
static inline void ask_read(struct ask *a)
{
    size_t at = 0;
    bool last = false;
    a->rows = 0;
    while (at < a->frames.len) {
        uint32_t length;
        const uint8_t *data = (const uint8_t *)a->frames.data + at;
        assert_int_equal(frame_length(data, 1 << 20, &length, NULL), 0);
        const Suara__V1__Reply *reply = wire_reply(data + FRAME_HEADER, length, &a->arena, NULL);
        assert_non_null(reply);
        assert_false(last);
        last = reply->last;
        a->small_cell = reply->rows->small_cell;
        for (size_t i = 0; i < reply->rows->n_row; i++) {
            assert_true(a->rows < ROWS_MOST);
            a->row[a->rows++] = reply->rows->row[i];
        }
        at += FRAME_HEADER + length;
    }
    assert_true(last);
}

static inline void ask_rows(struct ask *a)
{
    buf_clear(&a->frames);
    assert_int_equal(report_pack(&a->report, 5, 1 << 20, &a->frames, &a->err), 0);
    ask_read(a);
}

static inline void ask_end(struct ask *a)
{
    arena_release(&a->arena);
    buf_release(&a->frames);
    report_release(&a->report);
}

static inline bool bytes_are(ProtobufCBinaryData bytes, const char *text)
{
    return wire_is(&bytes, text);
}

#endif
