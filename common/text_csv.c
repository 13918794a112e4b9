#include "common/text.h"

#include "common/buf.h"

static size_t skip_digits(const char *at, size_t size)
{
    size_t n = 0;
    while (n < size && at[n] >= '0' && at[n] <= '9')
        n++;
    return n;
}

/* [+-] digits [. digits] [e [+-] digits] */
static bool is_number(const char *at, size_t size)
{
    size_t i = size > 0 && (at[0] == '+' || at[0] == '-') ? 1 : 0;
    size_t n = skip_digits(at + i, size - i);
    if (n == 0)
        return false;
    i += n;
    if (i < size && at[i] == '.') {
        n = skip_digits(at + i + 1, size - i - 1);
        if (n == 0)
            return false;
        i += 1 + n;
    }
    if (i < size && (at[i] == 'e' || at[i] == 'E')) {
        i++;
        if (i < size && (at[i] == '+' || at[i] == '-'))
            i++;
        n = skip_digits(at + i, size - i);
        if (n == 0)
            return false;
        i += n;
    }
    return i == size;
}

/* The characters of OWASP's "CSV injection", and their full-width forms, which some take alike. */
static bool is_formula(const char *at, size_t size)
{
    static const char *const wide[] = {"\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};
    if (size == 0)
        return false;
    if (memchr("=+-@\t\r", at[0], 6))
        return !is_number(at, size);
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (size >= 3 && memcmp(at, wide[i], 3) == 0)
            return true;
    return false;
}

/* Semicolon and tab too: where the decimal sign is a comma, spreadsheets split at semicolons. */
static bool needs_quotes(const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (memchr(",;\"\t\r\n", at[i], 6))
            return true;
    return size > 0 && (at[0] == ' ' || at[size - 1] == ' ');
}

bool text_csv_guarded(const void *data, size_t size)
{
    const char *at = data;
    size_t n = 0;
    while (n < size && at[n] == '\'')
        n++;
    return n > 0 && n < size && (memchr("=+-@\t\r", at[n], 6) || (unsigned char)at[n] == 0xEF);
}

void text_csv_field(struct buf *out, const void *data, size_t size)
{
    const char *at = data;
    bool quotes = needs_quotes(at, size);
    if (quotes)
        buf_putc(out, '"');
    if (is_formula(at, size) || text_csv_guarded(at, size))
        buf_putc(out, '\'');
    while (quotes && size > 0) {
        const char *quote = memchr(at, '"', size);
        if (!quote)
            break;
        size_t n = (size_t)(quote - at) + 1;
        buf_add(out, at, n);
        buf_putc(out, '"');
        at += n;
        size -= n;
    }
    if (size > 0)
        buf_add(out, at, size);
    if (quotes)
        buf_putc(out, '"');
}
