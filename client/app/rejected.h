/*
 * FILE.rejected.csv: rows that were refused, with line, field and reason in front of the canonical
 * columns, to be corrected in a spreadsheet and submitted again. Where the folder of FILE can't be
 * written, it is made next to the outbox.
 */
#ifndef SUARA_CLIENT_APP_REJECTED_H
#define SUARA_CLIENT_APP_REJECTED_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct instrument;
struct rejected;

/* Written to a temporary file, made with the first row. folder: where it goes when the folder of
 * path can't be written; NULL: nowhere else. NULL without memory. */
struct rejected *rejected_new(const char *path, const char *folder,
                              const struct instrument *instrument);
void rejected_free(struct rejected **rejected); /* unpublished: it was never there */

/* cells: a row under import_canonical_header. IO: it can't be written anywhere. */
int rejected_add(struct rejected *rejected, uint64_t line, const char *field, const char *reason,
                 const struct buf *cells, struct error *err) __attribute__((warn_unused_result));

/* To disk, still under the temporary name: the last step that may fail for want of room. */
int rejected_sync(struct rejected *rejected, struct error *err) __attribute__((warn_unused_result));

/* Gives it its name. *path: malloc'd, NULL when there was no row. */
int rejected_publish(struct rejected *rejected, char **path, struct error *err)
    __attribute__((warn_unused_result));

/* Adds finished lines (with their ends) behind an existing file, or makes it with a header. */
int rejected_append(const char *path, const char *folder, const struct instrument *instrument,
                    const struct buf *lines, struct error *err) __attribute__((warn_unused_result));

/* "12,u3,is missing," in front of the cells, and an end of line. */
void rejected_line(struct buf *out, uint64_t line, const char *field, const char *reason,
                   const struct buf *cells);

#endif
