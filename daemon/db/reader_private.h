/*
 * Inside of a reader: reader.c (its life, held), and a file for each kind of question.
 */
#ifndef SUARA_DAEMON_DB_READER_PRIVATE_H
#define SUARA_DAEMON_DB_READER_PRIVATE_H

#include "daemon/db/encode.h"
#include "daemon/db/job.h"
#include "daemon/db/reader.h"

struct reader {
    struct pool pool;
    struct jobs jobs;
    db_changed_fn *changed, *what_changed;
    void *arg;
};

/* Office-months that one step makes again at most: each is locked meanwhile, and takes a place in
 * the server's table of locks. refresh() itself also ends after some seconds. */
#define REFRESH_STEP 256

/* suara.refresh(); $1 offices or NULL, $2 and $3 first and last day or NULL, $4 how many at most */
#define REFRESH_SQL "SELECT suara.refresh($1::int[], $2::date, $3::date, $4::int)"

/* What refresh() answered: office-months left; -1: another shape. */
int32_t refresh_left(const PGresult *result);

/* Adds a parameter that is one number; the 4 bytes at `at` must live as long. */
void param_i32(struct params *params, char *at, int32_t value);
void param_null(struct params *params);
/* Text that must live as long. */
void param_text(struct params *params, const char *text);
/* A day; NULL for 0. */
void param_day(struct params *params, char *at, civil_day day);
struct link_query query_of(const char *sql, const struct params *params);

/* What the owner is told for an answer that is not DB_DONE, or NULL; after a wrong shape of rows
 * (odd) INTERNAL in *err. Drops the link where it must not be used again. */
const struct error *reader_trouble_of(struct link *link, const struct link_answer *answer, bool odd,
                                      struct error *err);

void out_of_memory(struct error *err);

/* Pushes a job, or frees it when there is no memory (job may be NULL): false, and nobody was told.
 */
bool reader_push(struct reader *reader, struct job *job);

#endif
