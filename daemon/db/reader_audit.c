#include "common/buf.h"
#include "daemon/db/reader_private.h"

#define LIST_SQL                                                                                   \
    "SELECT at, office, seq, principal, serial, verb, outcome, detail FROM "                       \
    "suara.audit_list($1::int[], $2::date, $3::date, $4::int)"
#define VERIFY_SQL                                                                                 \
    "SELECT office, which, fault, next_state, chains, entries, digest FROM "                       \
    "suara.audit_verify($1::int[], $2::date, $3::text)"

enum { AT_OFFICE, AT_WHICH, AT_FAULT, AT_STATE, AT_CHAINS, AT_ENTRIES, AT_DIGEST };
enum { LIST_FIELDS = 8, VERIFY_FIELDS = 7, TEXTS = 4 };

/* A statement whose parameters and rows are text. */
struct audit_job {
    struct job job;
    const char *sql;
    int fields;
    char *text[TEXTS]; /* NULL: null */
    int texts;
    bool odd, short_of;
    audit_row_fn *row;
    audit_progress_fn *progress;
    reader_done_fn *done;
    void *arg;
};

static void audit_tell(struct audit_job *job, const struct error *err)
{
    reader_done_fn *done = job->done;
    void *arg = job->arg;
    job_end(&job->job);
    done(err, arg);
}

static uint64_t number(const PGresult *result, int field)
{
    return strtoull(PQgetvalue(result, 0, field), NULL, 10);
}

static void audit_on_result(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct audit_job *job = arg;
    const char *cell[LIST_FIELDS];
    job->odd = job->odd || PQnfields(result) != job->fields;
    if (job->odd || PQntuples(result) == 0)
        return;
    if (job->progress && PQgetisnull(result, 0, AT_FAULT)) {
        const struct audit_progress progress = {
            .state = PQgetisnull(result, 0, AT_STATE) ? NULL : PQgetvalue(result, 0, AT_STATE),
            .chains = number(result, AT_CHAINS),
            .entries = number(result, AT_ENTRIES),
            .digest = PQgetvalue(result, 0, AT_DIGEST),
        };
        job->progress(&progress, job->arg);
        return;
    }
    for (int i = 0; i < job->fields; i++)
        cell[i] = PQgetvalue(result, 0, i);
    job->row(cell, job->arg);
}

static void audit_done(struct link *link, const struct link_answer *answer, void *arg)
{
    struct audit_job *job = arg;
    struct error err;
    audit_tell(job, reader_trouble_of(link, answer, job->odd, &err));
}

static void audit_run(struct job *base)
{
    struct audit_job *job = (struct audit_job *)(void *)base;
    const struct link_query query = {.sql = job->sql,
                                     .params = job->texts,
                                     .values = (const char *const *)job->text,
                                     .text = true,
                                     .by_row = true};
    link_run(base->link, &query, 1, audit_on_result, audit_done, job);
}

static void audit_fail(struct job *job, const struct error *err)
{
    audit_tell((struct audit_job *)(void *)job, err);
}

static void audit_release(struct job *base)
{
    struct audit_job *job = (struct audit_job *)(void *)base;
    for (int i = 0; i < TEXTS; i++)
        free(job->text[i]);
}

static const struct job_type audit_type = {audit_run, audit_fail, audit_release};

/* ---- parameters ---- */

static void add_copy(struct audit_job *job, const char *text)
{
    char **at = &job->text[job->texts++];
    if (text && !(*at = strdup(text)))
        job->short_of = true;
}

static void add_offices(struct audit_job *job, const int32_t *offices, size_t count)
{
    struct buf text = {0};
    buf_putc(&text, '{');
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s%d", i ? "," : "", (int)offices[i]);
    buf_putc(&text, '}');
    job->short_of = job->short_of || text.failed;
    add_copy(job, offices && !text.failed ? text.data : NULL);
    buf_release(&text);
}

static void add_day(struct audit_job *job, civil_day day)
{
    char text[16];
    if (day)
        civil_format_day(day, text);
    add_copy(job, day ? text : NULL);
}

static struct audit_job *audit_new(const char *sql, int fields, audit_row_fn *row,
                                   reader_done_fn *done, void *arg)
{
    struct audit_job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    job->job.type = &audit_type;
    job->sql = sql;
    job->fields = fields;
    job->row = row;
    job->done = done;
    job->arg = arg;
    return job;
}

static void push(struct reader *reader, struct audit_job *job, reader_done_fn *done, void *arg)
{
    struct error err;
    if (job && job->short_of) {
        audit_release(&job->job);
        free(job);
        job = NULL;
    }
    if (reader_push(reader, job ? &job->job : NULL))
        return;
    out_of_memory(&err);
    done(&err, arg);
}

void reader_audit_list(struct reader *reader, const struct audit_query *query, audit_row_fn *row,
                       reader_done_fn *done, void *arg)
{
    struct audit_job *job = audit_new(LIST_SQL, LIST_FIELDS, row, done, arg);
    char most[16];
    (void)snprintf(most, sizeof most, "%u", (unsigned)query->most);
    if (job) {
        add_offices(job, query->offices, query->office_count);
        add_day(job, query->from);
        add_day(job, query->to);
        add_copy(job, most);
    }
    push(reader, job, done, arg);
}

void reader_audit_verify(struct reader *reader, const struct audit_query *query, const char *state,
                         audit_row_fn *fault, audit_progress_fn *progress, reader_done_fn *done,
                         void *arg)
{
    struct audit_job *job = audit_new(VERIFY_SQL, VERIFY_FIELDS, fault, done, arg);
    if (job) {
        job->progress = progress;
        add_offices(job, query->offices, query->office_count);
        add_day(job, query->to);
        add_copy(job, state);
    }
    push(reader, job, done, arg);
}
