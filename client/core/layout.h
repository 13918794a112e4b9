/*
 * Rows of text and single facts, laid out as a table for people or as CSV or JSON for programs.
 * Nothing is printed here: the result is appended to a buf. Whatever the cells hold, a table obeys
 * nothing in it (text_escape) and CSV is safe to open in a spreadsheet (layout_csv_field).
 * Tables need a UTF-8 LC_CTYPE.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_H
#define SUARA_CLIENT_CORE_LAYOUT_H

#include "common/arena.h"
#include "proto/suara.pb-c.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct error;

enum layout_format { LAYOUT_TABLE, LAYOUT_CSV, LAYOUT_JSON };

struct layout_style {
    enum layout_format format;
    size_t width; /* columns of the terminal; 0: no terminal, as wide as it gets */
    bool colour;
};

/* What an answer may take before it is refused, whoever sent it. */
#define LAYOUT_MEMORY_MAX (64u * 1024u * 1024u)

/* ---- rows ---------------------------------------------------------------------------------- */

struct layout_column {
    const char *name; /* heading, and key in JSON */
    bool number;      /* right-aligned; a number in JSON */
};

struct layout_row {
    struct layout_row *next;
    ProtobufCBinaryData *cell; /* column_count of them */
};

struct layout_rows {
    struct arena arena;            /* owns all that follows */
    struct layout_column *columns; /* NULL until they are known */
    size_t column_count;
    struct layout_row *first, *last;
    size_t count;
};

void layout_rows_init(struct layout_rows *rows);
void layout_rows_release(struct layout_rows *rows);

/* Names are copied. Once only. -1: TOO_LARGE. */
int layout_rows_head(struct layout_rows *rows, const struct layout_column *columns, size_t count,
                     struct error *err) __attribute__((warn_unused_result));

/* Copies a row; missing cells are empty. -1: TOO_LARGE, or INTERNAL for more cells than columns. */
int layout_rows_add(struct layout_rows *rows, const ProtobufCBinaryData *cells, size_t count,
                    struct error *err) __attribute__((warn_unused_result));

/* Copies one part of an answer; the first one brings the columns. -1 as above. */
int layout_rows_take(struct layout_rows *rows, const Suara__V1__Table *table, struct error *err)
    __attribute__((warn_unused_result));

/* A table leaves out columns that are empty in every row; JSON is an array of objects, "" as null.
 * out->failed without memory. */
void layout_rows_print(struct buf *out, const struct layout_rows *rows,
                       const struct layout_style *style);

/* ---- facts --------------------------------------------------------------------------------- */

enum layout_kind { FACT_TEXT, FACT_NUMBER, FACT_BOOL };

struct layout_fact {
    const char *key, *title; /* for JSON, for people */
    enum layout_kind kind;
    const char *text; /* TEXT: NULL is null in JSON and no line in a table; NUMBER: for people */
    int64_t number;
    bool absent;      /* not known: null in JSON, no line in a table */
    const char *note; /* a warning for people; JSON collects them in "warnings"; NULL: none */
};

/*
 * One line per fact, or one JSON object; CSV as a table. `rows` (NULL: none) follow as a table, and
 * in JSON under the key `rows_key`.
 */
void layout_facts_print(struct buf *out, const struct layout_fact *facts, size_t count,
                        const struct layout_rows *rows, const char *rows_key,
                        const struct layout_style *style);

/* ---- for the other layouts ----------------------------------------------------------------- */

struct libscols_table;

/* A table in our manner. NULL without memory. */
struct libscols_table *layout_scols(const struct layout_style *style);

/* One more cell of a row; colour NULL: none. `line` is a struct libscols_line. -1 without memory.
 */
int layout_scols_cell(void *line, size_t column, const void *data, size_t size, const char *colour);

/* Appends what the table looks like. */
void layout_scols_print(struct buf *out, struct libscols_table *table);

/* text_csv_field of what a daemon told; escaped, where it is no UTF-8 or holds what a terminal
 * would obey. */
void layout_csv_field(struct buf *out, const void *data, size_t size);

#endif
