/*
 * One line per event, key=value, to the journal or to stderr. Never an answer, never a text of a
 * respondent, never a key: callers pass names, numbers and codes only. Values with spaces, quotes
 * or control characters are quoted and escaped.
 *
 *   LOG(LOG_INFO, "session.open", log_u("session", id), log_s("peer", address));
 *   -> info session.open session=17 peer=127.0.0.1:51514
 */
#ifndef SUARA_COMMON_LOG_H
#define SUARA_COMMON_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_INFO = 6, LOG_DEBUG = 7 }; /* syslog's numbers */

enum log_target {
    LOG_STDERR,  /* with the time in front */
    LOG_JOURNAL, /* stderr of a unit: "<6>" in front (sd-daemon(3)), no time */
};

struct log_field {
    const char *key;  /* NULL ends the list */
    const char *text; /* NULL: the number */
    int64_t number;
};

static inline struct log_field log_s(const char *key, const char *text)
{
    return (struct log_field){key, text ? text : "", 0};
}
static inline struct log_field log_i(const char *key, int64_t number)
{
    return (struct log_field){key, NULL, number};
}
static inline struct log_field log_u(const char *key, uint64_t number)
{
    return (struct log_field){key, NULL, (int64_t)number};
}

void log_open(enum log_target target, enum log_level most);
void log_write(enum log_level level, const char *event, const struct log_field *fields);

#define LOG(level, event, ...)                                                                     \
    log_write((level), (event), (const struct log_field[]){__VA_ARGS__, {NULL, NULL, 0}})

#endif
