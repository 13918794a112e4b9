/*
 * What went wrong, as a value: the code a program decides by, a sentence for a person, and the
 * field it is about. The lower floors return it; whoever can act on it prints or logs it, once.
 */
#ifndef SUARA_COMMON_ERROR_H
#define SUARA_COMMON_ERROR_H

#include <stdint.h>

/* The codes of the protocol (proto/suara.proto, Error.Code), and two that never travel. */
enum error_code {
    ERROR_NONE = 0,
    ERROR_INVALID = 1,
    ERROR_UNAUTHENTICATED = 2,
    ERROR_PERMISSION_DENIED = 3,
    ERROR_TOO_LARGE = 4,
    ERROR_OVERLOADED = 5,
    ERROR_UNAVAILABLE = 6,
    ERROR_UNSUPPORTED = 7,
    ERROR_INTERNAL = 8,
    ERROR_USAGE = 64, /* the command line or a configuration file is wrong */
    ERROR_IO = 74,    /* a local file or disk failed: nothing was saved */
};

struct error {
    enum error_code code;
    uint32_t retry_after_ms; /* 0: none given */
    char field[64];          /* "" where there is none */
    char text[512];          /* one sentence, no newline at the end */
};

/*
 * Fills *err (which may be NULL) and returns -1, so that a function can end with
 * `return error_set(err, ERROR_INVALID, "u3", "...")`. field may be NULL. Too long a sentence is
 * cut at a character; bytes that are no text (invalid UTF-8, control characters but newline and
 * tab) become \x1b.
 */
__attribute__((format(printf, 4, 5))) int error_set(struct error *err, enum error_code code,
                                                    const char *field, const char *format, ...);

void error_clear(struct error *err);

/* The name of a code in lower case ("permission_denied"), for logs and metrics. */
const char *error_code_name(enum error_code code);

#endif
