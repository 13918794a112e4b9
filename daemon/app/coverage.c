#include "daemon/core/coverage.h"
#include "common/buf.h"
#include "common/error.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/db/reader.h"

/* Three questions to the database, one after the other: how many responses (which also makes the
 * roll-ups fresh), when the offices were heard of last, how many people they served. */

static void release_coverage(void *coverage)
{
    coverage_release(coverage);
}

static void on_people(const struct coverage_people *people, void *arg)
{
    struct question *q = arg;
    coverage_add_people(q->body, people);
}

static void on_population(const struct error *failed, void *arg)
{
    struct question *q = arg;
    struct buf frames = {0};
    struct error err;
    if (failed)
        question_fail(&q, failed);
    else if (coverage_pack(q->body, q->request, q->server->limits.max_frame, &frames, &err) != 0)
        question_fail(&q, &err);
    else
        question_answer(&q, &frames);
    buf_release(&frames);
}

static void on_row(const struct coverage_seen *seen, void *arg)
{
    struct question *q = arg;
    coverage_add_seen(q->body, seen);
}

static void on_seen(const struct error *failed, void *arg)
{
    struct question *q = arg;
    const struct coverage *c = q->body;
    if (failed)
        question_fail(&q, failed);
    else
        reader_population(q->server->reader, c->scope.offices, c->scope.office_count, c->scope.from,
                          c->scope.to, on_people, on_population, q);
}

static void on_cell(const struct figures_cell *cell, void *arg)
{
    struct question *q = arg;
    if (cell->n > 0)
        coverage_add_responses(q->body, cell->office_id, cell->value[0], (uint64_t)cell->n);
}

static void on_figures(const struct error *failed, void *arg)
{
    struct question *q = arg;
    const struct coverage *c = q->body;
    if (failed)
        question_fail(&q, failed);
    else
        reader_coverage(q->server->reader, c->scope.offices, c->scope.office_count, c->scope.from,
                        c->scope.to, c->instrument->id, on_row, on_seen, q);
}

void coverage_ask(struct client *client, const struct principal *principal,
                  const Suara__V1__Request *request)
{
    struct error err;
    struct question *q =
        question_new(client, request->id, sizeof(struct coverage), release_coverage);
    if (!q)
        return;
    struct coverage *c = q->body;
    if (coverage_plan(c, q->directory, principal, request->coverage, &err) != 0) {
        question_fail(&q, &err);
        return;
    }
    const struct figures_query query = {
        .offices = c->scope.offices,
        .office_count = c->scope.office_count,
        .from = c->scope.from,
        .to = c->scope.to,
        .instrument_id = c->instrument->id,
        .perspective = PERSPECTIVE_RECIPIENT,
        .dim = {DIM_SERVICE},
    };
    reader_figures(client->server->reader, &query, on_cell, on_figures, q);
}
