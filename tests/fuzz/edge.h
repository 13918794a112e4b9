/*
 * The edge of the daemon, for fuzzing what is inside: instead of common/net, daemon/net and
 * daemon/db stand these functions. Work for the database becomes a job, which the target ends when
 * and as it likes; rows are drawn from the input. Connections are in edge_conn.h.
 */
#ifndef SUARA_TESTS_FUZZ_EDGE_H
#define SUARA_TESTS_FUZZ_EDGE_H

#include "common/log.h"
#include "daemon/core/coverage.h"
#include "daemon/core/quality.h"
#include "daemon/db/reader.h"
#include "daemon/net/health.h"
#include "daemon/net/listener.h"
#include "tests/daemon/core/fixture.h"
#include "tests/fuzz/fuzz.h"

#define EDGE_OFFICES 8u
#define EDGE_SLOTS   2u /* connections of the store */

enum job_kind {
    JOB_DIRECTORY,
    JOB_HELD,
    JOB_FIGURES,
    JOB_COVERAGE,
    JOB_POPULATION,
    JOB_QUALITY,
    JOB_REFRESH,
    JOB_VERIFY,
    JOB_ADD,
    JOB_PUT,
};

struct job {
    enum job_kind kind;
    void *arg;
    size_t count; /* ids of HELD, offices of the others */
    int32_t office[EDGE_OFFICES];
    civil_day after;
    struct figures_query query;
    struct group *group;
    union {
        reader_directory_fn *directory;
        reader_held_fn *held;
        reader_done_fn *plain;
        reader_refresh_fn *refresh;
        store_add_fn *add;
        store_done_fn *put;
    } done;
    union {
        figures_cell_fn *figures;
        coverage_seen_fn *seen;
        coverage_people_fn *people;
        quality_counts_fn *counts;
        const struct verify_calls *verify;
    } row;
    struct job *next;
};

struct store {
    bool up;
    unsigned busy;
};

static struct store edge_store;
static struct job *edge_jobs; /* in the order they came */

static inline struct job *edge_job(enum job_kind kind, void *arg)
{
    struct job *job = calloc(1, sizeof *job), **end = &edge_jobs;
    must(job);
    job->kind = kind;
    job->arg = arg;
    while (*end)
        end = &(*end)->next;
    *end = job;
    return job;
}

static inline struct job *edge_offices(enum job_kind kind, void *arg, const int32_t *offices,
                                       size_t count)
{
    struct job *job = edge_job(kind, arg);
    must(count <= EDGE_OFFICES);
    job->count = count;
    if (count)
        memcpy(job->office, offices, count * sizeof *offices);
    for (size_t i = 1; i < count; i++)
        must(offices[i - 1] < offices[i]);
    return job;
}

static inline void edge_reset(void)
{
    while (edge_jobs) {
        struct job *job = edge_jobs;
        edge_jobs = job->next;
        free(job);
    }
    edge_store = (struct store){.up = true};
}

/* ---- no files, no sockets, no words -----------------------------------------------------------
 */

void log_open(enum log_target target, enum log_level most)
{
    (void)target;
    (void)most;
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    must(level >= LOG_ERROR && event[0]);
    for (; fields->key; fields++)
        must(!fields->text || strlen(fields->text) < 65536);
}

struct listener *listener_new(struct event_base *base, const char *addresses, listener_fn *fn,
                              void *arg, struct error *err)
{
    (void)base, (void)addresses, (void)fn, (void)arg, (void)err;
    return (struct listener *)(void *)&edge_store;
}

void listener_free(struct listener **listener)
{
    *listener = NULL;
}

void listener_pause(struct listener *listener)
{
    (void)listener;
}

void listener_resume(struct listener *listener)
{
    (void)listener;
}

bool listener_called(const struct listener *listener)
{
    (void)listener;
    return true;
}

const char *listener_address(const struct listener *listener)
{
    (void)listener;
    return "";
}

struct health *health_new(struct event_base *base, const char *address,
                          const struct health_source *source, struct error *err)
{
    (void)base, (void)address, (void)source, (void)err;
    return (struct health *)(void *)&edge_store;
}

void health_free(struct health **health)
{
    *health = NULL;
}

const char *health_address(const struct health *health)
{
    (void)health;
    return "";
}

/* ---- the store --------------------------------------------------------------------------------
 */

struct store *store_new(struct event_base *base, const struct db_settings *settings,
                        db_changed_fn *changed, void *arg, struct error *err)
{
    (void)base, (void)settings, (void)changed, (void)arg, (void)err;
    return &edge_store;
}

void store_free(struct store **store)
{
    *store = NULL;
}

unsigned store_idle(struct store *store)
{
    return store->up ? EDGE_SLOTS - store->busy : 0;
}

unsigned store_connected(const struct store *store)
{
    return store->up ? EDGE_SLOTS : 0;
}

const char *store_trouble(const struct store *store)
{
    return store->up ? "" : "no route to host";
}

void store_put(struct store *store, struct group *group, store_done_fn *done, void *arg)
{
    must(store_idle(store) > 0);
    struct job *job = edge_job(JOB_PUT, arg);
    job->group = group;
    job->done.put = done;
    store->busy++;
}

void store_add(struct store *store, const struct addition *a, store_add_fn *done, void *arg)
{
    must(store == &edge_store && a->what && a->code);
    edge_job(JOB_ADD, arg)->done.add = done;
}

void store_note(struct store *store, const struct store_entry *entry, store_add_fn *done, void *arg)
{
    must(store == &edge_store && entry->by.principal && entry->verb && entry->outcome &&
         entry->detail);
    edge_job(JOB_ADD, arg)->done.add = done;
}

void store_use_instrument(struct store *store, int16_t instrument_id, store_add_fn *done, void *arg)
{
    must(store == &edge_store && instrument_id > 0);
    edge_job(JOB_ADD, arg)->done.add = done;
}

/* ---- the reader -------------------------------------------------------------------------------
 */

struct reader *reader_new(struct event_base *base, const struct db_settings *settings,
                          db_changed_fn *changed, db_changed_fn *what_changed, void *arg,
                          struct error *err)
{
    (void)base, (void)settings, (void)changed, (void)what_changed, (void)arg, (void)err;
    return (struct reader *)(void *)&edge_store;
}

void reader_free(struct reader **reader)
{
    *reader = NULL;
}

unsigned reader_connected(const struct reader *reader)
{
    (void)reader;
    return edge_store.up;
}

const char *reader_trouble(const struct reader *reader)
{
    (void)reader;
    return store_trouble(&edge_store);
}

void reader_directory(struct reader *reader, reader_directory_fn *done, void *arg)
{
    (void)reader;
    edge_job(JOB_DIRECTORY, arg)->done.directory = done;
}

void reader_held(struct reader *reader, int32_t office_id, const struct uuid *ids, size_t count,
                 reader_held_fn *done, void *arg)
{
    (void)reader;
    must(office_id > 0 && ids && count > 0);
    struct job *job = edge_job(JOB_HELD, arg);
    job->count = count;
    job->done.held = done;
}

void reader_figures(struct reader *reader, const struct figures_query *query, figures_cell_fn *cell,
                    figures_done_fn *done, void *arg)
{
    (void)reader;
    must(query->from <= query->to && query->instrument_id > 0);
    must(!query->blocks || (!query->spread && query->dim[1] == DIM_ALL));
    struct job *job = edge_offices(JOB_FIGURES, arg, query->offices, query->office_count);
    job->query = *query;
    job->query.offices = NULL;
    job->query.filters = NULL;
    job->row.figures = cell;
    job->done.plain = done;
}

void reader_coverage(struct reader *reader, const int32_t *offices, size_t count, civil_day from,
                     civil_day to, int16_t instrument_id, coverage_seen_fn *seen,
                     reader_done_fn *done, void *arg)
{
    (void)reader;
    must(from <= to && instrument_id > 0);
    struct job *job = edge_offices(JOB_COVERAGE, arg, offices, count);
    job->row.seen = seen;
    job->done.plain = done;
}

void reader_population(struct reader *reader, const int32_t *offices, size_t count, civil_day from,
                       civil_day to, coverage_people_fn *people, reader_done_fn *done, void *arg)
{
    (void)reader;
    must(from <= to);
    struct job *job = edge_offices(JOB_POPULATION, arg, offices, count);
    job->query.from = from;
    job->query.to = to;
    job->row.people = people;
    job->done.plain = done;
}

void reader_quality(struct reader *reader, const struct quality_step *step,
                    quality_counts_fn *counts, reader_done_fn *done, void *arg)
{
    (void)reader;
    must(step->from <= step->step_from && step->step_from <= step->step_to);
    struct job *job = edge_offices(JOB_QUALITY, arg, step->offices, step->office_count);
    job->row.counts = counts;
    job->done.plain = done;
}

void reader_refresh(struct reader *reader, reader_refresh_fn *done, void *arg)
{
    (void)reader;
    edge_job(JOB_REFRESH, arg)->done.refresh = done;
}

void reader_refresh_office(struct reader *reader, int32_t office_id, civil_day from, civil_day to,
                           reader_refresh_fn *done, void *arg)
{
    must(office_id > 0 && (to == 0 || from <= to));
    reader_refresh(reader, done, arg);
}

void reader_rebuild(struct reader *reader, int32_t office_id, const struct actor *by,
                    reader_refresh_fn *done, void *arg)
{
    must(office_id > 0 && by->principal[0]);
    reader_refresh(reader, done, arg);
}

void reader_verify(struct reader *reader, int32_t office_id, civil_day after, civil_day until,
                   const struct verify_calls *calls, void *arg)
{
    (void)reader;
    struct job *job = edge_job(JOB_VERIFY, arg);
    must(office_id > 0 && (until == 0 || after < until));
    job->after = after;
    job->row.verify = calls;
}

#endif
