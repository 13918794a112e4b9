#include "daemon/db/job.h"

#include <event2/event.h>
#include <utlist.h>

void jobs_init(struct jobs *jobs, struct pool *pool, struct event_base *base, uint32_t wait_ms)
{
    *jobs = (struct jobs){.pool = pool, .base = base, .wait_ms = wait_ms};
}

static void job_free(struct job *job)
{
    job->type->release(job);
    if (job->timer)
        event_free(job->timer);
    free(job);
}

void jobs_release(struct jobs *jobs)
{
    struct job *job, *next;
    DL_FOREACH_SAFE (jobs->waiting, job, next)
        job_free(job);
    DL_FOREACH_SAFE (jobs->running, job, next)
        job_free(job);
    jobs->waiting = jobs->running = NULL;
    jobs->count = 0;
}

static void job_on_time(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct job *job = arg;
    struct error err;
    const char *trouble = pool_trouble(job->jobs->pool);
    if (job->refused)
        error_set(&err, ERROR_OVERLOADED, NULL, "too many requests wait for the database");
    else if (trouble[0])
        error_set(&err, ERROR_UNAVAILABLE, NULL, "the database is away: try again later");
    else
        error_set(&err, ERROR_UNAVAILABLE, NULL, "the database is busy");
    err.retry_after_ms = LINK_RETRY_MS;
    job->type->fail(job, &err);
}

static void job_limit(struct job *job, uint32_t ms)
{
    struct timeval time = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    evtimer_add(job->timer, &time);
}

bool jobs_push(struct jobs *jobs, struct job *job)
{
    job->jobs = jobs;
    job->timer = evtimer_new(jobs->base, job_on_time, job);
    if (!job->timer)
        return false;
    job->refused = jobs->count >= JOBS_MAX;
    job_limit(job, job->refused || pool_connected(jobs->pool) == 0 ? 0 : jobs->wait_ms);
    DL_APPEND(jobs->waiting, job);
    jobs->count++;
    pool_wake(jobs->pool);
    return true;
}

static void job_leave(struct job *job)
{
    struct jobs *jobs = job->jobs;
    if (job->link) {
        DL_DELETE(jobs->running, job);
    } else {
        DL_DELETE(jobs->waiting, job);
        jobs->count--;
    }
}

void jobs_turn(struct jobs *jobs)
{
    struct job *job, *next;
    DL_FOREACH_SAFE (jobs->waiting, job, next) {
        if (job->refused)
            continue;
        if (pool_connected(jobs->pool) == 0) {
            job_limit(job, 0);
            continue;
        }
        struct link *link = pool_take(jobs->pool);
        if (!link)
            return;
        job_leave(job);
        event_del(job->timer);
        job->link = link;
        DL_APPEND(jobs->running, job);
        job->type->run(job);
    }
}

void job_end(struct job *job)
{
    job_leave(job);
    if (job->link)
        link_release(job->link);
    job_free(job);
}
