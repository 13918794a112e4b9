/*
 * What check and submit share: the options that say how a file is read, and telling what came of
 * it.
 */
#ifndef SUARA_CLIENT_CMD_IMPORT_H
#define SUARA_CLIENT_CMD_IMPORT_H

#include "client/app/submit.h"

struct cmd_call;
struct error;
struct instruments;
struct profile;

/* Entries of an option table. */
#define IMPORT_OPTIONS                                                                             \
    {"service", "CODE", "service of the rows that name none", false},                              \
        {"channel", "CODE", "kiosk, web, paper, phone or forum, likewise", false},                 \
        {"stakeholder", "CODE", "public, business, academia .., likewise", false},                 \
        {"perspective", "CODE", "recipient (default) or provider, likewise", false},               \
        {"collected-at", "TIME", "day or time of the rows that tell none", false},                 \
        {"instrument", "CODE", "questionnaire of the file (default: skm-2017)", false},            \
        {"id-column", "COLUMN", "column that tells one response from all others", false},          \
    {                                                                                              \
        "map", "FILE", "renames columns and values", false                                         \
    }

/* Options of submit_file from the command line; strings are those of argv. may_ask: the server, for
 * a questionnaire that is not here, which then lives as `instruments`. The exit status: words that
 * are in no list are told here. */
int import_options(const struct cmd_call *call, struct profile *profile,
                   struct instruments *instruments, bool may_ask, struct submit_options *out);

/* Loads the profile, which must be an office's. The exit status. */
int import_profile(const char *name, struct profile *out);

/* Runs submit_file with progress on a terminal. */
int import_run(const struct profile *profile, struct outbox *outbox, const char *path,
               const struct submit_options *options, struct submit_result *out, struct error *err)
    __attribute__((warn_unused_result));

/* Of a check: the first reasons, and how many more there are. The exit status. */
int import_tell_reasons(const struct submit_result *result);

/* Says how many rows were rejected, where they are, and the first few reasons. The exit status. */
int import_tell_rejected(const char *path, const struct submit_result *result);

#endif
