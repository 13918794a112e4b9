#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/report.h"
#include "client/core/layout_gap.h"
#include "client/core/message.h"
#include "common/error.h"

static int prepare(const struct cmd_call *call, struct scope *scope, struct error *err)
{
    static const char *const sides[] = {"perspective", "stakeholder", NULL};
    int choice = cmd_choice(call, "between", sides, "perspective", err);

    if (choice < 0)
        return -1;
    scope->ask.by[0] = sides[choice];
    if (choice == 1)
        return 0;
    if (cmd_flag(call, "perspective"))
        return error_set(err, ERROR_USAGE, NULL, MSG_GAP_BOTH);
    scope->ask.perspective = "all";
    return 0;
}

static int print(struct buf *out, struct layout_index *index, const struct instrument *instrument,
                 const struct scope *scope, const struct layout_style *style, struct error *err)
{
    bool groups = strcmp(scope->ask.by[0], "stakeholder") == 0;
    struct gap_list list;

    int rc = groups ? gap_stakeholders(index, &list, err) : gap_perspectives(index, &list, err);
    if (rc == 0)
        layout_gap_print(out, index, &list, instrument, &scope->ask, style);
    return rc;
}

static int exec(struct cmd_call *call)
{
    const struct report_kind kind = {.spread = true, .prepare = prepare, .print = print};

    return report_run(call, &kind);
}

static const struct cmd_option options[] = {
    {"between", "WHOM", "perspective (office and public; default) or stakeholder", false},
    {"perspective", "WHO", "recipient (default) or provider, with --between stakeholder", false},
    SCOPE_FILTERS,
    SCOPE_OPTIONS,
    {0},
};

const struct cmd cmd_report_gap = {
    .name = "report gap",
    .usage = "report gap [--period PERIOD | --from DATE --to DATE] [--between WHOM] [options]",
    .help = "Where the office and the public, or groups, see the service differently",
    .options = options,
    .exec = exec,
};
