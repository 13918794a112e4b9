/*
 * What a verification finds, as replies: cells of the roll-up that are not what a recount of the
 * responses gives, in words, and how many there were.
 */
#ifndef SUARA_DAEMON_CORE_VERIFY_H
#define SUARA_DAEMON_CORE_VERIFY_H

#include "common/arena.h"
#include "daemon/core/directory.h"
#include "proto/suara.pb-c.h"

struct buf;
struct error;

/* A cell that differs, with the first of its figures that does. */
struct verify_cell {
    civil_day month; /* 0: of no calendar, here and below */
    int16_t instrument_id, perspective;
    enum dim dim;
    int32_t value;
    const char *figure;   /* n, sum, square, spread */
    int32_t place;        /* sum, spread: which place of the array, from 1; else 0 */
    bool stored, counted; /* is there such a figure? */
    int64_t stored_is, counted_is;
};

struct verify_month {
    civil_day month;
    bool left_out; /* it has changed since its roll-up was made, and was not compared */
    int64_t cells, responses;
};

struct verify_count {
    uint64_t compared, differing, responses, left_out;
};

#define VERIFY_NAMED_MOST 10000u /* cells that are named; all are counted */
#define VERIFY_ROWS       256u   /* of one reply */

/* Rows for the next reply. Must not move between init and release. */
struct verify_list {
    const struct directory *directory; /* as long as the list */
    struct arena arena;
    Suara__V1__TableRow row[VERIFY_ROWS];
    size_t count;
    uint64_t named; /* all that were added */
};

void verify_list_init(struct verify_list *list, const struct directory *directory);
void verify_list_release(struct verify_list *list);

/* Adds a cell of this office; only while list->count < VERIFY_ROWS. False without memory. */
bool verify_list_add(struct verify_list *list, const struct office *office,
                     const struct verify_cell *cell);

/* The rows as a framed reply that is not the last, with the names of the columns; then the list is
 * empty. -1 and *err as of wire_pack. */
int verify_list_pack(struct verify_list *list, uint64_t id, uint32_t max_frame, struct buf *out,
                     struct error *err) __attribute__((warn_unused_result));

/* How far it is; `last`: that is all. */
int verify_count_pack(const struct verify_count *count, uint64_t id, bool last, uint32_t max_frame,
                      struct buf *out, struct error *err) __attribute__((warn_unused_result));

#endif
