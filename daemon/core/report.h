/*
 * A report of the index: what was asked, held against what the asker may see; then cells of the
 * roll-up folded into rows, and each row's figure computed once.
 */
#ifndef SUARA_DAEMON_CORE_REPORT_H
#define SUARA_DAEMON_CORE_REPORT_H

#include "common/arena.h"
#include "daemon/core/axis.h"
#include "daemon/core/directory.h"
#include "daemon/core/index.h"
#include "daemon/core/scope.h"
#include "proto/suara.pb-c.h"

struct buf;
struct error;
struct report_blocks;
struct report_row;

#define REPORT_ROWS_MAX    200000u
#define REPORT_BYTES_MAX   (64u * 1024u * 1024u) /* of rows while they are folded */
#define REPORT_FILTERS_MAX 65536u                /* pairs below */

/* Responses of this value; several of one dimension: any of them, dimensions: all of them. */
struct report_filter {
    enum dim dim;
    int32_t value;
};

/* What holds for all reports of this moment. */
struct report_rules {
    uint64_t small_cell; /* cells of fewer respondents are hidden from outsiders; 0: none are */
    civil_day today;     /* where the day ends last: a period that has not ended yet is open */
};

struct report {
    const struct directory *directory;
    const struct instrument *instrument;
    const struct method *method;
    const struct axis *axis[2]; /* never NULL; AXIS_NOTHING */
    int16_t perspective;        /* PERSPECTIVE_ALL: told apart */
    struct scope scope;
    struct report_filter *filters; /* those of one dimension side by side */
    size_t filter_count;
    bool spread, mean_of_offices;
    uint64_t small_cell;           /* not 0: it is made of blocks, and small cells are hidden */
    struct report_blocks *blocks;  /* NULL: it is not */
    struct report_row *rows;       /* uthash */
    struct arena arena;            /* which they are in */
    struct report_row *last;       /* the row of the cell before */
    int32_t last_office, place[2]; /* of that cell: the office, and where it is on each axis */
    bool failed, large; /* while folding: memory ran out; more rows than a report may have */
};

/*
 * Understands the request for this principal. -1 and *err (INVALID with the field and the nearest
 * known word; PERMISSION_DENIED for an office out of scope, or a trait of the respondents in a
 * combination that small cells could be worked out from). The directory must live as long.
 */
int report_plan(struct report *report, const struct directory *directory,
                const struct principal *principal, const struct report_rules *rules,
                const Suara__V1__Report *request, struct error *err)
    __attribute__((warn_unused_result));

/*
 * How the figures are to be read. dims: one for each axis that is a dimension, else DIM_ALL. With
 * blocks: in two parts, and without the filters, which choose among the blocks.
 */
struct report_reading {
    enum dim dim[2];
    unsigned unit; /* months of a period; 0: no time */
    bool blocks;
};
struct report_reading report_reading(const struct report *report);

/* One cell of the roll-up: offices of the report only, those of one office side by side. */
struct report_cell {
    unsigned part; /* with blocks: 0 months by value, then 1 totals */
    int32_t office_id, value[2];
    int16_t perspective;
    civil_day month; /* a day of its month or period */
    int64_t n, square;
    const int64_t *sums; /* per element */
    size_t elements;
    const int64_t *spread; /* per element and rating */
    size_t spreads;
};
void report_add(struct report *report, const struct report_cell *cell);

/*
 * All rows as framed replies to request `id`, the last of them marked so. A report that is not
 * broken down has its one row also when there are no responses (n = 0), and by office or level each
 * of these has; broken down otherwise, there are rows only where there are responses.
 */
int report_pack(struct report *report, uint64_t id, uint32_t max_frame, struct buf *out,
                struct error *err) __attribute__((warn_unused_result));

void report_release(struct report *report);

#endif
