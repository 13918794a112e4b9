#include "common/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void says_what_was_said(void **state)
{
    (void)state;
    struct error err = {.retry_after_ms = 7};
    assert_int_equal(error_set(&err, ERROR_INVALID, "u3", "is %d", 5), -1);
    assert_int_equal(err.code, ERROR_INVALID);
    assert_string_equal(err.field, "u3");
    assert_string_equal(err.text, "is 5");
    assert_int_equal(err.retry_after_ms, 0);
    error_clear(&err);
    assert_int_equal(err.code, ERROR_NONE);
    assert_string_equal(err.text, "");
    assert_string_equal(err.field, "");
}

static void takes_null(void **state)
{
    (void)state;
    assert_int_equal(error_set(NULL, ERROR_IO, NULL, "x"), -1);
    error_clear(NULL);
    struct error err;
    assert_int_equal(error_set(&err, ERROR_IO, NULL, "x"), -1);
    assert_string_equal(err.field, "");
}

static void can_wrap_itself(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERROR_IO, "path", "no space");
    error_set(&err, ERROR_UNAVAILABLE, err.field, "saving: %s", err.text);
    assert_string_equal(err.text, "saving: no space");
    assert_string_equal(err.field, "path");
}

static void drops_the_newline_at_the_end(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERROR_UNAVAILABLE, NULL, "could not connect\nis it there?\r\n\n");
    assert_string_equal(err.text, "could not connect\nis it there?");
}

/* Sentences of each length around the size, made of characters of 1 to 4 bytes. */
static void cuts_at_a_character(void **state)
{
    (void)state;
    static const char *const characters[] = {"x", "\u00e9", "\u20ac", "\U0001F600"};
    for (size_t c = 0; c < COUNT(characters); c++) {
        size_t width = strlen(characters[c]);
        for (size_t shift = 0; shift < 4; shift++) {
            char text[1024] = "";
            size_t len = shift;
            memset(text, 'a', shift);
            for (; len < 600; len += width)
                memcpy(text + len, characters[c], width + 1);
            struct error err;
            error_set(&err, ERROR_INVALID, text, "%s", text);
            size_t room = sizeof err.text - 1;
            assert_int_equal(strlen(err.text), shift + (room - shift) / width * width);
            assert_memory_equal(err.text, text, strlen(err.text));
            room = sizeof err.field - 1;
            assert_int_equal(strlen(err.field), shift + (room - shift) / width * width);
        }
    }
}

static void keeps_what_just_fits(void **state)
{
    (void)state;
    char text[512];
    memset(text, 'a', sizeof text);
    memcpy(text + 509, "\u00e9", 3);
    struct error err;
    error_set(&err, ERROR_INVALID, NULL, "%s", text);
    assert_string_equal(err.text, text);
}

/* Whatever bytes of files and peers are in it. */
static void is_text_always(void **state)
{
    (void)state;
    static const struct {
        const char *given, *text;
    } table[] = {
        {"no \xff option", "no \\xff option"},
        {"\x1b[31mred", "\\x1b[31mred"},
        {"cut: \xe2\x82", "cut: \\xe2\\x82"},
        {"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 a\tb\nc",
         "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 a\tb\nc"},
        {"\xe2\x82\xac\xe2\x82 \xc2\x85", "\xe2\x82\xac\\xe2\\x82 \\xc2\\x85"},
    };
    struct error err;
    for (size_t i = 0; i < COUNT(table); i++) {
        error_set(&err, ERROR_INVALID, table[i].given, "%s", table[i].given);
        assert_string_equal(err.text, table[i].text);
        assert_string_equal(err.field, table[i].text);
    }
    char long_one[600];
    memset(long_one, 0xff, sizeof long_one - 1);
    long_one[sizeof long_one - 1] = '\0';
    error_set(&err, ERROR_INVALID, long_one, "%s", long_one);
    assert_int_equal(strlen(err.text), 508);
    assert_int_equal(strlen(err.field), 60);
}

static void names_each_code(void **state)
{
    (void)state;
    static const struct {
        enum error_code code;
        const char *name;
    } table[] = {
        {ERROR_NONE, "none"},
        {ERROR_INVALID, "invalid"},
        {ERROR_UNAUTHENTICATED, "unauthenticated"},
        {ERROR_PERMISSION_DENIED, "permission_denied"},
        {ERROR_TOO_LARGE, "too_large"},
        {ERROR_OVERLOADED, "overloaded"},
        {ERROR_UNAVAILABLE, "unavailable"},
        {ERROR_UNSUPPORTED, "unsupported"},
        {ERROR_INTERNAL, "internal"},
        {ERROR_USAGE, "usage"},
        {ERROR_IO, "io"},
        {(enum error_code)99, "unknown"},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        assert_string_equal(error_code_name(table[i].code), table[i].name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_was_said),  cmocka_unit_test(takes_null),
        cmocka_unit_test(can_wrap_itself),     cmocka_unit_test(drops_the_newline_at_the_end),
        cmocka_unit_test(cuts_at_a_character), cmocka_unit_test(keeps_what_just_fits),
        cmocka_unit_test(names_each_code),     cmocka_unit_test(is_text_always),
    };
    return cmocka_run_group_tests_name("common/error", tests, NULL, NULL);
}
