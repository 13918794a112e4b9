/*
 * For tests: memory that runs out. Include it in the one source file of a test program: it takes
 * the place of malloc there, so that the n-th call can be refused, also those of libraries.
 *
 * scarce_sweep() does a piece of work once with memory, and then again and again with its first,
 * second, .. n-th allocation refused, until none is any more. Each time the work must say that it
 * failed, or have come to the very same result: nothing in between.
 */
#ifndef SUARA_TESTS_SCARCE_H
#define SUARA_TESTS_SCARCE_H

#include "common/buf.h"
#include "common/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define SCARCE(name) __interceptor_##name
#else
#define SCARCE(name) __libc_##name
#endif
extern void *SCARCE(malloc)(size_t size);
extern void *SCARCE(calloc)(size_t count, size_t size);
extern void *SCARCE(realloc)(void *old, size_t size);

static unsigned long scarce_calls, scarce_at; /* the call that is refused; 0: none */
static bool scarce_hit;
static bool scarce_spares_libraries; /* for work whose library gets by without, and says nothing */
extern const char __executable_start[], etext[];

static inline bool scarce_refuses(const char *caller)
{
    if (scarce_at == 0 ||
        (scarce_spares_libraries && (caller < __executable_start || caller >= etext)))
        return false;
    if (++scarce_calls != scarce_at)
        return false;
    scarce_hit = true;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return scarce_refuses(__builtin_return_address(0)) ? NULL : SCARCE(malloc)(size);
}

void *calloc(size_t count, size_t size)
{
    return scarce_refuses(__builtin_return_address(0)) ? NULL : SCARCE(calloc)(count, size);
}

void *realloc(void *old, size_t size)
{
    return scarce_refuses(__builtin_return_address(0)) ? NULL : SCARCE(realloc)(old, size);
}

/* A text that no block of an arena has room for, so that each copy of it is an allocation. */
static inline const char *scarce_long(void)
{
    static char text[1100001];

    memset(text, 'x', sizeof text - 1);
    return text;
}

/* Writes what came out to `out`. -1 with *err: it failed; so it did when out->failed. */
typedef int (*scarce_work)(const void *arg, struct buf *out, struct error *err);

/* Does it with the n-th allocation refused (0: none). Was one refused? */
static inline bool scarce_run(scarce_work work, const void *arg, unsigned long n, struct buf *out,
                              struct error *err, int *rc)
{
    *out = (struct buf){0};
    error_clear(err);
    scarce_hit = false;
    scarce_calls = 0;
    scarce_at = n;
    *rc = work(arg, out, err);
    scarce_at = 0;
    return scarce_hit;
}

/* Up to 60 bytes of both from where they part. */
static inline void scarce_differ(const char *name, unsigned long n, const struct buf *out,
                                 const struct buf *good)
{
    size_t at = 0;

    while (at < out->len && at < good->len && out->data[at] == good->data[at])
        at++;
    fail_msg(
        "%s: allocation %lu is refused, it does not say so, and came to \"%.160s\" in place of "
        "\"%.160s\"",
        name, n, buf_text(out) + at, buf_text(good) + at);
}

/* How often one was refused. */
static inline unsigned long scarce_sweep(const char *name, scarce_work work, const void *arg)
{
    struct buf good, out;
    struct error err;
    int rc;
    unsigned long n = 1;

    scarce_run(work, arg, 0, &good, &err, &rc);
    if (rc != 0 || good.failed)
        fail_msg("%s: fails with memory: %s", name, err.text);
    for (;; n++) {
        bool refused = scarce_run(work, arg, n, &out, &err, &rc);
        bool same = out.len == good.len && memcmp(buf_text(&out), buf_text(&good), good.len) == 0;

        if (rc != 0 && (err.code == ERROR_NONE || err.text[0] == '\0'))
            fail_msg("%s: allocation %lu is refused, and the error says nothing", name, n);
        if (rc == 0 && !out.failed && !same)
            scarce_differ(name, n, &out, &good);
        buf_release(&out);
        if (!refused)
            break;
    }
    assert_int_equal(rc, 0);
    buf_release(&good);
    return n - 1;
}

#endif
