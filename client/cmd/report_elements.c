#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/report.h"
#include "client/core/layout_elements.h"
#include "client/core/periods.h"

static int prepare(const struct cmd_call *call, struct scope *scope, struct error *err)
{
    (void)call;
    return report_one_axis(scope, err);
}

static int print(struct buf *out, struct layout_index *index, const struct instrument *instrument,
                 const struct scope *scope, const struct layout_style *style, struct error *err)
{
    const struct layout_ask *ask = &scope->ask;

    if (ask->by[0][0] && periods_fill(index, ask->by[0], ask->from, ask->to, scope->today, err) < 0)
        return -1;
    layout_elements_print(out, index, instrument, ask, style);
    return 0;
}

static int exec(struct cmd_call *call)
{
    const struct report_kind kind = {
        .axes = report_units, .spread = true, .bare = true, .prepare = prepare, .print = print};

    return report_run(call, &kind);
}

static const struct cmd_option options[] = {
    {"by", "UNIT", "month, quarter, semester or year: each against the one before", false},
    SCOPE_FIGURE,
    SCOPE_FILTERS,
    SCOPE_OPTIONS,
    {0},
};

const struct cmd cmd_report_elements = {
    .name = "report elements",
    .usage = "report elements [--period PERIOD | --from DATE --to DATE] [options]",
    .help = "How each element was rated, the strongest and the weakest",
    .options = options,
    .exec = exec,
};
