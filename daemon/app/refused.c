#include "daemon/core/refused.h"

#include "common/clock.h"
#include "common/log.h"
#include "daemon/app/server_private.h"
#include "daemon/db/store.h"
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <utlist.h>

/*
 * Refusals on their way into the audit. They have been answered: nobody waits for them, one at a
 * time is with the database, and those of a time without one wait here. An entry whose commit is
 * not known to have been done is written again.
 */

#define WAITING_MOST 256u
#define DETAIL       200u

struct refusal_note {
    struct actor_texts by;
    int32_t office_id;
    enum verb verb;
    enum error_code code;
    char detail[DETAIL];
    uint64_t again, at_ms;
    struct refusal_note *next, *prev;
};

static void leave_out(struct server *server, const struct refusal_note *note, const char *why)
{
    server->refused_lately.left_out++;
    LOG(LOG_ERROR, "audit.left_out", log_s("principal", note->by.principal),
        log_s("verb", verb_name(note->verb)), log_s("reason", why));
}

static void drop_first(struct server *server)
{
    struct refusal_note *note = server->refusals;
    DL_DELETE(server->refusals, note);
    server->refusals_waiting--;
    free(note);
}

static void on_noted(enum db_outcome outcome, const struct error *err, void *arg)
{
    struct server *server = arg;
    int64_t ms = server->settings.retry_after;
    const struct timeval wait = {ms / 1000, (ms % 1000) * 1000};
    server->refusal_sent = false;
    if (outcome == DB_AGAIN) {
        evtimer_add(server->note, &wait);
    } else {
        if (outcome == DB_FAILED)
            leave_out(server, server->refusals, err->text);
        drop_first(server);
        refused_pump(-1, 0, server);
    }
    if (server->stopping)
        lifecycle_left(server);
}

bool refused_owed(const struct server *server)
{
    return server->refusal_sent;
}

void refused_pump(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    const struct refusal_note *note = server->refusals;
    char detail[DETAIL + 64];
    (void)fd;
    (void)what;
    if (!note || server->refusal_sent || store_connected(server->store) == 0)
        return;
    uint64_t waited = (clock_monotonic_ms() - note->at_ms) / 1000;
    int n = snprintf(detail, sizeof detail, "%s", note->detail);
    if (note->again)
        n += snprintf(detail + n, sizeof detail - (size_t)n, "%sagain=%" PRIu64, n ? " " : "",
                      note->again);
    if (waited)
        (void)snprintf(detail + n, sizeof detail - (size_t)n, "%swaited=%" PRIu64, n ? " " : "",
                       waited);
    const struct store_entry entry = {
        .office_id = note->office_id,
        .by = {note->by.principal, note->by.serial},
        .verb = verb_name(note->verb),
        .outcome = error_code_name(note->code),
        .detail = detail,
    };
    server->refusal_sent = true;
    store_note(server->store, &entry, on_noted, server);
}

void refused_note(struct client *client, enum verb verb, enum error_code code,
                  const struct office *office, const char *detail)
{
    struct server *server = client->server;
    struct actor by = client_actor(client);
    uint64_t now = clock_monotonic_ms(), again = 0;
    if (!refused_take(&server->refused_lately, by.principal, verb, now, &again))
        return;
    struct refusal_note *note = calloc(1, sizeof *note);
    const struct refusal_note lost = {.verb = verb};
    if (!note || server->refusals_waiting == WAITING_MOST) {
        leave_out(server, note ? note : &lost, note ? "too many wait" : "no memory");
        free(note);
        return;
    }
    (void)snprintf(note->by.principal, sizeof note->by.principal, "%s", by.principal);
    (void)snprintf(note->by.serial, sizeof note->by.serial, "%s", by.serial);
    (void)snprintf(note->detail, sizeof note->detail, "%s", detail);
    note->office_id = office ? office->id : 0;
    note->verb = verb;
    note->code = code;
    note->again = again;
    note->at_ms = now;
    DL_APPEND(server->refusals, note);
    server->refusals_waiting++;
    refused_pump(-1, 0, server);
}

/* ---- what a request was about --------------------------------------------------------------- */

struct offices {
    const ProtobufCBinaryData *code;
    size_t count;
};

static struct offices offices_of(const Suara__V1__Request *r)
{
    if (r->body_case == SUARA__V1__REQUEST__BODY_REPORT)
        return (struct offices){r->report->office, r->report->n_office};
    if (r->body_case == SUARA__V1__REQUEST__BODY_COVERAGE)
        return (struct offices){r->coverage->office, r->coverage->n_office};
    if (r->body_case == SUARA__V1__REQUEST__BODY_QUALITY)
        return (struct offices){r->quality->office, r->quality->n_office};
    return (struct offices){NULL, 0}; /* what only those may ask who see all */
}

void refused_request(struct client *client, const struct error *err)
{
    const struct directory *d = client->server->directory;
    const struct principal *p = d ? directory_principal(d, client->role, client->name) : NULL;
    const struct offices asked = offices_of(client->serving);
    const struct office *office = p ? p->office : NULL;
    char detail[DETAIL] = "";
    for (size_t i = 0; p && i < asked.count; i++) {
        const struct office *o = directory_office(d, asked.code[i].data, asked.code[i].len);
        if (!o || role_sees(p, o))
            continue;
        office = o;
        (void)snprintf(detail, sizeof detail, "office=%s", o->code);
        break;
    }
    refused_note(client, client->verb, err->code, office, detail);
}

void refused_stranger(struct client *client, enum verb verb)
{
    const struct directory *d = client->server->directory;
    const struct principal *p = d ? directory_principal(d, client->role, client->name) : NULL;
    refused_note(client, verb, ERROR_UNAUTHENTICATED, p ? p->office : NULL,
                 p ? "why=inactive" : "why=unknown");
}

void refused_forget(struct server *server)
{
    while (server->refusals) {
        leave_out(server, server->refusals, "the daemon stops");
        drop_first(server);
    }
}
