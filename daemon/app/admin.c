#include "common/log.h"
#include "common/text.h"
#include "common/wire.h"
#include "daemon/app/server_private.h"
#include "daemon/db/store.h"
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* An addition is answered once the new row is also in this daemon's directory. */

struct adding {
    struct server *server;
    uint64_t session, request;
    char text[256];
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

void admin_add(struct client *client, const struct principal *principal,
               const Suara__V1__Request *request)
{
    struct server *server = client->server;
    const Suara__V1__Add *add = request->add;
    char what[FIELD_MOST + 1], code[FIELD_MOST + 1], name[FIELD_MOST + 1], office[FIELD_MOST + 1],
        zone[FIELD_MOST + 1], role[FIELD_MOST + 1];
    struct error err;
    struct adding *adding = calloc(1, sizeof *adding);
    if (!adding)
        (void)error_set(&err, ERROR_OVERLOADED, NULL, "no memory: ask again later");
    else if (store_connected(server->store) == 0)
        (void)server_unavailable(server, &err, "the database is away");
    else if (field_text(&add->what, "what", what, &err) == 0 &&
             field_text(&add->code, "code", code, &err) == 0 &&
             field_text(&add->name, "name", name, &err) == 0 &&
             field_text(&add->office, "office", office, &err) == 0 &&
             field_text(&add->zone, "zone", zone, &err) == 0 &&
             field_text(&add->role, "role", role, &err) == 0) {
        struct addition addition = {what, code, name, office, zone, role};
        adding->server = server;
        adding->session = client->id;
        adding->request = request->id;
        (void)snprintf(adding->text, sizeof adding->text, "%.20s %.100s was added", what, code);
        LOG(LOG_INFO, "admin.add", log_u("session", client->id), log_s("by", principal->name),
            log_s("what", what), log_s("code", code));
        DL_APPEND(server->adding, adding);
        store_add(server->store, &addition, on_added, adding);
        return;
    }
    adding_free(&adding);
    client_answer_error(client, request->id, &err);
}
