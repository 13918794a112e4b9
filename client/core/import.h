/*
 * Rows of a CSV file to responses: which column is what, what the words in it mean, and what is
 * wrong with a row. Pure: no file, no clock.
 *
 * Columns, in either case (spaces and hyphens count as _):
 *   the elements of the instrument (u1..u9): all are needed; a whole number 1..scale
 *   id, collected_at, service, channel, stakeholder, perspective, sex, age, education, occupation,
 *   comment, comment_kind (input suggestion complaint praise; `input` where it is left out)
 *   what Indonesian forms call them: see suara-csv(5)
 *   line, field, reason: of a FILE.rejected.csv that was corrected; passed over
 *
 * Ids (design.md): UUIDv8 = time of the row, then the SHA-256 of
 *   "suara/row" 0 office 0 digest of the file (32 bytes), number of the row (8 bytes, big-endian)
 *   "suara/id" 0 office 0 value            where the row has a value in the id column
 * A value that is itself a UUID of version 7 or 8 with the time of the row is taken as it stands:
 * so a row that the daemon refused keeps its id when it comes back corrected.
 *
 * A rejected file (it has all of line, field, reason) is in our own words: its columns are not
 * renamed, ratings that are in the scale are not mapped, and a ' against formulas is taken off.
 */
#ifndef SUARA_CLIENT_CORE_IMPORT_H
#define SUARA_CLIENT_CORE_IMPORT_H

#include "client/core/csv.h"
#include "common/civil.h"
#include "common/rules.h"
#include "common/uuid.h"
#include <stdbool.h>
#include <stdint.h>

struct buf;
struct error;
struct import;
struct import_map;
struct instrument;

struct import_settings { /* all must outlive the import */
    const struct instrument *instrument;
    const char *office;           /* code; part of the ids */
    enum zone zone;               /* of times without an offset; ZONE_NONE: not known yet */
    const char *word[WORD_COUNT]; /* fills empty cells; NULL: none. Service .. perspective */
    const char *collected_at;     /* likewise */
    const char *id_column;        /* theirs; NULL: `id` if there is one */
    const struct import_map *map; /* NULL: none */
    uint8_t digest[32];           /* of the file */
    int64_t now_ms;
};

/* NULL and ERROR_USAGE when a setting is no such thing. */
struct import *import_new(const struct import_settings *settings, struct error *err);
void import_free(struct import **import);

/* Row 0. USAGE: an unknown, missing or repeated column, by name and position. */
int import_header(struct import *import, const struct csv_row *row, struct error *err)
    __attribute__((warn_unused_result));

struct import_word {
    const char *text; /* in the row, the map or the settings; size 0: not given */
    size_t size;
};

#define IMPORT_NAMES 3u

struct import_row { /* valid until the next row; pointers into it, the csv_row and the import */
    struct uuid id;
    uint64_t line, collected;
    uint8_t ratings[RULES_ELEMENTS_MAX];
    unsigned elements;
    struct import_word word[WORD_COUNT];
    struct import_word comment;
    int comment_kind;
    bool named; /* its id comes from a value of the id column */
    bool is_id; /* that value is a UUID of ours: */
    struct uuid given;
    int64_t hash;                /* of what the file itself says of the row, never 0 */
    int64_t names[IMPORT_NAMES]; /* named: of the value; of value and time; of content and id
                                    column (0 in a rejected file). Not named: 0 */
};

enum import_status {
    IMPORT_TAKEN,
    IMPORT_BLANK,    /* only empty cells */
    IMPORT_REJECTED, /* *fault says the first thing wrong; its strings live with the import */
    IMPORT_FAILED,   /* *err: nothing of this file can be taken (USAGE: a zone is needed, the month
                        comes first, a field swallowed rows; IO) */
};

/*
 * The hash is that of rules_hash, over the file's own columns and without what the settings can
 * fill in (service to perspective, a filled time), and the time cut to the minute, as spreadsheets
 * do: so rows that come again are recognized also when options differ. It only decides whether to
 * ask.
 */
enum import_status import_row(struct import *import, const struct csv_row *row,
                              struct import_row *out, struct rules_fault *fault, struct error *err);

/* The canonical columns as a CSV header, "u1,..,u9,id,collected_at,..", without an end of line. */
void import_canonical_header(const struct instrument *instrument, struct buf *out);

/* A row under that header: values as the map has them (ours), empty cells filled in from the
 * settings, so that the row means the same without them. */
void import_canonical_row(const struct import *import, const struct csv_row *row, struct buf *out);

/* "input" .. -> 1..4; 0: no such kind. Case is ignored. And back. */
int import_comment_kind(const char *text, size_t size);
const char *import_comment_kind_name(int kind);

#endif
