#include "common/rules.h"

#include "common/uuid.h"
#include "common/wire.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a)  (sizeof(a) / sizeof *(a))
#define NOW       1689206400000
#define SKEW      300000
#define YEAR_2000 946684800000

static const char *const codes[] = {"u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9"};
static const struct rules skm = {
    .elements = 9, .scale = 4, .codes = codes, .now_ms = NOW, .skew_ms = SKEW};

/* A good response, in memory of its own to be spoilt. */
struct sample {
    Suara__V1__Response response;
    struct uuid id;
    uint8_t ratings[64];
    uint8_t comment[8192];
};

static void stamp(struct sample *sample, uint64_t ms, bool version_8)
{
    static const uint8_t tail[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    sample->id = version_8 ? uuid_v8(ms, tail) : uuid_v7(ms, tail);
    sample->response.collected = ms;
    sample->response.id = (ProtobufCBinaryData){16, sample->id.byte};
}

static struct sample *good(void)
{
    static struct sample sample;
    suara__v1__response__init(&sample.response);
    stamp(&sample, 1561874709123, false);
    for (size_t i = 0; i < COUNT(sample.ratings); i++)
        sample.ratings[i] = (uint8_t)(i % 4 + 1);
    memset(sample.comment, 'a', sizeof sample.comment);
    sample.response.ratings = (ProtobufCBinaryData){9, sample.ratings};
    sample.response.comment = (ProtobufCBinaryData){0, sample.comment};
    return &sample;
}

static void comment(struct sample *sample, const char *text, size_t size, int kind)
{
    memcpy(sample->comment, text, size);
    sample->response.comment.len = size;
    sample->response.comment_kind = (Suara__V1__CommentKind)kind;
}

static void taken(const struct rules *rules, const struct sample *sample)
{
    struct rules_fault fault = {"untouched", "untouched"};
    if (!rules_check(rules, &sample->response, &fault))
        fail_msg("refused: %s %s", fault.field, fault.reason);
    assert_string_equal(fault.field, "untouched");
}

static void refused(const struct rules *rules, const struct sample *sample, const char *field,
                    const char *reason)
{
    struct rules_fault fault = {"", ""};
    assert_false(rules_check(rules, &sample->response, &fault));
    assert_string_equal(fault.field, field);
    if (reason)
        assert_string_equal(fault.reason, reason);
    assert_true(strlen(fault.reason) > 5);
}

static void takes_good_responses(void **state)
{
    (void)state;
    taken(&skm, good());
    struct sample *sample = good();
    stamp(sample, 1561874709123, true);
    taken(&skm, sample);
    for (int kind = 1; kind <= 4; kind++) {
        sample = good();
        comment(sample, "Antrean lama\n\tramah \u20ac", 23, kind);
        taken(&skm, sample);
    }
}

static void checks_ids(void **state)
{
    (void)state;
    struct sample *sample = good();
    sample->response.id.len = 0;
    sample->response.id.data = NULL;
    refused(&skm, sample, "id", "is missing");
    static uint8_t long_id[40];
    for (size_t len = 1; len < sizeof long_id; len++) {
        if (len == 16)
            continue;
        sample = good();
        sample->response.id = (ProtobufCBinaryData){len, long_id};
        refused(&skm, sample, "id", "is not 16 bytes long");
    }
    for (unsigned version = 0; version < 16; version++) {
        sample = good();
        sample->id.byte[6] = (uint8_t)(version << 4);
        if (version == 7 || version == 8)
            taken(&skm, sample);
        else
            refused(&skm, sample, "id", "is not a UUID of version 7 or 8");
    }
    for (unsigned variant = 0; variant < 16; variant++) {
        sample = good();
        sample->id.byte[8] = (uint8_t)(variant << 4);
        if (variant >= 8 && variant <= 11)
            taken(&skm, sample);
        else
            refused(&skm, sample, "id", "is not a UUID of version 7 or 8");
    }
    for (unsigned bit = 0; bit < 48; bit++) {
        sample = good();
        sample->id.byte[bit / 8] ^= (uint8_t)(1u << bit % 8);
        refused(&skm, sample, "id", "does not carry the time of collected_at");
    }
}

static void checks_times(void **state)
{
    (void)state;
    static const struct {
        uint64_t ms;
        const char *reason;
    } table[] = {
        {0, "is missing"},
        {1, "is before the year 2000"},
        {YEAR_2000 - 1, "is before the year 2000"},
        {YEAR_2000, NULL},
        {NOW - 1, NULL},
        {NOW, NULL},
        {NOW + SKEW, NULL},
        {NOW + SKEW + 1, "is in the future"},
        {2147483648000, "is in the future"},
        {281474976710655, "is in the future"},
        {281474976710656, "is in the future"},
        {INT64_MAX, "is in the future"},
        {(uint64_t)INT64_MAX + 1, "is in the future"},
        {UINT64_MAX, "is in the future"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct sample *sample = good();
        stamp(sample, table[i].ms, i % 2);
        if (table[i].reason)
            refused(&skm, sample, "collected_at", table[i].reason);
        else
            taken(&skm, sample);
    }
    /* Clocks at their ends. */
    struct rules rules = skm;
    rules.now_ms = INT64_MAX;
    taken(&rules, good());
    rules.now_ms = INT64_MIN;
    refused(&rules, good(), "collected_at", "is in the future");
    rules.now_ms = -1;
    rules.skew_ms = 0;
    refused(&rules, good(), "collected_at", "is in the future");
    rules.now_ms = INT64_MAX;
    struct sample *sample = good();
    stamp(sample, (uint64_t)INT64_MAX + 1, false);
    refused(&rules, sample, "collected_at", "is in the future");
}

/* Every value at every element; every count of answers. */
static void checks_ratings(void **state)
{
    (void)state;
    for (size_t at = 0; at < 9; at++) {
        for (unsigned value = 0; value < 256; value++) {
            struct sample *sample = good();
            sample->ratings[at] = (uint8_t)value;
            if (value == 0)
                refused(&skm, sample, codes[at], "is missing");
            else if (value <= 4)
                taken(&skm, sample);
            else
                refused(&skm, sample, codes[at], "is not 1 to 4");
        }
    }
    for (size_t len = 0; len <= 64; len++) {
        struct sample *sample = good();
        sample->response.ratings.len = len;
        if (len == 9)
            taken(&skm, sample);
        else if (len < 9)
            refused(&skm, sample, codes[len], "is missing");
        else
            refused(&skm, sample, "ratings", "has more answers than the instrument has elements");
    }
    struct sample *sample = good();
    sample->response.ratings = (ProtobufCBinaryData){0, NULL};
    refused(&skm, sample, "u1", "is missing");
    sample = good(); /* the first one is named */
    sample->ratings[7] = 0;
    sample->ratings[3] = 5;
    sample->response.ratings.len = 20;
    refused(&skm, sample, "u4", "is not 1 to 4");
}

static void checks_other_scales(void **state)
{
    (void)state;
    static const char *many[RULES_ELEMENTS_MAX];
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = "e";
    for (unsigned scale = 1; scale <= 255; scale++) {
        struct rules rules = {64, scale, many, NOW, SKEW};
        struct sample *sample = good();
        memset(sample->ratings, (int)scale, sizeof sample->ratings);
        sample->response.ratings.len = 64;
        taken(&rules, sample);
        char reason[32];
        snprintf(reason, sizeof reason, "is not 1 to %u", scale);
        sample->ratings[63] = (uint8_t)(scale + 1);
        if (scale < 255)
            refused(&rules, sample, "e",
                    scale >= 2 && scale <= 10 ? reason : "is outside the scale");
    }
}

static void checks_comments(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        int kind;
        const char *field, *reason;
    } table[] = {
        {"", 0, 1, "comment", "is missing, though it has a kind"},
        {"", 0, -1, "comment", "is missing, though it has a kind"},
        {"x", 1, 0, "comment_kind", "is missing, though there is a comment"},
        {"x", 1, 5, "comment_kind", "is not input, suggestion, complaint or praise"},
        {"x", 1, -1, "comment_kind", "is not input, suggestion, complaint or praise"},
        {"x", 1, INT32_MAX, "comment_kind", "is not input, suggestion, complaint or praise"},
        {"x", 1, INT32_MIN, "comment_kind", "is not input, suggestion, complaint or praise"},
        {"a\0b", 3, 2, "comment", "contains a zero byte"},
        {"\xc0\xaf", 2, 2, "comment", "is not valid UTF-8"},
        {"12345678\xff", 9, 2, "comment", "is not valid UTF-8"},
        {"\xed\xa0\x80", 3, 2, "comment", "is not valid UTF-8"},
        {"x\xe2\x82", 3, 2, "comment", "is not valid UTF-8"},
        {"\x1b[2J", 4, 2, "comment", "contains a control character"},
        {"\x7f", 1, 2, "comment", "contains a control character"},
        {"\r\n", 2, 2, "comment", "contains a control character"},
        {"\xc2\x9b", 2, 2, "comment", "contains a control character"},
        {"'; DROP TABLE response; --", 26, 3, NULL, NULL},
        {"%s%n", 4, 3, NULL, NULL},
        {"=cmd()", 6, 3, NULL, NULL},
        {"\u202e", 3, 3, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct sample *sample = good();
        comment(sample, table[i].text, table[i].size, table[i].kind);
        if (table[i].field)
            refused(&skm, sample, table[i].field, table[i].reason);
        else
            taken(&skm, sample);
    }
    struct sample *sample = good();
    sample->response.comment.len = RULES_COMMENT_MAX;
    sample->response.comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_INPUT;
    taken(&skm, sample);
    sample->response.comment.len++;
    refused(&skm, sample, "comment", "is longer than 4000 bytes");
}

/* With several faults the first in the order id, time, ratings, comment is named. */
static void names_the_first_fault(void **state)
{
    (void)state;
    for (unsigned faults = 0; faults < 16; faults++) {
        struct sample *sample = good();
        if (faults & 2)
            stamp(sample, NOW + SKEW + 1, false);
        if (faults & 1)
            sample->id.byte[6] = 0x40;
        if (faults & 4)
            sample->ratings[2] = 9;
        if (faults & 8)
            comment(sample, "\xff", 1, 1);
        if (faults == 0)
            taken(&skm, sample);
        else
            refused(&skm, sample,
                    faults & 1   ? "id"
                    : faults & 2 ? "collected_at"
                    : faults & 4 ? "u3"
                                 : "comment",
                    NULL);
    }
}

static void names_words_like_columns(void **state)
{
    (void)state;
    static const char *const want[] = {"service", "channel", "stakeholder", "perspective",
                                       "sex",     "age",     "education",   "occupation"};
    assert_int_equal(COUNT(want), WORD_COUNT);
    for (size_t i = 0; i < WORD_COUNT; i++)
        assert_string_equal(rules_word_names[i], want[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_good_responses),  cmocka_unit_test(checks_ids),
        cmocka_unit_test(checks_times),          cmocka_unit_test(checks_ratings),
        cmocka_unit_test(checks_other_scales),   cmocka_unit_test(checks_comments),
        cmocka_unit_test(names_the_first_fault), cmocka_unit_test(names_words_like_columns),
    };
    return cmocka_run_group_tests_name("common/rules", tests, NULL, NULL);
}
