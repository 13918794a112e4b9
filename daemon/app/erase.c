#include "common/log.h"
#include "common/wire.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/core/scope.h"
#include "daemon/db/store.h"

/* Of what is erased nothing is logged but counts. */

static void on_erased(const struct erased *erased, const struct error *failed, void *arg)
{
    struct question *q = arg;
    struct buf frame = {0};
    struct error err;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Erased body = SUARA__V1__ERASED__INIT;
    if (failed) {
        LOG(LOG_WARN, "erase.failed", log_u("session", q->session), log_s("reason", failed->text));
        question_fail(&q, failed);
        return;
    }
    LOG(LOG_INFO, "erase.end", log_u("session", q->session), log_u("responses", erased->responses),
        log_u("comments", erased->comments), log_u("already", erased->already),
        log_u("unknown", erased->unknown));
    query_refresh_soon(q->server);
    body.responses = erased->responses;
    body.comments = erased->comments;
    body.already = erased->already;
    body.unknown = erased->unknown;
    reply.id = q->request;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_ERASED;
    reply.erased = &body;
    if (wire_pack(&frame, &reply.base, q->server->limits.max_frame, &err) == 0)
        question_answer(&q, &frame);
    else
        question_fail(&q, &err);
    buf_release(&frame);
}

static int check_ids(const ProtobufCBinaryData *ids, struct error *err)
{
    if (ids->len == 0 || ids->len % sizeof(struct uuid))
        return error_set(err, ERROR_INVALID, "ids", "ids are 16 bytes each, one behind the other");
    if (ids->len / sizeof(struct uuid) > ERASE_MOST)
        return error_set(err, ERROR_TOO_LARGE, "ids", "at most %u responses are erased at a time",
                         ERASE_MOST);
    return 0;
}

void erase_ask(struct client *client, const struct principal *principal,
               const Suara__V1__Request *request)
{
    const Suara__V1__Erase *asked = request->erase;
    struct scope scope = {0};
    struct error err;
    struct question *q = question_new(client, request->id, 0, NULL);
    if (!q)
        return;
    /* Bytes of the frame have no alignment, and an id needs none. */
    struct erasure erasure = {.ids = (const void *)asked->ids.data,
                              .count = asked->ids.len / sizeof(struct uuid),
                              .actor = question_actor(q)};
    if (check_ids(&asked->ids, &err) != 0 ||
        scope_offices(&scope, q->directory, principal, &asked->office, 1, false, &err) != 0) {
        question_fail(&q, &err);
        return;
    }
    erasure.office_id = scope.offices[0];
    scope_release(&scope);
    LOG(LOG_INFO, "erase.begin", log_u("session", client->id), log_s("by", principal->name),
        log_u("ids", erasure.count));
    store_erase(client->server->store, &erasure, on_erased, q);
}
