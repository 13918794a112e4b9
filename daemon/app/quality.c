#include "daemon/core/quality.h"
#include "common/buf.h"
#include "common/error.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/db/reader.h"

/*
 * First the months of all offices that are compared, from the roll-ups; then their responses, in
 * steps. Each step waits in line for a connection anew, so that a long question lets the short ones
 * by; the asker hears of it (a part without rows), and his patience begins anew, too.
 */

static void release_quality(void *quality)
{
    quality_release(quality);
}

static void answer(struct question *q)
{
    struct buf frames = {0};
    struct error err;
    if (quality_pack(q->body, q->request, q->server->limits.max_frame, &frames, &err) != 0)
        question_fail(&q, &err);
    else
        question_answer(&q, &frames);
    buf_release(&frames);
}

static void on_counts(const struct quality_counts *counts, void *arg)
{
    struct question *q = arg;
    quality_add_counts(q->body, counts);
}

static void next_step(struct question *q);

static void on_step(const struct error *failed, void *arg)
{
    struct question *q = arg;
    if (failed)
        question_fail(&q, failed);
    else
        next_step(q);
}

/* Nobody listens any more: what is left is not worth the database's time. */
static bool asker_waits(struct question *q)
{
    struct buf frame = {0};
    int rc = quality_pack_waiting(q->request, q->server->limits.max_frame, &frame, NULL);
    bool waits = rc != 0 || question_part(q, &frame);
    buf_release(&frame);
    return waits;
}

static void next_step(struct question *q)
{
    struct quality_step step;
    if (asker_waits(q) && quality_next(q->body, &step))
        reader_quality(q->server->reader, &step, on_counts, on_step, q);
    else
        answer(q);
}

static void on_cell(const struct figures_cell *cell, void *arg)
{
    struct question *q = arg;
    const struct quality_month month = {
        .office_id = cell->office_id,
        .month = cell->month,
        .n = cell->n > 0 ? (uint64_t)cell->n : 0,
        .square = cell->square > 0 ? (uint64_t)cell->square : 0,
        .spread = cell->spread,
        .spreads = cell->spreads,
    };
    quality_add_month(q->body, &month);
}

void quality_ask(struct client *client, const struct principal *principal,
                 const Suara__V1__Request *request)
{
    struct server *server = client->server;
    struct quality_hours hours = {.days = (int32_t)server->settings.opening_days};
    struct error err;
    struct question *q = question_new(client, request->id, sizeof(struct quality), release_quality);
    if (!q)
        return;
    (void)quality_parse_hours(server->settings.opening_hours, &hours); /* checked when read */
    struct quality *quality = q->body;
    if (quality_plan(quality, q->directory, principal, request->quality, &hours, &err) != 0) {
        question_fail(&q, &err);
        return;
    }
    const struct figures_query query = {
        .offices = quality->scope.offices,
        .office_count = quality->scope.office_count,
        .from = quality->scope.from,
        .to = quality->scope.to,
        .instrument_id = quality->instrument->id,
        .perspective = quality->perspective,
        .unit = 1,
        .spread = true,
    };
    reader_figures(server->reader, &query, on_cell, on_step, q);
}
