/*
 * Honest batches for the tests of messages: made of fixed seeds, in static memory.
 */
#ifndef SUARA_TESTS_BATCH_H
#define SUARA_TESTS_BATCH_H

#include "common/error.h"
#include "common/frame.h"
#include "common/wire.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define BATCH_WORDS 40u
#define RESPONSES   5000u

static uint8_t ids[RESPONSES][16], ratings[RESPONSES][9];
static Suara__V1__Response response[RESPONSES], *pointer[RESPONSES];
static ProtobufCBinaryData words[BATCH_WORDS];

/* A batch of n responses; words and comments or not. What it points to is static. */
static inline void make_batch(Suara__V1__SubmitBatch *batch, size_t n, bool full)
{
    uint64_t seed = 20;
    suara__v1__submit_batch__init(batch);
    batch->batch = (ProtobufCBinaryData){16, ids[0]};
    batch->instrument = wire_text("skm-2017");
    for (size_t i = 0; i < BATCH_WORDS; i++)
        words[i] = wire_text("Pelajar/Mahasiswa");
    batch->word = words;
    batch->n_word = full ? BATCH_WORDS : 0;
    for (size_t i = 0; i < n; i++) {
        Suara__V1__Response *r = pointer[i] = &response[i];
        suara__v1__response__init(r);
        generate_bytes(&seed, ids[i], 16);
        generate_bytes(&seed, ratings[i], 9);
        r->id = (ProtobufCBinaryData){16, ids[i]};
        r->ratings = (ProtobufCBinaryData){9, ratings[i]};
        r->collected = 1561874709123u + i;
        if (!full)
            continue;
        r->service = 1;
        r->channel = 2;
        r->stakeholder = 3;
        r->perspective = 4;
        r->sex = 5;
        r->age = 6;
        r->education = 7;
        r->occupation = 40;
        if (i % 10 == 0) {
            r->comment = wire_text("Antrean lama, petugas ramah.");
            r->comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_COMPLAINT;
        }
    }
    batch->response = pointer;
    batch->n_response = n;
}

static inline void pack_batch(struct buf *out, uint64_t id, size_t n, bool full)
{
    Suara__V1__SubmitBatch batch;
    make_batch(&batch, n, full);
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    request.id = id;
    request.body_case = SUARA__V1__REQUEST__BODY_SUBMIT;
    request.submit = &batch;
    struct error err;
    assert_int_equal(wire_pack(out, &request.base, FRAME_MAX_DEFAULT, &err), 0);
}

static inline const uint8_t *body(const struct buf *frame)
{
    return (const uint8_t *)frame->data + FRAME_HEADER;
}

#endif
