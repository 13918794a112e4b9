#include "common/instrument.h"
#include "common/arena.h"
#include "common/text.h"
#include "common/wire.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/db/store.h"
#include <string.h>

/* Is it there already, word for word? */
static bool known(const struct directory *d, const struct instrument *in)
{
    const struct instrument *before = directory_instrument(d, in->code, strlen(in->code));
    struct buf text[2] = {{0}, {0}};
    if (before)
        instrument_write(before, &text[0]);
    instrument_write(in, &text[1]);
    bool same = before && !text[0].failed && !text[1].failed && text[0].len == text[1].len &&
                memcmp(text[0].data, text[1].data, text[0].len) == 0;
    buf_release(&text[0]);
    buf_release(&text[1]);
    return same;
}

static void answer_known(struct client *client, uint64_t request, const char *code)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Added body = SUARA__V1__ADDED__INIT;
    struct buf frame = {0};
    struct error err;
    char sentence[128];
    (void)snprintf(sentence, sizeof sentence, "instrument %.64s is there already, the same", code);
    body.text = wire_text(sentence);
    reply.id = request;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_ADDED;
    reply.added = &body;
    if (wire_pack(&frame, &reply.base, client->server->limits.max_frame, &err) == 0)
        client_answer(client, &frame);
    else
        client_answer_error(client, request, &err);
    buf_release(&frame);
}

void instrument_add(struct client *client, const struct principal *principal,
                    const Suara__V1__Request *request)
{
    const ProtobufCBinaryData *document = &request->add->document;
    struct arena arena;
    struct error err;
    arena_init(&arena, INSTRUMENT_ARENA);
    const struct instrument *in =
        instrument_parse(&arena, document->data, document->len, NULL, &err);
    if (!in)
        client_answer_error(client, request->id, &err);
    else if (client->server->directory && known(client->server->directory, in))
        answer_known(client, request->id, in->code);
    else
        admin_add_instrument(client, principal, request->id, in);
    arena_release(&arena);
}

static void refuse_unknown(struct client *client, uint64_t request, const ProtobufCBinaryData *code)
{
    const char *codes[64];
    char word[65];
    size_t count;
    struct error err;
    const struct instrument *const *all = directory_instruments(client->server->directory, &count);
    if (count > sizeof codes / sizeof *codes)
        count = sizeof codes / sizeof *codes;
    for (size_t i = 0; i < count; i++)
        codes[i] = all[i]->code;
    (void)snprintf(word, sizeof word, "%.*s", code->len < 64 ? (int)code->len : 64,
                   (const char *)code->data);
    const char *near = text_nearest(word, codes, count);
    (void)error_set(&err, ERROR_INVALID, "instrument",
                    near ? "the server has no questionnaire %.64s; did you mean %s?"
                         : "the server has no questionnaire %.64s%s",
                    word, near ? near : "");
    client_answer_error(client, request, &err);
}

static int pack_document(const struct server *server, uint64_t request, const struct instrument *in,
                         struct buf *frame, struct error *err)
{
    struct buf text = {0};
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Document body = SUARA__V1__DOCUMENT__INIT;
    instrument_write(in, &text);
    body.text = (ProtobufCBinaryData){.len = text.len, .data = (uint8_t *)text.data};
    reply.id = request;
    reply.last = true;
    reply.body_case = SUARA__V1__REPLY__BODY_DOCUMENT;
    reply.document = &body;
    int rc = text.failed ? error_set(err, ERROR_OVERLOADED, NULL, "no memory: ask again later")
                         : wire_pack(frame, &reply.base, server->limits.max_frame, err);
    buf_release(&text);
    return rc;
}

/* ---- given to an office, which will use it some day: from then on it stays as it is ---------- */

static void on_used(enum db_outcome outcome, const struct error *failed, void *arg)
{
    struct question *q = arg;
    const struct instrument *in = *(const struct instrument **)q->body;
    struct buf frame = {0};
    struct error err;
    if (outcome != DB_DONE) { /* FAILED: replaced a moment ago, the directory is on its way */
        err = *failed;
        (void)server_unavailable(q->server, &err, "the questionnaire can't be given out now");
        question_fail(&q, &err);
    } else if (pack_document(q->server, q->request, in, &frame, &err) != 0) {
        question_fail(&q, &err);
    } else {
        question_answer(&q, &frame);
    }
    buf_release(&frame);
}

static void give_to_office(struct client *client, uint64_t request, const struct instrument *in)
{
    struct server *server = client->server;
    struct error err;
    if (store_connected(server->store) == 0) {
        (void)server_unavailable(server, &err, "the database is away");
        client_answer_error(client, request, &err);
        return;
    }
    struct question *q = question_new(client, request, sizeof in, NULL);
    if (!q)
        return;
    *(const struct instrument **)q->body = in; /* of the directory that the question holds */
    store_use_instrument(server->store, in->id, on_used, q);
}

void instrument_show(struct client *client, const struct principal *principal,
                     const Suara__V1__Request *request)
{
    const ProtobufCBinaryData *code = &request->list->code;
    const struct instrument *in =
        directory_instrument(client->server->directory, code->data, code->len);
    struct buf frame = {0};
    struct error err;
    if (!in)
        refuse_unknown(client, request->id, code);
    else if (principal->role == ROLE_OFFICE && !directory_instrument_used(in))
        give_to_office(client, request->id, in);
    else if (pack_document(client->server, request->id, in, &frame, &err) != 0)
        client_answer_error(client, request->id, &err);
    else
        client_answer(client, &frame);
    buf_release(&frame);
}
