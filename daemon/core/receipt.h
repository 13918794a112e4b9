/*
 * What became of a submission, as the message that goes back after COMMIT: the stored ones as a
 * count, the others by index, those with the same verdict together.
 */
#ifndef SUARA_DAEMON_CORE_RECEIPT_H
#define SUARA_DAEMON_CORE_RECEIPT_H

#include "daemon/core/submission.h"
#include <stdint.h>

struct buf;
struct error;

struct receipt_counts {
    uint32_t by_status[6]; /* by enum row_status */
};

/* Before receipt_pack. */
void receipt_count(const struct submission *submission, struct receipt_counts *counts);

/* Appends the framed Reply. Once: what was not stored joins the submission's refusals. */
int receipt_pack(struct submission *submission, uint32_t max_frame, struct buf *out,
                 struct error *err) __attribute__((warn_unused_result));

#endif
