/*
 * A row of a report while it is folded.
 */
#ifndef SUARA_DAEMON_CORE_REPORT_PRIVATE_H
#define SUARA_DAEMON_CORE_REPORT_PRIVATE_H

#include "daemon/core/report.h"

#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) ((element)->lost = true)
#include <uthash.h>

struct report_row {
    UT_hash_handle hh;
    int32_t key; /* office, service or term id, perspective, month (day number), year */
    bool lost;   /* could not be entered in the table */
    uint64_t n;
    uint32_t offices; /* that had responses: cells come office by office */
    int32_t last_office;
    uint64_t sum[]; /* per element */
};

/* The row of this key, made if need be; NULL (report->failed) without memory. */
struct report_row *report_row(struct report *report, int32_t key);

#endif
