#include "daemon/db/reader_rows.h"

struct rows {
    struct job job;
    struct rows_query query; /* its offices are `offices` */
    int32_t *offices;
    size_t at; /* the first office of the run under way */
    struct buf encoded;
    struct params params;
    char number[ROWS_NUMBERS][4];
    bool odd;
    rows_take_fn *take;
    void (*emit)(void);
    reader_done_fn *done;
    void *arg;
};

static void rows_tell(struct rows *rows, const struct error *err)
{
    reader_done_fn *done = rows->done;
    void *arg = rows->arg;
    job_end(&rows->job);
    done(err, arg);
}

/* Fails only the first time, where the memory for the longest run is got. */
static bool encode(struct rows *rows, size_t count)
{
    if (!params_begin(&rows->params, &rows->encoded, array_bytes(count, 4)))
        return false;
    struct array office = params_array(&rows->params, &rows->encoded, OID_INT4, count, 4, 0);
    for (size_t i = 0; i < count; i++)
        put_i32(&office, rows->offices[rows->at + i]);
    for (size_t i = 0; i < rows->query.numbers; i++)
        param_i32(&rows->params, rows->number[i], rows->query.number[i]);
    return true;
}

static size_t run_length(const struct rows *rows)
{
    size_t left = rows->query.office_count - rows->at;
    return left < rows->query.at_a_time ? left : rows->query.at_a_time;
}

static void rows_on_result(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct rows *rows = arg;
    for (int i = 0; i < PQntuples(result) && !rows->odd; i++)
        rows->odd = PQnfields(result) != rows->query.fields ||
                    !rows->take(result, i, rows->emit, rows->arg);
}

static void rows_step(struct rows *rows);

static void rows_done(struct link *link, const struct link_answer *answer, void *arg)
{
    struct rows *rows = arg;
    struct error err;
    const struct error *why = reader_trouble_of(link, answer, rows->odd, &err);
    rows->at += run_length(rows);
    if (why || rows->at == rows->query.office_count)
        rows_tell(rows, why);
    else
        rows_step(rows);
}

static void rows_step(struct rows *rows)
{
    (void)encode(rows, run_length(rows));
    struct link_query query = query_of(rows->query.sql, &rows->params);
    query.by_row = true;
    link_run(rows->job.link, &query, 1, rows_on_result, rows_done, rows);
}

static void rows_run(struct job *job)
{
    rows_step((struct rows *)(void *)job);
}

static void rows_fail(struct job *job, const struct error *err)
{
    rows_tell((struct rows *)(void *)job, err);
}

static void rows_release(struct job *job)
{
    struct rows *rows = (struct rows *)(void *)job;
    free(rows->offices);
    buf_release(&rows->encoded);
}

static const struct job_type rows_type = {rows_run, rows_fail, rows_release};

static struct rows *rows_new(const struct rows_query *query)
{
    struct rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        return NULL;
    rows->job.type = &rows_type;
    rows->query = *query;
    rows->offices = calloc(query->office_count + 1, sizeof rows->offices[0]);
    if (rows->offices && query->office_count > 0)
        memcpy(rows->offices, query->offices, query->office_count * sizeof query->offices[0]);
    if (!rows->offices || !encode(rows, run_length(rows))) {
        rows_release(&rows->job);
        free(rows);
        return NULL;
    }
    return rows;
}

void reader_rows(struct reader *reader, const struct rows_query *query, rows_take_fn *take,
                 void (*emit)(void), reader_done_fn *done, void *arg)
{
    struct rows *rows = rows_new(query);
    if (rows) {
        rows->take = take;
        rows->emit = emit;
        rows->done = done;
        rows->arg = arg;
    }
    if (reader_push(reader, rows ? &rows->job : NULL))
        return;
    struct error err;
    out_of_memory(&err);
    done(&err, arg);
}
