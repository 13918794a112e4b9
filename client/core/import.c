#include "client/core/import.h"

#include "client/core/import_column.h"
#include "client/core/import_map.h"
#include "client/core/instrument.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/text.h"

#define TIME_MAX 63u      /* bytes of a time as it is written */
#define AHEAD_MS 86400000 /* clocks of offices are hours off; the daemon judges by its own */

static const char *const kinds[] = {"", "input", "suggestion", "complaint", "praise"};

int import_comment_kind(const char *text, size_t size)
{
    for (int i = 1; i <= 4; i++)
        if (strlen(kinds[i]) == size && strncasecmp(kinds[i], text, size) == 0)
            return i;
    return 0;
}

const char *import_comment_kind_name(int kind)
{
    return kind >= 1 && kind <= 4 ? kinds[kind] : "";
}

/* ---- settings ------------------------------------------------------------------------------- */

#define NO_ZONE                                                                                    \
    "the time zone of the office is not known yet; run `suara status` once while the line is up, " \
    "or write times with their offset (+07:00)"

static int take_settings(struct import *import, struct error *err)
{
    const struct import_settings *settings = &import->settings;
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        const char *word = settings->word[i];
        enum text_fault fault = word ? text_check(word, strlen(word), RULES_WORD_MAX) : TEXT_OK;
        if (fault != TEXT_OK)
            return error_set(err, ERROR_USAGE, rules_word_names[i], "--%s %s", rules_word_names[i],
                             text_fault_reason(fault));
    }
    const char *at = settings->collected_at;
    if (!at)
        return 0;
    import->has_collected = civil_parse_time(at, settings->zone, &import->collected);
    if (import->has_collected)
        return 0;
    if (settings->zone == ZONE_NONE && civil_needs_zone(at))
        return error_set(err, ERROR_USAGE, "collected_at", NO_ZONE);
    return error_set(err, ERROR_USAGE, "collected_at",
                     "--collected-at %.100s is not a time; write it as 2023-07-13 or "
                     "\"2023-07-13 14:05\"",
                     at);
}

struct import *import_new(const struct import_settings *settings, struct error *err)
{
    struct import *import = calloc(1, sizeof *import);
    if (import)
        import->digest = digest_new();
    if (!import || !import->digest) {
        error_set(err, ERROR_IO, NULL, "memory ran out");
        import_free(&import);
        return NULL;
    }
    import->settings = *settings;
    import->rules = (struct rules){
        .elements = settings->instrument->elements,
        .scale = settings->instrument->scale,
        .codes = settings->instrument->column,
        .now_ms = settings->now_ms,
        .skew_ms = AHEAD_MS,
    };
    if (take_settings(import, err) != 0)
        import_free(&import);
    return import;
}

void import_free(struct import **import)
{
    if (!*import)
        return;
    digest_free(&(*import)->digest);
    buf_release(&(*import)->text);
    free(*import);
    *import = NULL;
}

/* ---- cells ---------------------------------------------------------------------------------- */

static bool fail(struct rules_fault *fault, const char *field, const char *reason)
{
    fault->field = field;
    fault->reason = reason;
    return false;
}

/* A ' before what a spreadsheet would take for a formula: text_csv_field put it there. */
static bool guarded(const struct import_word *cell)
{
    return cell->size > 1 && cell->text[0] == '\'' &&
           (memchr("=+-@\t\r", cell->text[1], 6) || (unsigned char)cell->text[1] == 0xEF);
}

static struct import_word cell(const struct import *import, const struct csv_row *row,
                               unsigned column)
{
    size_t at = import->place[column];
    struct import_word value = {"", 0};
    if (at >= row->count)
        return value;
    value = (struct import_word){row->field[at].text, row->field[at].size};
    while (value.size > 0 && (*value.text == ' ' || *value.text == '\t')) {
        value.text++;
        value.size--;
    }
    while (value.size > 0 && memchr(" \t\r\n", value.text[value.size - 1], 4))
        value.size--;
    if (import->corrected && guarded(&value)) {
        value.text++;
        value.size--;
    }
    const char *ours = import->mapped[column] ? import_map_value(import->settings.map,
                                                                 import_column_name(import, column),
                                                                 value.text, value.size)
                                              : NULL;
    if (ours)
        value = (struct import_word){ours, strlen(ours)};
    return value;
}

/* 0: empty; above every scale: no whole number. */
static uint8_t rating(const struct import_word *value)
{
    if (value->size == 1 && *value->text >= '0' && *value->text <= '9')
        return *value->text == '0' ? UINT8_MAX : (uint8_t)(*value->text - '0');
    if (value->size == 2 && *value->text >= '1' && *value->text <= '9' && value->text[1] >= '0' &&
        value->text[1] <= '9')
        return (uint8_t)((*value->text - '0') * 10 + (value->text[1] - '0'));
    return value->size == 0 ? 0 : UINT8_MAX;
}

static bool is_plain(const struct import_word *value)
{
    if (value->size > RULES_WORD_MAX)
        return false;
    unsigned char odd = 0;
    for (size_t i = 0; i < value->size; i++) {
        unsigned char c = (unsigned char)value->text[i];
        odd |= (unsigned char)(c < 0x20 || c >= 0x7F);
    }
    return !odd;
}

static bool take_words(struct import *import, const struct csv_row *row, struct import_row *out,
                       struct rules_fault *fault)
{
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        out->word[i] = cell(import, row, COLUMN_WORD + i);
        if (is_plain(&out->word[i]))
            continue;
        enum text_fault wrong = text_check(out->word[i].text, out->word[i].size, RULES_WORD_MAX);
        if (wrong == TEXT_TOO_LONG)
            return fail(fault, rules_word_names[i], "is longer than 64 bytes");
        if (wrong != TEXT_OK)
            return fail(fault, rules_word_names[i], text_fault_reason(wrong));
    }
    return true;
}

/* Forms on Windows end the lines of a comment with CR LF; the protocol has no CR in a text. */
static struct import_word plain_lines(struct buf *out, struct import_word text)
{
    if (text.size == 0 || !memchr(text.text, '\r', text.size))
        return text;
    buf_clear(out);
    for (size_t i = 0; i < text.size; i++) {
        bool pair = text.text[i] == '\r' && i + 1 < text.size && text.text[i + 1] == '\n';
        if (!pair)
            buf_putc(out, text.text[i] == '\r' ? '\n' : text.text[i]);
    }
    return out->failed ? text : (struct import_word){out->data, out->len};
}

static bool take_comment(struct import *import, const struct csv_row *row, struct import_row *out,
                         struct rules_fault *fault)
{
    out->comment = plain_lines(&import->text, cell(import, row, COLUMN_COMMENT));
    struct import_word kind = cell(import, row, COLUMN_KIND);
    out->comment_kind = kind.size ? import_comment_kind(kind.text, kind.size) : 0;
    if (kind.size && !out->comment_kind)
        return fail(fault, "comment_kind", "is not input, suggestion, complaint or praise");
    if (out->comment.size && !kind.size)
        out->comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_INPUT;
    /* Forms have the kind filled in also where nothing was written. */
    if (!out->comment.size)
        out->comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_NONE;
    return true;
}

enum time_status { TIME_OWN, TIME_FILLED, TIME_WRONG, TIME_ZONE };

static enum time_status take_time(const struct import *import, const struct csv_row *row,
                                  struct import_row *out)
{
    struct import_word value = cell(import, row, COLUMN_COLLECTED);
    if (value.size == 0) {
        out->collected = import->has_collected ? (uint64_t)import->collected : 0;
        return TIME_FILLED; /* or 0, which rules_check calls missing */
    }
    char text[TIME_MAX + 1];
    int64_t ms;
    if (value.size > TIME_MAX || memchr(value.text, '\0', value.size))
        return TIME_WRONG;
    memcpy(text, value.text, value.size);
    text[value.size] = '\0';
    if (civil_parse_time(text, import->settings.zone, &ms)) {
        out->collected = (uint64_t)ms;
        return TIME_OWN;
    }
    if (import->settings.zone == ZONE_NONE && civil_needs_zone(text))
        return TIME_ZONE;
    return TIME_WRONG;
}

/* ---- ids and hashes ------------------------------------------------------------------------- */

static bool id_by_value(struct import *import, const struct import_word *value, struct uuid *id,
                        uint64_t collected)
{
    char text[UUID_TEXT];
    if (value->size == UUID_TEXT - 1) {
        memcpy(text, value->text, value->size);
        text[UUID_TEXT - 1] = '\0';
        if (uuid_parse(text, id) && uuid_version(id) >= 7 && uuid_version(id) <= 8 &&
            uuid_ms(id) == collected)
            return true;
    }
    uint8_t out[DIGEST_SIZE];
    const char *office = import->settings.office;
    bool ok =
        digest_start(import->digest) && digest_add(import->digest, "suara/id", sizeof "suara/id") &&
        digest_add(import->digest, office, strlen(office) + 1) &&
        digest_add(import->digest, value->text, value->size) && digest_end(import->digest, out);
    *id = uuid_v8(collected, out);
    return ok;
}

static bool id_by_row(struct import *import, uint64_t number, struct uuid *id, uint64_t collected)
{
    uint8_t text[10 + RULES_WORD_MAX + 1 + 32 + 8], out[DIGEST_SIZE];
    size_t office = strlen(import->settings.office) + 1, at = sizeof "suara/row";
    if (office > RULES_WORD_MAX + 1)
        return false;
    memcpy(text, "suara/row", at);
    memcpy(text + at, import->settings.office, office);
    at += office;
    memcpy(text + at, import->settings.digest, 32);
    at += 32;
    for (unsigned i = 0; i < 8; i++)
        text[at++] = (uint8_t)(number >> (56 - 8 * i));
    bool ok = digest_of(import->digest, text, at, out);
    *id = uuid_v8(collected, out);
    return ok;
}

static ProtobufCBinaryData view(const struct import_word *word)
{
    union {
        const char *read;
        uint8_t *data; /* the struct of protobuf-c is not const; nobody writes through it */
    } text = {.read = word->text};
    return (ProtobufCBinaryData){.len = word->size, .data = text.data};
}

/* Before the settings fill anything in. */
static bool own_hash(struct import *import, struct import_row *row, bool own_time)
{
    const struct import_word instrument = {import->settings.instrument->code,
                                           strlen(import->settings.instrument->code)};
    struct rules_content content = {
        .collected = own_time ? row->collected : 0,
        .instrument = view(&instrument),
        .ratings = {.len = row->elements, .data = row->ratings},
        .comment = view(&row->comment),
        .comment_kind = (uint8_t)row->comment_kind,
    };
    for (unsigned i = 0; i < WORD_COUNT; i++)
        content.word[i] = view(&row->word[i]);
    if (!rules_hash(import->digest, &content, &row->hash))
        return false;
    if (row->hash == 0)
        row->hash = 1;
    return true;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static bool is_blank(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count && i < CSV_COUNT_MAX; i++)
        if (row->field[i].size > 0 || row->field[i].too_long)
            return false;
    return true;
}

/* As many cells as headings; empty ones too many do no harm, and are what spreadsheets add. */
static bool check_shape(struct import *import, const struct csv_row *row, struct rules_fault *fault)
{
    bool wrong = row->count < import->columns || row->count > CSV_COUNT_MAX;
    for (size_t i = import->columns; i < row->count && !wrong; i++)
        wrong = row->field[i].size > 0 || row->field[i].too_long;
    if (wrong) {
        snprintf(import->reason, sizeof import->reason, "has %zu fields, the header has %zu",
                 row->count, import->columns);
        return fail(fault, "row", import->reason);
    }
    for (size_t i = 0; i < import->columns; i++) {
        if (!row->field[i].too_long)
            continue;
        const char *name = import->kind[i] < COLUMN_MAX
                               ? import_column_name(import, (unsigned)import->kind[i])
                               : "row";
        return fail(fault, name, "is longer than 65536 bytes");
    }
    return true;
}

static bool check_rules(const struct import *import, struct import_row *row,
                        struct rules_fault *fault)
{
    Suara__V1__Response response = SUARA__V1__RESPONSE__INIT;
    response.id = (ProtobufCBinaryData){.len = sizeof row->id.byte, .data = row->id.byte};
    response.collected = row->collected;
    response.ratings = (ProtobufCBinaryData){.len = row->elements, .data = row->ratings};
    response.comment = view(&row->comment);
    response.comment_kind = (Suara__V1__CommentKind)row->comment_kind;
    return rules_check(&import->rules, &response, fault);
}

static void fill_words(const struct import *import, struct import_row *row)
{
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        const char *word = import->settings.word[i];
        if (row->word[i].size == 0 && word)
            row->word[i] = (struct import_word){word, strlen(word)};
    }
}

enum import_status import_row(struct import *import, const struct csv_row *row,
                              struct import_row *out, struct rules_fault *fault, struct error *err)
{
    if (is_blank(row))
        return IMPORT_BLANK;
    out->line = row->line;
    out->hash = 0;
    out->elements = import->settings.instrument->elements;
    if (!check_shape(import, row, fault))
        return IMPORT_REJECTED;
    for (unsigned i = 0; i < out->elements; i++) {
        struct import_word value = cell(import, row, COLUMN_ELEMENT + i);
        out->ratings[i] = rating(&value);
    }
    enum time_status time = take_time(import, row, out);
    if (time == TIME_ZONE) {
        error_set(err, ERROR_USAGE, "collected_at", NO_ZONE);
        return IMPORT_FAILED;
    }
    if (time == TIME_WRONG) {
        fail(fault, "collected_at", "is not a time such as 2023-07-13 14:05");
        return IMPORT_REJECTED;
    }
    if (!take_words(import, row, out, fault) || !take_comment(import, row, out, fault))
        return IMPORT_REJECTED;
    struct import_word value = cell(import, row, COLUMN_ID);
    out->named = value.size > 0;
    bool ok = out->named ? id_by_value(import, &value, &out->id, out->collected)
                         : id_by_row(import, row->number, &out->id, out->collected);
    if (ok && !check_rules(import, out, fault))
        return IMPORT_REJECTED;
    if (!ok || (!out->named && !own_hash(import, out, time == TIME_OWN))) {
        error_set(err, ERROR_IO, NULL, "memory ran out");
        return IMPORT_FAILED;
    }
    fill_words(import, out);
    return IMPORT_TAKEN;
}
