#include "common/text.h"

#include "common/buf.h"

#include <utf8proc.h>

static bool is_control(int32_t point)
{
    return point < 0x20 || (point >= 0x7F && point <= 0x9F);
}

/* True when eight bytes are all printable ASCII (0x20..0x7E): most text is, and is done with. */
static bool eight_plain(const uint8_t *at)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    /* Without high bits no byte borrows from or carries into its neighbour. */
    return ((word | ((word & ~highs) + ones)) & highs) == 0 &&
           (((word | highs) - ones * 0x20u) & highs) == highs;
}

enum text_fault text_check(const void *data, size_t size, size_t max)
{
    if (size > max)
        return TEXT_TOO_LONG;
    const uint8_t *at = data;
    while (size > 0) {
        if (size >= 8 && eight_plain(at)) {
            at += 8;
            size -= 8;
            continue;
        }
        if (*at >= 0x20 && *at < 0x7F) {
            at++;
            size--;
            continue;
        }
        int32_t point;
        utf8proc_ssize_t used = utf8proc_iterate(at, (utf8proc_ssize_t)size, &point);
        if (used <= 0)
            return TEXT_NOT_UTF8;
        if (point == 0)
            return TEXT_NUL;
        if (is_control(point) && point != '\n' && point != '\t')
            return TEXT_CONTROL;
        at += used;
        size -= (size_t)used;
    }
    return TEXT_OK;
}

const char *text_fault_reason(enum text_fault fault)
{
    switch (fault) {
    case TEXT_OK:
        return "is well-formed";
    case TEXT_TOO_LONG:
        return "is too long";
    case TEXT_NOT_UTF8:
        return "is not valid UTF-8";
    case TEXT_NUL:
        return "contains a zero byte";
    case TEXT_CONTROL:
        return "contains a control character";
    }
    return "is not text";
}

/*
 * What changes how other text is shown without being seen: bidirectional controls (UAX #9), line
 * and paragraph separators, byte order mark, annotation and tag characters.
 */
static bool is_deceptive(int32_t point)
{
    return point == 0x061C || point == 0x200E || point == 0x200F ||
           (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
           point == 0xFEFF || (point >= 0xFFF9 && point <= 0xFFFB) ||
           (point >= 0xE0000 && point <= 0xE007F);
}

static void escape_point(struct buf *out, int32_t point)
{
    if (point == '\n')
        buf_puts(out, "\\n");
    else if (point == '\t')
        buf_puts(out, "\\t");
    else if (point < 0x80)
        buf_printf(out, "\\x%02x", (unsigned)point);
    else if (point < 0x10000)
        buf_printf(out, "\\u%04x", (unsigned)point);
    else
        buf_printf(out, "\\U%08x", (unsigned)point);
}

void text_escape(struct buf *out, const void *data, size_t size)
{
    if (size == 0)
        return; /* data may be NULL then */
    const uint8_t *at = data, *plain = at, *end = at + size;
    while (at < end) {
        int32_t point = *at;
        utf8proc_ssize_t used = 1;
        if (point >= 0x80)
            used = utf8proc_iterate(at, end - at, &point);
        if (used > 0 && !is_control(point) && !is_deceptive(point)) {
            at += used;
            continue;
        }
        buf_add(out, plain, (size_t)(at - plain));
        if (used > 0) {
            escape_point(out, point);
            at += used;
        } else {
            buf_printf(out, "\\x%02x", (unsigned)*at);
            at++;
        }
        plain = at;
    }
    if (end > plain)
        buf_add(out, plain, (size_t)(end - plain));
}

bool text_is_utf8(const void *data, size_t size)
{
    const uint8_t *at = data, *end = size ? at + size : at; /* NULL of 0 */
    int32_t point;
    while (at < end) {
        utf8proc_ssize_t used = utf8proc_iterate(at, end - at, &point);
        if (used <= 0)
            return false;
        at += used;
    }
    return true;
}

size_t text_width(const void *data, size_t size)
{
    const uint8_t *at = data;
    size_t width = 0;
    while (size > 0) {
        int32_t point;
        utf8proc_ssize_t used = utf8proc_iterate(at, (utf8proc_ssize_t)size, &point);
        if (used <= 0) {
            used = 1; /* shown as one replacement character */
            width++;
        } else {
            int columns = utf8proc_charwidth(point);
            width += columns > 0 ? (size_t)columns : 0;
        }
        at += used;
        size -= (size_t)used;
    }
    return width;
}

bool text_is_code(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._-";
    size_t len = strnlen(text, 65);
    return len >= 1 && len <= 64 && text[0] != '.' && text[0] != '-' &&
           strspn(text, letters) == len;
}
