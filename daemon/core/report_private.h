/*
 * A row of a report while it is folded, and the blocks of one office before they are.
 */
#ifndef SUARA_DAEMON_CORE_REPORT_PRIVATE_H
#define SUARA_DAEMON_CORE_REPORT_PRIVATE_H

#include "daemon/core/mean.h"
#include "daemon/core/report.h"

/* Short chains: nearly every look-up of a large report misses the cache at each step of one. */
#define HASH_BKT_CAPACITY_THRESH     3u
#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) ((element)->lost = true)
#include <uthash.h>

struct row_key {
    int32_t place[2]; /* on each axis; 0 where there is none, or all of them together */
    int32_t hidden;   /* 1: what is not told of the first axis, the second, or both */
};

/* For the mean of offices: what the last office has there so far, and those before. */
struct row_mean {
    struct figure_sample own;
    struct mean mean;
};

struct report_row {
    UT_hash_handle hh;
    struct row_key key;
    bool lost;        /* could not be entered in the table */
    uint32_t offices; /* that had responses: cells come office by office */
    int32_t last_office;
    uint64_t n, square;
    uint64_t told;            /* of a hidden row: what other rows tell of the same responses */
    struct row_mean *by_mean; /* NULL: not asked for */
    struct axis_name name[2];
    const char *office;
    uint64_t figure[]; /* sums per element, then the spread */
};

/* The row of this key, made if need be; NULL (report->failed or large) when there can be none. */
struct report_row *report_row(struct report *report, const struct row_key *key);

/* Adds to the row what `office` has there. sums may be NULL. */
void report_row_add(struct report *report, struct report_row *row, const struct report_cell *cell);

/* The place of an office on an axis of the tree; 0 on another. */
int32_t report_tree_place(const struct report *report, const struct axis *axis, int32_t office_id);

/* After the last cell: what is hidden, and rows that must be there. */
void report_fold_end(struct report *report);

/* ---- report_blocks.c ---- */

struct report_blocks *report_blocks_new(enum dim dim);
enum dim report_blocks_dim(const struct report_blocks *blocks);
void report_blocks_free(struct report_blocks **blocks);
void report_blocks_add(struct report *report, const struct report_cell *cell);
void report_blocks_end(struct report *report); /* after the last cell */

#endif
