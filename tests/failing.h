/*
 * The n-th allocation fails, for every n that there is; those of SQLite, OpenSSL and libcsv, too.
 * For work that leaves something behind, which is looked at after each try (scarce.h compares what
 * comes out). Included by one file of a test.
 */
#ifndef SUARA_TESTS_FAILING_H
#define SUARA_TESTS_FAILING_H

#include "common/error.h"
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct {
    unsigned long left; /* allocations until one fails; 0: none does */
    bool hit, lasting;  /* it did; all after it do, too */
} failing;

#ifdef __SANITIZE_ADDRESS__
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif
extern void *REAL(malloc)(size_t size);
extern void *REAL(calloc)(size_t count, size_t size);
extern void *REAL(realloc)(void *old, size_t size);

static inline bool failing_now(void)
{
    if (failing.hit && failing.lasting && failing.left == 0)
        errno = ENOMEM;
    else if (failing.left == 0 || --failing.left > 0)
        return false;
    failing.hit = true;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return failing_now() ? NULL : REAL(malloc)(size);
}

void *calloc(size_t count, size_t size)
{
    return failing_now() ? NULL : REAL(calloc)(count, size);
}

void *realloc(void *old, size_t size)
{
    return failing_now() ? NULL : REAL(realloc)(old, size);
}

/* What is tried: 0, or -1 and *err. It undoes what it made. */
typedef int failing_fn(void *arg, struct error *err);

static inline int failing_try(failing_fn *try, void *arg, unsigned long n, bool lasting,
                              struct error *err)
{
    error_clear(err);
    failing.hit = false;
    failing.lasting = lasting;
    failing.left = n;
    int status = try(arg, err);
    failing.left = 0;
    failing.lasting = false;
    return status;
}

/*
 * Tries it with the first allocation failing, then the second, .. until none does: alone, and with
 * all that come after it. check (NULL: none) looks at what is there after each, with its status: a
 * failure must have changed nothing and a success, which libraries can reach in spite of it, must
 * be one. Every failure has a sentence. Returns how many allocations there are.
 */
static inline unsigned long failing_each(failing_fn *try, void (*check)(void *arg, int status),
                                         void *arg)
{
    unsigned long n = 0;
    for (unsigned lasting = 0; lasting < 2; lasting++) {
        n = 0;
        do {
            struct error err;
            int status = failing_try(try, arg, ++n, lasting, &err);
            if (status != 0 && (err.code == ERROR_NONE || !err.text[0]))
                fail_msg("allocation %lu: an error without a word", n);
            if (status != 0 && !failing.hit)
                fail_msg("all memory was there: %s", err.text);
            if (check)
                check(arg, status);
        } while (failing.hit);
    }
    return n - 1;
}

#endif
