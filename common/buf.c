#include "common/buf.h"

#include <stdint.h>

#define BUF_LEAST 64u

void buf_release(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data)
        buf->data[0] = '\0';
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

void buf_done(struct buf *part, struct buf *out)
{
    if (part->failed)
        out->failed = true;
    buf_release(part);
}

char *buf_reserve(struct buf *buf, size_t len)
{
    if (buf->failed)
        return NULL;
    if (len >= SIZE_MAX / 4 || buf->len >= SIZE_MAX / 4) {
        buf->failed = true;
        return NULL;
    }
    size_t need = buf->len + len + 1;
    if (need > buf->cap) {
        size_t cap = buf->cap ? buf->cap : BUF_LEAST;
        while (cap < need)
            cap *= 2;
        char *data = realloc(buf->data, cap);
        if (!data) {
            buf->failed = true;
            return NULL;
        }
        buf->data = data;
        buf->cap = cap;
    }
    buf->data[buf->len] = '\0';
    buf->data[buf->len + len] = '\0'; /* for the caller who fills all of it */
    return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
    char *to = buf_reserve(buf, len);
    if (!to || len == 0)
        return;
    memcpy(to, data, len);
    buf->len += len;
}

void buf_puts(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_putc(struct buf *buf, char c)
{
    buf_add(buf, &c, 1);
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    char *to = buf_reserve(buf, 0);
    if (!to)
        return;
    size_t room = buf->cap - buf->len;
    va_copy(again, args);
    int len = vsnprintf(to, room, format, again);
    va_end(again);
    if (len >= 0 && (size_t)len >= room) {
        to = buf_reserve(buf, (size_t)len);
        if (!to) {
            buf->data[buf->len] = '\0';
            return;
        }
        len = vsnprintf(to, (size_t)len + 1, format, args);
    }
    if (len < 0) {
        buf->data[buf->len] = '\0';
        buf->failed = true;
        return;
    }
    buf->len += (size_t)len;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

static void put_be(struct buf *buf, unsigned long long value, size_t bytes)
{
    unsigned char out[8];
    for (size_t i = 0; i < bytes; i++)
        out[i] = (unsigned char)(value >> (8 * (bytes - 1 - i)));
    buf_add(buf, out, bytes);
}

void buf_put_u16(struct buf *buf, unsigned value)
{
    put_be(buf, value, 2);
}

void buf_put_u32(struct buf *buf, unsigned long value)
{
    put_be(buf, value, 4);
}

void buf_put_u64(struct buf *buf, unsigned long long value)
{
    put_be(buf, value, 8);
}
