#include "daemon/db/erase.h"

#include "common/buf.h"

#include <inttypes.h>

enum { CALL_TEXTS = 6, CALL_FIGURES = 4 };

/* What a call gives: one row of numbers, or of a number and an id. */
struct call {
    struct job job;
    const struct call_kind *kind;
    char *text[CALL_TEXTS]; /* parameters in the order of the SQL; NULL: NULL */
    int64_t figure[CALL_FIGURES];
    struct uuid last;
    bool answered, committed;
    union {
        store_erase_fn *erased;
        store_purge_fn *purged;
    } done;
    void *arg;
};

struct call_kind {
    const char *sql;
    int params, figures; /* columns: figures, then perhaps an id */
    bool id;
    void (*tell)(const struct call *call, const struct error *err); /* err NULL: done */
};

/* ---- what the owner is told ---- */

static void tell_erased(const struct call *call, const struct error *err)
{
    const struct erased erased = {(uint32_t)call->figure[0], (uint32_t)call->figure[1],
                                  (uint32_t)call->figure[2], (uint32_t)call->figure[3]};
    call->done.erased(err ? NULL : &erased, err, call->arg);
}

static void tell_purged(const struct call *call, const struct error *err)
{
    const struct purged purged = {(uint64_t)call->figure[0], call->last};
    call->done.purged(err ? NULL : &purged, err, call->arg);
}

/* It is told after the job has given its link back: the next step may be pushed from there. */
static void call_tell(struct call *call, const struct error *err)
{
    struct call told = *call;
    struct error why;
    if (err)
        why = *err;
    job_end(&call->job);
    told.kind->tell(&told, err ? &why : NULL);
}

static void call_fail(struct job *job, const struct error *err)
{
    call_tell((struct call *)(void *)job, err);
}

static void call_release(struct job *job)
{
    struct call *call = (struct call *)(void *)job;
    for (size_t i = 0; i < CALL_TEXTS; i++)
        free(call->text[i]);
}

/* ---- the call ---- */

static void call_on_result(size_t query, const PGresult *result, void *arg)
{
    struct call *call = arg;
    const struct call_kind *kind = call->kind;
    call->committed = link_committed(result);
    if (query != 1 || PQntuples(result) != 1 || PQnfields(result) != kind->figures + kind->id)
        return;
    for (int i = 0; i < kind->figures; i++)
        call->figure[i] = strtoll(PQgetvalue(result, 0, i), NULL, 10);
    call->answered = true;
    if (kind->id && !PQgetisnull(result, 0, kind->figures))
        call->answered = uuid_parse(PQgetvalue(result, 0, kind->figures), &call->last);
}

/* Each call can be run again: what was done once is not done twice. So a commit that is not known
 * is "try again", too. */
static void call_done(struct link *link, const struct link_answer *answer, void *arg)
{
    struct call *call = arg;
    struct error err = answer->err;
    bool sure = answer->outcome == DB_DONE && call->answered && call->committed && !answer->warned;
    if (answer->outcome == DB_DONE && !sure) {
        error_set(&err, ERROR_UNAVAILABLE, NULL, "the database did not confirm the commit");
        err.retry_after_ms = LINK_RETRY_MS;
        link_drop(link, "%s", err.text);
    } else if (strcmp(answer->sqlstate, "55P03") == 0) { /* lock_not_available */
        error_set(&err, ERROR_UNAVAILABLE, NULL,
                  "responses are being stored that it would have to wait for");
        err.retry_after_ms = LINK_RETRY_MS;
    } else if (sqlstate_ends_connection(answer->sqlstate) && !answer->lost) {
        link_drop(link, "%s", err.text);
    }
    call_tell(call, sure ? NULL : &err);
}

static void call_run(struct job *job)
{
    struct call *call = (struct call *)(void *)job;
    const struct link_query query[] = {
        {.sql = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"}, /* erase() relies on it */
        {.sql = call->kind->sql,
         .params = call->kind->params,
         .values = (const char *const *)call->text,
         .text = true},
        {.sql = "COMMIT"},
    };
    link_run(job->link, query, 3, call_on_result, call_done, call);
}

static const struct job_type call_type = {call_run, call_fail, call_release};

static struct call *call_new(const struct call_kind *kind, void *arg)
{
    struct call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->job.type = &call_type;
    call->kind = kind;
    call->arg = arg;
    return call;
}

/* full: all its texts are there. It is told, now, when it can't be pushed. */
static void call_push(struct jobs *jobs, struct call *call, bool full)
{
    struct error err;
    if (full && jobs_push(jobs, &call->job))
        return;
    error_set(&err, ERROR_UNAVAILABLE, NULL, "out of memory");
    err.retry_after_ms = LINK_RETRY_MS;
    call->kind->tell(call, &err);
    call_release(&call->job);
    free(call);
}

static char *number_text(int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    return strdup(text);
}

static char *day_text(civil_day day)
{
    char text[16];
    civil_format_day(day, text);
    return strdup(text);
}

/* ---- the two kinds of calls ---- */

/* {id,id,..}, as an array is written. */
static char *ids_text(const struct uuid *ids, size_t count)
{
    struct buf out = {0};
    char id[UUID_TEXT];
    buf_puts(&out, "{");
    for (size_t i = 0; i < count; i++) {
        uuid_format(&ids[i], id);
        buf_printf(&out, "%s%s", i ? "," : "", id);
    }
    buf_puts(&out, "}");
    char *text = out.failed ? NULL : strdup(out.data);
    buf_release(&out);
    return text;
}

void erase_push(struct jobs *jobs, const struct erasure *erasure, store_erase_fn *done, void *arg)
{
    static const struct call_kind kind = {"SELECT responses, comments, already, unknown "
                                          "FROM suara.erase($1::int, $2::uuid[], $3, $4)",
                                          4, 4, false, tell_erased};
    struct error err;
    struct call *call = call_new(&kind, arg);
    if (!call) {
        error_set(&err, ERROR_UNAVAILABLE, NULL, "out of memory");
        done(NULL, &err, arg);
        return;
    }
    call->done.erased = done;
    call->text[0] = number_text(erasure->office_id);
    call->text[1] = ids_text(erasure->ids, erasure->count);
    call->text[2] = strdup(erasure->actor.principal);
    call->text[3] = strdup(erasure->actor.serial);
    call_push(jobs, call, call->text[0] && call->text[1] && call->text[2] && call->text[3]);
}

void purge_push(struct jobs *jobs, const struct purge *purge, store_purge_fn *done, void *arg)
{
    static const struct call_kind
        count = {"SELECT suara.comments_before($1::int, $2::date)", 2, 1, false, tell_purged},
        remove = {"SELECT gone, last FROM suara.purge_comments($1::int, $2::date, $3::uuid, "
                  "$4::int, $5, $6)",
                  6, 1, true, tell_purged};
    struct error err;
    char after[UUID_TEXT];
    bool only_count = purge->most == 0;
    struct call *call = call_new(only_count ? &count : &remove, arg);
    if (!call) {
        error_set(&err, ERROR_UNAVAILABLE, NULL, "out of memory");
        done(NULL, &err, arg);
        return;
    }
    call->done.purged = done;
    call->last = purge->after;
    uuid_format(&purge->after, after);
    call->text[0] = number_text(purge->office_id);
    call->text[1] = day_text(purge->before);
    call->text[2] = strdup(after);
    call->text[3] = number_text(purge->most);
    call->text[4] = strdup(purge->actor.principal);
    call->text[5] = strdup(purge->actor.serial);
    bool full = true;
    for (size_t i = 0; i < CALL_TEXTS; i++)
        full = full && call->text[i];
    call_push(jobs, call, full);
}
