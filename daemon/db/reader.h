/*
 * Reading: the small tables, which ids are held, figures. As the role suara_report, which may not
 * see a response or a comment: what it needs of them it gets as aggregates from functions of the
 * schema. Work waits in line when all connections are busy.
 */
#ifndef SUARA_DAEMON_DB_READER_H
#define SUARA_DAEMON_DB_READER_H

#include "common/civil.h"
#include "common/uuid.h"
#include "daemon/core/directory.h"
#include "daemon/core/verify.h"
#include "daemon/db/store.h"

struct reader;

/* what_changed is called when another daemon or an administrator changed the small tables (NOTIFY
 * suara_directory), and after each reconnect. */
struct reader *reader_new(struct event_base *base, const struct db_settings *settings,
                          db_changed_fn *changed, db_changed_fn *what_changed, void *arg,
                          struct error *err);
void reader_free(struct reader **reader);

unsigned reader_connected(const struct reader *reader);
const char *reader_trouble(const struct reader *reader);

/*
 * A sealed directory, the callee's; or NULL and *err (UNAVAILABLE; INTERNAL when the schema version
 *
 * is not SUARA_SCHEMA_VERSION, the number of the last file in sql/: says which is there and what to
 * run).
 */
typedef void reader_directory_fn(struct directory *directory, const struct error *err, void *arg);
void reader_directory(struct reader *reader, reader_directory_fn *done, void *arg);

/* index[] = positions of the held ones, ascending; valid during the call. err NULL on success. */
typedef void reader_held_fn(const uint32_t *index, size_t count, const struct error *err,
                            void *arg);
void reader_held(struct reader *reader, int32_t office_id, const struct uuid *ids, size_t count,
                 reader_held_fn *done, void *arg);

/* Only responses of this value. Several of one dimension: any of them; dimensions: all of them. */
struct figures_filter {
    enum dim dim;
    int32_t value;
};

#define FIGURES_DIMS 2u

/* Dimensions, of filters too: not DIM_PERSPECTIVE; as one to tell apart it counts as none, for
 * perspectives are told apart in any case. */
struct figures_query {
    const int32_t *offices; /* in scope, each once; copied */
    size_t office_count;
    civil_day from, to;                   /* inclusive, in each office's zone */
    int16_t instrument_id, perspective;   /* perspective 0: all of them, told apart */
    enum dim dim[FIGURES_DIMS];           /* DIM_ALL: none; not twice the same */
    const struct figures_filter *filters; /* copied */
    size_t filter_count;
    unsigned unit; /* months of a bucket, counted from January: 1, 3, 6, 12; 0: no time */
    bool spread;   /* also how many gave each rating */
    /* Small cells are to be hidden. Two parts, of one moment: first (part 0) the months of the
     * whole calendar years that touch from..to, by dim[0]; then (part 1) the totals of from..to
     * without a dimension, by `unit`. Both as filtered, none with a spread. */
    bool blocks;
};

/* There is none for what has no response. Ordered by part, office, month, perspective, values. */
struct figures_cell {
    unsigned part;                          /* 0 without blocks */
    int32_t office_id, value[FIGURES_DIMS]; /* term or service id; 0 for DIM_ALL */
    int16_t perspective;
    civil_day month;     /* first day of the bucket; 0 without unit */
    int64_t n, square;   /* square: sum of (sum of a response's ratings)^2 */
    const int64_t *sums; /* per element; valid during the call, as is spread */
    size_t elements;
    const int64_t *spread; /* how many gave 1..scale, element after element */
    size_t spreads;        /* elements x scale, or 0 */
};

/*
 * Refreshes what is stale in scope (in bounded steps), then reads: `cell` for each, `done` at the
 * end with err NULL, or with the error, after which the cells so far count for nothing.
 */
typedef void figures_cell_fn(const struct figures_cell *cell, void *arg);
typedef void figures_done_fn(const struct error *err, void *arg);
void reader_figures(struct reader *reader, const struct figures_query *query, figures_cell_fn *cell,
                    figures_done_fn *done, void *arg);

/* Rows of the next three are structs of daemon/core/coverage.h and quality.h, each valid during the
 * call; done: err NULL, or why, after which the rows so far count for nothing. */
struct coverage_seen;
struct coverage_people;
struct quality_counts;
struct quality_step;
typedef void coverage_seen_fn(const struct coverage_seen *seen, void *arg);
typedef void coverage_people_fn(const struct coverage_people *people, void *arg);
typedef void quality_counts_fn(const struct quality_counts *counts, void *arg);
typedef void reader_done_fn(const struct error *err, void *arg);

/* When the offices were heard of last, and of their recipients' responses of from..to the last one.
 * After reader_figures, which makes fresh what this reads. */
void reader_coverage(struct reader *reader, const int32_t *offices, size_t count, civil_day from,
                     civil_day to, int16_t instrument_id, coverage_seen_fn *seen,
                     reader_done_fn *done, void *arg);

/* The entries of population that lie in from..to, by office and service (of the office as a whole
 * first, then by codes), first and last day. */
void reader_population(struct reader *reader, const int32_t *offices, size_t count, civil_day from,
                       civil_day to, coverage_people_fn *people, reader_done_fn *done, void *arg);

/* Counts signs in one step's responses: a row for each of its offices. */
void reader_quality(struct reader *reader, const struct quality_step *step,
                    quality_counts_fn *counts, reader_done_fn *done, void *arg);

/* One bounded step of refresh over everything; left = what is still stale of it, or -1 on error. */
typedef void reader_refresh_fn(int left, const struct error *err, void *arg);
void reader_refresh(struct reader *reader, reader_refresh_fn *done, void *arg);

/* The same for one office and the months that from..to touch; 0: open on that side. */
void reader_refresh_office(struct reader *reader, int32_t office_id, civil_day from, civil_day to,
                           reader_refresh_fn *done, void *arg);

/* Marks all of an office as stale, so that refresh makes it again; left = its months. The entry in
 * the audit is of the same transaction. */
void reader_rebuild(struct reader *reader, int32_t office_id, const struct actor *by,
                    reader_refresh_fn *done, void *arg);

/*
 * Holds the roll-up of an office against a recount, for its months after a day and not after
 * another (0: open), in one bounded step. `cell` for each that differs, `month` for each month that
 * was looked at, ascending; none when there are no more.
 */
struct verify_calls {
    void (*cell)(const struct verify_cell *cell, void *arg);
    void (*month)(const struct verify_month *month, void *arg);
    void (*done)(const struct error *err, void *arg);
};
void reader_verify(struct reader *reader, int32_t office_id, civil_day after, civil_day until,
                   const struct verify_calls *calls, void *arg);

/* Entries of the audit: of these offices, or offices NULL: all, and what concerns none; days of
 * UTC, 0: open. */
struct audit_query {
    const int32_t *offices; /* copied */
    size_t office_count;
    civil_day from, to;
    uint32_t most; /* of a list */
};
/* The cells of a row, valid during the call: of an entry its columns, of a fault three. */
typedef void audit_row_fn(const char *const *cell, void *arg);

/* Newest first. */
void reader_audit_list(struct reader *reader, const struct audit_query *query, audit_row_fn *row,
                       reader_done_fn *done, void *arg);

/* One step, of about a second, of recomputing the chains: state NULL first, then that of the step
 * before; NULL again when it was the last. */
struct audit_progress {
    const char *state; /* valid during the call, as is digest */
    uint64_t chains, entries;
    const char *digest; /* hexadecimal, over the ends of the chains; "" without any */
};
typedef void audit_progress_fn(const struct audit_progress *progress, void *arg);
void reader_audit_verify(struct reader *reader, const struct audit_query *query, const char *state,
                         audit_row_fn *fault, audit_progress_fn *progress, reader_done_fn *done,
                         void *arg);

#endif
