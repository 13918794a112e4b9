#include "common/text.h"

#include "common/buf.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The Unicode Standard, table 3-7: the well-formed byte sequences, written down as it stands
 * there. It knows nothing of how text_check works. */
static const uint8_t well_formed[][8] = {
    {0x00, 0x7F},
    {0xC2, 0xDF, 0x80, 0xBF},
    {0xE0, 0xE0, 0xA0, 0xBF, 0x80, 0xBF},
    {0xE1, 0xEC, 0x80, 0xBF, 0x80, 0xBF},
    {0xED, 0xED, 0x80, 0x9F, 0x80, 0xBF},
    {0xEE, 0xEF, 0x80, 0xBF, 0x80, 0xBF},
    {0xF0, 0xF0, 0x90, 0xBF, 0x80, 0xBF, 0x80, 0xBF},
    {0xF1, 0xF3, 0x80, 0xBF, 0x80, 0xBF, 0x80, 0xBF},
    {0xF4, 0xF4, 0x80, 0x8F, 0x80, 0xBF, 0x80, 0xBF},
};

/* Bytes of the first character; 0 when it is none. */
static size_t first_character(const uint8_t *at, size_t size)
{
    for (size_t row = 0; row < COUNT(well_formed); row++) {
        const uint8_t *range = well_formed[row];
        size_t n = 0;
        while (n < 4 && (n == 0 || range[2 * n] != 0))
            if (n >= size || at[n] < range[2 * n] || at[n] > range[2 * n + 1])
                break;
            else
                n++;
        if (n > 0 && (n == 4 || range[2 * n] == 0))
            return n;
    }
    return 0;
}

static enum text_fault expected(const uint8_t *at, size_t size)
{
    while (size > 0) {
        size_t n = first_character(at, size);
        if (n == 0)
            return TEXT_NOT_UTF8;
        if (n == 1 && at[0] == 0)
            return TEXT_NUL;
        if (n == 1 && (at[0] < 0x20 || at[0] == 0x7F) && at[0] != '\n' && at[0] != '\t')
            return TEXT_CONTROL;
        if (n == 2 && at[0] == 0xC2 && at[1] < 0xA0)
            return TEXT_CONTROL;
        at += n;
        size -= n;
    }
    return TEXT_OK;
}

static void check(const uint8_t *at, size_t size)
{
    enum text_fault want = expected(at, size), got = text_check(at, size, size);
    if (got != want) /* assert_int_equal would cost more than the check, millions of times */
        fail_msg("%zu bytes, %02x %02x ..: %d, not %d", size, at[0], size > 1 ? at[1] : 0, got,
                 want);
}

static void checks_all_short_sequences(void **state)
{
    (void)state;
    static const uint8_t ends[] = {0x00, 0x20, 0x7F, 0x80, 0x8F, 0x90,
                                   0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    uint8_t at[4];
    assert_int_equal(text_check(NULL, 0, 0), TEXT_OK);
    for (unsigned a = 0; a < 256; a++) {
        at[0] = (uint8_t)a;
        check(at, 1);
        for (unsigned b = 0; b < 256; b++) {
            at[1] = (uint8_t)b;
            check(at, 2);
            for (size_t c = 0; a >= 0xC0 && c < COUNT(ends); c++) {
                at[2] = ends[c];
                check(at, 3);
                for (size_t d = 0; a >= 0xE0 && d < COUNT(ends); d++) {
                    at[3] = ends[d];
                    check(at, 4);
                }
            }
        }
    }
}

/* Each byte at each place in plain text: no way past the eight bytes at a time. */
static void checks_every_place(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 40; size++) {
        for (size_t place = 0; place < size; place++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                uint8_t at[40];
                memset(at, byte % 3 ? 0x7E : 0x20, sizeof at);
                at[place] = (uint8_t)byte;
                check(at, size);
            }
        }
    }
}

static void checks_random_text(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "pelayanan ",   "\u00e9",   "\u20ac",           "\U0001F600", "\n",
        "\t",           "x",        "\u202e",           "\xc2\x9b",   "\x1b",
        "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80", "\xe2\x82",   "\x80"};
    uint64_t seed = 10;
    for (int i = 0; i < 100000; i++) {
        uint8_t at[256];
        size_t size = 0, bad = generate_below(&seed, 3) ? 8 : COUNT(parts);
        for (size_t n = generate_below(&seed, 20); n > 0; n--) {
            const char *part = parts[generate_below(&seed, bad)];
            memcpy(at + size, part, strlen(part));
            size += strlen(part);
        }
        check(at, size);
        if (size > 0)
            check(at, size - 1);
    }
}

static void limits_the_length(void **state)
{
    (void)state;
    assert_int_equal(text_check("abc", 3, 3), TEXT_OK);
    assert_int_equal(text_check("abc", 3, 2), TEXT_TOO_LONG);
    assert_int_equal(text_check("\xff\xff", 2, 1), TEXT_TOO_LONG);
    for (int fault = TEXT_TOO_LONG; fault <= TEXT_CONTROL; fault++)
        assert_true(strlen(text_fault_reason((enum text_fault)fault)) > 5);
    assert_string_equal(text_fault_reason(TEXT_NOT_UTF8), "is not valid UTF-8");
    assert_non_null(text_fault_reason((enum text_fault)99));
}

static void knows_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        bool is;
    } table[] = {
        {"", 0, true},
        {"a\0b\x1b", 4, true},
        {"\xc3\xa9!", 3, true},
        {"\xc3", 1, false},
        {"\x1b\xff", 2, false},
        {"\xc0\x80", 2, false},
        {"ab\x80", 3, false},
        {"\xed\xa0\x80", 3, false},
        {"\xf0\x9f\x98\x80", 4, true},
        {"\xf0\x9f\x98", 3, false},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        assert_int_equal(text_is_utf8(table[i].text, table[i].size), table[i].is);
}

static void escapes_what_a_terminal_would_obey(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } table[] = {
        {"", ""},
        {"Pelayanan baik", "Pelayanan baik"},
        {"a\nb\tc\rd", "a\\nb\\tc\\x0dd"},
        {"\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"},
        {"\x7f", "\\x7f"},
        {"\xc2\x80\xc2\x9b"
         "2J\u00a0",
         "\\u0080\\u009b2J\u00a0"},
        {"a\u202eb\u2066c\u2069\u200f\u061c", "a\\u202eb\\u2066c\\u2069\\u200f\\u061c"},
        {"\u2028\u2029\ufeff", "\\u2028\\u2029\\ufeff"},
        {"\U000E0041", "\\U000e0041"},
        {"caf\u00e9 \u20ac \U0001F600", "caf\u00e9 \u20ac \U0001F600"},
        {"\xff\xc0\xaf", "\\xff\\xc0\\xaf"},
        {"x\xe2\x82", "x\\xe2\\x82"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"\\x1b", "\\x1b"},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct buf out = {0};
        buf_puts(&out, "");
        text_escape(&out, table[i].text, strlen(table[i].text));
        assert_string_equal(out.data, table[i].shown);
        buf_release(&out);
    }
    struct buf out = {0};
    text_escape(&out, "\0", 1);
    assert_string_equal(out.data, "\\x00");
    buf_release(&out);
}

/* Whatever goes in, text without control characters comes out, and comes out as it is. */
static void escaped_text_is_safe(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < 20000; i++) {
        uint8_t data[64];
        size_t size = generate_below(&seed, sizeof data);
        generate_bytes(&seed, data, size);
        struct buf once = {0}, twice = {0};
        buf_puts(&once, "");
        buf_puts(&twice, "");
        text_escape(&once, data, size);
        assert_int_equal(text_check(once.data, once.len, once.len), TEXT_OK);
        assert_null(strpbrk(once.data, "\n\t"));
        text_escape(&twice, once.data, once.len);
        assert_string_equal(once.data, twice.data);
        buf_release(&once);
        buf_release(&twice);
    }
}

static void measures_columns(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t width;
    } table[] = {
        {"", 0},
        {"abc", 3},
        {"caf\u00e9", 4},
        {"cafe\u0301", 4},
        {"\u8cea\u554f", 4},
        {"\U0001F600", 2},
        {"\u200b", 0},
        {"a\xff"
         "b",
         3},
        {"\u20ac", 1},
        {"\xe2\x82", 2},
    };
    for (size_t i = 0; i < COUNT(table); i++)
        if (text_width(table[i].text, strlen(table[i].text)) != table[i].width)
            fail_msg("%s: %zu", table[i].text, text_width(table[i].text, strlen(table[i].text)));
}

static void knows_codes(void **state)
{
    (void)state;
    char longest[66];
    memset(longest, 'a', sizeof longest);
    longest[64] = '\0';
    const char *good[] = {"BBPOM-SMG", "UMUM", "a", "0", "_x", "skm-2017", "a.b", longest};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(text_is_code(good[i]));
    longest[64] = 'a';
    longest[65] = '\0';
    const char *bad[] = {"",    ".a",  "-a",     " a",  "a ",  "a b",   "a/b",  "..",
                         "a:b", "a\n", "\u00e9", "a%s", "'a'", "a\x7f", "<=20", longest};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(text_is_code(bad[i]));
    for (int c = 1; c < 256; c++) {
        char text[3] = {'a', (char)c, '\0'};
        bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '.' || c == '_' || c == '-';
        assert_int_equal(text_is_code(text), letter);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_all_short_sequences),
        cmocka_unit_test(checks_every_place),
        cmocka_unit_test(checks_random_text),
        cmocka_unit_test(limits_the_length),
        cmocka_unit_test(knows_utf8),
        cmocka_unit_test(escapes_what_a_terminal_would_obey),
        cmocka_unit_test(escaped_text_is_safe),
        cmocka_unit_test(measures_columns),
        cmocka_unit_test(knows_codes),
    };
    return cmocka_run_group_tests_name("common/text", tests, NULL, NULL);
}
