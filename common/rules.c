#include "common/rules.h"

#include "common/text.h"
#include "common/uuid.h"

#define YEAR_2000_MS 946684800000u /* 2000-01-01T00:00:00Z */

const char *const rules_word_names[WORD_COUNT] = {
    [WORD_SERVICE] = "service",
    [WORD_CHANNEL] = "channel",
    [WORD_STAKEHOLDER] = "stakeholder",
    [WORD_PERSPECTIVE] = "perspective",
    [WORD_SEX] = "sex",
    [WORD_AGE] = "age",
    [WORD_EDUCATION] = "education",
    [WORD_OCCUPATION] = "occupation",
};

static bool fail(struct rules_fault *fault, const char *field, const char *reason)
{
    fault->field = field;
    fault->reason = reason;
    return false;
}

static bool check_time(const struct rules *rules, const Suara__V1__Response *response,
                       struct rules_fault *fault)
{
    struct uuid id;
    if (response->id.len != sizeof id.byte)
        return fail(fault, "id", response->id.len ? "is not 16 bytes long" : "is missing");
    memcpy(id.byte, response->id.data, sizeof id.byte);
    int version = uuid_version(&id);
    if (version != 7 && version != 8)
        return fail(fault, "id", "is not a UUID of version 7 or 8");
    if (response->collected < YEAR_2000_MS)
        return fail(fault, "collected_at",
                    response->collected ? "is before the year 2000" : "is missing");
    int64_t latest;
    if (__builtin_add_overflow(rules->now_ms, rules->skew_ms, &latest))
        latest = INT64_MAX;
    if (latest < 0 || response->collected > (uint64_t)latest)
        return fail(fault, "collected_at", "is in the future");
    if (uuid_ms(&id) != response->collected)
        return fail(fault, "id", "does not carry the time of collected_at");
    return true;
}

static const char *scale_reason(unsigned scale)
{
    static const char *const reasons[] = {
        [2] = "is not 1 to 2", [3] = "is not 1 to 3", [4] = "is not 1 to 4",
        [5] = "is not 1 to 5", [6] = "is not 1 to 6", [7] = "is not 1 to 7",
        [8] = "is not 1 to 8", [9] = "is not 1 to 9", [10] = "is not 1 to 10",
    };
    const char *reason = scale < sizeof reasons / sizeof *reasons ? reasons[scale] : NULL;
    return reason ? reason : "is outside the scale";
}

static bool ratings_fault(const struct rules *rules, const ProtobufCBinaryData *ratings,
                          struct rules_fault *fault)
{
    for (size_t i = 0; i < rules->elements; i++) {
        if (i >= ratings->len || ratings->data[i] == 0)
            return fail(fault, rules->codes[i], "is missing");
        if (ratings->data[i] > rules->scale)
            return fail(fault, rules->codes[i], scale_reason(rules->scale));
    }
    return fail(fault, "ratings", "has more answers than the instrument has elements");
}

static bool check_ratings(const struct rules *rules, const ProtobufCBinaryData *ratings,
                          struct rules_fault *fault)
{
    bool wrong = ratings->len != rules->elements;
    for (size_t i = 0; !wrong && i < ratings->len; i++)
        wrong = (unsigned)ratings->data[i] - 1u >= rules->scale;
    return !wrong || ratings_fault(rules, ratings, fault);
}

static bool check_comment(const Suara__V1__Response *response, struct rules_fault *fault)
{
    int kind = (int)response->comment_kind;
    const ProtobufCBinaryData *comment = &response->comment;
    if (kind == SUARA__V1__COMMENT_KIND__COMMENT_NONE && comment->len == 0)
        return true;
    if (comment->len == 0)
        return fail(fault, "comment", "is missing, though it has a kind");
    enum text_fault wrong = text_check(comment->data, comment->len, RULES_COMMENT_MAX);
    if (wrong == TEXT_TOO_LONG)
        return fail(fault, "comment", "is longer than 4000 bytes");
    if (wrong != TEXT_OK)
        return fail(fault, "comment", text_fault_reason(wrong));
    if (kind == SUARA__V1__COMMENT_KIND__COMMENT_NONE)
        return fail(fault, "comment_kind", "is missing, though there is a comment");
    if (kind < SUARA__V1__COMMENT_KIND__COMMENT_INPUT ||
        kind > SUARA__V1__COMMENT_KIND__COMMENT_PRAISE)
        return fail(fault, "comment_kind", "is not input, suggestion, complaint or praise");
    return true;
}

bool rules_check(const struct rules *rules, const Suara__V1__Response *response,
                 struct rules_fault *fault)
{
    return check_time(rules, response, fault) && check_ratings(rules, &response->ratings, fault) &&
           check_comment(response, fault);
}
