/*
 * What the commands say: sentences to people, rows to stdout, progress to a terminal. Whatever is
 * in a sentence, the terminal obeys nothing in it.
 */
#ifndef SUARA_CLIENT_CMD_OUTPUT_H
#define SUARA_CLIENT_CMD_OUTPUT_H

#include "client/core/layout.h"
#include <stdbool.h>

struct buf;
struct cmd_call;
struct error;

/* One sentence and a newline: the result to stdout, written at once; a warning or an error to
 * stderr, after "suara: ". */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);
__attribute__((format(printf, 1, 2))) void warn(const char *format, ...);

/* Says what went wrong and gives the exit status (see cmd_exit_of). */
int fail(const struct error *err);

/* Writes a laid-out answer. The exit status: 0, or 74 when stdout took it not or memory ran out. */
int output_write(struct buf *text);

/* 0, or 74 (and a sentence) when something of stdout was lost. Last of all. */
int output_end(void);

/* The style of --format for this stdout; `csv`: the command knows CSV too. -1: USAGE. */
int output_style(const struct cmd_call *call, bool csv, struct layout_style *style,
                 struct error *err) __attribute__((warn_unused_result));

/* Can a person be asked: are stdin and stderr terminals? */
bool output_can_ask(void);

/* Asks on stderr until one of the letters comes; end of input: the last letter. */
__attribute__((format(printf, 2, 3))) char output_ask(const char *letters, const char *format, ...);

#endif
