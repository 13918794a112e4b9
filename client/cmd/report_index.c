#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/report.h"

static int print(struct buf *out, struct layout_index *index, const struct instrument *instrument,
                 const struct scope *scope, const struct layout_style *style, struct error *err)
{
    (void)instrument;
    (void)err;
    layout_index_print(out, index, &scope->ask, style);
    return 0;
}

static int exec(struct cmd_call *call)
{
    const struct report_kind kind = {.axes = scope_axes, .print = print};

    return report_run(call, &kind);
}

static const struct cmd_option options[] = {
    {"by", "WHAT", "a row for each office, service, month ..; again for a second axis", false},
    SCOPE_FIGURE,
    SCOPE_MEAN,
    SCOPE_FILTERS,
    SCOPE_OPTIONS,
    {0},
};

const struct cmd cmd_report_index = {
    .name = "report index",
    .usage = "report index [--period PERIOD | --from DATE --to DATE] [options]",
    .help = "The satisfaction index (IKM), with its grade and elements",
    .options = options,
    .exec = exec,
};
