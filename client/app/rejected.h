/*
 * FILE.rejected.csv: rows that were refused, with line, field and reason in front of the canonical
 * columns, to be corrected in a spreadsheet and submitted again. Somebody may be correcting it
 * right now: a file that is there is never replaced; one with other content makes
 * FILE.rejected-2.csv, -3
 * .. of ours. Where the folder of FILE can't be written, or has no room, it is made next to the
 * outbox, with a part of the digest of FILE's path in its name.
 */
#ifndef SUARA_CLIENT_APP_REJECTED_H
#define SUARA_CLIENT_APP_REJECTED_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;
struct instrument;
struct rejected;

/* Rows are kept in a file without a name until the end, so that nothing is left behind when the
 * program is stopped. folder: of the outbox; NULL: none. NULL without memory. */
struct rejected *rejected_new(const char *path, const char *folder,
                              const struct instrument *instrument);
void rejected_free(struct rejected **rejected); /* unpublished: it was never there */

/* cells: a row under import_canonical_header. IO: it can't be kept anywhere. */
int rejected_add(struct rejected *rejected, uint64_t line, const char *field, const char *reason,
                 const struct buf *cells, struct error *err) __attribute__((warn_unused_result));

/* To disk under its name: the last step that may fail for want of room. A file there that begins
 * with the same content is left as it is, and counts as this one. */
int rejected_sync(struct rejected *rejected, struct error *err) __attribute__((warn_unused_result));

/* It stays. Its path, malloc'd; NULL when there was no row. */
char *rejected_publish(struct rejected *rejected);

/*
 * Adds finished lines (with their ends) to the last rejected file of FILE, if it has the form in
 * which we write it still: our header, and an end of line at its end; else makes the next. *name
 * (NULL: not asked): its path, malloc'd. IO: nothing was added anywhere.
 */
int rejected_append(const char *path, const char *folder, const struct instrument *instrument,
                    const struct buf *lines, char **name, struct error *err)
    __attribute__((warn_unused_result));

/* "12,u3,is missing," in front of the cells, and an end of line. */
void rejected_line(struct buf *out, uint64_t line, const char *field, const char *reason,
                   const struct buf *cells);

#endif
