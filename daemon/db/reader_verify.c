#include "daemon/db/reader_private.h"

#define VERIFY_SQL                                                                                 \
    "SELECT month, instrument_id, perspective, dim, value, figure, place, stored, recounted, "     \
    "cells, responses, left_out FROM suara.verify($1::int, $2::date, $3::date)"

/* Fields of a row; without an instrument it is about a whole month. */
enum {
    AT_MONTH,
    AT_INSTRUMENT,
    AT_PERSPECTIVE,
    AT_DIM,
    AT_VALUE,
    AT_FIGURE,
    AT_PLACE,
    AT_STORED,
    AT_RECOUNTED,
    AT_CELLS,
    AT_RESPONSES,
    AT_LEFT_OUT,
    FIELDS
};

struct verify {
    struct job job;
    struct params params;
    char number[3][4];
    bool odd;
    struct verify_calls calls;
    void *arg;
};

static void verify_tell(struct verify *verify, const struct error *err)
{
    struct verify_calls calls = verify->calls;
    void *arg = verify->arg;
    job_end(&verify->job);
    calls.done(err, arg);
}

static int64_t number(const PGresult *row, int field)
{
    return PQgetisnull(row, 0, field) ? 0 : get_i64(PQgetvalue(row, 0, field));
}

static void take_cell(const struct verify *verify, const PGresult *row, civil_day month)
{
    struct verify_cell cell = {
        .month = month,
        .instrument_id = get_i16(PQgetvalue(row, 0, AT_INSTRUMENT)),
        .perspective = get_i16(PQgetvalue(row, 0, AT_PERSPECTIVE)),
        .dim = (enum dim)get_i16(PQgetvalue(row, 0, AT_DIM)),
        .value = get_i32(PQgetvalue(row, 0, AT_VALUE)),
        .figure = PQgetvalue(row, 0, AT_FIGURE),
        .place = PQgetisnull(row, 0, AT_PLACE) ? 0 : get_i32(PQgetvalue(row, 0, AT_PLACE)),
        .stored = !PQgetisnull(row, 0, AT_STORED),
        .counted = !PQgetisnull(row, 0, AT_RECOUNTED),
        .stored_is = number(row, AT_STORED),
        .counted_is = number(row, AT_RECOUNTED),
    };
    verify->calls.cell(&cell, verify->arg);
}

static void take_month(const struct verify *verify, const PGresult *row, civil_day month)
{
    struct verify_month whole = {
        .month = month,
        .left_out = !PQgetisnull(row, 0, AT_LEFT_OUT) && PQgetvalue(row, 0, AT_LEFT_OUT)[0] != 0,
        .cells = number(row, AT_CELLS),
        .responses = number(row, AT_RESPONSES),
    };
    verify->calls.month(&whole, verify->arg);
}

static void verify_on_result(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct verify *verify = arg;
    verify->odd = verify->odd || PQnfields(result) != FIELDS;
    if (verify->odd || PQntuples(result) == 0)
        return;
    civil_day month = pg_date_day(get_i32(PQgetvalue(result, 0, AT_MONTH)));
    if (PQgetisnull(result, 0, AT_INSTRUMENT))
        take_month(verify, result, month);
    else
        take_cell(verify, result, month);
}

static void verify_done(struct link *link, const struct link_answer *answer, void *arg)
{
    struct verify *verify = arg;
    struct error err;
    verify_tell(verify, reader_trouble_of(link, answer, verify->odd, &err));
}

static void verify_run(struct job *job)
{
    struct verify *verify = (struct verify *)(void *)job;
    struct link_query query = query_of(VERIFY_SQL, &verify->params);
    query.by_row = true;
    link_run(job->link, &query, 1, verify_on_result, verify_done, job);
}

static void verify_fail(struct job *job, const struct error *err)
{
    verify_tell((struct verify *)(void *)job, err);
}

static void verify_release(struct job *job)
{
    (void)job;
}

static const struct job_type verify_type = {verify_run, verify_fail, verify_release};

void reader_verify(struct reader *reader, int32_t office_id, civil_day after, civil_day until,
                   const struct verify_calls *calls, void *arg)
{
    struct verify *verify = calloc(1, sizeof *verify);
    struct error err;
    if (verify) {
        verify->job.type = &verify_type;
        verify->calls = *calls;
        verify->arg = arg;
        param_i32(&verify->params, verify->number[0], office_id);
        param_day(&verify->params, verify->number[1], after);
        param_day(&verify->params, verify->number[2], until);
    }
    if (reader_push(reader, verify ? &verify->job : NULL))
        return;
    out_of_memory(&err);
    calls->done(&err, arg);
}
