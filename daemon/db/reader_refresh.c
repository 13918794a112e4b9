#include "daemon/db/reader_private.h"

struct refresh {
    struct job job;
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
    struct params params = {.count = 0};
    char most[4];
    for (int i = 0; i < 3; i++)
        param_null(&params); /* all offices, all days */
    param_i32(&params, most, REFRESH_STEP);
    struct link_query query = query_of(REFRESH_SQL, &params);
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

static struct job *refresh_new(reader_refresh_fn *done, void *arg)
{
    struct refresh *refresh = calloc(1, sizeof *refresh);
    if (!refresh)
        return NULL;
    refresh->job.type = &refresh_type;
    refresh->left = -1;
    refresh->done = done;
    refresh->arg = arg;
    return &refresh->job;
}

void reader_refresh(struct reader *reader, reader_refresh_fn *done, void *arg)
{
    struct error err;
    if (reader_push(reader, refresh_new(done, arg)))
        return;
    out_of_memory(&err);
    done(-1, &err, arg);
}
