/*
 * What fuzz targets share: a file of tests/fuzz is one target, the bytes are what a stranger may
 * send. Sanitizers find what breaks memory; `must` says what else may never happen.
 */
#ifndef SUARA_TESTS_FUZZ_H
#define SUARA_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The one entry of a target: called once for each input, from libFuzzer or from replay.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input; else the run ends with the input as a finding. */
#define must(condition) ((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))

__attribute__((noreturn)) static inline void fuzz_broken(const char *what, const char *file,
                                                         int line)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

/* The input as choices: taken from the front; zeros when it is used up. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | fuzz_byte(in);
    return value;
}

/* A copy of its own size, so that a byte read behind it is noticed; zero-terminated where text is
 * wanted. Free it. */
static inline char *fuzz_copy(const void *data, size_t size, size_t zeros)
{
    char *copy = malloc(size + zeros ? size + zeros : 1);
    must(copy);
    if (size)
        memcpy(copy, data, size);
    memset(copy + size, 0, zeros);
    return copy;
}

/* At most `most` bytes of the front. */
static inline struct fuzz_input fuzz_take(struct fuzz_input *in, size_t most)
{
    struct fuzz_input part = {in->at, in->left < most ? in->left : most};
    in->at += part.left;
    in->left -= part.left;
    return part;
}

#endif
