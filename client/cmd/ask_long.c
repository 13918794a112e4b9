/* Requests that go over all that is stored: they tell how far they are, until their last reply. */
#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/progress.h"
#include "client/core/layout.h"
#include "client/core/message.h"
#include "common/error.h"
#include "common/wire.h"

int ask_offices(const struct cmd_call *call, ProtobufCBinaryData **office, size_t *count,
                struct error *err)
{
    size_t given = cmd_times(call, "office");

    *count = 0;
    *office = calloc(given + 1, sizeof **office);
    if (!*office)
        return error_set(err, ERROR_IO, NULL, MSG_MEMORY);
    for (; *count < given; ++*count)
        (*office)[*count] = wire_text(cmd_nth(call, "office", *count));
    return 0;
}

struct long_answer {
    struct progress *progress;
    struct layout_rows *rows; /* NULL: no table is expected .. */
    struct ask_verified *count;
    struct ask_audited *audited;
    char **sentence;           /* .. but sentences */
    struct ask_purged *purged; /* .. or these */
    bool bad, last;
    struct error err;
};

static void take_count(struct long_answer *answer, const Suara__V1__Verified *verified)
{
    char line[128];

    *answer->count = (struct ask_verified){verified->compared, verified->differing,
                                           verified->responses, verified->left_out};
    snprintf(line, sizeof line, MSG_VERIFYING, MSG_COUNTED(verified->responses));
    progress_text(answer->progress, line);
}

static int take_sentence(struct long_answer *answer, const Suara__V1__Reply *reply)
{
    const ProtobufCBinaryData *text = &reply->added->text;

    free(*answer->sentence);
    *answer->sentence = strndup(text->len ? (const char *)text->data : "", text->len);
    if (!*answer->sentence)
        return error_set(&answer->err, ERROR_IO, NULL, MSG_MEMORY);
    if (!reply->last)
        progress_text(answer->progress, *answer->sentence);
    return 0;
}

static void take_purged(struct long_answer *answer, const Suara__V1__Purged *purged)
{
    char line[64];

    *answer->purged = (struct ask_purged){purged->comments, purged->offices};
    snprintf(line, sizeof line, MSG_PURGING, purged->comments,
             purged->comments == 1 ? "comment" : "comments");
    progress_text(answer->progress, line);
}

static void take_audited(struct long_answer *answer, const Suara__V1__Audited *audited)
{
    struct ask_audited *end = answer->audited;
    char line[128];

    end->entries = audited->entries;
    end->chains = audited->chains;
    end->faults = audited->faults;
    end->more = audited->more;
    end->digest[0] = '\0';
    for (size_t i = 0; audited->digest.len == 32 && i < 32; i++)
        snprintf(end->digest + 2 * i, 3, "%02x", (unsigned)audited->digest.data[i]);
    snprintf(line, sizeof line, MSG_AUDITING, audited->entries);
    progress_text(answer->progress, line);
}

static int take(struct long_answer *answer, const Suara__V1__Reply *reply)
{
    if (reply->body_case == SUARA__V1__REPLY__BODY_TABLE && answer->rows)
        return layout_rows_take(answer->rows, reply->table, &answer->err);
    if (reply->body_case == SUARA__V1__REPLY__BODY_ADDED && answer->sentence)
        return take_sentence(answer, reply);
    if (reply->body_case == SUARA__V1__REPLY__BODY_PURGED && answer->purged) {
        take_purged(answer, reply->purged);
        return 0;
    }
    if (reply->body_case == SUARA__V1__REPLY__BODY_AUDITED && answer->audited) {
        take_audited(answer, reply->audited);
        return 0;
    }
    if (reply->body_case != SUARA__V1__REPLY__BODY_VERIFIED || !answer->count)
        return error_set(&answer->err, ERROR_INTERNAL, NULL, MSG_UNEXPECTED);
    take_count(answer, reply->verified);
    return 0;
}

static void on_reply(const Suara__V1__Reply *reply, const struct error *err, void *arg)
{
    struct long_answer *answer = arg;

    if (answer->bad)
        return;
    if (!reply)
        answer->err = *err;
    answer->bad = !reply || take(answer, reply) < 0;
    answer->last = reply && reply->last;
}

static int ask(struct uplink *uplink, Suara__V1__Request *request, struct long_answer *answer,
               struct error *err)
{
    int rc = uplink_ask(uplink, request, on_reply, answer, err);

    progress_end(answer->progress);
    if (answer->bad) {
        *err = answer->err;
        return -1;
    }
    if (rc == 0 && !answer->last)
        return error_set(err, ERROR_UNAVAILABLE, NULL, MSG_INCOMPLETE);
    return rc;
}

int ask_verify(struct uplink *uplink, Suara__V1__Verify *verify, struct progress *progress,
               struct layout_rows *out, struct ask_verified *count, struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    struct long_answer answer = {.progress = progress, .rows = out, .count = count};

    *count = (struct ask_verified){0};
    request.body_case = SUARA__V1__REQUEST__BODY_VERIFY;
    request.verify = verify;
    return ask(uplink, &request, &answer, err);
}

int ask_audit(struct uplink *uplink, Suara__V1__Audit *audit, struct progress *progress,
              struct layout_rows *out, struct ask_audited *end, struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    struct long_answer answer = {.progress = progress, .rows = out, .audited = end};

    *end = (struct ask_audited){0};
    request.body_case = SUARA__V1__REQUEST__BODY_AUDIT;
    request.audit = audit;
    return ask(uplink, &request, &answer, err);
}

int ask_rebuild(struct uplink *uplink, Suara__V1__Rebuild *rebuild, struct progress *progress,
                char **sentence, struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    struct long_answer answer = {.progress = progress, .sentence = sentence};

    *sentence = NULL;
    request.body_case = SUARA__V1__REQUEST__BODY_REBUILD;
    request.rebuild = rebuild;
    int rc = ask(uplink, &request, &answer, err);
    if (rc < 0) {
        free(*sentence);
        *sentence = NULL;
    }
    return rc;
}

int ask_purge(struct uplink *uplink, Suara__V1__Purge *purge, struct progress *progress,
              struct ask_purged *out, struct error *err)
{
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    struct long_answer answer = {.progress = progress, .purged = out};

    *out = (struct ask_purged){0};
    request.body_case = SUARA__V1__REQUEST__BODY_PURGE;
    request.purge = purge;
    return ask(uplink, &request, &answer, err);
}
