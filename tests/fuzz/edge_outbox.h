/*
 * For the target `reply`, in place of the line and the outbox: one batch that waits, and what may
 * be made of its receipt.
 */
#ifndef SUARA_TESTS_FUZZ_EDGE_OUTBOX_H
#define SUARA_TESTS_FUZZ_EDGE_OUTBOX_H

#include "client/app/receipt.h"
#include "client/app/sync.h"
#include "client/store/instruments.h"
#include "client/store/outbox.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/net/conn.h"
#include "common/wire.h"
#include "tests/fuzz/fuzz.h"

#define EDGE_BATCH 5u /* responses of it */

static uint8_t edge_packed[1024];
static size_t edge_size;
static uint32_t edge_lines[EDGE_BATCH] = {2, 3, 4, 5, 6};
static unsigned edge_settled; /* how often the outbox was told */

static inline void edge_silence(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg;
}

static inline struct outbox_batch edge_batch(void)
{
    struct outbox_batch batch = {.seq = 1,
                                 .count = EDGE_BATCH,
                                 .payload = edge_packed,
                                 .size = edge_size,
                                 .lines = edge_lines};
    for (uint8_t i = 0; i < 16; i++)
        batch.id.byte[i] = i;
    return batch;
}

static inline void edge_pack(void)
{
    Suara__V1__SubmitBatch message = SUARA__V1__SUBMIT_BATCH__INIT;
    Suara__V1__Response response[EDGE_BATCH], *list[EDGE_BATCH];
    uint8_t ratings[9] = {4, 3, 4, 4, 3, 4, 3, 4, 2};
    struct outbox_batch batch = edge_batch();
    struct uuid id[EDGE_BATCH];
    for (uint32_t i = 0; i < EDGE_BATCH; i++) {
        id[i] = uuid_v8(1689217200000 + i, (const uint8_t[10]){1});
        suara__v1__response__init(&response[i]);
        response[i].id = (ProtobufCBinaryData){16, id[i].byte};
        response[i].collected = 1689217200000 + i;
        response[i].ratings = (ProtobufCBinaryData){9, ratings};
        list[i] = &response[i];
    }
    message.batch = (ProtobufCBinaryData){16, batch.id.byte};
    message.instrument = wire_text("skm-2017");
    message.response = list;
    message.n_response = EDGE_BATCH;
    must(suara__v1__submit_batch__get_packed_size(&message) <= sizeof edge_packed);
    edge_size = suara__v1__submit_batch__pack(&message, edge_packed);
}

/* A receipt for the batch: taken, when it accounts for each response once. */
static inline int edge_receipt(const Suara__V1__Receipt *receipt, struct error *err)
{
    struct profile profile = {.outbox = NULL, .zone = ZONE_WIB};
    struct sync_result result = {0};
    char path[] = "/nonexistent/outbox.db";
    if (edge_size == 0)
        edge_pack();
    const struct outbox_batch batch = edge_batch();
    profile.outbox = path;
    edge_settled = 0;
    int rc = receipt_take(&profile, NULL, &batch, receipt, &result, err);
    must(edge_settled == (rc == 0 ? 1 : 0));
    must(rc != 0 || result.stored + result.duplicates + result.rejected == EDGE_BATCH);
    must(rc == 0 || (result.stored == 0 && result.rejected == 0));
    must(rc != 0 || result.stored == receipt->stored);
    sync_result_release(&result);
    return rc;
}

/* ---- in place of the outbox -------------------------------------------------------------------
 */

int outbox_next(struct outbox *outbox, int64_t after, struct outbox_batch *out, struct error *err)
{
    (void)outbox, (void)err;
    must(after == 0);
    *out = edge_batch();
    return 1;
}

const char *outbox_file_path(struct outbox *outbox, int64_t file)
{
    (void)outbox, (void)file;
    return NULL;
}

int outbox_settle(struct outbox *outbox, const struct outbox_receipt *receipt, struct error *err)
{
    unsigned seen = 0;
    (void)outbox, (void)err;
    must(receipt->stored + receipt->duplicates + receipt->refused_count == EDGE_BATCH);
    for (size_t i = 0; i < receipt->refused_count; i++) {
        const struct outbox_refused *r = &receipt->refused[i];
        must(r->index < EDGE_BATCH && !(seen & 1u << r->index));
        must(r->status && r->field && r->reason && r->payload && r->size > 0);
        seen |= 1u << r->index;
    }
    edge_settled++;
    return 0;
}

struct instruments *instruments_open(const struct profile *profile)
{
    (void)profile;
    return NULL;
}

void instruments_close(struct instruments **instruments)
{
    *instruments = NULL;
}

/* ---- in place of the line ---------------------------------------------------------------------
 */

bool conn_send(struct conn *conn, const struct buf *frames)
{
    must(!conn && frames->len > 0 && !frames->failed);
    return true;
}

#endif
