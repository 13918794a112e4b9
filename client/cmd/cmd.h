/*
 * The commands: one per file, each ending in a const struct cmd; one table of them all. The option
 * table of a command gives its parsing, its help and the dump that the manual is checked against.
 */
#ifndef SUARA_CLIENT_CMD_CMD_H
#define SUARA_CLIENT_CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum cmd_exit {
    CMD_DONE = 0,
    CMD_WRONG_USE = 64,
    CMD_REJECTED = 65,    /* some input was not taken; the rest was */
    CMD_AWAY = 69,        /* the server can't be reached; the outbox holds it */
    CMD_NOT_SAVED = 74,   /* disk or output failed */
    CMD_NOT_ALLOWED = 77, /* certificate or role */
    CMD_STOPPED = 130     /* by Ctrl-C */
};

struct cmd_option {
    const char *name;     /* "from", without the dashes; NULL ends the table */
    const char *argument; /* "DATE"; NULL: a flag */
    const char *help;     /* one line */
    bool hidden;          /* neither in help nor in the manual */
};

struct cmd_call;

struct cmd {
    const char *name;     /* one to three words: "outbox show" */
    const char *alias;    /* NULL: none */
    const char *usage;    /* "outbox show SEQ [options]" */
    const char *help;     /* one line */
    unsigned least, most; /* arguments */
    const struct cmd_option *options;
    int (*exec)(struct cmd_call *call); /* gives the exit status */
};

/* All commands, in the order of the help. */
extern const struct cmd *const cmd_table[];
extern const size_t cmd_count;

/* What every command takes. */
extern const struct cmd_option cmd_global_options[];

struct cmd_given {
    const struct cmd_option *option;
    const char *value; /* NULL for a flag */
};

/* A command line, taken apart. Strings are those of argv. */
struct cmd_call {
    const struct cmd *cmd; /* NULL only with help or version */
    const char *profile;   /* "default" when none was given */
    bool help, version;
    struct cmd_given *given; /* in the order given */
    size_t given_count;
    char **args;
    size_t arg_count;
};

/* argv is permuted. -1: USAGE, with the nearest known word where there is one. */
int cmd_parse(struct cmd_call *call, int argc, char **argv, struct error *err)
    __attribute__((warn_unused_result));
void cmd_call_release(struct cmd_call *call);

#define CMD_NAME_MAX 64

/* The command, or the first words of commands, nearest to `text`: out, or NULL when none is near.
 */
const char *cmd_nearest(const char *text, char out[CMD_NAME_MAX]);

/* The value given last, or NULL; was the flag given? The option must be in the command's table. */
const char *cmd_value(const struct cmd_call *call, const char *name);
bool cmd_flag(const struct cmd_call *call, const char *name);

/* How often an option was given, and its k-th value. */
size_t cmd_times(const struct cmd_call *call, const char *name);
const char *cmd_nth(const struct cmd_call *call, const char *name, size_t k);

/*
 * The place of the option's value in a NULL-terminated list (not given: that of `standard`). -1:
 * USAGE, names the list and the nearest.
 */
int cmd_choice(const struct cmd_call *call, const char *name, const char *const *list,
               const char *standard, struct error *err) __attribute__((warn_unused_result));

/* The same of one value, for an option that may be given again. */
int cmd_choice_of(const char *name, const char *value, const char *const *list, struct error *err)
    __attribute__((warn_unused_result));

/* 500ms 10s 2m 1h, a bare number counts seconds; up to a day. */
int cmd_duration(const struct cmd_call *call, const char *name, uint32_t standard_ms, uint32_t *ms,
                 struct error *err) __attribute__((warn_unused_result));

/* A number of an item of the outbox: 1.. */
int cmd_seq(const char *text, int64_t *seq, struct error *err) __attribute__((warn_unused_result));

/* The exit status an error ends in. Never 65: that is for what was taken in part. */
int cmd_exit_of(const struct error *err);

/*
 * The worse of two exit statuses, for several files or profiles: 130 (stopped), 74 (could not be
 * saved), 64 (not taken at all), 77 (waits for somebody to mend it), 65 (a part waits for
 * correction), 69 (goes by itself), 0.
 */
int cmd_worse(int a, int b);

/* Takes the command line apart, runs the command, gives the exit status. */
int cmd_main(int argc, char **argv);

/* `help` of a command, on stdout. */
void cmd_help_print(const struct cmd *cmd);

#endif
