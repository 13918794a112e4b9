/*
 * A growing byte buffer whose failures stick: add as often as you like, look at `failed` once.
 * The data is always zero-terminated (the zero is not counted) once anything was added.
 */
#ifndef SUARA_COMMON_BUF_H
#define SUARA_COMMON_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NULL until the first byte */
    size_t len, cap;
    bool failed; /* memory ran out: data is what was there before */
};

/* A buf is valid when zeroed: `struct buf b = {0};`. */
void buf_release(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the memory; forgets a failure */

/* What was added, as text; "" before anything was. */
const char *buf_text(const struct buf *buf);

/* Releases what was made apart for `out`, which has failed if that had. */
void buf_done(struct buf *part, struct buf *out);

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *buf, const char *format, ...);
__attribute__((format(printf, 2, 0))) void buf_vprintf(struct buf *buf, const char *format,
                                                       va_list args);

/* Room for len more bytes behind data[len]; NULL (and failed) without memory. The caller fills it
 * and adds to buf->len; the zero behind it is there when all of it is filled. */
char *buf_reserve(struct buf *buf, size_t len);

/* Numbers in network order, for binary formats. */
void buf_put_u16(struct buf *buf, unsigned value);
void buf_put_u32(struct buf *buf, unsigned long value);
void buf_put_u64(struct buf *buf, unsigned long long value);

#endif
