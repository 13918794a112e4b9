/*
 * The responses of a batch, as the office's own person sees them (suara outbox show).
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_BATCH_H
#define SUARA_CLIENT_CORE_LAYOUT_BATCH_H

#include "client/core/layout.h"
#include "common/civil.h"

struct instrument;

/*
 * Heads the rows and adds one for each response of a batch (kept.h): id, collected (local to
 * zone; UTC+7 when it is not known), the words that some response has, the ratings under the
 * columns of the instrument (NULL: numbered), comment. -1: INTERNAL (no SubmitBatch), TOO_LARGE.
 */
int layout_batch(struct layout_rows *rows, const void *kept, size_t size,
                 const struct instrument *instrument, enum zone zone, struct error *err)
    __attribute__((warn_unused_result));

#endif
