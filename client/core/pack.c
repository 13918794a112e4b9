#include "client/core/pack.h"

/* Without it, a table that can't grow ends the program. */
#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) ((element)->index = 0)
#include <uthash.h>

/* Fields of suara.proto. A key on the wire: number x 8 + type (0 a number, 2 bytes). */
enum { BATCH_ID = 1, BATCH_INSTRUMENT = 2, BATCH_WORD = 3, BATCH_RESPONSE = 4 };
enum {
    RESPONSE_ID = 1,
    RESPONSE_COLLECTED = 2,
    RESPONSE_RATINGS = 3,
    RESPONSE_WORD = 4, /* and the next seven, in the order of enum rules_word */
    RESPONSE_COMMENT = 13,
    RESPONSE_KIND = 14
};
#define ROW_BYTES 512u /* room for all of a response but its comment */

struct word {
    UT_hash_handle hh;
    uint32_t index; /* from 1 */
    uint32_t size;
    char text[];
};

struct pack {
    const char *instrument;
    uint32_t most, count;
    struct buf words, responses, body /* of one response */, whole;
    struct word *table;
    struct word *last[WORD_COUNT]; /* neighbours in a file tend to say the same */
    uint32_t *lines;
    int64_t *hashes, *names;
    bool named; /* any of them */
    bool failed;
};

struct pack *pack_new(const char *instrument, uint32_t most)
{
    struct pack *pack = calloc(1, sizeof *pack);
    if (!pack)
        return NULL;
    pack->instrument = instrument;
    pack->most = most ? most : PACK_RESPONSES;
    pack->lines = calloc(pack->most, sizeof *pack->lines);
    pack->hashes = calloc(pack->most, sizeof *pack->hashes);
    pack->names = calloc(pack->most, IMPORT_NAMES * sizeof *pack->names);
    if (!pack->lines || !pack->hashes || !pack->names)
        pack_free(&pack);
    return pack;
}

static void clear_words(struct pack *pack)
{
    struct word *word, *next;
    HASH_ITER (hh, pack->table, word, next) {
        HASH_DEL(pack->table, word);
        free(word);
    }
    memset(pack->last, 0, sizeof pack->last);
}

void pack_free(struct pack **pack)
{
    if (!*pack)
        return;
    clear_words(*pack);
    buf_release(&(*pack)->words);
    buf_release(&(*pack)->responses);
    buf_release(&(*pack)->body);
    buf_release(&(*pack)->whole);
    free((*pack)->lines);
    free((*pack)->hashes);
    free((*pack)->names);
    free(*pack);
    *pack = NULL;
}

void pack_clear(struct pack *pack)
{
    clear_words(pack);
    buf_clear(&pack->words);
    buf_clear(&pack->responses);
    pack->count = 0;
    pack->named = false;
}

uint32_t pack_count(const struct pack *pack)
{
    return pack->count;
}

const uint32_t *pack_lines(const struct pack *pack)
{
    return pack->lines;
}

const int64_t *pack_hashes(const struct pack *pack)
{
    return pack->hashes;
}

const int64_t *pack_names(const struct pack *pack)
{
    return pack->named ? pack->names : NULL;
}

/* ---- the wire ------------------------------------------------------------------------------- */

static char *put_varint(char *to, uint64_t value)
{
    while (value >= 0x80) {
        *to++ = (char)(value | 0x80);
        value >>= 7;
    }
    *to++ = (char)value;
    return to;
}

static char *put_number(char *to, unsigned field, uint64_t value)
{
    return put_varint(put_varint(to, field << 3), value);
}

static char *put_bytes(char *to, unsigned field, const void *data, size_t size)
{
    to = put_varint(put_varint(to, field << 3 | 2), size);
    if (size > 0)
        memcpy(to, data, size);
    return to + size;
}

void pack_number(struct buf *out, unsigned field, uint64_t value)
{
    char *at = buf_reserve(out, 16);
    if (at)
        out->len += (size_t)(put_number(at, field, value) - at);
}

void pack_bytes(struct buf *out, unsigned field, const void *data, size_t size)
{
    char *at = buf_reserve(out, 16 + size);
    if (at)
        out->len += (size_t)(put_bytes(at, field, data, size) - at);
}

/* ---- words ---------------------------------------------------------------------------------- */

static bool same(const struct word *word, const struct import_word *text)
{
    return word && word->size == text->size && memcmp(word->text, text->text, text->size) == 0;
}

/* The index of a word, which is added when it is new; 0: memory ran out. */
static uint32_t index_of(struct pack *pack, unsigned column, const struct import_word *text)
{
    if (same(pack->last[column], text))
        return pack->last[column]->index;
    struct word *word;
    HASH_FIND(hh, pack->table, text->text, text->size, word);
    if (!word) {
        word = calloc(1, sizeof *word + text->size);
        if (!word)
            return 0;
        memcpy(word->text, text->text, text->size);
        word->size = (uint32_t)text->size;
        word->index = HASH_COUNT(pack->table) + 1;
        HASH_ADD_KEYPTR(hh, pack->table, word->text, word->size, word);
        if (word->index == 0) { /* it is not in the table */
            free(word);
            return 0;
        }
        pack_bytes(&pack->words, BATCH_WORD, text->text, text->size);
    }
    pack->last[column] = word;
    return word->index;
}

/* ---- responses ------------------------------------------------------------------------------ */

static bool fits(const struct pack *pack, const struct import_row *row)
{
    if (pack->count == 0)
        return true;
    size_t worst = ROW_BYTES + row->comment.size + WORD_COUNT * (RULES_WORD_MAX + 2);
    return pack->count < pack->most &&
           pack->words.len + pack->responses.len + worst + ROW_BYTES < PACK_BYTES &&
           HASH_COUNT(pack->table) + WORD_COUNT <= RULES_WORDS_MAX;
}

bool pack_add(struct pack *pack, const struct import_row *row)
{
    if (!fits(pack, row))
        return false;
    char *body = buf_reserve(&pack->body, ROW_BYTES + row->comment.size);
    char *to = buf_reserve(&pack->responses, ROW_BYTES + 16 + row->comment.size);
    if (!body || !to) {
        pack->count++; /* so that pack_finish is asked, and says so */
        return true;
    }
    char *at = put_bytes(body, RESPONSE_ID, row->id.byte, sizeof row->id.byte);
    at = put_number(at, RESPONSE_COLLECTED, row->collected);
    at = put_bytes(at, RESPONSE_RATINGS, row->ratings, row->elements);
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        if (row->word[i].size == 0)
            continue;
        uint32_t index = index_of(pack, i, &row->word[i]);
        pack->failed |= index == 0;
        at = put_number(at, RESPONSE_WORD + i, index);
    }
    if (row->comment.size > 0) {
        at = put_bytes(at, RESPONSE_COMMENT, row->comment.text, row->comment.size);
        at = put_number(at, RESPONSE_KIND, (uint64_t)row->comment_kind);
    }
    char *end = put_bytes(to, BATCH_RESPONSE, body, (size_t)(at - body));
    pack->responses.len += (size_t)(end - to);
    pack->lines[pack->count] = row->line < UINT32_MAX ? (uint32_t)row->line : UINT32_MAX;
    memcpy(pack->names + pack->count * IMPORT_NAMES, row->names, sizeof row->names);
    pack->named |= row->names[0] != 0;
    pack->hashes[pack->count++] = row->hash;
    return true;
}

const struct buf *pack_finish(struct pack *pack, const struct uuid *batch)
{
    struct buf *out = &pack->whole;
    buf_clear(out);
    pack_bytes(out, BATCH_ID, batch->byte, sizeof batch->byte);
    pack_bytes(out, BATCH_INSTRUMENT, pack->instrument, strlen(pack->instrument));
    buf_add(out, pack->words.data, pack->words.len);
    buf_add(out, pack->responses.data, pack->responses.len);
    bool failed = pack->failed || out->failed || pack->words.failed || pack->responses.failed ||
                  pack->body.failed;
    return failed ? NULL : out;
}
