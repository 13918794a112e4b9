/*
 * A batch on its way: the responses of one SubmitBatch as rows ready to be stored, and what becomes
 * of each. And the group: several submissions that share one transaction.
 */
#ifndef SUARA_DAEMON_CORE_SUBMISSION_H
#define SUARA_DAEMON_CORE_SUBMISSION_H

#include "common/arena.h"
#include "common/civil.h"
#include "common/uuid.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct office;
struct submission;

/* The numbers of the protocol (Verdict.Status). */
enum row_status {
    ROW_STORED = 0,
    ROW_DUPLICATE = 1,
    ROW_CONFLICT = 2,
    ROW_ERASED = 3,
    ROW_INVALID = 4,
    ROW_DENIED = 5,
};

struct row {
    struct uuid id;
    int32_t office_id, service_id;
    int64_t hash; /* of the content, rules.h */
    int16_t instrument_id;
    int16_t term[9]; /* by enum dim; 2..8 are used: channel .. occupation */
    uint8_t elements, comment_kind;
    enum row_status status; /* set by the store */
    uint32_t index;         /* in its batch */
    uint32_t comment_size;
    const uint8_t *ratings; /* these two live in the submission's arena */
    const uint8_t *comment;
    civil_day month; /* first day of it, in the office's zone */
    struct submission *of;
    struct row
        *same; /* an earlier row of the group with the same key: that one is stored; or NULL */
};

/* Why a response never became a row. */
struct refusal {
    enum row_status status; /* ROW_INVALID or ROW_DENIED */
    uint32_t index;
    const char *field, *reason; /* in the arena or static */
};

struct submission {
    struct arena arena;        /* the unpacked request: what the peer's bytes cost is capped */
    void *room;                /* rows, refusals and index: their number is capped */
    uint64_t session, request; /* whom to answer */
    struct uuid batch;
    const char *principal; /* "office:BBPOM-SMG"; both in the arena, or static */
    const char *serial;    /* of its certificate */
    int32_t office_id;
    struct row *rows;         /* sorted by id */
    struct refusal *refusals; /* room for one per response: the receipt adds rows not stored */
    uint32_t *index;          /* room for one per response, for the receipt */
    size_t row_count, refusal_count, response_count;
    int16_t first_use;  /* its instrument, unless responses are known to have used it; 0 */
    bool unknown_words; /* some refusals say that a word is not known */
    size_t bytes;       /* what it holds, for the queue's limit */
    uint64_t queued_us; /* monotonic, for the metric */
    uint64_t arrival;   /* given by the batcher, ascending */
    unsigned tries;     /* transactions it was part of */
    struct submission *next, *prev;
};

struct group {
    struct submission *submissions; /* utlist DL, sorted by (office, batch) */
    struct row **rows;              /* sorted by (office, id), each key once */
    struct row **again;             /* rows whose `same` is set */
    size_t submission_count, row_count, again_count;
    struct group *next, *prev; /* of those that are with the database */
};

struct submission *submission_new(size_t arena_cap); /* NULL without memory */

/* Makes rows, refusals and index for so many responses, zeroed. -1 without memory. */
int submission_room(struct submission *submission, size_t responses);
void submission_free(struct submission **submission);

#endif
