/*
 * A file that is read twice: once for its digest, once for its rows; and that must not change in
 * between.
 */
#ifndef SUARA_CLIENT_APP_SOURCE_H
#define SUARA_CLIENT_APP_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct source;

/* Reads all of it for the SHA-256. USAGE: no such file, none that can be read twice, or a workbook
 * of a spreadsheet. */
struct source *source_open(const char *path, uint8_t digest[32], struct error *err);
void source_close(struct source **source);

/* The next piece: 1, 0 at the end, -1 (IO; USAGE: it changed while it was read). */
int source_next(struct source *source, const char **data, size_t *size, struct error *err)
    __attribute__((warn_unused_result));

const char *source_path(const struct source *source); /* absolute */
uint64_t source_done(const struct source *source);
uint64_t source_size(const struct source *source);

#endif
