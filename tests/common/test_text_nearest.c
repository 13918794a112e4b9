#include "common/text.h"

#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char *const columns[] = {
    "id",           "collected_at", "service",   "channel",   "stakeholder", "perspective",
    "sex",          "age",          "education", NULL,        "occupation",  "comment",
    "comment_kind", "u1",           "u2",        "max_frame", "keep_alive"};

static void finds_what_was_meant(void **state)
{
    (void)state;
    static const struct {
        const char *word, *meant;
    } table[] = {
        {"service", "service"},
        {"SERVICE", "service"},
        {"Comment_Kind", "comment_kind"},
        {"servcie", "service"},
        {"servise", "service"},
        {"sevice", "service"},
        {"services", "service"},
        {"chanel", "channel"},
        {"collectedat", "collected_at"},
        {"collected at", "collected_at"},
        {"stakholdre", "stakeholder"},
        {"max_fraem", "max_frame"},
        {"coment", "comment"},
        {"ege", "age"},
        {"u7", "u1"}, /* as near as u2, and first */
        {"U2", "u2"},
        {"xx", NULL},
        {"x", NULL},
        {"", NULL},
        {"ratings_of_all", NULL},
        {"qqqqqqq", NULL},
        {"srvc", NULL},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        const char *got = text_nearest(table[i].word, columns, COUNT(columns));
        if (!table[i].meant ? got != NULL : !got || strcmp(got, table[i].meant) != 0)
            fail_msg("%s -> %s", table[i].word, got ? got : "nothing");
    }
    assert_null(text_nearest("service", NULL, 0));
}

static void bears_long_words(void **state)
{
    (void)state;
    char longest[65], longer[66];
    memset(longest, 'a', sizeof longest);
    memset(longer, 'a', sizeof longer);
    longest[64] = longer[65] = '\0';
    const char *list[] = {longer, longest};
    assert_ptr_equal(text_nearest(longest, list, 2), longest);
    assert_null(text_nearest(longer, list, 2));
    longest[3] = 'b';
    char word[65];
    memset(word, 'a', sizeof word);
    word[64] = '\0';
    assert_ptr_equal(text_nearest(word, list, 2), longest);
}

/* A word with one change is near; with no letter in common it is not. */
static void one_slip_is_near(void **state)
{
    (void)state;
    uint64_t seed = 13;
    for (int i = 0; i < 50000; i++) {
        char word[32], other[32];
        size_t len = 3 + generate_below(&seed, 20), at = generate_below(&seed, len - 1);
        for (size_t k = 0; k < len; k++)
            word[k] = (char)('a' + generate_below(&seed, 13));
        word[len] = '\0';
        memcpy(other, word, len + 1);
        switch (generate_below(&seed, 4)) {
        case 0: /* replaced */
            other[at] = 'z';
            break;
        case 1: /* lost */
            memmove(other + at, other + at + 1, len - at);
            break;
        case 2: /* doubled */
            memmove(other + at + 1, other + at, len - at + 1);
            break;
        default: /* swapped */
            other[at] = word[at + 1];
            other[at + 1] = word[at];
        }
        const char *list[] = {"zzzzzzzzzzzzzzzzzzzzzzzz", word};
        assert_ptr_equal(text_nearest(other, list, 2), word);
        for (size_t k = 0; k < len; k++)
            other[k] = (char)('n' + generate_below(&seed, 12));
        other[len] = '\0';
        assert_null(text_nearest(other, list + 1, 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_meant),
        cmocka_unit_test(bears_long_words),
        cmocka_unit_test(one_slip_is_near),
    };
    return cmocka_run_group_tests_name("common/text_nearest", tests, NULL, NULL);
}
