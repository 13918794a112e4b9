#include "common/text.h"

#include "common/buf.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void writes_fields(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field;
    } table[] = {
        {"", ""},
        {"baik", "baik"},
        {"a b", "a b"},
        {" a", "\" a\""},
        {"a,b", "\"a,b\""},
        {"a;b", "\"a;b\""},
        {"a\tb", "\"a\tb\""},
        {"a\nb", "\"a\nb\""},
        {"a\r\nb", "\"a\r\nb\""},
        {"say \"ya\"", "\"say \"\"ya\"\"\""},
        {"\"", "\"\"\"\""},
        {"=1+1", "'=1+1"},
        {"=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"},
        {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
        {"@SUM(A1)", "'@SUM(A1)"},
        {"+SUM(A1)", "'+SUM(A1)"},
        {"-SUM(A1)", "'-SUM(A1)"},
        {"\tx", "\"'\tx\""},
        {"\rx", "\"'\rx\""},
        {"-", "'-"},
        {"+", "'+"},
        {"=", "'="},
        {"'=1+1", "''=1+1"},
        {"''=1+1", "'''=1+1"},
        {"'-5", "''-5"},
        {"'", "'"},
        {"''", "''"},
        {"'tis", "'tis"},
        {"-5", "-5"},
        {"+5", "+5"},
        {"-5.25", "-5.25"},
        {"-1e3", "-1e3"},
        {"+1.5E-10", "+1.5E-10"},
        {"-5.", "'-5."},
        {"-.5", "'-.5"},
        {"-5e", "'-5e"},
        {"-5e+", "'-5e+"},
        {"+62 812", "'+62 812"},
        {"-5+cmd", "'-5+cmd"},
        {"-1,5", "\"'-1,5\""},
        {"78.74", "78.74"},
        {"\uFF1D1", "'\uFF1D1"},
        {"\uFF20x", "'\uFF20x"},
        {"\u00e9", "\u00e9"},
        {"a=b", "a=b"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct buf out = {0};
        buf_puts(&out, "");
        text_csv_field(&out, table[i].text, strlen(table[i].text));
        assert_string_equal(out.data, table[i].field);
        buf_release(&out);
    }
}

/* A reader of RFC 4180, written for this test: one field, and nothing behind it. */
static void read_field(const struct buf *field, struct buf *out)
{
    const char *at = field->data;
    buf_puts(out, "");
    if (*at != '"') {
        assert_null(strpbrk(at, "\",\r\n"));
        buf_puts(out, at);
        return;
    }
    for (at++; *at != '"' || at[1] == '"'; at++) {
        assert_int_not_equal(*at, '\0');
        if (*at == '"')
            at++;
        buf_putc(out, *at);
    }
    assert_int_equal(at[1], '\0');
}

/* Any text comes back as it was, or with the one ' in front; and is no formula. */
static void fields_come_back(void **state)
{
    (void)state;
    static const char letters[] = "abc,;\"\n\r\t =+-@'.e01";
    uint64_t seed = 12;
    for (int i = 0; i < 100000; i++) {
        char text[16];
        size_t len = generate_below(&seed, sizeof text);
        for (size_t k = 0; k < len; k++)
            text[k] = letters[generate_below(&seed, sizeof letters - 1)];
        text[len] = '\0';
        struct buf field = {0}, back = {0};
        buf_puts(&field, "");
        text_csv_field(&field, text, len);
        read_field(&field, &back);
        bool formula = strcmp(back.data, text) != 0;
        if (formula) {
            assert_int_equal(back.data[0], '\'');
            assert_string_equal(back.data + 1, text);
        } else if (len > 0 && strchr("=+-@\t\r", text[0])) {
            char *end;
            strtod(text, &end);
            assert_int_equal(*end, '\0');
        }
        buf_release(&field);
        buf_release(&back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_fields),
        cmocka_unit_test(fields_come_back),
    };
    return cmocka_run_group_tests_name("common/text_csv", tests, NULL, NULL);
}
