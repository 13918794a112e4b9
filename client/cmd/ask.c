#include "client/cmd/ask.h"

#include "client/app/line.h"
#include "client/cmd/cmd.h"
#include "client/cmd/interrupt.h"
#include "client/cmd/output.h"
#include "client/core/layout.h"
#include "client/core/layout_coverage.h"
#include "client/core/layout_index.h"
#include "client/core/layout_quality.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/instrument.h"
#include "common/wire.h"

#define REPLY_MS 120000u /* a report refreshes what is stale first */

struct uplink *ask_open(struct profile *profile, struct error *err)
{
    return line_open(profile, REPLY_MS, interrupt_came, err);
}

/* ---- one request --------------------------------------------------------------------------- */

struct answer {
    Suara__V1__Reply__BodyCase kind;
    int (*take)(struct answer *answer, const Suara__V1__Reply *reply, struct error *err);
    void *out;
    bool bad, last;
    struct error err;
};

static void on_reply(const Suara__V1__Reply *reply, const struct error *err, void *arg)
{
    struct answer *answer = arg;

    if (!reply) {
        if (!answer->bad)
            answer->err = *err;
        answer->bad = true;
        return;
    }
    if (answer->bad)
        return;
    if (reply->body_case != answer->kind) {
        error_set(&answer->err, ERROR_INTERNAL, NULL, MSG_UNEXPECTED);
        answer->bad = true;
    } else if (answer->take(answer, reply, &answer->err) < 0) {
        answer->bad = true;
    }
    answer->last = reply->last;
}

static int ask(struct uplink *uplink, Suara__V1__Request *request, struct answer *answer,
               struct error *err)
{
    int rc = uplink_ask(uplink, request, on_reply, answer, err);

    if (answer->bad) {
        *err = answer->err;
        return -1;
    }
    if (rc < 0)
        return -1;
    if (!answer->last)
        return error_set(err, ERROR_UNAVAILABLE, NULL, MSG_INCOMPLETE);
    return 0;
}

static int take_index(struct answer *answer, const Suara__V1__Reply *reply, struct error *err)
{
    return layout_index_take(answer->out, reply->rows, err);
}

int ask_index(struct uplink *uplink, Suara__V1__Report *report, struct layout_index *out,
              struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    struct answer answer = {.kind = SUARA__V1__REPLY__BODY_ROWS, .take = take_index, .out = out};

    request.body_case = SUARA__V1__REQUEST__BODY_REPORT;
    request.report = report;
    return ask(uplink, &request, &answer, err);
}

static int take_coverage(struct answer *answer, const Suara__V1__Reply *reply, struct error *err)
{
    return layout_coverage_take(answer->out, reply->coverage, err);
}

int ask_coverage(struct uplink *uplink, Suara__V1__Coverage *what, struct layout_coverage *out,
                 struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    struct answer answer = {
        .kind = SUARA__V1__REPLY__BODY_COVERAGE, .take = take_coverage, .out = out};

    request.body_case = SUARA__V1__REQUEST__BODY_COVERAGE;
    request.coverage = what;
    return ask(uplink, &request, &answer, err);
}

static int take_quality(struct answer *answer, const Suara__V1__Reply *reply, struct error *err)
{
    return layout_quality_take(answer->out, reply->quality, err);
}

int ask_quality(struct uplink *uplink, Suara__V1__Quality *what, struct layout_quality *out,
                struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    struct answer answer = {
        .kind = SUARA__V1__REPLY__BODY_QUALITY, .take = take_quality, .out = out};

    request.body_case = SUARA__V1__REQUEST__BODY_QUALITY;
    request.quality = what;
    return ask(uplink, &request, &answer, err);
}

static int take_list(struct answer *answer, const Suara__V1__Reply *reply, struct error *err)
{
    return layout_rows_take(answer->out, reply->table, err);
}

int ask_list(struct uplink *uplink, const char *what, struct layout_rows *out, struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    Suara__V1__List list = SUARA__V1__LIST__INIT;
    struct answer answer = {.kind = SUARA__V1__REPLY__BODY_TABLE, .take = take_list, .out = out};

    list.what = wire_text(what);
    request.body_case = SUARA__V1__REQUEST__BODY_LIST;
    request.list = &list;
    return ask(uplink, &request, &answer, err);
}

static int take_document(struct answer *answer, const Suara__V1__Reply *reply, struct error *err)
{
    struct buf *out = answer->out;
    const ProtobufCBinaryData *text = &reply->document->text;

    if (text->len > INSTRUMENT_TEXT_MAX - out->len)
        return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
    buf_add(out, text->data, text->len);
    return out->failed ? error_set(err, ERROR_IO, NULL, MSG_MEMORY) : 0;
}

int ask_instrument(struct uplink *uplink, const char *code, struct buf *out, struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    Suara__V1__List list = SUARA__V1__LIST__INIT;
    struct answer answer = {
        .kind = SUARA__V1__REPLY__BODY_DOCUMENT, .take = take_document, .out = out};

    list.what = wire_text("instrument");
    list.code = wire_text(code);
    request.body_case = SUARA__V1__REQUEST__BODY_LIST;
    request.list = &list;
    return ask(uplink, &request, &answer, err);
}

static int take_added(struct answer *answer, const Suara__V1__Reply *reply, struct error *err)
{
    char **sentence = answer->out;
    const ProtobufCBinaryData *text = &reply->added->text;

    free(*sentence);
    *sentence = strndup(text->len ? (const char *)text->data : "", text->len);
    return *sentence ? 0 : error_set(err, ERROR_IO, NULL, MSG_MEMORY);
}

int ask_add(struct uplink *uplink, Suara__V1__Add *add, char **sentence, struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    struct answer answer = {
        .kind = SUARA__V1__REPLY__BODY_ADDED, .take = take_added, .out = sentence};

    *sentence = NULL;
    request.body_case = SUARA__V1__REQUEST__BODY_ADD;
    request.add = add;
    int rc = ask(uplink, &request, &answer, err);
    if (rc < 0) {
        free(*sentence);
        *sentence = NULL;
    }
    return rc;
}

static int take_erased(struct answer *answer, const Suara__V1__Reply *reply, struct error *err)
{
    struct ask_erased *sum = answer->out;
    (void)err;

    sum->responses += reply->erased->responses;
    sum->comments += reply->erased->comments;
    sum->already += reply->erased->already;
    sum->unknown += reply->erased->unknown;
    return 0;
}

int ask_erase(struct uplink *uplink, Suara__V1__Erase *erase, struct ask_erased *sum,
              struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    struct answer answer = {.kind = SUARA__V1__REPLY__BODY_ERASED, .take = take_erased, .out = sum};

    request.body_case = SUARA__V1__REQUEST__BODY_ERASE;
    request.erase = erase;
    return ask(uplink, &request, &answer, err);
}

int ask_to_add(struct profile *profile, Suara__V1__Add *what)
{
    struct error err;
    char *sentence = NULL;
    int status = CMD_DONE;

    error_clear(&err);
    struct uplink *uplink = ask_open(profile, &err);
    if (!uplink || ask_add(uplink, what, &sentence, &err) < 0)
        status = fail(&err);
    else
        say("%s", sentence);
    free(sentence);
    uplink_close(&uplink);
    return status;
}
