#include "common/clock.h"
#include "common/log.h"
#include "common/wire.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/core/scope.h"
#include "daemon/db/reader.h"

#define TELL_MS 1000u

/* Office by office, each marked and then made fresh: reports that come in between make at most the
 * rest of one office fresh themselves. What was marked stays marked if this ends early. */
struct rebuilding {
    struct scope scope;
    size_t at;       /* the office under way */
    int steps;       /* of refresh, that may still be taken; 0: not begun */
    uint64_t months; /* marked so far */
    uint64_t told_ms;
};

static void release(void *body)
{
    struct rebuilding *r = body;
    scope_release(&r->scope);
}

static int pack(const struct question *q, const char *text, bool last, struct buf *out,
                struct error *err)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Added body = SUARA__V1__ADDED__INIT;
    body.text = wire_text(text);
    reply.id = q->request;
    reply.last = last;
    reply.body_case = SUARA__V1__REPLY__BODY_ADDED;
    reply.added = &body;
    return wire_pack(out, &reply.base, q->server->limits.max_frame, err);
}

static void tell(struct question *q, struct client *client)
{
    struct rebuilding *r = q->body;
    char text[128];
    struct buf frame = {0};
    uint64_t now = clock_monotonic_ms();
    if (now - r->told_ms < TELL_MS)
        return;
    r->told_ms = now;
    (void)snprintf(text, sizeof text, "%zu of %zu offices, %llu months", r->at,
                   r->scope.office_count, (unsigned long long)r->months);
    if (pack(q, text, false, &frame, NULL) == 0)
        client_tell(client, &frame);
    buf_release(&frame);
}

static void finish(struct question *q)
{
    struct rebuilding *r = q->body;
    char text[128];
    struct buf frame = {0};
    struct error err;
    bool many = r->scope.office_count != 1;
    (void)snprintf(text, sizeof text, "the roll-ups of %zu office%s were made again: %llu month%s",
                   r->scope.office_count, many ? "s" : "", (unsigned long long)r->months,
                   r->months == 1 ? "" : "s");
    LOG(LOG_INFO, "rebuild.end", log_u("session", q->session), log_u("months", r->months));
    if (pack(q, text, true, &frame, &err) == 0)
        question_answer(&q, &frame);
    else
        question_fail(&q, &err);
    buf_release(&frame);
}

static void next(struct question *q);
static void refresh(struct question *q);

static void on_refresh(int left, const struct error *err, void *arg)
{
    struct question *q = arg;
    struct rebuilding *r = q->body;
    if (left < 0) {
        question_fail(&q, err);
        return;
    }
    /* As many steps as the first count asks for: marks that come meanwhile are for others. */
    r->steps = r->steps ? r->steps - 1 : left;
    if (left > 0 && r->steps > 0)
        refresh(q);
    else {
        r->steps = 0;
        r->at++;
        next(q);
    }
}

static void refresh(struct question *q)
{
    struct rebuilding *r = q->body;
    struct client *client = client_find(q->server, q->session);
    struct error err;
    tell(q, client);
    if (!client || q->server->stopping) {
        (void)error_set(&err, ERROR_UNAVAILABLE, NULL, "the daemon is stopping");
        question_fail(&q, &err);
        return;
    }
    reader_refresh_office(q->server->reader, r->scope.offices[r->at], 0, 0, on_refresh, q);
}

static void on_marked(int months, const struct error *err, void *arg)
{
    struct question *q = arg;
    struct rebuilding *r = q->body;
    if (months < 0) {
        question_fail(&q, err);
        return;
    }
    r->months += (uint64_t)months;
    refresh(q);
}

static void next(struct question *q)
{
    struct rebuilding *r = q->body;
    struct actor by = question_actor(q);
    if (r->at == r->scope.office_count)
        finish(q);
    else
        reader_rebuild(q->server->reader, r->scope.offices[r->at], &by, on_marked, q);
}

void rebuild_ask(struct client *client, const struct principal *principal,
                 const Suara__V1__Request *request)
{
    const Suara__V1__Rebuild *asked = request->rebuild;
    struct error err;
    struct question *q = question_new(client, request->id, sizeof(struct rebuilding), release);
    if (!q)
        return;
    struct rebuilding *r = q->body;
    if (scope_offices(&r->scope, q->directory, principal, asked->office, asked->n_office,
                      asked->subtree, &err) != 0) {
        question_fail(&q, &err);
        return;
    }
    LOG(LOG_INFO, "rebuild.begin", log_u("session", client->id), log_s("by", principal->name),
        log_u("offices", r->scope.office_count));
    r->told_ms = clock_monotonic_ms();
    next(q);
}
