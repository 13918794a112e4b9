#include "daemon/db/reader_private.h"

#define OFFICE_SQL  "SELECT suara.refresh(ARRAY[$1::int], $2::date, $3::date, $4::int)"
#define REBUILD_SQL "SELECT suara.rebuild($1::int, $2::text, $3::text)"

#define NUMBERS 4u

/* A statement whose answer is one number. */
struct refresh {
    struct job job;
    const char *sql;
    struct params params;
    char number[NUMBERS][4];
    struct actor_texts by;
    int32_t left; /* -1: no answer yet */
    reader_refresh_fn *done;
    void *arg;
};

static void refresh_tell(struct refresh *refresh, const struct error *err)
{
    reader_refresh_fn *done = refresh->done;
    void *arg = refresh->arg;
    int left = err ? -1 : refresh->left;
    job_end(&refresh->job);
    done(left, err, arg);
}

int32_t refresh_left(const PGresult *result)
{
    bool fits = PQntuples(result) == 1 && PQgetlength(result, 0, 0) == 4;
    return fits ? get_i32(PQgetvalue(result, 0, 0)) : -1;
}

static void refresh_on_result(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct refresh *refresh = arg;
    refresh->left = refresh_left(result);
}

static void refresh_done(struct link *link, const struct link_answer *answer, void *arg)
{
    struct refresh *refresh = arg;
    struct error err;
    refresh_tell(refresh, reader_trouble_of(link, answer, refresh->left < 0, &err));
}

static void refresh_run(struct job *job)
{
    struct refresh *refresh = (struct refresh *)(void *)job;
    struct link_query query = query_of(refresh->sql, &refresh->params);
    link_run(job->link, &query, 1, refresh_on_result, refresh_done, job);
}

static void refresh_fail(struct job *job, const struct error *err)
{
    refresh_tell((struct refresh *)(void *)job, err);
}

static void refresh_release(struct job *job)
{
    (void)job;
}

static const struct job_type refresh_type = {refresh_run, refresh_fail, refresh_release};

static struct refresh *refresh_new(const char *sql, reader_refresh_fn *done, void *arg)
{
    struct refresh *refresh = calloc(1, sizeof *refresh);
    if (!refresh)
        return NULL;
    refresh->job.type = &refresh_type;
    refresh->sql = sql;
    refresh->left = -1;
    refresh->done = done;
    refresh->arg = arg;
    return refresh;
}

static void add_number(struct refresh *refresh, int32_t value)
{
    param_i32(&refresh->params, refresh->number[refresh->params.count], value);
}

static void push(struct reader *reader, struct refresh *refresh, reader_refresh_fn *done, void *arg)
{
    struct error err;
    if (reader_push(reader, refresh ? &refresh->job : NULL))
        return;
    out_of_memory(&err);
    done(-1, &err, arg);
}

void reader_refresh(struct reader *reader, reader_refresh_fn *done, void *arg)
{
    struct refresh *refresh = refresh_new(REFRESH_SQL, done, arg);
    if (refresh) {
        for (int i = 0; i < 3; i++)
            param_null(&refresh->params); /* all offices, all days */
        add_number(refresh, REFRESH_STEP);
    }
    push(reader, refresh, done, arg);
}

void reader_refresh_office(struct reader *reader, int32_t office_id, civil_day from, civil_day to,
                           reader_refresh_fn *done, void *arg)
{
    struct refresh *refresh = refresh_new(OFFICE_SQL, done, arg);
    if (refresh) {
        add_number(refresh, office_id);
        param_day(&refresh->params, refresh->number[1], from);
        param_day(&refresh->params, refresh->number[2], to);
        add_number(refresh, REFRESH_STEP);
    }
    push(reader, refresh, done, arg);
}

static void add_text(struct params *params, char *at, size_t room, const char *text)
{
    (void)snprintf(at, room, "%s", text);
    param_text(params, at);
}

void reader_rebuild(struct reader *reader, int32_t office_id, const struct actor *by,
                    reader_refresh_fn *done, void *arg)
{
    struct refresh *refresh = refresh_new(REBUILD_SQL, done, arg);
    if (refresh) {
        add_number(refresh, office_id);
        add_text(&refresh->params, refresh->by.principal, sizeof refresh->by.principal,
                 by->principal);
        add_text(&refresh->params, refresh->by.serial, sizeof refresh->by.serial, by->serial);
    }
    push(reader, refresh, done, arg);
}
