#include "common/clock.h"
#include "common/log.h"
#include "common/wire.h"
#include "daemon/app/server_private.h"
#include "daemon/core/judge.h"
#include "daemon/core/receipt.h"
#include "daemon/db/store.h"
#include <event2/event.h>
#include <string.h>
#include <utlist.h>

#define TRIES_TOGETHER 3u  /* transactions in company; after that a submission goes alone */
#define TRIES_MOST     10u /* then the client is told to come again: it keeps the batch */
#define AWAY_MS        2000
#define AGAIN_MS       100
#define BESIDE_MS      5
#define BESIDE_LEAST   32u /* responses */

/* ---- back-pressure -------------------------------------------------------------------------- */

/* A full queue stops reading from all sockets; nothing is dropped, the clients' lines fill up. */
static void pace(struct server *server)
{
    bool pause = server->reading_paused ? !batcher_has_room(&server->batcher)
                                        : batcher_full(&server->batcher);
    struct client *client, *next;
    metric_set(&server->metrics, METRIC_QUEUE_BATCHES, server->batcher.queued);
    metric_set(&server->metrics, METRIC_QUEUE_BYTES, server->batcher.bytes);
    if (pause == server->reading_paused)
        return;
    server->reading_paused = pause;
    metric_set(&server->metrics, METRIC_READING_PAUSED, pause);
    metric_add(&server->metrics, METRIC_LIMIT_QUEUE_BYTES, pause);
    LOG(LOG_DEBUG, pause ? "ingest.full" : "ingest.room", log_u("bytes", server->batcher.bytes));
    HASH_ITER (hh, server->clients, client, next)
        client_hold(client, HOLD_QUEUE, pause);
}

/* ---- answers -------------------------------------------------------------------------------- */

static void answer_error(struct server *server, struct submission *submission,
                         const struct error *err)
{
    client_answer_error(client_find(server, submission->session), submission->request, err);
    batcher_settle(&server->batcher, &submission);
}

static void count(struct server *server, const struct submission *submission)
{
    static const enum metric by_status[] = {METRIC_STORED, METRIC_DUPLICATE, METRIC_CONFLICT,
                                            METRIC_ERASED, METRIC_INVALID,   METRIC_DENIED};
    struct receipt_counts counts;
    receipt_count(submission, &counts);
    for (size_t i = 0; i < sizeof by_status / sizeof *by_status; i++)
        metric_add(&server->metrics, by_status[i], counts.by_status[i]);
    metric_add(&server->metrics, METRIC_RECEIPTS, 1);
    metrics_receipt(&server->metrics, clock_monotonic_us() - submission->queued_us);
    LOG(LOG_DEBUG, "batch.stored", log_u("session", submission->session),
        log_s("principal", submission->principal), log_u("responses", submission->response_count),
        log_u("stored", counts.by_status[ROW_STORED]),
        log_u("duplicate", counts.by_status[ROW_DUPLICATE]),
        log_u("invalid", counts.by_status[ROW_INVALID]));
}

static void answer_receipt(struct server *server, struct submission *submission)
{
    struct buf frame = {0};
    struct error err;
    count(server, submission);
    if (receipt_pack(submission, server->limits.max_frame, &frame, &err) != 0)
        answer_error(server, submission, &err);
    else {
        client_answer(client_find(server, submission->session), &frame);
        batcher_settle(&server->batcher, &submission);
    }
    buf_release(&frame);
}

/* ---- transactions --------------------------------------------------------------------------- */

static void group_done(struct server *server, struct group *group)
{
    struct submission *s, *next;
    metric_add(&server->metrics, METRIC_GROUPS, 1);
    DL_FOREACH_SAFE (group->submissions, s, next) {
        DL_DELETE(group->submissions, s);
        answer_receipt(server, s);
    }
    group_free(&group);
}

/* Not committed, or not known: the same keys are run again, and whoever waited too long is told. */
static void group_again(struct server *server, struct group *group, const struct error *why)
{
    struct submission *s, *next;
    metric_add(&server->metrics, METRIC_GROUPS_AGAIN, 1);
    LOG(LOG_WARN, "ingest.again", log_u("batches", group->submission_count),
        log_s("reason", why->text));
    batcher_back(&server->batcher, &group);
    DL_FOREACH_SAFE (server->batcher.queue, s, next) {
        struct error err;
        if (s->tries < TRIES_MOST)
            continue;
        batcher_remove(&server->batcher, s);
        (void)server_unavailable(server, &err, "the database does not take it at the moment");
        answer_error(server, s, &err);
    }
}

/*
 * Refused for good. Whose fault it is shows when each goes alone; the one that is refused alone
 * gets an error (its client keeps it), the others are stored.
 */
static void group_failed(struct server *server, struct group *group, const struct error *why)
{
    struct submission *s, *next;
    metric_add(&server->metrics, METRIC_GROUPS_FAILED, 1);
    LOG(LOG_ERROR, "ingest.failed", log_u("batches", group->submission_count),
        log_s("reason", why->text));
    if (group->submission_count > 1) {
        DL_FOREACH (group->submissions, s)
            s->tries = s->tries < TRIES_TOGETHER ? TRIES_TOGETHER : s->tries;
        batcher_back(&server->batcher, &group);
        return;
    }
    DL_FOREACH_SAFE (group->submissions, s, next) {
        struct error err;
        DL_DELETE(group->submissions, s);
        (void)error_set(&err, ERROR_INTERNAL, NULL,
                        "the database refused the batch; the daemon's log says why");
        err.retry_after_ms = (uint32_t)server->settings.retry_after;
        answer_error(server, s, &err);
    }
    group_free(&group);
}

static void on_put(struct group *group, enum db_outcome outcome, const struct error *err, void *arg)
{
    struct server *server = arg;
    DL_DELETE(server->groups, group);
    switch (outcome) {
    case DB_DONE:
        group_done(server, group);
        break;
    case DB_AGAIN:
        group_again(server, group, err);
        break;
    case DB_FAILED:
        group_failed(server, group, err);
        break;
    }
    query_refresh_soon(server);
    pace(server); /* the pool's turn comes next: it serves additions, then calls ingest_changed */
}

/* A few that come while a group is under way wait for its end, or for BESIDE_MS: a transaction
 * costs as much as some twenty of them, and they will have company. */
static void pump(struct server *server, bool beside)
{
    const struct timeval again = {0, AGAIN_MS * 1000}, soon = {0, BESIDE_MS * 1000};
    while (store_idle(server->store) > 0) {
        if (server->groups && !beside && server->batcher.responses < BESIDE_LEAST) {
            if (server->batcher.queued > 0 && !evtimer_pending(server->pump, NULL))
                evtimer_add(server->pump, &soon);
            break;
        }
        struct group *group = batcher_take(&server->batcher, TRIES_TOGETHER);
        if (!group) {
            /* Nothing waits; or memory is out, and nobody else would come back for what waits. */
            if (server->batcher.queued > 0 && !server->groups)
                evtimer_add(server->pump, &again);
            break;
        }
        DL_APPEND(server->groups, group);
        store_put(server->store, group, on_put, server);
    }
    pace(server);
}

void ingest_pump_again(evutil_socket_t fd, short what, void *server)
{
    (void)fd;
    (void)what;
    pump(server, true);
}

void ingest_pump(struct server *server)
{
    pump(server, false);
}

void ingest_forget(struct server *server)
{
    struct group *group, *next;
    struct submission *submission;
    DL_FOREACH_SAFE (server->groups, group, next) {
        DL_DELETE(server->groups, group);
        batcher_back(&server->batcher, &group);
    }
    while ((submission = batcher_pop(&server->batcher)))
        submission_free(&submission);
}

/* ---- the database comes and goes ------------------------------------------------------------ */

void ingest_changed(void *arg)
{
    struct server *server = arg;
    unsigned connected = store_connected(server->store);
    bool was = server->store_up;
    server->store_up = connected > 0;
    if (connected && !was)
        LOG(LOG_INFO, "database.up", log_s("pool", "ingest"));
    refused_pump(-1, 0, server);
    lifecycle_settle(server);
    if (!connected && was) {
        struct timeval wait = {AWAY_MS / 1000, 0};
        LOG(LOG_WARN, "database.away", log_s("pool", "ingest"),
            log_s("reason", store_trouble(server->store)));
        evtimer_add(server->away, &wait);
    }
    ingest_pump(server);
}

/* Away for a while: those who wait are told so, and keep their batches. */
void ingest_away(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    struct submission *s;
    (void)fd;
    (void)what;
    if (store_connected(server->store) > 0)
        return;
    while ((s = batcher_pop(&server->batcher))) {
        struct error err;
        (void)server_unavailable(server, &err, "the database is away");
        answer_error(server, s, &err);
    }
    pace(server);
}

/* ---- a request ------------------------------------------------------------------------------ */

/* A clock that was set back while the daemon runs would make good responses of the future, which
 * are refused: it counts as running on. */
static int64_t now_ms(const struct server *server)
{
    int64_t now = clock_wall_ms(), steady = server_steady_ms(server);
    return now > steady ? now : steady;
}

static int judge(struct client *client, const struct principal *principal,
                 const Suara__V1__SubmitBatch *batch, struct submission *submission,
                 struct error *err)
{
    struct server *server = client->server;
    struct judge judge = {
        .directory = server->directory,
        .digest = server->digest,
        .now_ms = now_ms(server),
        .skew_ms = server->settings.clock_skew,
        .most_responses = (uint32_t)server->settings.batch_responses,
    };
    struct actor by = client_actor(client);
    if (store_connected(server->store) == 0)
        return server_unavailable(server, err, "the database is away");
    submission->principal = arena_strndup(&submission->arena, by.principal, strlen(by.principal));
    submission->serial = arena_strndup(&submission->arena, by.serial, strlen(by.serial));
    if (!submission->principal || !submission->serial)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the batch: try again later");
    return judge_batch(&judge, principal, batch, submission, err);
}

/* A word that is not known may be in the small tables by now, while they are read anew: the client
 * is asked to come again, rather than told that its responses are wrong. */
static int judge_later(struct server *server, const struct submission *submission,
                       struct error *err)
{
    if (!submission->unknown_words || !query_tables_owed(server))
        return 0;
    return server_unavailable(server, err, "the small tables are being read anew");
}

static void note_denied(struct client *client, const struct principal *principal,
                        const struct submission *submission)
{
    uint64_t denied = 0;
    char detail[40];
    for (size_t i = 0; i < submission->refusal_count; i++)
        denied += submission->refusals[i].status == ROW_DENIED;
    if (!denied)
        return;
    (void)snprintf(detail, sizeof detail, "responses=%" PRIu64, denied);
    refused_note(client, VERB_SUBMIT, ERROR_PERMISSION_DENIED, principal->office, detail);
    LOG(LOG_WARN, "response.denied", log_u("session", client->id),
        log_s("principal", submission->principal), log_u("responses", denied),
        log_s("reason", "another office in the payload"));
}

void ingest_submit(struct client *client, const struct principal *principal,
                   const Suara__V1__Request *request, struct submission *submission)
{
    struct server *server = client->server;
    struct error err;
    submission->session = client->id;
    submission->request = request->id;
    submission->queued_us = clock_monotonic_us();
    if (judge(client, principal, request->submit, submission, &err) != 0 ||
        judge_later(server, submission, &err) != 0) {
        metric_add(&server->metrics, METRIC_LIMIT_BATCH_RESPONSES,
                   err.code == ERROR_TOO_LARGE && strcmp(err.field, "response") == 0);
        client_answer_error(client, request->id, &err);
        submission_free(&submission);
        return;
    }
    note_denied(client, principal, submission);
    submission->bytes += sizeof *submission + submission->arena.held;
    batcher_add(&server->batcher, submission);
    ingest_pump(server);
}
