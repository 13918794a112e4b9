#include "common/clock.h"
#include "common/log.h"
#include "common/wire.h"
#include "daemon/app/server_private.h"
#include "daemon/core/submission.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct client *client_find(struct server *server, uint64_t id)
{
    struct client *client = NULL;
    HASH_FIND(hh, server->clients, &id, sizeof id, client);
    return client;
}

static void set_state(struct client *client, enum session_state state)
{
    if (client->state == state)
        return;
    LOG(LOG_DEBUG, "session.state", log_u("session", client->id),
        log_s("from", session_state_name(client->state)), log_s("to", session_state_name(state)));
    client->state = state;
    client->state_ms = clock_monotonic_ms();
}

void client_hold(struct client *client, enum hold why, bool on)
{
    unsigned holds = on ? client->holds | (unsigned)why : client->holds & ~(unsigned)why;
    if (holds && !client->holds)
        conn_hold(client->conn);
    if (!holds && client->holds)
        conn_release(client->conn);
    client->holds = holds;
}

void client_drop(struct client **clientp)
{
    struct client *client = *clientp;
    if (!client)
        return;
    struct server *server = client->server;
    *clientp = NULL;
    conn_free(&client->conn); /* before the account: it gives back what it holds of its share */
    client_part(client);
    server->crowding.parting -= client->parting;
    HASH_DEL(server->clients, client);
    metric_set(&server->metrics, METRIC_SESSIONS, HASH_COUNT(server->clients));
    free(client);
}

/* ---- answers -------------------------------------------------------------------------------- */

static void finish(struct client *client)
{
    if (client->state == SESSION_CLOSING || client->state == SESSION_OVER)
        return;
    set_state(client, SESSION_CLOSING);
    conn_finish(client->conn);
}

static void send_frames(struct client *client, const struct buf *frames)
{
    if (client->state == SESSION_CLOSING || client->state == SESSION_OVER)
        return;
    if (!client_put(client, frames))
        client_hold(client, HOLD_OUTPUT, true);
}

static void send_error(struct client *client, uint64_t request, const struct error *err)
{
    struct buf frame = {0};
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Error body = wire_error(err);
    reply.id = request;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_ERROR;
    reply.error = &body;
    metric_add(&client->server->metrics, METRIC_REQUEST_ERRORS, 1);
    LOG(LOG_DEBUG, "request.error", log_u("session", client->id), log_u("request", request),
        log_s("code", error_code_name(err->code)), log_s("field", err->field));
    if (wire_pack(&frame, &reply.base, client->server->limits.max_frame, NULL) == 0)
        send_frames(client, &frame);
    buf_release(&frame);
}

static void closed_one(struct client *client)
{
    client->open--;
    client_hold(client, HOLD_WINDOW, client->open >= SESSION_WINDOW);
    if (client->state == SESSION_LEAVING && client->open == 0)
        finish(client);
}

void client_tell(struct client *client, const struct buf *frames)
{
    if (client)
        send_frames(client, frames);
}

void client_answer(struct client *client, const struct buf *frames)
{
    if (!client)
        return;
    send_frames(client, frames);
    closed_one(client);
}

void client_answer_part(struct client *client, const struct buf *frames)
{
    if (client)
        send_frames(client, frames);
}

void client_answer_error(struct client *client, uint64_t request, const struct error *err)
{
    if (!client)
        return;
    if (client->serving && err->code == ERROR_PERMISSION_DENIED)
        refused_request(client, err);
    send_error(client, request, err);
    closed_one(client);
}

void client_end(struct client *client, uint64_t request, const struct error *err)
{
    if (client->state == SESSION_OPENING || client->state == SESSION_GREETING)
        metric_add(&client->server->metrics, METRIC_SESSIONS_REFUSED, 1);
    send_error(client, request, err);
    finish(client);
}

void client_dismiss(struct client *client, uint64_t request, const struct error *err)
{
    bool known = client->role != ROLE_NONE;
    LOG(LOG_WARN, "session.refused", log_u("session", client->id),
        log_s("peer", conn_peer(client->conn)), log_s("role", role_name(client->role)),
        log_s("name", client->name),
        log_s("serial", known ? conn_identity(client->conn)->serial : ""),
        log_s("code", error_code_name(err->code)), log_s("reason", err->text));
    client_end(client, request, err);
}

void client_leave(struct client *client)
{
    if (client->state == SESSION_CLOSING || client->state == SESSION_OVER)
        return;
    set_state(client, SESSION_LEAVING);
    if (client->open == 0)
        finish(client);
}

/* ---- requests ------------------------------------------------------------------------------- */

struct actor client_actor(const struct client *client)
{
    return (struct actor){client->who, conn_identity(client->conn)->serial};
}

const struct principal *client_principal(const struct client *client, struct error *err)
{
    const struct server *server = client->server;
    if (!server->directory) {
        (void)server_unavailable(server, err, "the database is away");
        return NULL;
    }
    const struct principal *p = directory_principal(server->directory, client->role, client->name);
    if (p && p->active)
        return p;
    (void)error_set(
        err, ERROR_UNAUTHENTICATED, NULL,
        "the certificate is of %s:%s, which is %s here: ask the administrator to add it",
        role_name(client->role), client->name, p ? "no longer active" : "not known");
    return NULL;
}

static void welcome(struct client *client, const struct principal *p,
                    const Suara__V1__Request *request)
{
    char program[48];
    const struct server *server = client->server;
    const struct tls_identity *identity = conn_identity(client->conn);
    struct buf frame = {0};
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Welcome body = SUARA__V1__WELCOME__INIT;
    body.program = wire_text("suarad " SUARA_VERSION);
    body.role = wire_text(role_name(p->role));
    body.name = wire_text(p->name);
    body.office = wire_text(p->office ? p->office->code : "");
    body.zone = wire_text(p->office ? zone_name(p->office->zone) : "");
    body.now = (uint64_t)clock_wall_ms();
    body.max_frame = server->limits.max_frame;
    body.max_responses = (uint32_t)server->settings.batch_responses;
    body.ready = observe_ready(NULL, client->server);
    body.certificate_ends = (uint64_t)identity->not_after_ms;
    Suara__V1__Compression zstd = SUARA__V1__COMPRESSION__COMPRESSION_ZSTD;
    body.compression = &zstd;
    body.n_compression = client_agree(client, request->hello);
    reply.id = request->id;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_WELCOME;
    reply.welcome = &body;
    set_state(client, SESSION_READY);
    (void)snprintf(program, sizeof program, "%.*s", (int)request->hello->program.len,
                   request->hello->program.len ? (const char *)request->hello->program.data : "");
    LOG(LOG_INFO, "session.open", log_u("session", client->id),
        log_s("peer", conn_peer(client->conn)), log_s("role", role_name(p->role)),
        log_s("name", p->name), log_s("serial", identity->serial), log_s("program", program));
    if (wire_pack(&frame, &reply.base, server->limits.max_frame, NULL) == 0)
        client_answer(client, &frame);
    buf_release(&frame);
}

/* Hands a request to its verb. The submission's arena holds it; true: the submission was taken. */
static bool serve(struct client *client, const struct principal *p, enum verb verb,
                  const Suara__V1__Request *request, struct submission *submission)
{
    static serve_fn *const serves[VERB_COUNT] = {
        [VERB_HELD] = query_held,     [VERB_REPORT] = report_ask,   [VERB_COVERAGE] = coverage_ask,
        [VERB_QUALITY] = quality_ask, [VERB_LIST] = list_answer,    [VERB_ADD] = admin_add,
        [VERB_VERIFY] = verify_ask,   [VERB_REBUILD] = rebuild_ask, [VERB_ERASE] = erase_ask,
        [VERB_PURGE] = purge_ask,     [VERB_AUDIT] = audit_ask,
    };
    struct error err;
    if (role_check(p, verb, &err) != 0) {
        LOG(LOG_WARN, "request.denied", log_u("session", client->id),
            log_s("role", role_name(p->role)), log_s("name", p->name),
            log_s("verb", verb_name(verb)));
        client_answer_error(client, request->id, &err);
        return false;
    }
    if (verb == VERB_SUBMIT) {
        ingest_submit(client, p, request, submission);
        return true;
    }
    serves[verb](client, p, request);
    return false;
}

static bool step(struct client *client, const Suara__V1__Request *request, enum verb verb,
                 struct submission *submission)
{
    struct session_step step = session_step(client->state, verb);
    struct error err;
    if (step.act == ACT_IGNORE)
        return false;
    client->open++;
    client_hold(client, HOLD_WINDOW, client->open >= SESSION_WINDOW);
    const struct principal *p = NULL;
    if (step.act == ACT_WELCOME || step.act == ACT_SERVE) {
        p = client_principal(client, &err);
        if (!p) {
            if (err.code == ERROR_UNAUTHENTICATED)
                refused_stranger(client, verb);
            client_dismiss(client, request->id, &err);
            return false;
        }
    }
    if (step.act == ACT_WELCOME) {
        welcome(client, p, request);
        return false;
    }
    if (step.act == ACT_SERVE) {
        client->serving = request;
        client->verb = verb;
        bool taken = serve(client, p, verb, request, submission);
        client->serving = NULL;
        return taken;
    }
    if (step.code == ERROR_UNAVAILABLE)
        (void)server_unavailable(client->server, &err, step.text);
    else
        (void)error_set(&err, step.code, NULL, "%s", step.text);
    if (step.act == ACT_DISMISS)
        client_dismiss(client, request->id, &err);
    else
        client_answer_error(client, request->id, &err);
    return false;
}

static void on_frame(struct client *client, const uint8_t *data, size_t size)
{
    struct error err;
    enum verb verb;
    uint64_t id = 0;
    metric_add(&client->server->metrics, METRIC_REQUESTS, 1);
    client_spend(client);
    struct submission *submission = submission_new(wire_arena_cap(size));
    if (!submission) {
        (void)error_set(&err, ERROR_OVERLOADED, NULL, "no memory: try again later");
        client_dismiss(client, 0, &err);
        return;
    }
    const Suara__V1__Request *request = wire_request(data, size, &submission->arena, &id, &err);
    if (request)
        request = client_unfold(client, request, &submission->arena, &err);
    if (!request || !session_verb(request, &verb)) {
        if (request)
            (void)error_set(&err, ERROR_UNSUPPORTED, NULL,
                            "this daemon does not know that request");
        /* A request of a newer client is answered; bytes that are no request end the session. */
        if (err.code == ERROR_UNSUPPORTED)
            send_error(client, id, &err);
        else
            client_dismiss(client, id, &err);
    } else if (step(client, request, verb, submission)) {
        return;
    }
    submission_free(&submission);
}

/* ---- the connection's events ---------------------------------------------------------------- */

static void on_open(struct client *client)
{
    const struct tls_identity *identity = conn_identity(client->conn);
    client->role = role_parse(identity->role);
    (void)snprintf(client->name, sizeof client->name, "%s", identity->name);
    (void)snprintf(client->who, sizeof client->who, "%s:%s", identity->role, identity->name);
    set_state(client, SESSION_GREETING);
    struct error err;
    if (outlived_watch(client) && !client_join(client, &err))
        client_dismiss(client, 0, &err);
}

static void on_closed(struct client *client)
{
    struct server *server = client->server;
    const struct error *why = conn_error(client->conn);
    client_count_limit(client);
    bool welcomed = client->role != ROLE_NONE && client->state != SESSION_GREETING;
    if (client->state == SESSION_OPENING || client->state == SESSION_GREETING)
        metric_add(&server->metrics, METRIC_SESSIONS_REFUSED, 1);
    LOG(welcomed ? LOG_INFO : LOG_WARN, "session.close", log_u("session", client->id),
        log_s("peer", conn_peer(client->conn)), log_s("state", session_state_name(client->state)),
        log_u("open", client->open), log_s("reason", why->text));
    set_state(client, SESSION_OVER);
    client_drop(&client);
    lifecycle_left(server);
}

static void on_event(struct conn *conn, enum conn_event event, const uint8_t *data, size_t size,
                     void *arg)
{
    struct client *client = arg;
    switch (event) {
    case CONN_OPEN:
        on_open(client);
        break;
    case CONN_FRAME:
        on_frame(client, data, size);
        break;
    case CONN_ROOM:
        client_hold(client, HOLD_OUTPUT, false);
        break;
    case CONN_FAULT:
        client_dismiss(client, 0, conn_error(conn));
        break;
    case CONN_AGED:
        metric_add(&client->server->metrics, METRIC_LIMIT_AGE, 1);
        client_leave(client);
        break;
    case CONN_CLOSED:
        on_closed(client);
        break;
    }
}

void client_accept(evutil_socket_t fd, void *arg)
{
    struct server *server = arg;
    struct error err;
    struct client *client = calloc(1, sizeof *client);
    if (!client) {
        evutil_closesocket(fd);
        return;
    }
    client->id = ++server->last_client;
    client->server = server;
    client->state_ms = clock_monotonic_ms();
    client->conn =
        conn_accept(server->base, server->tls, fd, &server->limits, on_event, client, &err);
    if (client->conn)
        HASH_ADD(hh, server->clients, id, sizeof client->id, client);
    if (!client->conn || client->lost) {
        LOG(LOG_ERROR, "session.failed", log_u("session", client->id),
            log_s("reason", client->conn ? "no memory" : err.text));
        conn_free(&client->conn);
        free(client);
        return;
    }
    metric_add(&server->metrics, METRIC_SESSIONS_TOTAL, 1);
    metric_set(&server->metrics, METRIC_SESSIONS, HASH_COUNT(server->clients));
    if (server->reading_paused)
        client_hold(client, HOLD_QUEUE, true);
    crowd_cap(server);
}
