#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/report.h"
#include "client/core/elements.h"
#include "client/core/layout_trend.h"
#include "client/core/periods.h"

static int prepare(const struct cmd_call *call, struct scope *scope, struct error *err)
{
    (void)call;
    if (!scope->ask.by[0][0])
        scope->ask.by[0] = periods_unit(scope->ask.from, scope->ask.to);
    return report_one_axis(scope, err);
}

static int print(struct buf *out, struct layout_index *index, const struct instrument *instrument,
                 const struct scope *scope, const struct layout_style *style, struct error *err)
{
    const struct layout_ask *ask = &scope->ask;
    struct figure_rule rule;
    bool ruled = elements_rule(index, instrument, &rule);

    if (periods_fill(index, ask->by[0], ask->from, ask->to, scope->today, err) < 0)
        return -1;
    layout_trend_print(out, index, ruled ? &rule : NULL, ask, style);
    return 0;
}

static int exec(struct cmd_call *call)
{
    const struct report_kind kind = {.axes = report_units, .prepare = prepare, .print = print};

    return report_run(call, &kind);
}

static const struct cmd_option options[] = {
    {"by", "UNIT", "month, quarter, semester or year (default: by the length of the period)",
     false},
    SCOPE_FIGURE,
    SCOPE_FILTERS,
    SCOPE_OPTIONS,
    {0},
};

const struct cmd cmd_report_trend = {
    .name = "report trend",
    .usage = "report trend [--period PERIOD | --from DATE --to DATE] [--by UNIT] [options]",
    .help = "How the index moves, and whether that is more than chance",
    .options = options,
    .exec = exec,
};
