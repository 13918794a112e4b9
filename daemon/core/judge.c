#include "daemon/core/judge.h"

#include "common/digest.h"
#include "common/error.h"
#include "common/rules.h"
#include "common/text.h"
#include "common/wire.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SERVICE     "UMUM"
#define DEFAULT_PERSPECTIVE "recipient"

/* The words of a response, in the order of enum rules_word, as dimensions of the small tables. */
static const enum dim word_dims[WORD_COUNT] = {
    DIM_SERVICE, DIM_CHANNEL, DIM_STAKEHOLDER, DIM_PERSPECTIVE,
    DIM_SEX,     DIM_AGE,     DIM_EDUCATION,   DIM_OCCUPATION,
};

/* What one word of the batch means in each dimension: looked up once per batch, not per response.
 */
struct meaning {
    int32_t id[WORD_COUNT]; /* UNKNOWN: not in that list; NOT_ASKED: not looked up yet */
};

#define UNKNOWN   (-1)
#define NOT_ASKED (-2)

struct trial {
    const struct judge *judge;
    const struct principal *principal;
    const Suara__V1__SubmitBatch *batch;
    struct submission *submission;
    const struct instrument *instrument;
    struct rules rules;
    struct meaning *meanings; /* of word 0 (the default) .. n_word */
};

/* A field goes back by the name of its CSV column ("u3"), as a copy: the directory that has the
 * code of the element may be swapped before the receipt. */
static void refuse(struct trial *t, enum row_status status, uint32_t index, const char *field,
                   const char *reason)
{
    char *name = arena_strndup(&t->submission->arena, field, strlen(field));
    for (char *c = name; c && *c; c++)
        *c = (char)tolower((unsigned char)*c);
    field = name ? name : "response";
    t->submission->refusals[t->submission->refusal_count++] =
        (struct refusal){status, index, field, reason};
}

static ProtobufCBinaryData word_of(const struct trial *t, enum rules_word kind, uint32_t word)
{
    if (word)
        return t->batch->word[word - 1];
    if (kind == WORD_SERVICE)
        return wire_text(DEFAULT_SERVICE);
    if (kind == WORD_PERSPECTIVE)
        return wire_text(DEFAULT_PERSPECTIVE);
    return wire_text("");
}

static int32_t look_up(const struct trial *t, enum rules_word kind, uint32_t word)
{
    ProtobufCBinaryData text = word_of(t, kind, word);
    if (kind == WORD_SERVICE) {
        const struct service *s =
            directory_service(t->judge->directory, t->principal->office->id, text.data, text.len);
        return s ? s->id : UNKNOWN;
    }
    const struct term *term =
        directory_term(t->judge->directory, word_dims[kind], text.data, text.len);
    return term && (term->id != 0 || word == 0) ? term->id : UNKNOWN;
}

static int32_t meaning_of(struct trial *t, enum rules_word kind, uint32_t word)
{
    int32_t *id = &t->meanings[word].id[kind];
    if (*id == NOT_ASKED)
        *id = look_up(t, kind, word);
    return *id;
}

/* "no service PENGUJIAN" in the arena; the word is peer data and is shown escaped. */
static const char *unknown_word(struct trial *t, enum rules_word kind, uint32_t word)
{
    struct buf shown = {0};
    ProtobufCBinaryData text = word_of(t, kind, word);
    buf_puts(&shown, "is not known: ");
    text_escape(&shown, text.data, text.len < RULES_WORD_MAX ? text.len : RULES_WORD_MAX);
    const char *kept =
        shown.failed ? NULL : arena_strndup(&t->submission->arena, shown.data, shown.len);
    buf_release(&shown);
    return kept ? kept : "is not known";
}

static void words_of(const Suara__V1__Response *r, uint32_t words[WORD_COUNT])
{
    words[WORD_SERVICE] = r->service;
    words[WORD_CHANNEL] = r->channel;
    words[WORD_STAKEHOLDER] = r->stakeholder;
    words[WORD_PERSPECTIVE] = r->perspective;
    words[WORD_SEX] = r->sex;
    words[WORD_AGE] = r->age;
    words[WORD_EDUCATION] = r->education;
    words[WORD_OCCUPATION] = r->occupation;
}

/* Resolves the words into the row and the content that is hashed; false: refused. */
static bool judge_words(struct trial *t, const Suara__V1__Response *r, uint32_t index,
                        struct row *row, struct rules_content *content)
{
    uint32_t words[WORD_COUNT];
    words_of(r, words);
    for (int kind = 0; kind < WORD_COUNT; kind++) {
        if (words[kind] > t->batch->n_word) {
            refuse(t, ROW_INVALID, index, rules_word_names[kind],
                   "refers to a word that is not there");
            return false;
        }
        int32_t id = meaning_of(t, (enum rules_word)kind, words[kind]);
        if (id == UNKNOWN) {
            t->submission->unknown_words = true;
            refuse(t, ROW_INVALID, index, rules_word_names[kind],
                   unknown_word(t, (enum rules_word)kind, words[kind]));
            return false;
        }
        if (kind == WORD_SERVICE)
            row->service_id = id;
        else
            row->term[word_dims[kind]] = (int16_t)id;
        content->word[kind] = word_of(t, (enum rules_word)kind, words[kind]);
    }
    return true;
}

/* May this response be of the certificate's office? Naming none, or that one, is the way. */
static bool judge_office(struct trial *t, const Suara__V1__Response *r, uint32_t index)
{
    if (r->office == 0)
        return true;
    if (r->office > t->batch->n_word) {
        refuse(t, ROW_INVALID, index, "office", "refers to a word that is not there");
        return false;
    }
    if (wire_is(&t->batch->word[r->office - 1], t->principal->office->code))
        return true;
    refuse(t, ROW_DENIED, index, "office", "is not the office of the certificate");
    return false;
}

static bool judge_response(struct trial *t, const Suara__V1__Response *r, uint32_t index,
                           struct row *row)
{
    struct rules_fault fault;
    if (!judge_office(t, r, index))
        return false;
    if (!rules_check(&t->rules, r, &fault)) {
        refuse(t, ROW_INVALID, index, fault.field, fault.reason);
        return false;
    }
    struct rules_content content = {
        .collected = r->collected,
        .instrument = t->batch->instrument,
        .ratings = r->ratings,
        .comment = r->comment,
        .comment_kind = (uint8_t)r->comment_kind,
    };
    if (!judge_words(t, r, index, row, &content))
        return false;
    memcpy(row->id.byte, r->id.data, sizeof row->id.byte);
    row->office_id = t->principal->office->id;
    row->instrument_id = t->instrument->id;
    row->elements = t->instrument->elements;
    row->ratings = r->ratings.data;
    row->comment = r->comment.data;
    row->comment_size = (uint32_t)r->comment.len;
    row->comment_kind = (uint8_t)r->comment_kind;
    row->index = index;
    row->of = t->submission;
    civil_day day = civil_day_of_ms((int64_t)r->collected, t->principal->office->zone);
    row->month = day - day % 100 + 1;
    return rules_hash(t->judge->digest, &content, &row->hash);
}

static int row_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = uuid_compare(&x->id, &y->id);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* Keys go to the database in one order everywhere, or two groups could wait for each other. */
static void sort_rows(struct submission *s)
{
    for (size_t i = 1; i < s->row_count; i++)
        if (row_order(&s->rows[i - 1], &s->rows[i]) > 0) {
            qsort(s->rows, s->row_count, sizeof *s->rows, row_order);
            return;
        }
}

/* What holds for the batch as a whole. */
static int judge_frame(struct trial *t, struct error *err)
{
    const Suara__V1__SubmitBatch *b = t->batch;
    if (b->batch.len != sizeof t->submission->batch.byte)
        return error_set(err, ERROR_INVALID, "batch", "the batch has no id of 16 bytes");
    if (b->n_response == 0)
        return error_set(err, ERROR_INVALID, "response", "the batch holds no responses");
    if (b->n_response > t->judge->most_responses)
        return error_set(
            err, ERROR_TOO_LARGE, "response",
            "the batch holds %zu responses, at most %u are taken: send fewer at a time",
            b->n_response, t->judge->most_responses);
    if (b->n_word > RULES_WORDS_MAX)
        return error_set(err, ERROR_TOO_LARGE, "word", "the batch holds over %u words",
                         RULES_WORDS_MAX);
    t->instrument =
        directory_instrument(t->judge->directory, b->instrument.data, b->instrument.len);
    if (!t->instrument)
        return error_set(err, ERROR_INVALID, "instrument",
                         "the batch names an instrument that is not known here");
    if (!directory_instrument_used(t->instrument))
        t->submission->first_use = t->instrument->id;
    memcpy(t->submission->batch.byte, b->batch.data, sizeof t->submission->batch.byte);
    t->rules = (struct rules){
        .elements = t->instrument->elements,
        .scale = t->instrument->scale,
        .codes = t->instrument->column,
        .now_ms = t->judge->now_ms,
        .skew_ms = t->judge->skew_ms,
    };
    return 0;
}

static int make_room(struct trial *t, struct error *err)
{
    size_t words = t->batch->n_word + 1;
    t->meanings = calloc(words, sizeof *t->meanings);
    if (!t->meanings || submission_room(t->submission, t->batch->n_response) != 0)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the batch: try again later");
    for (size_t w = 0; w < words; w++)
        for (int kind = 0; kind < WORD_COUNT; kind++)
            t->meanings[w].id[kind] = NOT_ASKED;
    t->submission->office_id = t->principal->office->id;
    return 0;
}

int judge_batch(const struct judge *judge, const struct principal *principal,
                const Suara__V1__SubmitBatch *batch, struct submission *submission,
                struct error *err)
{
    struct trial t = {
        .judge = judge, .principal = principal, .batch = batch, .submission = submission};
    int rc = judge_frame(&t, err) != 0 || make_room(&t, err) != 0 ? -1 : 0;
    for (size_t i = 0; rc == 0 && i < batch->n_response; i++) {
        struct row *row = &submission->rows[submission->row_count];
        memset(row, 0, sizeof *row);
        size_t refusals = submission->refusal_count;
        if (judge_response(&t, batch->response[i], (uint32_t)i, row))
            submission->row_count++;
        else if (submission->refusal_count == refusals)
            rc = error_set(err, ERROR_OVERLOADED, NULL, "the content could not be hashed");
    }
    free(t.meanings);
    sort_rows(submission);
    return rc;
}
