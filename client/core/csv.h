/*
 * A CSV file, row by row, in bounded memory (RFC 4180, as people write it): comma, semicolon or tab
 * between fields, whichever the header has most of (or as a first line `sep=;` says), UTF-8 with or
 * without a byte order mark, lines ended by LF, CRLF or CR, quoted fields over several lines, a
 * last line without an end. Blank lines are passed over. libcsv reads what is quoted; lines without
 * a quote, nearly all, are split in place.
 */
#ifndef SUARA_CLIENT_CORE_CSV_H
#define SUARA_CLIENT_CORE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

#define CSV_FIELD_MAX 65536u  /* bytes of a field; what is longer comes without its text */
#define CSV_ROW_MAX   262144u /* bytes of all fields of a row, likewise */
#define CSV_COUNT_MAX 1024u   /* fields of a row that are kept; more are counted */

struct csv_field {
    const char *text; /* not zero-terminated, spaces around it taken off unless quoted */
    size_t size;
    bool too_long; /* over a limit above: text is lost, size 0 */
};

struct csv_row {
    uint64_t line;   /* of its first character, from 1 */
    uint64_t number; /* 0 the header, then 1, 2, .. */
    size_t count;    /* fields it has; field[] holds the first CSV_COUNT_MAX of them */
    const struct csv_field *field;
    char delimiter; /* of the file */
};

/* Valid during the call. Not 0 stops the reading: feed and finish then return -1 with that *err. */
typedef int csv_row_fn(const struct csv_row *row, void *arg, struct error *err);

struct csv_reader;

struct csv_reader *csv_reader_new(csv_row_fn *fn, void *arg); /* NULL without memory */
void csv_reader_free(struct csv_reader **reader);

/* Pieces of the file, cut anywhere. -1: stopped by fn, UTF-16 (USAGE), memory (IO). */
int csv_reader_feed(struct csv_reader *reader, const char *data, size_t size, struct error *err)
    __attribute__((warn_unused_result));

/* The end of the file. USAGE when a quote was never closed: it would swallow every row after it.
 */
int csv_reader_finish(struct csv_reader *reader, struct error *err)
    __attribute__((warn_unused_result));

/* For tests: leave every line to libcsv. */
void csv_reader_plain(struct csv_reader *reader);

#endif
