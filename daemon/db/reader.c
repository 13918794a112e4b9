#include "daemon/db/reader_private.h"

#include <endian.h>

/* A plan with a nested loop by key is right for what is read here; compiling it is not. What is
 * written is made from what others stored, with the mark that says so going in the same moment: a
 * crash loses both or none, so no refresh waits for the disk, nor do receipts behind it. */
static const struct link_setting reader_settings[] = {
    {"jit", "off"},
    {"synchronous_commit", "off"},
    {NULL, NULL},
};
static const struct link_statement no_statements[] = {{NULL, NULL}};

/* Nothing is prepared: a schema of another version must still be able to say its version. */
static const struct link_spec listening_spec = {.pool = "reader",
                                                .settings = reader_settings,
                                                .statements = no_statements,
                                                .channel = "suara_directory"};
static const struct link_spec reader_spec = {
    .pool = "reader", .settings = reader_settings, .statements = no_statements};

static void reader_on_turn(bool heard, void *arg)
{
    struct reader *reader = arg;
    jobs_turn(&reader->jobs);
    if (heard) {
        pool_wake(&reader->pool); /* `changed` on a turn of its own: this call may end the reader */
        reader->what_changed(reader->arg);
    } else {
        reader->changed(reader->arg);
    }
}

struct reader *reader_new(struct event_base *base, const struct db_settings *settings,
                          db_changed_fn *changed, db_changed_fn *what_changed, void *arg,
                          struct error *err)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader) {
        error_set(err, ERROR_INTERNAL, NULL, "out of memory");
        return NULL;
    }
    reader->changed = changed;
    reader->what_changed = what_changed;
    reader->arg = arg;
    jobs_init(&reader->jobs, &reader->pool, base, settings->statement_ms);
    if (pool_init(&reader->pool, base, settings, &listening_spec, &reader_spec, reader_on_turn,
                  reader, err))
        reader_free(&reader);
    return reader;
}

void reader_free(struct reader **slot)
{
    struct reader *reader = *slot;
    if (!reader)
        return;
    *slot = NULL;
    pool_release(&reader->pool);
    jobs_release(&reader->jobs);
    free(reader);
}

unsigned reader_connected(const struct reader *reader)
{
    return pool_connected(&reader->pool);
}

const char *reader_trouble(const struct reader *reader)
{
    return pool_trouble(&reader->pool);
}

/* ---- what the jobs share ---- */

void param_i32(struct params *params, char *at, int32_t value)
{
    uint32_t big = htobe32((uint32_t)value);
    memcpy(at, &big, sizeof big);
    params->value[params->count] = at;
    params->length[params->count] = sizeof big;
    params->format[params->count] = 1;
    params->count++;
}

void param_null(struct params *params)
{
    params->value[params->count] = NULL;
    params->length[params->count] = 0;
    params->format[params->count] = 1;
    params->count++;
}

void param_text(struct params *params, const char *text)
{
    params->value[params->count] = text;
    params->length[params->count] = 0;
    params->format[params->count] = 0;
    params->count++;
}

void param_day(struct params *params, char *at, civil_day day)
{
    if (day)
        param_i32(params, at, pg_date(day));
    else
        param_null(params);
}

struct link_query query_of(const char *sql, const struct params *params)
{
    return (struct link_query){.sql = sql,
                               .params = params->count,
                               .values = params->value,
                               .lengths = params->length,
                               .formats = params->format};
}

const struct error *reader_trouble_of(struct link *link, const struct link_answer *answer, bool odd,
                                      struct error *err)
{
    if (answer->outcome != DB_DONE) {
        *err = answer->err;
        if (!answer->lost && sqlstate_ends_connection(answer->sqlstate))
            link_drop(link, "%s", err->text);
        return err;
    }
    if (!odd)
        return NULL;
    error_set(err, ERROR_INTERNAL, NULL, "the database answered with other rows than asked for");
    return err;
}

bool reader_push(struct reader *reader, struct job *job)
{
    if (job && jobs_push(&reader->jobs, job))
        return true;
    if (job)
        job->type->release(job);
    free(job);
    return false;
}

void out_of_memory(struct error *err)
{
    error_set(err, ERROR_UNAVAILABLE, NULL, "out of memory");
    err->retry_after_ms = LINK_RETRY_MS;
}

/* ---- which ids are held ---- */

struct held {
    struct job job;
    struct buf ids; /* the encoded parameter */
    struct params params;
    char office[4];
    struct buf index; /* uint32_t, the answer */
    size_t count, asked;
    bool odd;
    reader_held_fn *done;
    void *arg;
};

static void held_tell(struct held *held, const struct error *err)
{
    reader_held_fn *done = held->done;
    void *arg = held->arg;
    size_t count = err ? 0 : held->count;
    struct buf index = held->index;
    held->index = (struct buf){0};
    job_end(&held->job);
    done((const uint32_t *)(const void *)index.data, count, err, arg);
    buf_release(&index);
}

static void held_on_result(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct held *held = arg;
    const char *first;
    size_t count;
    held->odd = true;
    if (PQntuples(result) != 1 || PQnfields(result) != 1 ||
        !get_array(PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0), OID_INT4, 4, &first,
                   &count))
        return;
    for (size_t i = 0; i < count; i++) {
        uint32_t index = (uint32_t)get_i32(first + i * 8);
        buf_add(&held->index, &index, sizeof index);
        if (index >= held->asked)
            return;
    }
    held->count = count;
    held->odd = held->index.failed;
}

static void held_done(struct link *link, const struct link_answer *answer, void *arg)
{
    struct held *held = arg;
    struct error err;
    held_tell(held, reader_trouble_of(link, answer, held->odd, &err));
}

static void held_run(struct job *job)
{
    struct held *held = (struct held *)(void *)job;
    struct link_query query = query_of("SELECT suara.held($1::int, $2::uuid[])", &held->params);
    link_run(job->link, &query, 1, held_on_result, held_done, held);
}

static void held_fail(struct job *job, const struct error *err)
{
    held_tell((struct held *)(void *)job, err);
}

static void held_release(struct job *job)
{
    struct held *held = (struct held *)(void *)job;
    buf_release(&held->ids);
    buf_release(&held->index);
}

static const struct job_type held_type = {held_run, held_fail, held_release};

static bool held_encode(struct held *held, int32_t office_id, const struct uuid *ids, size_t count)
{
    if (!params_begin(&held->params, &held->ids, array_bytes(count, 16)))
        return false;
    param_i32(&held->params, held->office, office_id);
    struct array id = params_array(&held->params, &held->ids, OID_UUID, count, 16, 0);
    for (size_t i = 0; i < count; i++)
        put_uuid(&id, &ids[i]);
    return true;
}

void reader_held(struct reader *reader, int32_t office_id, const struct uuid *ids, size_t count,
                 reader_held_fn *done, void *arg)
{
    struct held *held = calloc(1, sizeof *held);
    if (held) {
        held->job.type = &held_type;
        held->done = done;
        held->arg = arg;
        held->asked = count;
    }
    if (held && !held_encode(held, office_id, ids, count)) {
        free(held);
        held = NULL;
    }
    if (reader_push(reader, held ? &held->job : NULL))
        return;
    struct error err;
    out_of_memory(&err);
    done(NULL, 0, &err, arg);
}
