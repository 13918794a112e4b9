#include "common/rules.h"

#include "common/digest.h"
#include "common/wire.h"

/* The canonical form on its way into a digest. Nearly every response fits, and is then digested
 * in one call. */
struct canon {
    struct digest *digest;
    size_t used;
    bool started, failed;
    uint8_t bytes[1024];
};

static void flush(struct canon *canon)
{
    if (!canon->started)
        canon->failed |= !digest_start(canon->digest);
    canon->started = true;
    canon->failed = canon->failed || !digest_add(canon->digest, canon->bytes, canon->used);
    canon->used = 0;
}

static void put(struct canon *canon, const void *data, size_t size)
{
    if (size > UINT16_MAX) {
        canon->failed = true; /* its length could not be written */
        return;
    }
    if (canon->used + 2 + size > sizeof canon->bytes)
        flush(canon);
    uint8_t *to = canon->bytes + canon->used;
    to[0] = (uint8_t)(size >> 8);
    to[1] = (uint8_t)size;
    canon->used += 2;
    if (size <= sizeof canon->bytes - canon->used) {
        if (size)
            memcpy(to + 2, data, size);
        canon->used += size;
        return;
    }
    flush(canon);
    canon->failed = canon->failed || !digest_add(canon->digest, data, size);
}

static void put_word(struct canon *canon, enum rules_word word, const ProtobufCBinaryData *given)
{
    ProtobufCBinaryData value = *given;
    if (value.len == 0 && word == WORD_SERVICE)
        value = wire_text("UMUM");
    if (value.len == 0 && word == WORD_PERSPECTIVE)
        value = wire_text("recipient");
    put(canon, value.data, value.len);
}

bool rules_hash(struct digest *digest, const struct rules_content *content, int64_t *hash)
{
    struct canon canon;
    canon.digest = digest;
    canon.used = 0;
    canon.started = canon.failed = false;

    uint8_t collected[8];
    for (unsigned i = 0; i < 8; i++)
        collected[i] = (uint8_t)(content->collected >> (56 - 8 * i));
    put(&canon, collected, sizeof collected);
    put(&canon, content->instrument.data, content->instrument.len);
    for (unsigned i = 0; i < WORD_COUNT; i++)
        put_word(&canon, (enum rules_word)i, &content->word[i]);
    put(&canon, content->ratings.data, content->ratings.len);
    put(&canon, &content->comment_kind, content->comment_kind ? 1 : 0);
    put(&canon, content->comment.data, content->comment.len);

    uint8_t out[DIGEST_SIZE];
    if (canon.started) {
        flush(&canon);
        canon.failed = canon.failed || !digest_end(digest, out);
    } else {
        canon.failed = canon.failed || !digest_of(digest, canon.bytes, canon.used, out);
    }
    if (canon.failed)
        return false;
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++)
        value = value << 8 | out[i];
    memcpy(hash, &value, sizeof value);
    return true;
}
