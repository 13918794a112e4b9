/*
 * What is asked of the audit, and the answers as replies: entries as a table, faults as a table,
 * and how it ended.
 */
#ifndef SUARA_DAEMON_CORE_AUDIT_H
#define SUARA_DAEMON_CORE_AUDIT_H

#include "common/arena.h"
#include "daemon/core/scope.h"
#include "proto/suara.pb-c.h"

struct buf;
struct error;

#define AUDIT_LIST_USUAL 100u
#define AUDIT_LIST_MOST  10000u
#define AUDIT_NAMED_MOST 1000u /* faults that are named; all are counted */

/* scope.offices NULL: all. Days of UTC, 0: open. */
struct audit_plan {
    struct scope scope;
    bool verify;
    uint32_t most; /* entries of a list */
};

/* -1 and *err: INVALID with the field. */
int audit_plan(struct audit_plan *plan, const struct directory *directory,
               const struct principal *principal, const Suara__V1__Audit *asked, struct error *err)
    __attribute__((warn_unused_result));

#define AUDIT_ROWS 256u /* of one reply */

/* Rows for the next reply. Must not move between init and release. */
struct audit_page {
    struct arena arena;
    const char *const *column;
    size_t columns;
    Suara__V1__TableRow row[AUDIT_ROWS];
    size_t count;
};

void audit_page_init(struct audit_page *page, bool verify); /* faults, or entries */
void audit_page_release(struct audit_page *page);

/* Copies a row; only while count < AUDIT_ROWS. False without memory. */
bool audit_page_add(struct audit_page *page, const char *const *cell);

/* The rows as a framed reply that is not the last; then the page is empty. */
int audit_page_pack(struct audit_page *page, uint64_t id, uint32_t max_frame, struct buf *out,
                    struct error *err) __attribute__((warn_unused_result));

struct audit_end {
    uint64_t entries, faults, chains;
    bool more;
    uint8_t digest[32];
    bool has_digest;
};

/* The digest of 64 hexadecimal digits; false for anything else. */
bool audit_end_digest(struct audit_end *end, const char *hex);

int audit_end_pack(const struct audit_end *end, uint64_t id, bool last, uint32_t max_frame,
                   struct buf *out, struct error *err) __attribute__((warn_unused_result));

#endif
