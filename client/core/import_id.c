#include "client/core/import_column.h"

#include "client/core/instrument.h"
#include "common/digest.h"

#define MINUTE_MS 60000u

ProtobufCBinaryData import_view(const struct import_word *word)
{
    union {
        const char *read;
        uint8_t *data; /* the struct of protobuf-c is not const; nobody writes through it */
    } text = {.read = word->text};
    return (ProtobufCBinaryData){.len = word->size, .data = text.data};
}

/* ---- ids ------------------------------------------------------------------------------------ */

static bool is_id_of_ours(const struct import_word *value, struct uuid *id)
{
    char text[UUID_TEXT];
    if (value->size != UUID_TEXT - 1)
        return false;
    memcpy(text, value->text, value->size);
    text[UUID_TEXT - 1] = '\0';
    return uuid_parse(text, id) && uuid_version(id) >= 7 && uuid_version(id) <= 8;
}

static bool id_by_value(struct import *import, const struct import_word *value,
                        struct import_row *out)
{
    out->is_id = is_id_of_ours(value, &out->given);
    if (out->is_id && uuid_ms(&out->given) == out->collected) {
        out->id = out->given;
        return true;
    }
    uint8_t digest[DIGEST_SIZE];
    const char *office = import->settings.office;
    bool ok =
        digest_start(import->digest) && digest_add(import->digest, "suara/id", sizeof "suara/id") &&
        digest_add(import->digest, office, strlen(office) + 1) &&
        digest_add(import->digest, value->text, value->size) && digest_end(import->digest, digest);
    out->id = uuid_v8(out->collected, digest);
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

/* ---- what is remembered of a row ------------------------------------------------------------ */

/* The finalizer of splitmix64: each bit of the two changes half of the result's. Never 0. */
static int64_t mix(uint64_t value, uint64_t salt)
{
    uint64_t x = value ^ (salt + 1) * 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    int64_t out;
    memcpy(&out, &x, sizeof out);
    return out ? out : 1;
}

void import_name_column(struct import *import, const struct csv_field *heading)
{
    uint64_t salt = 0xCBF29CE484222325u; /* FNV-1a */
    for (size_t i = 0; i < heading->size; i++) {
        char c = heading->text[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        salt = (salt ^ (unsigned char)c) * 0x100000001B3u;
    }
    import->id_salt = salt;
}

/*
 * The value without the time is the hash that its uuid carries anyway. Content counts as known to a
 * named row only when it came unnamed or under another id column: two people may answer alike, and
 * the column tells them apart. A rejected file has lost the heading of its column.
 */
static void set_names(const struct import *import, struct import_row *row)
{
    const struct uuid *id = row->is_id ? &row->given : &row->id;
    uint64_t value = 0, content;
    for (unsigned i = 8; i < 16; i++)
        value = value << 8 | id->byte[i];
    memcpy(&content, &row->hash, sizeof content);
    row->names[0] = mix(value, 0);
    row->names[1] = mix(value, row->collected + 1);
    row->names[2] = import->corrected ? 0 : mix(content, import->id_salt);
}

static bool own_hash(struct import *import, struct import_row *row, bool own_time)
{
    const struct import_word instrument = {import->settings.instrument->code,
                                           strlen(import->settings.instrument->code)};
    struct rules_content content = {
        .collected = own_time ? row->collected - row->collected % MINUTE_MS : 0,
        .instrument = import_view(&instrument),
        .ratings = {.len = row->elements, .data = row->ratings},
        .comment = import_view(&row->comment),
        .comment_kind = (uint8_t)row->comment_kind,
    };
    for (unsigned i = WORD_SEX; i < WORD_COUNT; i++)
        content.word[i] = import_view(&row->word[i]);
    if (!rules_hash(import->digest, &content, &row->hash))
        return false;
    if (row->hash == 0)
        row->hash = 1;
    return true;
}

bool import_identify(struct import *import, const struct csv_row *row, struct import_row *out,
                     bool own_time)
{
    struct import_word value = import_cell(import, row, COLUMN_ID);
    out->named = value.size > 0;
    out->is_id = false;
    memset(out->names, 0, sizeof out->names);
    if (!(out->named ? id_by_value(import, &value, out)
                     : id_by_row(import, row->number, &out->id, out->collected)))
        return false;
    if (!own_hash(import, out, own_time))
        return false;
    if (out->named)
        set_names(import, out);
    return true;
}
