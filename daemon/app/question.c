#include "daemon/app/question.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/net/conn.h"
#include "daemon/app/server_private.h"
#include <stdlib.h>
#include <utlist.h>

#define ANSWER_LONG  (256u * 1024u)
#define ANSWERS_MOST (96u * 1024u * 1024u) /* of all clients together, when a long one is added */

static void question_free(struct question **qp)
{
    struct question *q = *qp;
    *qp = NULL;
    if (!q)
        return;
    if (q->release && q->body)
        q->release(q->body);
    free(q->body);
    directory_free(&q->directory);
    free(q);
}

struct question *question_new(struct client *client, uint64_t request, size_t size,
                              void (*release)(void *body))
{
    struct error err;
    struct question *q = calloc(1, sizeof *q);
    void *body = calloc(1, size ? size : 1);
    if (!q || !body) {
        free(q);
        free(body);
        (void)error_set(&err, ERROR_OVERLOADED, NULL, "no memory: ask again later");
        client_answer_error(client, request, &err);
        return NULL;
    }
    q->server = client->server;
    q->session = client->id;
    q->request = request;
    struct actor asker = client_actor(client);
    (void)snprintf(q->asker.principal, sizeof q->asker.principal, "%s", asker.principal);
    (void)snprintf(q->asker.serial, sizeof q->asker.serial, "%s", asker.serial);
    q->asked_us = clock_monotonic_us();
    q->directory = directory_ref(client->server->directory);
    q->body = body;
    q->release = release;
    DL_APPEND(q->server->questions, q);
    return q;
}

struct actor question_actor(const struct question *q)
{
    return (struct actor){q->asker.principal, q->asker.serial};
}

static void end(struct question **q)
{
    LOG(LOG_DEBUG, "question.end", log_u("session", (*q)->session), log_u("request", (*q)->request),
        log_u("us", clock_monotonic_us() - (*q)->asked_us));
    DL_DELETE((*q)->server->questions, *q);
    question_free(q);
}

/* What clients have not taken yet, with what would be added now. */
static size_t waiting(const struct server *server, size_t more)
{
    struct client *client, *next;
    HASH_ITER (hh, server->clients, client, next)
        more += conn_output(client->conn);
    return more;
}

bool question_part(struct question *q, const struct buf *frames)
{
    struct client *client = client_find(q->server, q->session);
    client_answer_part(client, frames);
    return client != NULL;
}

void question_answer(struct question **q, const struct buf *frames)
{
    struct error err;
    if (frames->len > ANSWER_LONG && waiting((*q)->server, frames->len) > ANSWERS_MOST) {
        (void)error_set(&err, ERROR_OVERLOADED, NULL,
                        "too many long answers wait to be taken: take them, then ask again");
        err.retry_after_ms = (uint32_t)(*q)->server->settings.retry_after;
        question_fail(q, &err);
        return;
    }
    client_answer(client_find((*q)->server, (*q)->session), frames);
    end(q);
}

void question_fail(struct question **q, const struct error *why)
{
    struct error err = *why;
    if (err.retry_after_ms) /* how long to wait is the administrator's setting, not the link's */
        err.retry_after_ms = (uint32_t)(*q)->server->settings.retry_after;
    client_answer_error(client_find((*q)->server, (*q)->session), (*q)->request, &err);
    end(q);
}

void question_forget(struct server *server)
{
    struct question *q, *next;
    DL_FOREACH_SAFE (server->questions, q, next)
        end(&q);
}
