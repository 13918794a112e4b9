/*
 * Messages from clients: unpacked in the capped arena, then judged. What is taken must be what was
 * sent, whatever the bytes, and a receipt must account for each response once.
 */
#include "common/digest.h"
#include "common/error.h"
#include "common/frame.h"
#include "common/rules.h"
#include "common/squeeze.h"
#include "common/wire.h"
#include "daemon/core/coverage.h"
#include "daemon/core/judge.h"
#include "daemon/core/quality.h"
#include "daemon/core/receipt.h"
#include "daemon/core/report.h"
#include "daemon/core/session.h"
#include "tests/daemon/core/fixture.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS  1700000000000 /* 2023-11-14 */
#define PLENTY  ((size_t)256 << 20)
#define BATCHES 500u

static struct directory *directory;
static struct judge judge;
static struct squeeze *squeeze;

static const struct principal *asker(unsigned which)
{
    static const struct {
        enum role role;
        const char *name;
    } who[4] = {{ROLE_OFFICE, "WEST"},
                {ROLE_ADMIN, "root"},
                {ROLE_SUPERVISOR, "prov"},
                {ROLE_AUDITOR, "ombudsman"}};
    return directory_principal(directory, who[which % 4].role, who[which % 4].name);
}

static void explained(const struct error *err)
{
    must(err->code != ERROR_NONE && err->text[0]);
}

/* ---- bytes and messages -----------------------------------------------------------------------
 */

/* Is there anything in it that this version does not know? */
static bool has_unknown(const ProtobufCMessage *message)
{
    bool found = message->n_unknown_fields > 0;
    for (unsigned i = 0; i < message->descriptor->n_fields && !found; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        const void *at = (const char *)message + field->offset;
        const void *quantity = (const char *)message + field->quantifier_offset;
        bool oneof = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        if (field->type != PROTOBUF_C_TYPE_MESSAGE ||
            (oneof && *(const uint32_t *)quantity != field->id))
            continue;
        if (field->label != PROTOBUF_C_LABEL_REPEATED)
            found = *(ProtobufCMessage *const *)at && has_unknown(*(ProtobufCMessage *const *)at);
        for (size_t k = 0; field->label == PROTOBUF_C_LABEL_REPEATED && !found; k++) {
            if (k == *(const size_t *)quantity)
                break;
            found = has_unknown((*(ProtobufCMessage *const *const *)at)[k]);
        }
    }
    return found;
}

/* What was read, written again, is read as the same. protobuf-c reads an unknown field 0 by a long
 * tag, writes it by a short one, and does not read that: we write nothing unknown. */
static void pack_again(const Suara__V1__Request *request)
{
    struct buf once = {0}, twice = {0};
    struct arena arena;
    struct error err;
    uint64_t id;
    arena_init(&arena, PLENTY);
    must(wire_pack(&once, &request->base, UINT32_MAX, &err) == 0);
    const Suara__V1__Request *again = wire_request((const uint8_t *)once.data + FRAME_HEADER,
                                                   once.len - FRAME_HEADER, &arena, &id, &err);
    must(again || has_unknown(&request->base));
    if (again) {
        must(id == request->id && again->body_case == request->body_case);
        must(wire_pack(&twice, &again->base, UINT32_MAX, &err) == 0);
        must(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    }
    arena_release(&arena);
    buf_release(&once);
    buf_release(&twice);
}

/* What travels compressed is the same message, whatever the bytes. */
static void squeeze_again(const uint8_t *data, size_t size)
{
    struct buf plain = {0}, squeezed = {0};
    struct arena arena, other;
    struct error err;
    uint64_t id;
    uint8_t header[FRAME_HEADER];
    frame_put_length(header, (uint32_t)size);
    buf_add(&plain, header, sizeof header);
    buf_add(&plain, data, size);
    arena_init(&arena, PLENTY);
    arena_init(&other, PLENTY);
    if (wire_squeeze(&squeezed, squeeze, (const uint8_t *)plain.data, plain.len,
                     WIRE_REQUEST_ZSTD)) {
        must(squeezed.len < plain.len);
        const Suara__V1__Request *outer =
            wire_request((const uint8_t *)squeezed.data + FRAME_HEADER, squeezed.len - FRAME_HEADER,
                         &arena, &id, &err);
        must(outer && outer->body_case == SUARA__V1__REQUEST__BODY_ZSTD);
        const Suara__V1__Request *in = wire_request_inside(outer, squeeze, size, &arena, &err);
        const Suara__V1__Request *direct = wire_request(data, size, &other, &id, &err);
        /* An id that is not in front, or twice, is not the one around it; none takes that one. */
        must(!in || (direct && (in->id == direct->id || direct->id == 0) &&
                     in->body_case == direct->body_case));
    }
    arena_release(&arena);
    arena_release(&other);
    buf_release(&plain);
    buf_release(&squeezed);
}

/* ---- a batch ----------------------------------------------------------------------------------
 */

static void once_each(uint8_t *named, uint32_t index, size_t count)
{
    must(index < count && !named[index]);
    named[index] = 1;
}

/* The hash of a response's content, its words looked up here. */
static int64_t content_hash(const Suara__V1__SubmitBatch *batch, const Suara__V1__Response *r)
{
    const uint32_t word[WORD_COUNT] = {r->service, r->channel, r->stakeholder, r->perspective,
                                       r->sex,     r->age,     r->education,   r->occupation};
    struct rules_content content = {.collected = r->collected,
                                    .instrument = batch->instrument,
                                    .ratings = r->ratings,
                                    .comment = r->comment,
                                    .comment_kind = (uint8_t)r->comment_kind};
    int64_t hash;
    for (int w = 0; w < WORD_COUNT; w++)
        content.word[w] = word[w]                 ? batch->word[word[w] - 1]
                          : w == WORD_SERVICE     ? wire_text("UMUM")
                          : w == WORD_PERSPECTIVE ? wire_text("recipient")
                                                  : wire_text("");
    must(rules_hash(judge.digest, &content, &hash));
    return hash;
}

/* Each response became a row or a refusal; rows are in order, and each keeps the rules. */
static void check_judged(const Suara__V1__SubmitBatch *batch, const struct submission *s)
{
    uint8_t *named = calloc(batch->n_response + 1, 1);
    const struct instrument *instrument =
        directory_instrument(directory, batch->instrument.data, batch->instrument.len);
    struct rules_fault fault;
    must(named && instrument);
    const struct rules rules = {.elements = instrument->elements,
                                .scale = instrument->scale,
                                .codes = instrument->column,
                                .now_ms = NOW_MS,
                                .skew_ms = judge.skew_ms};
    must(s->row_count + s->refusal_count == batch->n_response);
    for (size_t i = 0; i < s->row_count; i++) {
        const struct row *row = &s->rows[i];
        once_each(named, row->index, batch->n_response);
        const Suara__V1__Response *r = batch->response[row->index];
        must(rules_check(&rules, r, &fault));
        must(row->hash == content_hash(batch, r));
        must(memcmp(row->id.byte, r->id.data, 16) == 0 && row->of == s);
        must(row->comment_size == r->comment.len && row->elements == r->ratings.len);
        must(row->office_id == s->office_id && row->service_id > 0);
        if (i > 0) {
            int order = uuid_compare(&row[-1].id, &row->id);
            must(order < 0 || (order == 0 && row[-1].index < row->index));
        }
    }
    for (size_t i = 0; i < s->refusal_count; i++) {
        once_each(named, s->refusals[i].index, batch->n_response);
        must(s->refusals[i].status == ROW_INVALID || s->refusals[i].status == ROW_DENIED);
        must(s->refusals[i].field[0] && s->refusals[i].reason[0]);
    }
    free(named);
}

/* Words by other numbers mean the same: the same rows come out, with the same hashes. */
static void judge_again(const Suara__V1__SubmitBatch *batch, const struct principal *principal,
                        const struct submission *first)
{
    size_t words = batch->n_word;
    struct error err;
    Suara__V1__SubmitBatch other = *batch;
    Suara__V1__Response *copies = calloc(first->row_count + 1, sizeof *copies);
    Suara__V1__Response **list = calloc(first->row_count + 1, sizeof(Suara__V1__Response *));
    other.word = calloc(words + 1, sizeof *other.word);
    struct submission *second = submission_new(PLENTY);
    must(copies && list && other.word && second);
    for (size_t i = 0; i < words; i++)
        other.word[i] = batch->word[words - 1 - i];
    for (size_t i = 0; i < first->row_count; i++) {
        copies[i] = *batch->response[first->rows[i].index];
        uint32_t *word[] = {&copies[i].service, &copies[i].channel,   &copies[i].stakeholder,
                            &copies[i].sex,     &copies[i].age,       &copies[i].perspective,
                            &copies[i].office,  &copies[i].education, &copies[i].occupation};
        for (size_t k = 0; k < sizeof word / sizeof *word; k++)
            *word[k] = *word[k] ? (uint32_t)words + 1 - *word[k] : 0;
        list[i] = &copies[i];
    }
    other.response = list;
    other.n_response = first->row_count;
    if (first->row_count > 0) {
        must(judge_batch(&judge, principal, &other, second, &err) == 0);
        must(second->row_count == first->row_count);
        for (size_t i = 0; i < first->row_count; i++) {
            must(uuid_compare(&first->rows[i].id, &second->rows[i].id) == 0);
            must(first->rows[i].hash == second->rows[i].hash);
            must(memcmp(first->rows[i].term, second->rows[i].term, sizeof first->rows[i].term) ==
                 0);
        }
    }
    submission_free(&second);
    free(copies);
    free(list);
    free(other.word);
}

/* The receipt names each response that was not stored once, and counts the others. */
static void check_receipt(struct submission *s, unsigned how)
{
    struct receipt_counts counts;
    struct buf frame = {0};
    struct arena arena;
    struct error err;
    uint64_t total = 0;
    for (size_t i = 0; i < s->row_count; i++)
        s->rows[i].status = (enum row_status)((i * how + how / 7) % 4);
    receipt_count(s, &counts);
    for (size_t i = 0; i < 6; i++)
        total += counts.by_status[i];
    must(total == s->response_count);
    must(receipt_pack(s, UINT32_MAX, &frame, &err) == 0);
    arena_init(&arena, PLENTY);
    const Suara__V1__Reply *reply = wire_reply((const uint8_t *)frame.data + FRAME_HEADER,
                                               frame.len - FRAME_HEADER, &arena, &err);
    uint8_t *named = calloc(s->response_count + 1, 1);
    must(named && reply && reply->body_case == SUARA__V1__REPLY__BODY_RECEIPT && reply->last);
    must(reply->receipt->stored == counts.by_status[ROW_STORED]);
    total = reply->receipt->stored;
    for (size_t i = 0; i < reply->receipt->n_verdict; i++) {
        const Suara__V1__Verdict *verdict = reply->receipt->verdict[i];
        must((int)verdict->status != ROW_STORED && verdict->n_index > 0);
        for (size_t k = 0; k < verdict->n_index; k++, total++)
            once_each(named, verdict->index[k], s->response_count);
    }
    must(total == s->response_count);
    free(named);
    arena_release(&arena);
    buf_release(&frame);
}

static void submit(const Suara__V1__Request *request, struct submission *s, unsigned how)
{
    struct error err = {0};
    const struct principal *principal = asker(0);
    s->request = request->id;
    if (judge_batch(&judge, principal, request->submit, s, &err) != 0) {
        explained(&err);
        return;
    }
    check_judged(request->submit, s);
    judge_again(request->submit, principal, s);
    check_receipt(s, how);
}

/* ---- questions --------------------------------------------------------------------------------
 */

static void ask(const Suara__V1__Request *request, const struct principal *principal)
{
    static const struct report_rules rules = {.small_cell = 5, .today = 20231114};
    static const struct quality_hours hours = {.opens = 480, .closes = 960, .days = 5};
    struct report report = {0};
    struct coverage coverage = {0};
    struct quality quality = {0};
    struct buf out = {0};
    struct error err = {0};
    int rc = 0;
    if (request->body_case == SUARA__V1__REQUEST__BODY_REPORT) {
        rc = report_plan(&report, directory, principal, &rules, request->report, &err);
        if (rc == 0)
            rc = report_pack(&report, request->id, FRAME_MAX_DEFAULT, &out, &err);
    } else if (request->body_case == SUARA__V1__REQUEST__BODY_COVERAGE) {
        rc = coverage_plan(&coverage, directory, principal, request->coverage, &err);
        if (rc == 0)
            rc = coverage_pack(&coverage, request->id, FRAME_MAX_DEFAULT, &out, &err);
    } else if (request->body_case == SUARA__V1__REQUEST__BODY_QUALITY) {
        rc = quality_plan(&quality, directory, principal, request->quality, &hours, &err);
        if (rc == 0)
            rc = quality_pack(&quality, request->id, FRAME_MAX_DEFAULT, &out, &err);
    }
    if (rc != 0)
        explained(&err);
    report_release(&report);
    coverage_release(&coverage);
    quality_release(&quality);
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct error err = {0};
    enum verb verb;
    uint64_t id;
    if (!directory) {
        directory = fixture_directory();
        squeeze = squeeze_new();
        judge = (struct judge){.directory = directory,
                               .digest = digest_new(),
                               .now_ms = NOW_MS,
                               .skew_ms = 600000,
                               .most_responses = BATCHES};
    }
    unsigned how = fuzz_byte(&in);
    char *bytes = fuzz_copy(in.at, in.left, 0);
    size_t cap = wire_arena_cap(in.left);
    struct submission *s = submission_new(cap);
    must(s);
    const Suara__V1__Request *request =
        wire_request((const uint8_t *)bytes, in.left, &s->arena, &id, &err);
    must(s->arena.held <= cap);
    if (request)
        squeeze_again((const uint8_t *)bytes, in.left);
    if (request && request->body_case == SUARA__V1__REQUEST__BODY_ZSTD) {
        request = wire_request_inside(request, squeeze, FRAME_MAX_DEFAULT, &s->arena, &err);
        cap = s->arena.cap;
        must(cap <= wire_arena_cap(SQUEEZE_RATIO * in.left) && s->arena.held <= cap);
    }
    free(bytes); /* nothing of the message may still be there */
    if (!request) {
        explained(&err);
    } else {
        must(session_verb(request, &verb) && verb < VERB_COUNT);
        pack_again(request);
        if (verb == VERB_SUBMIT)
            submit(request, s, how);
        else
            ask(request, asker(how));
        must(s->arena.held <= cap);
    }
    submission_free(&s);
    return 0;
}
