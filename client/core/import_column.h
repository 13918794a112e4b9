/*
 * The columns of a survey file and their numbers inside the import. Private to client/core.
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
    const char *codes[RULES_ELEMENTS_MAX];
    struct rules rules;
    struct digest *digest;
    struct buf text;   /* of a comment whose line ends had to change */
    int64_t collected; /* of settings.collected_at */
    bool has_collected;
    int kind[CSV_COUNT_MAX];  /* of each column of the file: enum import_column */
    size_t columns;           /* of the file */
    size_t place[COLUMN_MAX]; /* of a column in the file; NOWHERE */
    bool mapped[COLUMN_MAX];  /* the map names values of it */
    bool corrected;           /* a rejected file: quotes against formulas are taken off */
    char reason[160];         /* of the last fault, where it is made up */
};

#define NOWHERE SIZE_MAX

/* Our name of a column, below COLUMN_MAX. */
const char *import_column_name(const struct import *import, unsigned column);

#endif
