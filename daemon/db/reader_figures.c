#include "daemon/db/reader_private.h"

#include "common/rules.h"

/*
 * A report refreshes first what is stale in its scope, then reads. One step over the whole scope
 * nearly always finds nothing left. Where something is, the offices follow one by one, each with as
 * many steps as that first count asks for (a step makes one office-month at least): marks that
 * ingest adds meanwhile belong to responses that came after the question, and must not keep it from
 * its answer.
 */

#define INDEX_SQL                                                                                  \
    "SELECT office_id, month, perspective, value, n, sums FROM suara.index_rows($1::int[], "       \
    "$2::date, $3::date, $4::int::smallint, $5::int::smallint, $6::int::smallint, $7::int = 1)"

#define READ_ONLY "25006" /* SQLSTATE of a standby: it can be read, but nothing is made fresh */

struct figures {
    struct job job;
    struct figures_query asked; /* offices and filters are our copies: the two below */
    int32_t *offices;
    struct figures_filter *filters;
    bool whole;    /* the step over the whole scope is under way */
    size_t at;     /* else: the office whose step is under way .. */
    int32_t steps; /* .. and how many it may still take, this one included .. */
    int32_t most;  /* .. of so many */
    int32_t left;  /* what the last step answered; -1: nothing */
    struct buf encoded;
    struct params params;
    char number[6][4];
    bool odd;
    figures_cell_fn *cell;
    figures_done_fn *done;
    void *arg;
};

static void figures_tell(struct figures *figures, const struct error *err)
{
    figures_done_fn *done = figures->done;
    void *arg = figures->arg;
    job_end(&figures->job);
    done(err, arg);
}

/* ---- refresh ---- */

/* The first three parameters, which both statements begin with. Fails only the first time, where
 * the memory for the whole scope is got. */
static bool encode_scope(struct figures *figures, const int32_t *offices, size_t count)
{
    struct params *params = &figures->params;
    if (!params_begin(params, &figures->encoded, array_bytes(count, 4)))
        return false;
    struct array office = params_array(params, &figures->encoded, OID_INT4, count, 4, 0);
    for (size_t i = 0; i < count; i++)
        put_i32(&office, offices[i]);
    param_i32(params, figures->number[0], pg_date(figures->asked.from));
    param_i32(params, figures->number[1], pg_date(figures->asked.to));
    return true;
}

static void figures_read(struct figures *figures);
static void figures_step(struct figures *figures);

static void refresh_on_result(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct figures *figures = arg;
    figures->left = refresh_left(result);
}

/* Chooses the office of the next step; false when all had their turn. */
static bool next_office(struct figures *figures)
{
    if (figures->whole) {
        figures->whole = false;
        figures->at = 0;
        figures->steps = figures->most = figures->left + 1;
        return figures->left > 0 && figures->asked.office_count > 0;
    }
    if (figures->left > 0 && --figures->steps > 0)
        return true;
    figures->steps = figures->most;
    return ++figures->at < figures->asked.office_count;
}

static void refresh_done(struct link *link, const struct link_answer *answer, void *arg)
{
    struct figures *figures = arg;
    struct error err;
    if (strcmp(answer->sqlstate, READ_ONLY) == 0)
        figures_read(figures);
    else if (reader_trouble_of(link, answer, figures->left < 0, &err))
        figures_tell(figures, &err);
    else if (next_office(figures))
        figures_step(figures);
    else
        figures_read(figures);
}

static void figures_step(struct figures *figures)
{
    const int32_t *offices = figures->offices + (figures->whole ? 0 : figures->at);
    figures->left = -1;
    encode_scope(figures, offices, figures->whole ? figures->asked.office_count : 1);
    param_i32(&figures->params, figures->number[2], REFRESH_STEP);
    struct link_query query = query_of(REFRESH_SQL, &figures->params);
    link_run(figures->job.link, &query, 1, refresh_on_result, refresh_done, figures);
}

/* ---- read ---- */

static bool take_cell(const PGresult *r, int i, struct figures_cell *cell,
                      int64_t sums[static RULES_ELEMENTS_MAX])
{
    const char *first;
    if (!get_array(PQgetvalue(r, i, 5), (size_t)PQgetlength(r, i, 5), OID_INT8, 8, &first,
                   &cell->elements) ||
        cell->elements > RULES_ELEMENTS_MAX)
        return false;
    cell->office_id = get_i32(PQgetvalue(r, i, 0));
    cell->month = PQgetisnull(r, i, 1) ? 0 : pg_date_day(get_i32(PQgetvalue(r, i, 1)));
    cell->perspective = get_i16(PQgetvalue(r, i, 2));
    cell->value[0] = get_i32(PQgetvalue(r, i, 3));
    cell->n = get_i64(PQgetvalue(r, i, 4));
    for (size_t k = 0; k < cell->elements; k++)
        sums[k] = get_i64(first + k * 12);
    cell->sums = sums;
    return true;
}

static void cells_on_result(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct figures *figures = arg;
    int64_t sums[RULES_ELEMENTS_MAX];
    for (int i = 0; i < PQntuples(result) && !figures->odd; i++) {
        struct figures_cell cell = {0};
        figures->odd = PQnfields(result) != 6 || !take_cell(result, i, &cell, sums);
        if (!figures->odd)
            figures->cell(&cell, figures->arg);
    }
}

static void cells_done(struct link *link, const struct link_answer *answer, void *arg)
{
    struct figures *figures = arg;
    struct error err;
    figures_tell(figures, reader_trouble_of(link, answer, figures->odd, &err));
}

static void figures_read(struct figures *figures)
{
    struct params *params = &figures->params;
    encode_scope(figures, figures->offices, figures->asked.office_count);
    param_i32(params, figures->number[2], figures->asked.instrument_id);
    param_i32(params, figures->number[3], figures->asked.perspective);
    param_i32(params, figures->number[4], (int32_t)figures->asked.dim[0]);
    param_i32(params, figures->number[5], figures->asked.unit != 0);
    struct link_query query = query_of(INDEX_SQL, params);
    query.by_row = true;
    link_run(figures->job.link, &query, 1, cells_on_result, cells_done, figures);
}

/* ---- the job ---- */

static void figures_run(struct job *job)
{
    struct figures *figures = (struct figures *)(void *)job;
    figures->whole = true;
    figures_step(figures);
}

static void figures_fail(struct job *job, const struct error *err)
{
    figures_tell((struct figures *)(void *)job, err);
}

static void figures_release(struct job *job)
{
    struct figures *figures = (struct figures *)(void *)job;
    free(figures->offices);
    free(figures->filters);
    buf_release(&figures->encoded);
}

static const struct job_type figures_type = {figures_run, figures_fail, figures_release};

static bool figures_copy(struct figures *figures, const struct figures_query *query)
{
    size_t offices = query->office_count, filters = query->filter_count;
    figures->asked = *query;
    figures->offices = calloc(offices + 1, sizeof figures->offices[0]);
    figures->filters = calloc(filters + 1, sizeof figures->filters[0]);
    if (!figures->offices || !figures->filters)
        return false;
    if (offices > 0)
        memcpy(figures->offices, query->offices, offices * sizeof query->offices[0]);
    if (filters > 0)
        memcpy(figures->filters, query->filters, filters * sizeof query->filters[0]);
    figures->asked.offices = figures->offices;
    figures->asked.filters = figures->filters;
    return true;
}

/* Its buffer is sized here, for all its statements: later steps find the memory there. */
static struct figures *figures_new(const struct figures_query *query)
{
    struct figures *figures = calloc(1, sizeof *figures);
    if (!figures)
        return NULL;
    figures->job.type = &figures_type;
    if (!figures_copy(figures, query) ||
        !encode_scope(figures, query->offices, query->office_count)) {
        figures_release(&figures->job);
        free(figures);
        return NULL;
    }
    return figures;
}

void reader_figures(struct reader *reader, const struct figures_query *query, figures_cell_fn *cell,
                    figures_done_fn *done, void *arg)
{
    struct figures *figures = figures_new(query);
    if (figures) {
        figures->cell = cell;
        figures->done = done;
        figures->arg = arg;
    }
    if (reader_push(reader, figures ? &figures->job : NULL))
        return;
    struct error err;
    out_of_memory(&err);
    done(&err, arg);
}
