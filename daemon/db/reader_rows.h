/*
 * A question of the reader that is one statement over offices, answered by rows of numbers: what
 * the reader_*.c that have such questions share.
 */
#ifndef SUARA_DAEMON_DB_READER_ROWS_H
#define SUARA_DAEMON_DB_READER_ROWS_H

#include "daemon/db/reader_private.h"

#define ROWS_NUMBERS 10u

struct rows_query {
    const char *sql;        /* $1: ids of offices, int[]; then the numbers, int4 each */
    const int32_t *offices; /* copied */
    size_t office_count;
    size_t at_a_time; /* offices in one run of the statement; several runs are no one snapshot */
    int32_t number[ROWS_NUMBERS];
    size_t numbers;
    int fields; /* of a row; another count is an error */
};

/*
 * Row i of `result`, handed on to whoever asked: emit is the function he gave, which `take` casts
 * back. False: not of the shape expected.
 */
typedef bool rows_take_fn(const PGresult *result, int i, void (*emit)(void), void *arg);

void reader_rows(struct reader *reader, const struct rows_query *query, rows_take_fn *take,
                 void (*emit)(void), reader_done_fn *done, void *arg);

#endif
