/*
 * Lists of response ids, as a person gives them: on the command line, or one a line in a file.
 */
#ifndef SUARA_CLIENT_CORE_IDS_H
#define SUARA_CLIENT_CORE_IDS_H

#include "common/buf.h"
#include "common/uuid.h"
#include <stddef.h>

struct error;

/* A buf of struct uuid. -1: USAGE, with what is no id, and where. */
int ids_add(struct buf *ids, const char *text, struct error *err)
    __attribute__((warn_unused_result));

/* Of a file's text, zero-terminated: blank lines and those that begin with # are passed over, and
 * blanks around an id, too. `file` is named in the sentence with the line. */
int ids_add_lines(struct buf *ids, const char *file, const char *text, struct error *err)
    __attribute__((warn_unused_result));

/* Puts them into order, each once; how many there are then. */
size_t ids_settle(struct buf *ids);

#endif
