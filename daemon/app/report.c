#include "daemon/core/report.h"

#include "common/buf.h"
#include "common/clock.h"
#include "common/error.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/db/reader.h"
#include <stdlib.h>

static void release(void *report)
{
    report_release(report);
}

static void on_cell(const struct figures_cell *cell, void *arg)
{
    struct question *q = arg;
    struct report_cell part = {
        .part = cell->part,
        .office_id = cell->office_id,
        .value = {cell->value[0], cell->value[1]},
        .perspective = cell->perspective,
        .month = cell->month,
        .n = cell->n,
        .square = cell->square,
        .sums = cell->sums,
        .elements = cell->elements,
        .spread = cell->spread,
        .spreads = cell->spreads,
    };
    report_add(q->body, &part);
}

static void on_figures(const struct error *failed, void *arg)
{
    struct question *q = arg;
    struct buf frames = {0};
    struct error err;
    if (failed)
        question_fail(&q, failed);
    else if (report_pack(q->body, q->request, q->server->limits.max_frame, &frames, &err) != 0)
        question_fail(&q, &err);
    else
        question_answer(&q, &frames);
    buf_release(&frames);
}

static void read_figures(struct question *q)
{
    struct error err;
    const struct report *report = q->body;
    struct report_reading reading = report_reading(report);
    size_t count = reading.blocks ? 0 : report->filter_count;
    struct figures_filter *filters = calloc(count + 1, sizeof *filters);
    if (!filters) {
        (void)error_set(&err, ERROR_OVERLOADED, NULL, "no memory: ask again later");
        question_fail(&q, &err);
        return;
    }
    for (size_t i = 0; i < count; i++)
        filters[i] = (struct figures_filter){report->filters[i].dim, report->filters[i].value};
    struct figures_query query = {
        .offices = report->scope.offices,
        .office_count = report->scope.office_count,
        .from = report->scope.from,
        .to = report->scope.to,
        .instrument_id = report->instrument->id,
        .perspective = report->perspective,
        .dim = {reading.dim[0], reading.dim[1]},
        .filters = filters,
        .filter_count = count,
        .unit = reading.unit,
        .spread = report->spread,
        .blocks = reading.blocks,
    };
    reader_figures(q->server->reader, &query, on_cell, on_figures, q);
    free(filters);
}

void report_ask(struct client *client, const struct principal *principal,
                const Suara__V1__Request *request)
{
    struct error err;
    struct question *q = question_new(client, request->id, sizeof(struct report), release);
    if (!q)
        return;
    struct report_rules rules = {
        .small_cell = (uint64_t)q->server->settings.small_cell,
        .today = civil_day_of_ms(clock_wall_ms(), ZONE_WIB),
    };
    if (report_plan(q->body, q->directory, principal, &rules, request->report, &err) == 0)
        read_figures(q);
    else
        question_fail(&q, &err);
}
