/*
 * Work that waits in line for a link of a pool: first come, first served, each with a timer, so
 * that a database that is away or busy ends in an answer and not in silence. Once it runs on a link
 * it can't wait for ever either: the link has timers of its own.
 */
#ifndef SUARA_DAEMON_DB_JOB_H
#define SUARA_DAEMON_DB_JOB_H

#include "daemon/db/pool.h"

#define JOBS_MAX 1024u /* in line; more are OVERLOADED */

struct job;
struct jobs;

struct job_type {
    void (*run)(struct job *job); /* job->link is taken for it */
    /* Tells its owner why not and calls job_end; never before jobs_push has returned. */
    void (*fail)(struct job *job, const struct error *err);
    void (*release)(struct job *job); /* frees what it holds, but not the job itself */
};

/* First member of the jobs of each kind, which are allocated with calloc. */
struct job {
    const struct job_type *type;
    struct jobs *jobs;
    struct link *link; /* while it runs */
    struct event *timer;
    bool refused; /* the line is too long */
    struct job *next, *prev;
};

struct jobs {
    struct pool *pool;
    struct event_base *base;
    uint32_t wait_ms;
    struct job *waiting, *running; /* utlist DL */
    unsigned count;                /* waiting */
};

void jobs_init(struct jobs *jobs, struct pool *pool, struct event_base *base, uint32_t wait_ms);
void jobs_release(struct jobs *jobs); /* frees all, tells nobody; the pool's links are gone */

/* Takes the job over. False without memory: it is the caller's still. */
bool jobs_push(struct jobs *jobs, struct job *job);

/* On each turn of the pool: runs what can run; with no connection at all, sends home who waits. */
void jobs_turn(struct jobs *jobs);

/* Gives back the link and frees the job. */
void job_end(struct job *job);

#endif
