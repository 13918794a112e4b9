#include "daemon/core/receipt.h"

#include "common/error.h"
#include "common/wire.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void receipt_count(const struct submission *submission, struct receipt_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    for (size_t i = 0; i < submission->row_count; i++)
        counts->by_status[submission->rows[i].status]++;
    for (size_t i = 0; i < submission->refusal_count; i++)
        counts->by_status[submission->refusals[i].status]++;
}

static int compare_verdict(const struct refusal *x, const struct refusal *y)
{
    if (x->status != y->status)
        return x->status < y->status ? -1 : 1;
    int order = strcmp(x->field, y->field);
    return order ? order : strcmp(x->reason, y->reason);
}

static int refusal_order(const void *a, const void *b)
{
    const struct refusal *x = a, *y = b;
    int order = compare_verdict(x, y);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static const char *row_reason(enum row_status status)
{
    return status == ROW_CONFLICT ? "is held already, with other content"
           : status == ROW_ERASED ? "was erased on request"
                                  : "";
}

/* What was not stored joins what was refused; sorted, so that equal verdicts stand together. */
static size_t collect(struct submission *s)
{
    size_t n = s->refusal_count;
    for (size_t i = 0; i < s->row_count; i++)
        if (s->rows[i].status != ROW_STORED)
            s->refusals[n++] = (struct refusal){s->rows[i].status, s->rows[i].index,
                                                s->rows[i].status == ROW_DUPLICATE ? "" : "id",
                                                row_reason(s->rows[i].status)};
    qsort(s->refusals, n, sizeof *s->refusals, refusal_order);
    return n;
}

static bool starts_verdict(const struct submission *s, size_t i)
{
    return i == 0 || compare_verdict(&s->refusals[i - 1], &s->refusals[i]) != 0;
}

/* One verdict for each run of equal ones. */
static void fill(const struct submission *s, size_t count, Suara__V1__Verdict *verdicts,
                 Suara__V1__Receipt *receipt)
{
    for (size_t i = 0; i < count; i++) {
        s->index[i] = s->refusals[i].index;
        if (starts_verdict(s, i)) {
            Suara__V1__Verdict *v = &verdicts[receipt->n_verdict];
            suara__v1__verdict__init(v);
            v->status = (Suara__V1__Verdict__Status)s->refusals[i].status;
            v->field = wire_text(s->refusals[i].field);
            v->reason = wire_text(s->refusals[i].reason);
            v->index = &s->index[i];
            receipt->verdict[receipt->n_verdict++] = v;
        }
        receipt->verdict[receipt->n_verdict - 1]->n_index++;
    }
}

/* Memory of its own, not of the request: a receipt must not fail by what the request was like. */
int receipt_pack(struct submission *submission, uint32_t max_frame, struct buf *out,
                 struct error *err)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Receipt receipt = SUARA__V1__RECEIPT__INIT;
    size_t count = collect(submission), verdicts = 1;
    for (size_t i = 0; i < count; i++)
        verdicts += starts_verdict(submission, i);
    Suara__V1__Verdict *verdict = calloc(verdicts, sizeof *verdict);
    receipt.verdict = calloc(verdicts, sizeof(Suara__V1__Verdict *));
    int rc = -1;
    if (verdict && receipt.verdict) {
        fill(submission, count, verdict, &receipt);
        receipt.batch.data = submission->batch.byte;
        receipt.batch.len = sizeof submission->batch.byte;
        receipt.stored = (uint32_t)(submission->response_count - count);
        reply.id = submission->request;
        reply.last = true;
        reply.body_case = SUARA__V1__REPLY__BODY_RECEIPT;
        reply.receipt = &receipt;
        rc = wire_pack(out, &reply.base, max_frame, err);
    } else {
        (void)error_set(err, ERROR_OVERLOADED, NULL, "no memory for the receipt: ask again");
    }
    free(verdict);
    free(receipt.verdict);
    return rc;
}
