#include "common/error.h"

#include "common/text.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* A cut in the middle of a UTF-8 sequence would make the whole sentence invalid for the peer. */
static void cut_at_character(char *text, size_t len)
{
    size_t start = len;
    while (start > 0 && len - start < 3 && ((unsigned char)text[start - 1] & 0xC0u) == 0x80u)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (len - (start - 1) < need)
        text[start - 1] = '\0';
}

/* Arguments hold bytes of files and peers, and a precision cuts them anywhere: what is no text is
 * shown as text_escape would, so that the sentence can be sent and printed by whoever gets it. */
static void make_text(char *text, size_t size)
{
    if (text_check(text, strlen(text), size) == TEXT_OK)
        return;
    char raw[sizeof((struct error *)NULL)->text];
    size_t length = strlen(text), used = 0;
    memcpy(raw, text, length + 1);
    for (size_t at = 0; at < length;) {
        size_t n = 1;
        while (n < 4 && n < length - at && text_check(raw + at, n, n) != TEXT_OK)
            n++;
        bool good = text_check(raw + at, n, n) == TEXT_OK;
        if (used + (good ? n : 4) >= size)
            break;
        if (good)
            memcpy(text + used, raw + at, n);
        else
            snprintf(text + used, 5, "\\x%02x", (unsigned char)raw[at]);
        used += good ? n : 4;
        at += good ? n : 1;
    }
    text[used] = '\0';
}

int error_set(struct error *err, enum error_code code, const char *field, const char *format, ...)
{
    if (!err)
        return -1;

    /* Built aside: the arguments may point into *err, when a sentence is wrapped in another. */
    struct error next = {.code = code};
    va_list args;
    va_start(args, format);
    int len = vsnprintf(next.text, sizeof next.text, format, args);
    va_end(args);
    if (len >= (int)sizeof next.text)
        cut_at_character(next.text, sizeof next.text - 1);

    /* What libpq and OpenSSL say ends in a newline. */
    size_t end = strlen(next.text);
    while (end > 0 && (next.text[end - 1] == '\n' || next.text[end - 1] == '\r'))
        next.text[--end] = '\0';

    if (field && snprintf(next.field, sizeof next.field, "%s", field) >= (int)sizeof next.field)
        cut_at_character(next.field, sizeof next.field - 1);
    make_text(next.text, sizeof next.text);
    make_text(next.field, sizeof next.field);
    *err = next;
    return -1;
}

void error_clear(struct error *err)
{
    if (err)
        *err = (struct error){.code = ERROR_NONE};
}

const char *error_code_name(enum error_code code)
{
    switch (code) {
    case ERROR_NONE:
        return "none";
    case ERROR_INVALID:
        return "invalid";
    case ERROR_UNAUTHENTICATED:
        return "unauthenticated";
    case ERROR_PERMISSION_DENIED:
        return "permission_denied";
    case ERROR_TOO_LARGE:
        return "too_large";
    case ERROR_OVERLOADED:
        return "overloaded";
    case ERROR_UNAVAILABLE:
        return "unavailable";
    case ERROR_UNSUPPORTED:
        return "unsupported";
    case ERROR_INTERNAL:
        return "internal";
    case ERROR_USAGE:
        return "usage";
    case ERROR_IO:
        return "io";
    }
    return "unknown"; /* a newer peer's code */
}
