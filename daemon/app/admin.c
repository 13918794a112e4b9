#include "common/log.h"
#include "common/text.h"
#include "common/wire.h"
#include "daemon/app/server_private.h"
#include "daemon/db/store.h"
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* An addition is answered once the new row is also in this daemon's directory. */

#define SENTENCE 256u

struct adding {
    struct server *server;
    uint64_t session, request;
    char text[SENTENCE];
    bool stored;
    struct adding *next, *prev;
};

static void adding_free(struct adding **adding)
{
    free(*adding);
    *adding = NULL;
}

static void answer_added(struct adding *adding)
{
    struct buf frame = {0};
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Added body = SUARA__V1__ADDED__INIT;
    body.text = wire_text(adding->text);
    reply.id = adding->request;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_ADDED;
    reply.added = &body;
    if (wire_pack(&frame, &reply.base, adding->server->limits.max_frame, NULL) == 0)
        client_answer(client_find(adding->server, adding->session), &frame);
    buf_release(&frame);
    adding_free(&adding);
}

void admin_tables_loaded(struct server *server)
{
    struct adding *adding, *next;
    if (server->directory_again)
        return; /* a newer load is to come: it has what was stored meanwhile */
    DL_FOREACH_SAFE (server->adding, adding, next) {
        if (!adding->stored)
            continue;
        DL_DELETE(server->adding, adding);
        answer_added(adding);
    }
}

void admin_forget(struct server *server)
{
    struct adding *adding, *next;
    DL_FOREACH_SAFE (server->adding, adding, next) {
        DL_DELETE(server->adding, adding);
        adding_free(&adding);
    }
}

static void on_added(enum db_outcome outcome, const struct error *failed, void *arg)
{
    struct adding *adding = arg;
    struct server *server = adding->server;
    adding->stored = outcome == DB_DONE;
    if (adding->stored) {
        query_load_directory(server);
        return;
    }
    struct error err = *failed;
    if (outcome == DB_AGAIN)
        (void)server_unavailable(server, &err, "the database did not take it at the moment");
    client_answer_error(client_find(server, adding->session), adding->request, &err);
    DL_DELETE(server->adding, adding);
    adding_free(&adding);
}

#define FIELD_MOST 1000u /* bytes: 200 characters, which the database counts, and then some */

/* A field of the request as text. */
static int field_text(const ProtobufCBinaryData *field, const char *name, char out[FIELD_MOST + 1],
                      struct error *err)
{
    enum text_fault fault = text_check(field->data, field->len, FIELD_MOST);
    if (fault != TEXT_OK)
        return error_set(err, ERROR_INVALID, name, "%s %s", name, text_fault_reason(fault));
    if (field->len)
        memcpy(out, field->data, field->len);
    out[field->len] = '\0';
    return 0;
}

#define PEOPLE_MOST UINT64_C(1000000000000)

/* Days and number of a population, as texts. */
struct people {
    char from[16], to[16], number[24];
};

static int people_texts(const Suara__V1__Add *add, const char *what, struct people *out,
                        struct error *err)
{
    *out = (struct people){{0}, {0}, {0}};
    if (strcmp(what, "population") != 0)
        return 0;
    if (!civil_valid(add->from))
        return error_set(err, ERROR_INVALID, "from",
                         "the period begins with no day between %u and %u", CIVIL_FIRST,
                         CIVIL_LAST);
    if (!civil_valid(add->to) || add->to < add->from)
        return error_set(err, ERROR_INVALID, "to",
                         "the period ends with no day, or before it begins");
    if (add->people > PEOPLE_MOST)
        return error_set(err, ERROR_INVALID, "people", "more people than %" PRIu64, PEOPLE_MOST);
    civil_format_day(add->from, out->from);
    civil_format_day(add->to, out->to);
    (void)snprintf(out->number, sizeof out->number, "%" PRIu64, add->people);
    return 0;
}

/* What exists now. */
static void say(char out[SENTENCE], const struct addition *a)
{
    if (strcmp(a->what, "population") == 0)
        (void)snprintf(out, SENTENCE, "%.64s%s%.64s%s served %.24s people from %s to %s", a->office,
                       a->code[0] ? " (service " : "", a->code, a->code[0] ? ")" : "", a->people,
                       a->from, a->to);
    else
        (void)snprintf(out, SENTENCE, "%.20s %.100s was added", a->what, a->code);
}

/* Hands it to the database. */
static void begin(struct client *client, const struct principal *principal, uint64_t request,
                  const struct addition *addition)
{
    struct server *server = client->server;
    struct error err;
    struct adding *adding = calloc(1, sizeof *adding);
    if (!adding) {
        (void)error_set(&err, ERROR_OVERLOADED, NULL, "no memory: ask again later");
        client_answer_error(client, request, &err);
        return;
    }
    adding->server = server;
    adding->session = client->id;
    adding->request = request;
    say(adding->text, addition);
    LOG(LOG_INFO, "admin.add", log_u("session", client->id), log_s("by", principal->name),
        log_s("what", addition->what), log_s("code", addition->code));
    DL_APPEND(server->adding, adding);
    struct addition whole = *addition;
    whole.by = client_actor(client);
    store_add(server->store, &whole, on_added, adding);
}

void admin_add_instrument(struct client *client, const struct principal *principal,
                          uint64_t request, const struct instrument *instrument)
{
    const struct addition addition = {
        .what = "instrument", .code = instrument->code, .instrument = instrument};
    begin(client, principal, request, &addition);
}

void admin_add(struct client *client, const struct principal *principal,
               const Suara__V1__Request *request)
{
    struct server *server = client->server;
    const Suara__V1__Add *add = request->add;
    char what[FIELD_MOST + 1], code[FIELD_MOST + 1], name[FIELD_MOST + 1], office[FIELD_MOST + 1],
        zone[FIELD_MOST + 1], role[FIELD_MOST + 1];
    struct people people;
    struct error err;
    if (store_connected(server->store) == 0)
        (void)server_unavailable(server, &err, "the database is away");
    else if (wire_is(&add->what, "instrument")) {
        instrument_add(client, principal, request);
        return;
    } else if (field_text(&add->what, "what", what, &err) == 0 &&
               field_text(&add->code, "code", code, &err) == 0 &&
               field_text(&add->name, "name", name, &err) == 0 &&
               field_text(&add->office, "office", office, &err) == 0 &&
               field_text(&add->zone, "zone", zone, &err) == 0 &&
               field_text(&add->role, "role", role, &err) == 0 &&
               people_texts(add, what, &people, &err) == 0) {
        const struct addition addition = {.what = what,
                                          .code = code,
                                          .name = name,
                                          .office = office,
                                          .zone = zone,
                                          .role = role,
                                          .from = people.from,
                                          .to = people.to,
                                          .people = people.number};
        begin(client, principal, request->id, &addition);
        return;
    }
    client_answer_error(client, request->id, &err);
}
