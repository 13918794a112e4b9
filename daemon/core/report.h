/*
 * A report of the index: what was asked, held against what the asker may see; then cells of the
 * roll-up folded into rows, and each row's figure computed once.
 */
#ifndef SUARA_DAEMON_CORE_REPORT_H
#define SUARA_DAEMON_CORE_REPORT_H

#include "daemon/core/directory.h"
#include "daemon/core/index.h"
#include "daemon/core/scope.h"
#include "proto/suara.pb-c.h"

struct buf;
struct error;

enum report_by {
    BY_NOTHING,
    BY_OFFICE,
    BY_SERVICE,
    BY_CHANNEL,
    BY_STAKEHOLDER,
    BY_PERSPECTIVE,
    BY_MONTH,
    BY_YEAR,
    BY_COUNT
};

struct report_row;

struct report {
    const struct directory *directory;
    const struct instrument *instrument;
    const struct method *method;
    enum report_by by;
    int16_t perspective;
    struct scope scope;
    struct report_row *rows; /* uthash */
    bool failed;             /* memory ran out while folding */
};

/*
 * Understands the request for this principal. -1 and *err (INVALID with the field and the nearest
 * known word; PERMISSION_DENIED for an office out of scope). The directory must live as long.
 */
int report_plan(struct report *report, const struct directory *directory,
                const struct principal *principal, const Suara__V1__Report *request,
                struct error *err) __attribute__((warn_unused_result));

/* How the figures are to be read: the dimension, and whether months are told apart. */
enum dim report_dim(const struct report *report);
bool report_by_month(const struct report *report);

/* One cell of the roll-up: offices of the report only, those of one office side by side. */
struct report_cell {
    int32_t office_id, value;
    int16_t perspective;
    civil_day month;
    int64_t n;
    const int64_t *sums;
    size_t elements;
};
void report_add(struct report *report, const struct report_cell *cell);

/*
 * All rows as framed replies to request `id`, the last of them marked so. A report that is not
 * broken down has its one row also when there are no responses (n = 0), and by office each office
 * has; broken down otherwise, there are rows only where there are responses.
 */
int report_pack(struct report *report, uint64_t id, uint32_t max_frame, struct buf *out,
                struct error *err) __attribute__((warn_unused_result));

void report_release(struct report *report);

#endif
