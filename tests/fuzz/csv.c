/*
 * Survey files: however the bytes are cut, the same rows are read, by our own reader as by libcsv;
 * what the import takes keeps the rules, survives packing, and means the same when it is written
 * out in our own columns and read once more; what it rejects has a line, a field and a reason.
 */
#include "client/core/csv.h"
#include "client/core/import.h"
#include "client/core/import_map.h"
#include "client/core/instrument.h"
#include "client/core/pack.h"
#include "client/core/pack_part.h"
#include "common/error.h"
#include "common/wire.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS     1700000000000 /* 2023-11-14 */
#define TAKEN_MOST 1000u

/* ---- the reader: a sum over all rows ----------------------------------------------------------
 */

struct sum {
    uint64_t value, rows;
};

static uint64_t mix(uint64_t sum, const void *data, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t part = 0;
        memcpy(&part, (const char *)data + i, size - i < 8 ? size - i : 8);
        sum = (sum ^ part) * 0x9E3779B97F4A7C15u;
    }
    return (sum ^ size) * 0x9E3779B97F4A7C15u;
}

static int sum_row(const struct csv_row *row, void *arg, struct error *err)
{
    struct sum *sum = arg;
    (void)err;
    must(row->number == sum->rows && row->line > row->number);
    uint64_t head[3] = {row->line, row->count, (uint64_t)row->delimiter};
    sum->value = mix(sum->value, head, sizeof head);
    for (size_t i = 0; i < row->count && i < CSV_COUNT_MAX; i++) {
        must(!row->field[i].too_long || row->field[i].size == 0);
        sum->value = mix(sum->value, row->field[i].text, row->field[i].size);
        sum->value ^= row->field[i].too_long;
    }
    sum->rows++;
    return 0;
}

static int read_rows(struct fuzz_input text, struct fuzz_input cuts, bool plain, struct sum *sum)
{
    struct error err = {0};
    struct csv_reader *reader = csv_reader_new(sum_row, sum);
    must(reader);
    if (plain)
        csv_reader_plain(reader);
    int status = 0;
    while (status == 0 && text.left > 0) {
        size_t piece = cuts.left ? fuzz_byte(&cuts) % 64u + 1 : text.left;
        struct fuzz_input part = fuzz_take(&text, piece);
        char *copy = fuzz_copy(part.at, part.left, 0);
        status = csv_reader_feed(reader, copy, part.left, &err);
        free(copy);
    }
    if (status == 0)
        status = csv_reader_finish(reader, &err);
    must(status == 0 || err.text[0]);
    csv_reader_free(&reader);
    return status;
}

/* ---- the import -------------------------------------------------------------------------------
 */

struct taken { /* of a row, with texts of its own */
    struct uuid id;
    bool is_id;
    uint64_t collected;
    uint8_t ratings[RULES_ELEMENTS_MAX];
    char *word[WORD_COUNT], *comment;
    int kind;
};

struct survey {
    const struct import_settings *settings;
    struct import *import;
    struct pack *pack;
    struct taken *taken;
    uint32_t count;
    struct buf canonical; /* of the taken ones, as a file */
};

static void keep(struct taken *t, const struct import_row *row)
{
    t->id = row->id;
    t->is_id = row->is_id;
    t->collected = row->collected;
    memcpy(t->ratings, row->ratings, row->elements); /* what is behind them is not set */
    for (int w = 0; w < WORD_COUNT; w++)
        t->word[w] = fuzz_copy(row->word[w].text, row->word[w].size, 1);
    t->comment = fuzz_copy(row->comment.text, row->comment.size, 1);
    t->kind = row->comment_kind;
}

static int import_one(const struct csv_row *row, void *arg, struct error *err)
{
    struct survey *s = arg;
    struct import_row out;
    struct rules_fault fault = {0};
    if (row->number == 0)
        return import_header(s->import, row, err);
    switch (import_row(s->import, row, &out, &fault, err)) {
    case IMPORT_FAILED:
        return -1;
    case IMPORT_BLANK:
        return 0;
    case IMPORT_REJECTED:
        must(fault.field && fault.field[0] && fault.reason && fault.reason[0] && row->line > 0);
        return 0;
    case IMPORT_TAKEN:
        break;
    }
    must(out.hash != 0 && out.line == row->line);
    if (s->count == TAKEN_MOST || !pack_add(s->pack, &out))
        return 0;
    keep(&s->taken[s->count++], &out);
    buf_puts(&s->canonical, "0,,,"); /* line, field, reason: it is a file of ours */
    import_canonical_row(s->import, row, &s->canonical);
    buf_putc(&s->canonical, '\n');
    return 0;
}

/* -1: nothing of the file can be taken. */
static int survey_read(struct survey *s, const void *text, size_t size)
{
    struct error err = {0};
    s->pack = pack_new("skm-2017", 0);
    s->taken = calloc(TAKEN_MOST, sizeof *s->taken);
    s->import = import_new(s->settings, &err);
    must(s->pack && s->taken && (s->import || err.text[0]));
    buf_puts(&s->canonical, "line,field,reason,");
    import_canonical_header(s->settings->instrument, &s->canonical);
    buf_putc(&s->canonical, '\n');
    if (!s->import)
        return -1;
    struct csv_reader *reader = csv_reader_new(import_one, s);
    must(reader);
    int status = csv_reader_feed(reader, text, size, &err);
    if (status == 0)
        status = csv_reader_finish(reader, &err);
    must(status == 0 || (err.code != ERROR_NONE && err.text[0]));
    csv_reader_free(&reader);
    return status;
}

static void survey_release(struct survey *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        for (int w = 0; w < WORD_COUNT; w++)
            free(s->taken[i].word[w]);
        free(s->taken[i].comment);
    }
    free(s->taken);
    pack_free(&s->pack);
    import_free(&s->import);
    buf_release(&s->canonical);
}

/* ---- packing ----------------------------------------------------------------------------------
 */

static bool word_is(const Suara__V1__SubmitBatch *batch, uint32_t index, const char *text)
{
    must(index <= batch->n_word);
    return index ? wire_is(&batch->word[index - 1], text) : text[0] == '\0';
}

static void same_response(const Suara__V1__SubmitBatch *batch, const Suara__V1__Response *r,
                          const struct taken *t)
{
    const uint32_t index[WORD_COUNT] = {r->service, r->channel, r->stakeholder, r->perspective,
                                        r->sex,     r->age,     r->education,   r->occupation};
    must(r->id.len == 16 && memcmp(r->id.data, t->id.byte, 16) == 0);
    must(r->collected == t->collected && (int)r->comment_kind == t->kind);
    must(memcmp(r->ratings.data, t->ratings, r->ratings.len) == 0);
    must(wire_is(&r->comment, t->comment));
    for (int w = 0; w < WORD_COUNT; w++)
        must(word_is(batch, index[w], t->word[w]));
}

static void check_packed(const struct survey *s, const struct buf *packed)
{
    const struct instrument *instrument = s->settings->instrument;
    const struct rules rules = {.elements = instrument->elements,
                                .scale = instrument->scale,
                                .codes = instrument->column,
                                .now_ms = NOW_MS};
    struct rules_fault fault;
    Suara__V1__SubmitBatch *batch =
        suara__v1__submit_batch__unpack(NULL, packed->len, (const uint8_t *)packed->data);
    must(batch && batch->n_response == s->count);
    for (uint32_t i = 0; i < s->count; i++) {
        same_response(batch, batch->response[i], &s->taken[i]);
        must(rules_check(&rules, batch->response[i], &fault));
    }
    suara__v1__submit_batch__free_unpacked(batch, NULL);
}

/* A part of it is a batch with just these responses. */
static void check_part(const struct survey *s, const struct buf *packed)
{
    struct error err;
    struct buf part = {0};
    struct uuid id = {{1}};
    struct pack_view *view = pack_view_open(packed->data, packed->len, &err);
    must(view && pack_view_count(view) == s->count);
    uint32_t from = s->count / 2, count = s->count - from;
    must(pack_part(view, from, count, &id, &part, &err) == 0);
    Suara__V1__SubmitBatch *batch =
        suara__v1__submit_batch__unpack(NULL, part.len, (const uint8_t *)part.data);
    must(batch && batch->n_response == count);
    for (uint32_t i = 0; i < count; i++)
        same_response(batch, batch->response[i], &s->taken[from + i]);
    suara__v1__submit_batch__free_unpacked(batch, NULL);
    pack_view_close(&view);
    buf_release(&part);
}

/* ---- once more, as our own file ---------------------------------------------------------------
 */

static void check_canonical(const struct survey *s)
{
    const struct import_settings plain = {.instrument = s->settings->instrument,
                                          .office = s->settings->office,
                                          .zone = s->settings->zone,
                                          .now_ms = NOW_MS};
    struct survey again = {.settings = &plain};
    must(survey_read(&again, s->canonical.data, s->canonical.len) == 0);
    must(again.count == s->count);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct taken *a = &s->taken[i], *b = &again.taken[i];
        must(a->collected == b->collected && a->kind == b->kind);
        must(memcmp(a->ratings, b->ratings, sizeof a->ratings) == 0);
        must(strcmp(a->comment, b->comment) == 0);
        must(!a->is_id || uuid_compare(&a->id, &b->id) == 0);
        for (int w = 0; w < WORD_COUNT; w++)
            must(strcmp(a->word[w], b->word[w]) == 0);
    }
    survey_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct uuid batch_id = {{7}};
    struct fuzz_input in = {data, size};
    struct error err = {0};
    uint8_t how = fuzz_byte(&in);
    struct fuzz_input cuts = fuzz_take(&in, fuzz_byte(&in) % 32u);
    struct import_settings settings = {.instrument = instrument_find(NULL, NULL),
                                       .office = "BBPOM-SMG",
                                       .zone = how & 1u ? ZONE_NONE : ZONE_WIB,
                                       .now_ms = NOW_MS};
    struct import_map *map = NULL;
    if (how & 2u) {
        struct fuzz_input part = fuzz_take(&in, fuzz_byte(&in));
        char *text = fuzz_copy(part.at, part.left, 1);
        map = import_map_parse(text, "peta.ini", &err);
        must(map || (err.code == ERROR_USAGE && err.text[0]));
        settings.map = map;
        free(text);
    }
    if (how & 4u) {
        settings.word[WORD_SERVICE] = "UJI";
        settings.word[WORD_CHANNEL] = "kiosk";
    }
    if (how & 8u)
        settings.collected_at = "2023-07-13 10:00";
    if (how & 16u)
        settings.id_column = "Timestamp";
    struct sum ours = {0}, theirs = {0};
    int status = read_rows(in, cuts, false, &ours);
    must(status == read_rows(in, (struct fuzz_input){0}, true, &theirs));
    must(ours.rows == theirs.rows && ours.value == theirs.value);

    struct survey s = {.settings = &settings};
    int taken = survey_read(&s, in.at, in.left);
    if (s.count > 0) {
        const struct buf *packed = pack_finish(s.pack, &batch_id);
        must(packed);
        check_packed(&s, packed);
        check_part(&s, packed);
        if (taken == 0)
            check_canonical(&s);
    }
    survey_release(&s);
    import_map_free(&map);
    return 0;
}
