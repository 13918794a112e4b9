/*
 * For tests: memory that runs out. Include it in the one source file of a test program: it takes
 * the place of malloc there, so that the n-th call can be refused, also those of libraries.
 *
 * Work is done again and again with its first, second, .. n-th allocation refused, until none is
 * any more. scarce_sweep() is for work that computes: each time it must say that it failed, or have
 * come to the very same result as with memory, nothing in between. scarce_each() is for work that
 * leaves something behind, which is looked at after each try.
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
static bool scarce_hit, scarce_lasting;       /* it was; all after it are, too */
static bool scarce_spares_libraries; /* for work whose library gets by without, and says nothing */
extern const char __executable_start[], etext[];

static inline bool scarce_refuses(const char *caller)
{
    if (scarce_at == 0 ||
        (scarce_spares_libraries && (caller < __executable_start || caller >= etext)))
        return false;
    scarce_calls++;
    if (scarce_lasting ? scarce_calls < scarce_at : scarce_calls != scarce_at)
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

static inline void scarce_begin(unsigned long n, bool lasting, struct error *err)
{
    error_clear(err);
    scarce_hit = false;
    scarce_lasting = lasting;
    scarce_calls = 0;
    scarce_at = n;
}

/* Was one refused? */
static inline bool scarce_end(void)
{
    scarce_at = 0;
    return scarce_hit;
}

/* Writes what came out to `out`. -1 with *err: it failed; so it did when out->failed. */
typedef int (*scarce_work)(const void *arg, struct buf *out, struct error *err);

/* Does it with the n-th allocation refused (0: none). Was one refused? */
static inline bool scarce_run(scarce_work work, const void *arg, unsigned long n, struct buf *out,
                              struct error *err, int *rc)
{
    *out = (struct buf){0};
    scarce_begin(n, false, err);
    *rc = work(arg, out, err);
    return scarce_end();
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

/* What is tried: 0, or -1 and *err. It undoes what it made. */
typedef int (*scarce_try)(void *arg, struct error *err);

/*
 * Refuses the n-th alone, and with all that come after it. check (NULL: none) looks at what is
 * there after each try, with its status: a failure must have changed nothing and a success, which
 * libraries can reach in spite of it, must be one. Every failure has a sentence. Returns how many
 * allocations there are.
 */
static inline unsigned long scarce_each(scarce_try try, void (*check)(void *arg, int status),
                                        void *arg)
{
    unsigned long n = 0;
    bool refused;

    for (unsigned lasting = 0; lasting < 2; lasting++) {
        n = 0;
        do {
            struct error err;
            scarce_begin(++n, lasting != 0, &err);
            int status = try(arg, &err);
            refused = scarce_end();
            if (status != 0 && (err.code == ERROR_NONE || err.text[0] == '\0'))
                fail_msg("allocation %lu is refused, and the error says nothing", n);
            if (status != 0 && !refused)
                fail_msg("fails with memory: %s", err.text);
            if (check)
                check(arg, status);
        } while (refused);
    }
    return n - 1;
}

#endif
