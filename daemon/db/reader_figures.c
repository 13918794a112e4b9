#include "daemon/db/reader_private.h"

#include "common/instrument.h"
#include "common/rules.h"

/*
 * A report refreshes first what is stale in its scope, then reads. One step over the whole scope
 * nearly always finds nothing left. Where something is, the offices follow, some at a time, each
 * time with as many steps as that first count asks for (a step makes one office-month at least):
 * marks that ingest adds meanwhile belong to responses that came after the question, and must not
 * keep it from its answer.
 */

#define OFFICES_STEP 32u

#define FIGURES_SQL                                                                                \
    "office_id, month, perspective, value1, value2, n, square, sums, dist FROM suara.figures("     \
    "$1::int[], $2::date, $3::date, $4::int::smallint, $5::int::smallint, $6::smallint[], "        \
    "$7::smallint[], $8::int[], $9::int, $10::int = 1)"

/* Both parts in one statement, for one snapshot. */
#define BLOCKS_SQL                                                                                 \
    " UNION ALL SELECT 1, office_id, month, perspective, value1, value2, n, square, sums, dist "   \
    "FROM suara.figures($1, $11::date, $12::date, $4::int::smallint, $5::int::smallint, '{}', "    \
    "$7, $8, $13::int, false)"

enum { COL_PART, COL_OFFICE, COL_MONTH, COL_PERSPECTIVE, COL_VALUE };
enum { COL_N = COL_VALUE + FIGURES_DIMS, COL_SQUARE, COL_SUMS, COL_DIST, COLUMNS };

#define NUMBERS_MAX 9u

struct figures {
    struct job job;
    struct figures_query asked; /* offices and filters are our copies: the two below */
    int32_t *offices;
    struct figures_filter *filters;
    civil_day from, to; /* of the first part: whole years with blocks */
    bool whole;         /* the step over the whole scope is under way */
    size_t at;          /* else: the first of the offices whose step is under way .. */
    int32_t steps;      /* .. and how many it may still take, this one included .. */
    int32_t most;       /* .. of so many */
    int32_t left;       /* what the last step answered; -1: nothing */
    struct buf encoded;
    struct params params;
    char number[NUMBERS_MAX][4];
    size_t numbers;
    bool odd;
    int64_t sums[RULES_ELEMENTS_MAX];
    int64_t *spread;
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

static void add_number(struct figures *figures, int32_t value)
{
    param_i32(&figures->params, figures->number[figures->numbers++], value);
}

/* The first three parameters, which both statements begin with. Fails only the first time, where
 * the memory for all statements is got. */
static bool encode_scope(struct figures *figures, const int32_t *offices, size_t count)
{
    struct params *params = &figures->params;
    size_t filters = figures->asked.filter_count;
    if (!params_begin(params, &figures->encoded,
                      array_bytes(figures->asked.office_count, 4) + array_bytes(FIGURES_DIMS, 2) +
                          array_bytes(filters, 2) + array_bytes(filters, 4)))
        return false;
    struct array office = params_array(params, &figures->encoded, OID_INT4, count, 4, 0);
    for (size_t i = 0; i < count; i++)
        put_i32(&office, offices[i]);
    figures->numbers = 0;
    add_number(figures, pg_date(figures->from));
    add_number(figures, pg_date(figures->to));
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

/* Chooses the offices of the next step; false when all had their turn. */
static bool next_offices(struct figures *figures)
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
    figures->at += OFFICES_STEP;
    return figures->at < figures->asked.office_count;
}

static void refresh_done(struct link *link, const struct link_answer *answer, void *arg)
{
    struct figures *figures = arg;
    struct error err;
    if (reader_trouble_of(link, answer, figures->left < 0, &err))
        figures_tell(figures, &err);
    else if (next_offices(figures))
        figures_step(figures);
    else
        figures_read(figures);
}

static void figures_step(struct figures *figures)
{
    size_t at = figures->whole ? 0 : figures->at, count = figures->asked.office_count - at;
    if (!figures->whole && count > OFFICES_STEP)
        count = OFFICES_STEP;
    figures->left = -1;
    encode_scope(figures, figures->offices + at, count);
    add_number(figures, REFRESH_STEP);
    struct link_query query = query_of(REFRESH_SQL, &figures->params);
    link_run(figures->job.link, &query, 1, refresh_on_result, refresh_done, figures);
}

/* ---- read ---- */

static bool is_dim(enum dim dim)
{
    return dim != DIM_ALL && dim != DIM_PERSPECTIVE;
}

/* Numbers of an array into `to`, which has room for `most`. */
static bool take_numbers(const PGresult *r, int i, int column, int64_t *to, size_t most,
                         size_t *count)
{
    const char *first;
    if (!get_array(PQgetvalue(r, i, column), (size_t)PQgetlength(r, i, column), OID_INT8, 8, &first,
                   count) ||
        *count > most)
        return false;
    for (size_t k = 0; k < *count; k++)
        to[k] = get_i64(first + k * 12);
    return true;
}

static bool take_cell(struct figures *figures, const PGresult *r, int i, struct figures_cell *cell)
{
    int value = COL_VALUE;
    cell->part = (unsigned)get_i32(PQgetvalue(r, i, COL_PART));
    cell->office_id = get_i32(PQgetvalue(r, i, COL_OFFICE));
    cell->month =
        PQgetisnull(r, i, COL_MONTH) ? 0 : pg_date_day(get_i32(PQgetvalue(r, i, COL_MONTH)));
    cell->perspective = get_i16(PQgetvalue(r, i, COL_PERSPECTIVE));
    for (size_t k = 0; k < FIGURES_DIMS; k++)
        if (cell->part == 0 && is_dim(figures->asked.dim[k]))
            cell->value[k] = get_i32(PQgetvalue(r, i, value++));
    cell->n = get_i64(PQgetvalue(r, i, COL_N));
    cell->square = get_i64(PQgetvalue(r, i, COL_SQUARE));
    cell->sums = figures->sums;
    cell->spread = figures->spread;
    if (!take_numbers(r, i, COL_SUMS, figures->sums, RULES_ELEMENTS_MAX, &cell->elements))
        return false;
    return PQgetisnull(r, i, COL_DIST)
               ? !figures->asked.spread
               : figures->spread &&
                     take_numbers(r, i, COL_DIST, figures->spread,
                                  RULES_ELEMENTS_MAX * INSTRUMENT_SCALE_MAX, &cell->spreads);
}

static void cells_on_result(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct figures *figures = arg;
    for (int i = 0; i < PQntuples(result) && !figures->odd; i++) {
        struct figures_cell cell = {0};
        figures->odd = PQnfields(result) != COLUMNS || !take_cell(figures, result, i, &cell);
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

static void encode_dims(struct figures *figures)
{
    const struct figures_query *asked = &figures->asked;
    struct params *params = &figures->params;
    enum dim dim[FIGURES_DIMS];
    size_t dims = 0, filters = asked->filter_count;
    for (size_t k = 0; k < FIGURES_DIMS; k++)
        if (is_dim(asked->dim[k]))
            dim[dims++] = asked->dim[k];
    struct array which = params_array(params, &figures->encoded, OID_INT2, dims, 2, 0);
    for (size_t k = 0; k < dims; k++)
        put_i16(&which, (int16_t)dim[k]);
    struct array of = params_array(params, &figures->encoded, OID_INT2, filters, 2, 0);
    struct array value = params_array(params, &figures->encoded, OID_INT4, filters, 4, 0);
    for (size_t i = 0; i < filters; i++) {
        put_i16(&of, (int16_t)asked->filters[i].dim);
        put_i32(&value, asked->filters[i].value);
    }
}

static void figures_read(struct figures *figures)
{
    const struct figures_query *asked = &figures->asked;
    encode_scope(figures, figures->offices, asked->office_count);
    add_number(figures, asked->instrument_id);
    add_number(figures, asked->perspective);
    encode_dims(figures);
    add_number(figures, asked->blocks ? 1 : (int32_t)asked->unit);
    add_number(figures, asked->spread && !asked->blocks);
    if (asked->blocks) {
        add_number(figures, pg_date(asked->from));
        add_number(figures, pg_date(asked->to));
        add_number(figures, (int32_t)asked->unit);
    }
    const char *sql =
        asked->blocks ? "SELECT 0, " FIGURES_SQL BLOCKS_SQL : "SELECT 0, " FIGURES_SQL;
    struct link_query query = query_of(sql, &figures->params);
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
    free(figures->spread);
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
    figures->from = query->blocks ? query->from / 10000 * 10000 + 101 : query->from;
    figures->to = query->blocks ? query->to / 10000 * 10000 + 1231 : query->to;
    if (query->blocks)
        figures->asked.spread = false;
    if (figures->asked.spread)
        figures->spread = calloc(RULES_ELEMENTS_MAX * INSTRUMENT_SCALE_MAX, sizeof(int64_t));
    if (figures->asked.spread && !figures->spread)
        return false;
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
