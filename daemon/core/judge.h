/*
 * From a SubmitBatch to rows: every response is held against the rules, the small tables and the
 * certificate, and becomes a row or a refusal of its own. One bad response never holds up the
 * others.
 */
#ifndef SUARA_DAEMON_CORE_JUDGE_H
#define SUARA_DAEMON_CORE_JUDGE_H

#include "daemon/core/directory.h"
#include "daemon/core/submission.h"
#include "proto/suara.pb-c.h"

struct digest;
struct error;

struct judge {
    const struct directory *directory;
    struct digest *digest;
    int64_t now_ms, skew_ms; /* wall clock; how far ahead of it a response may be */
    uint32_t most_responses; /* in a batch */
};

/*
 * Fills `submission` (whose arena holds `batch`) with rows sorted by id, and refusals. -1 and *err
 * only when the batch as a whole can't be read: no batch id, unknown instrument, too many responses
 * or words, out of memory. A response that is refused costs no row.
 */
int judge_batch(const struct judge *judge, const struct principal *principal,
                const Suara__V1__SubmitBatch *batch, struct submission *submission,
                struct error *err) __attribute__((warn_unused_result));

#endif
