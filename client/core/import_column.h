/*
 * What the files of the import share: the columns of a survey file and their numbers, cells, words
 * and ids. Private to client/core.
 */
#ifndef SUARA_CLIENT_CORE_IMPORT_COLUMN_H
#define SUARA_CLIENT_CORE_IMPORT_COLUMN_H

#include "client/core/import.h"
#include "common/buf.h"

struct digest;

enum import_column {
    COLUMN_ID,
    COLUMN_COLLECTED,
    COLUMN_WORD, /* and the next WORD_COUNT - 1 */
    COLUMN_COMMENT = COLUMN_WORD + WORD_COUNT,
    COLUMN_KIND,
    COLUMN_KNOWN,                  /* how many the above are */
    COLUMN_ELEMENT = COLUMN_KNOWN, /* and the next ones: the elements */
    COLUMN_MAX = COLUMN_ELEMENT + RULES_ELEMENTS_MAX,
    COLUMN_PASSED = COLUMN_MAX, /* accepted, not read */
    COLUMN_UNNAMED,             /* an empty heading: its cells must be empty */
};

struct import {
    struct import_settings settings;
    struct rules rules;
    struct digest *digest;
    struct buf text;   /* of a comment whose line ends had to change */
    int64_t collected; /* of settings.collected_at */
    bool has_collected;
    int kind[CSV_COUNT_MAX];  /* of each column of the file: enum import_column */
    size_t columns;           /* of the file */
    size_t place[COLUMN_MAX]; /* of a column in the file; NOWHERE */
    bool mapped[COLUMN_MAX];  /* the map names values of it */
    bool corrected;           /* a rejected file: its columns and cells are ours already */
    uint64_t id_salt;         /* of the heading of the id column */
    struct buf reason;        /* of the last fault, where it is made up */
};

#define NOWHERE SIZE_MAX

/* Our name of a column, below COLUMN_MAX. */
const char *import_column_name(const struct import *import, unsigned column);

/* Appends at most `most` characters of text, escaped; ".." stands for the rest. */
void import_show(struct buf *out, const char *text, size_t size, size_t most);

/* ---- cells (import_cell.c) ------------------------------------------------------------------ */

/* A cell as Suara has it: without spaces around it, its value as the map says. */
struct import_word import_cell(const struct import *import, const struct csv_row *row,
                               unsigned column);

/* 0: empty; above every scale: no whole number. */
uint8_t import_rating(const struct import_word *value);

/* Puts printf's sentence into import->reason. False, so that a check can end with it. */
__attribute__((format(printf, 4, 5))) bool import_fault(struct import *import,
                                                        struct rules_fault *fault,
                                                        const char *field, const char *format, ...);

/* `"what stands in the cell" reason`, the cell cut at 40 characters. Likewise. */
bool import_fault_shown(struct import *import, struct rules_fault *fault, const char *field,
                        const struct import_word *value, const char *reason);

/* Does the row have the shape of the header? A field that swallowed whole rows is a matter of the
 * file: *whole is set then. */
bool import_check_shape(struct import *import, const struct csv_row *row, struct rules_fault *fault,
                        bool *whole);

/* ---- words (import_word.c) ------------------------------------------------------------------ */

/* Service .. occupation. Words of closed lists become the codes they stand for in either case. */
bool import_take_words(struct import *import, const struct csv_row *row, struct import_row *out,
                       struct rules_fault *fault);

/* A word of the settings: true when it is fit for its column, else *err (USAGE). */
bool import_word_fits(enum rules_word word, const char *text, struct error *err);

/* ---- ids (import_id.c) ---------------------------------------------------------------------- */

/* Remembers which column is the id: rows named by another one are not told apart by it. */
void import_name_column(struct import *import, const struct csv_field *heading);

/* Id, names and hash of a row whose other parts are there, before settings fill words in. False:
 * libcrypto failed. */
bool import_identify(struct import *import, const struct csv_row *row, struct import_row *out,
                     bool own_time);

ProtobufCBinaryData import_view(const struct import_word *word);

#endif
