#include "daemon/core/receipt.h"

#include "common/error.h"
#include "common/wire.h"
#include <stdlib.h>
#include <string.h>

struct finding { /* a response that was not stored */
    enum row_status status;
    uint32_t index;
    const char *field, *reason;
};

void receipt_count(const struct submission *submission, struct receipt_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    for (size_t i = 0; i < submission->row_count; i++)
        counts->by_status[submission->rows[i].status]++;
    for (size_t i = 0; i < submission->refusal_count; i++)
        counts->by_status[submission->refusals[i].status]++;
}

static int compare_verdict(const struct finding *x, const struct finding *y)
{
    if (x->status != y->status)
        return x->status < y->status ? -1 : 1;
    int order = strcmp(x->field, y->field);
    return order ? order : strcmp(x->reason, y->reason);
}

static int finding_order(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int order = compare_verdict(x, y);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static const char *row_reason(enum row_status status)
{
    return status == ROW_CONFLICT ? "is held already, with other content"
           : status == ROW_ERASED ? "was erased on request"
                                  : "";
}

static struct finding *collect(struct submission *s, size_t *count)
{
    struct finding *found =
        arena_alloc(&s->arena, (s->row_count + s->refusal_count + 1) * sizeof *found);
    size_t n = 0;
    if (!found)
        return NULL;
    for (size_t i = 0; i < s->row_count; i++)
        if (s->rows[i].status != ROW_STORED)
            found[n++] = (struct finding){s->rows[i].status, s->rows[i].index,
                                          s->rows[i].status == ROW_DUPLICATE ? "" : "id",
                                          row_reason(s->rows[i].status)};
    for (size_t i = 0; i < s->refusal_count; i++)
        found[n++] = (struct finding){s->refusals[i].status, s->refusals[i].index,
                                      s->refusals[i].field, s->refusals[i].reason};
    qsort(found, n, sizeof *found, finding_order);
    *count = n;
    return found;
}

/* One verdict for each run of equal findings. */
static int group(struct submission *s, const struct finding *found, size_t count,
                 Suara__V1__Receipt *receipt)
{
    Suara__V1__Verdict *verdicts = arena_alloc(&s->arena, (count + 1) * sizeof *verdicts);
    uint32_t *index = arena_alloc(&s->arena, (count + 1) * sizeof *index);
    receipt->verdict = arena_alloc(&s->arena, (count + 1) * sizeof *receipt->verdict);
    if (!verdicts || !index || !receipt->verdict)
        return -1;
    for (size_t i = 0; i < count; i++) {
        index[i] = found[i].index;
        if (i == 0 || compare_verdict(&found[i - 1], &found[i]) != 0) {
            Suara__V1__Verdict *v = &verdicts[receipt->n_verdict];
            suara__v1__verdict__init(v);
            v->status = (Suara__V1__Verdict__Status)found[i].status;
            v->field = wire_text(found[i].field);
            v->reason = wire_text(found[i].reason);
            v->index = &index[i];
            receipt->verdict[receipt->n_verdict++] = v;
        }
        receipt->verdict[receipt->n_verdict - 1]->n_index++;
    }
    return 0;
}

int receipt_pack(struct submission *submission, uint32_t max_frame, struct buf *out,
                 struct error *err)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Receipt receipt = SUARA__V1__RECEIPT__INIT;
    size_t count = 0;
    struct finding *found = collect(submission, &count);
    if (!found || group(submission, found, count, &receipt) != 0)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the receipt: ask again");
    receipt.batch.data = submission->batch.byte;
    receipt.batch.len = sizeof submission->batch.byte;
    receipt.stored = (uint32_t)(submission->response_count - count);
    reply.id = submission->request;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_RECEIPT;
    reply.receipt = &receipt;
    return wire_pack(out, &reply.base, max_frame, err);
}
