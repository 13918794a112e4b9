/*
 * What the daemon answered for a batch, checked and put into the outbox. Private to client/app.
 */
#ifndef SUARA_CLIENT_APP_RECEIPT_H
#define SUARA_CLIENT_APP_RECEIPT_H

#include "proto/suara.pb-c.h"
#include <stdint.h>

struct error;
struct outbox;
struct outbox_batch;
struct profile;
struct sync_result;

/*
 * batch: as sent (its pointers may be stale). Settles it when the receipt accounts for every
 * response of it exactly once; adds to *out; writes the refused ones to FILE.rejected.csv too,
 * where that can be done (out->refused says where and why not). -1: INTERNAL (it does not: nothing
 * was counted, the batch still waits) or IO.
 */
int receipt_take(const struct profile *profile, struct outbox *outbox,
                 const struct outbox_batch *batch, const Suara__V1__Receipt *receipt,
                 struct sync_result *out, struct error *err) __attribute__((warn_unused_result));

/* A batch of one that was refused whole, with the daemon's sentence. */
int receipt_refuse(const struct profile *profile, struct outbox *outbox,
                   const struct outbox_batch *batch, const struct error *why,
                   struct sync_result *out, struct error *err) __attribute__((warn_unused_result));

/* A larger one goes on as two halves. */
int receipt_halve(struct outbox *outbox, const struct outbox_batch *batch, struct error *err)
    __attribute__((warn_unused_result));

#endif
