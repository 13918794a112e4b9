/*
 * The rules that every response must keep, whoever checks: the client before it saves, the daemon
 * before it stores. What depends on the small tables (services, code lists) only the daemon knows.
 */
#ifndef SUARA_COMMON_RULES_H
#define SUARA_COMMON_RULES_H

#include "proto/suara.pb-c.h"
#include <stdbool.h>
#include <stdint.h>

#define RULES_ELEMENTS_MAX 64u
#define RULES_COMMENT_MAX  4000u /* bytes of UTF-8 */
#define RULES_WORD_MAX     64u   /* bytes of a code of a service or code list */
#define RULES_WORDS_MAX    4096u /* words of a batch */

struct rules {
    unsigned elements, scale; /* of the instrument */
    const char *const *codes; /* of the elements, in its order */
    int64_t now_ms;           /* wall clock of whoever checks */
    int64_t skew_ms;          /* a response may be this far ahead of it */
};

/* Where and why; the strings are static or live as long as the rules. An element is named as in
 * rules.codes: give them as the columns are called ("u3"). */
struct rules_fault {
    const char *field;  /* "u3", "collected_at", "comment", "id" ..; the CSV's column names */
    const char *reason; /* "is in the future" */
};

/*
 * Checks id (UUID 7 or 8, its time = collected), time (2000-01-01 .. now + skew), ratings (one per
 * element, 1..scale, names the first missing or wrong one), comment (text, length, a kind exactly
 * when there is text), in this order. Word indices are not looked at. The year 2000 begins in UTC.
 * True when all is well; else *fault says the first thing wrong. Allocates and copies nothing.
 */
bool rules_check(const struct rules *rules, const Suara__V1__Response *response,
                 struct rules_fault *fault);

/*
 * The content of a response as one hash: the first 8 bytes (big-endian, as a signed number) of the
 * SHA-256 of its canonical form, documented in suara-protocol(7). That is these 13 fields, always
 * all of them and in this order, each as its length (2 bytes, big-endian) and its bytes:
 *   collected (8 bytes, big-endian), instrument, service, channel, stakeholder, perspective, sex,
 *   age, education, occupation (codes), ratings, comment kind (1 byte), comment.
 * What was not given has length 0 (a kind of 0 too), but service and perspective, which count as
 * UMUM and recipient. Id and office are no part of it. False, and *hash untouched, when libcrypto
 * fails or a field has more than 65,535 bytes.
 */
enum rules_word {
    WORD_SERVICE,
    WORD_CHANNEL,
    WORD_STAKEHOLDER,
    WORD_PERSPECTIVE,
    WORD_SEX,
    WORD_AGE,
    WORD_EDUCATION,
    WORD_OCCUPATION,
    WORD_COUNT
};

struct digest;
struct rules_content {
    uint64_t collected;
    ProtobufCBinaryData instrument, word[WORD_COUNT], ratings, comment;
    uint8_t comment_kind;
};
bool rules_hash(struct digest *digest, const struct rules_content *content, int64_t *hash);

extern const char *const rules_word_names[WORD_COUNT]; /* "service", "channel" .. */

#endif
