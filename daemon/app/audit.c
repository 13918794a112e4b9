#include "daemon/core/audit.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/log.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/db/reader.h"
#include <stdlib.h>
#include <string.h>

#define TELL_MS 1000u

struct auditing {
    struct audit_plan plan;
    struct audit_page page;
    struct audit_end end;
    struct buf out; /* frames that were not sent yet */
    char *state;    /* of the verification, for the next step; NULL: the last was taken */
    uint64_t told_ms;
    bool begun, failed;
};

static void release(void *body)
{
    struct auditing *a = body;
    scope_release(&a->plan.scope);
    if (a->begun)
        audit_page_release(&a->page);
    buf_release(&a->out);
    free(a->state);
}

static struct audit_query query_of(const struct auditing *a)
{
    const struct scope *scope = &a->plan.scope;
    return (struct audit_query){scope->offices, scope->office_count, scope->from, scope->to,
                                a->plan.most + 1}; /* one more: are there more? */
}

static void pack_page(struct question *q)
{
    struct auditing *a = q->body;
    if (audit_page_pack(&a->page, q->request, q->server->limits.max_frame, &a->out, NULL) != 0)
        a->failed = true;
}

static void add_row(struct question *q, const char *const *cell)
{
    struct auditing *a = q->body;
    if (a->page.count == AUDIT_ROWS)
        pack_page(q);
    a->failed = !audit_page_add(&a->page, cell) || a->failed;
}

/* The rest of the rows, the names of the columns also without any, and the end. */
static void finish(struct question *q)
{
    struct auditing *a = q->body;
    struct error err;
    pack_page(q);
    if (a->failed ||
        audit_end_pack(&a->end, q->request, true, q->server->limits.max_frame, &a->out, &err)) {
        (void)error_set(&err, ERROR_OVERLOADED, NULL, "no memory: ask again later");
        question_fail(&q, &err);
    } else {
        question_answer(&q, &a->out);
    }
}

/* ---- list ----------------------------------------------------------------------------------- */

static void on_entry(const char *const *cell, void *arg)
{
    struct question *q = arg;
    struct auditing *a = q->body;
    if (a->end.entries == a->plan.most)
        a->end.more = true;
    else {
        a->end.entries++;
        add_row(q, cell);
    }
}

static void on_listed(const struct error *err, void *arg)
{
    struct question *q = arg;
    if (err)
        question_fail(&q, err);
    else
        finish(q);
}

/* ---- verify --------------------------------------------------------------------------------- */

static void on_fault(const char *const *cell, void *arg)
{
    struct question *q = arg;
    struct auditing *a = q->body;
    if (a->end.faults++ < AUDIT_NAMED_MOST)
        add_row(q, cell);
}

static void on_progress(const struct audit_progress *progress, void *arg)
{
    struct question *q = arg;
    struct auditing *a = q->body;
    a->end.chains = progress->chains;
    a->end.entries = progress->entries;
    if (progress->state) {
        a->state = strdup(progress->state);
        a->failed = a->failed || !a->state;
    } else if (progress->digest[0]) {
        a->failed = !audit_end_digest(&a->end, progress->digest) || a->failed;
    }
}

static void step(struct question *q);

static void on_step(const struct error *err, void *arg)
{
    struct question *q = arg;
    struct auditing *a = q->body;
    if (err) {
        question_fail(&q, err);
    } else if (a->state) {
        step(q);
    } else {
        LOG(LOG_INFO, "audit.verified", log_u("session", q->session),
            log_u("chains", a->end.chains), log_u("entries", a->end.entries),
            log_u("faults", a->end.faults));
        finish(q);
    }
}

/* Now and then how far it is: nobody waits in silence. */
static void tell(struct question *q, struct client *client)
{
    struct auditing *a = q->body;
    uint64_t now = clock_monotonic_ms();
    if (now - a->told_ms < TELL_MS)
        return;
    a->told_ms = now;
    if (audit_end_pack(&a->end, q->request, false, q->server->limits.max_frame, &a->out, NULL) != 0)
        a->failed = true;
    client_tell(client, &a->out);
    buf_clear(&a->out);
}

static void step(struct question *q)
{
    struct auditing *a = q->body;
    const struct audit_query query = query_of(a);
    struct client *client = client_find(q->server, q->session);
    struct error err;
    tell(q, client);
    if (!client || q->server->stopping || a->failed) {
        (void)error_set(&err, a->failed ? ERROR_OVERLOADED : ERROR_UNAVAILABLE, NULL,
                        a->failed ? "no memory: ask again later" : "the daemon is stopping");
        question_fail(&q, &err);
        return;
    }
    char *state = a->state;
    a->state = NULL;
    reader_audit_verify(q->server->reader, &query, state, on_fault, on_progress, on_step, q);
    free(state);
}

void audit_ask(struct client *client, const struct principal *principal,
               const Suara__V1__Request *request)
{
    struct error err;
    struct question *q = question_new(client, request->id, sizeof(struct auditing), release);
    if (!q)
        return;
    struct auditing *a = q->body;
    if (audit_plan(&a->plan, q->directory, principal, request->audit, &err) != 0) {
        question_fail(&q, &err);
        return;
    }
    a->begun = true;
    a->told_ms = clock_monotonic_ms();
    audit_page_init(&a->page, a->plan.verify);
    if (a->plan.verify) {
        step(q);
        return;
    }
    const struct audit_query query = query_of(a);
    reader_audit_list(q->server->reader, &query, on_entry, on_listed, q);
}
