#include "common/clock.h"
#include "common/log.h"
#include "common/wire.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/core/scope.h"
#include "daemon/db/store.h"

#define STEP    10000 /* comments in one transaction */
#define TELL_MS 1000u

/* Office by office, in steps; what was removed before an error stays removed, and is in the audit.
 */
struct purging {
    struct scope scope;
    size_t at; /* the office under way */
    struct purge step;
    uint64_t of_office; /* its comments so far */
    uint64_t comments, offices;
    uint64_t told_ms;
};

static void release(void *body)
{
    struct purging *p = body;
    scope_release(&p->scope);
}

static int pack(const struct question *q, bool last, struct buf *out, struct error *err)
{
    const struct purging *p = q->body;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Purged body = SUARA__V1__PURGED__INIT;
    body.comments = p->comments;
    body.offices = p->offices;
    reply.id = q->request;
    reply.last = last;
    reply.body_case = SUARA__V1__REPLY__BODY_PURGED;
    reply.purged = &body;
    return wire_pack(out, &reply.base, q->server->limits.max_frame, err);
}

/* Nobody waits in silence. */
static void tell(struct question *q, struct client *client)
{
    struct purging *p = q->body;
    struct buf frame = {0};
    uint64_t now = clock_monotonic_ms();
    if (now - p->told_ms < TELL_MS)
        return;
    p->told_ms = now;
    if (pack(q, false, &frame, NULL) == 0)
        client_tell(client, &frame);
    buf_release(&frame);
}

static void finish(struct question *q)
{
    const struct purging *p = q->body;
    struct buf frame = {0};
    struct error err;
    LOG(LOG_INFO, "purge.end", log_u("session", q->session), log_u("comments", p->comments),
        log_u("offices", p->offices));
    if (pack(q, true, &frame, &err) == 0)
        question_answer(&q, &frame);
    else
        question_fail(&q, &err);
    buf_release(&frame);
}

static void next(struct question *q);

static void on_step(const struct purged *purged, const struct error *err, void *arg)
{
    struct question *q = arg;
    struct purging *p = q->body;
    if (err) {
        LOG(LOG_WARN, "purge.failed", log_u("session", q->session), log_u("comments", p->comments),
            log_s("reason", err->text));
        question_fail(&q, err);
        return;
    }
    p->comments += purged->comments;
    p->offices += purged->comments > 0 && p->of_office == 0;
    p->of_office += purged->comments;
    p->step.after = purged->last;
    if (p->step.most == 0 || purged->comments == 0) {
        p->at++;
        p->of_office = 0;
        p->step.after = (struct uuid){{0}};
    }
    next(q);
}

static void next(struct question *q)
{
    struct purging *p = q->body;
    struct client *client = client_find(q->server, q->session);
    struct error err;
    if (p->at == p->scope.office_count) {
        finish(q);
        return;
    }
    if (!client || q->server->stopping) {
        (void)error_set(&err, ERROR_UNAVAILABLE, NULL, "the daemon is stopping");
        question_fail(&q, &err);
        return;
    }
    tell(q, client);
    p->step.office_id = p->scope.offices[p->at];
    store_purge(q->server->store, &p->step, on_step, q);
}

void purge_ask(struct client *client, const struct principal *principal,
               const Suara__V1__Request *request)
{
    const Suara__V1__Purge *asked = request->purge;
    struct error err = {0};
    struct question *q = question_new(client, request->id, sizeof(struct purging), release);
    if (!q)
        return;
    struct purging *p = q->body;
    if (!civil_valid(asked->before))
        (void)error_set(&err, ERROR_INVALID, "before", "before is no day between %u and %u",
                        CIVIL_FIRST, CIVIL_LAST);
    if (!civil_valid(asked->before) ||
        scope_offices(&p->scope, q->directory, principal, asked->office, asked->n_office,
                      asked->subtree, &err) != 0) {
        question_fail(&q, &err);
        return;
    }
    p->step = (struct purge){
        .before = asked->before, .most = asked->dry_run ? 0 : STEP, .actor = question_actor(q)};
    LOG(LOG_INFO, "purge.begin", log_u("session", client->id), log_s("by", principal->name),
        log_u("offices", p->scope.office_count), log_u("before", asked->before),
        log_s("dry_run", asked->dry_run ? "yes" : "no"));
    p->told_ms = clock_monotonic_ms();
    next(q);
}
