#include "client/cmd/admin_audit.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/civil.h"
#include "common/error.h"

static void print_json(struct buf *out, const struct layout_rows *rows,
                       const struct ask_audited *end, const struct layout_style *style)
{
    const struct layout_fact facts[] = {
        {.key = "entries", .title = "", .kind = FACT_NUMBER, .number = (int64_t)end->entries},
        {.key = "chains", .title = "", .kind = FACT_NUMBER, .number = (int64_t)end->chains},
        {.key = "faults", .title = "", .kind = FACT_NUMBER, .number = (int64_t)end->faults},
        {.key = "digest",
         .title = "",
         .kind = FACT_TEXT,
         .text = end->digest[0] ? end->digest : NULL},
    };

    layout_facts_print(out, facts, sizeof facts / sizeof *facts, rows, "named", style);
}

/* What was found, in sentences. */
static void say_all(const struct layout_rows *rows, const struct ask_audited *end)
{
    if (end->faults > rows->count)
        say(MSG_VERIFIED_MORE, end->faults - rows->count);
    if (end->faults > 0)
        say(MSG_AUDIT_BAD, end->faults, end->faults == 1 ? "fault" : "faults",
            MSG_AUDITED_COUNTS(end));
    else
        say(MSG_AUDIT_GOOD, MSG_AUDITED_COUNTS(end));
    if (end->digest[0])
        say(MSG_AUDIT_DIGEST, end->digest);
}

static int print(const struct layout_rows *rows, const struct ask_audited *end,
                 const struct layout_style *style)
{
    struct buf out = {0};

    if (style->format == LAYOUT_JSON)
        print_json(&out, rows, end, style);
    else if (style->format == LAYOUT_CSV || rows->count > 0)
        layout_rows_print(&out, rows, style);
    int status = output_write(&out);
    if (style->format == LAYOUT_TABLE)
        say_all(rows, end);
    return cmd_worse(status, end->faults > 0 ? CMD_REJECTED : CMD_DONE);
}

static int exec(struct cmd_call *call)
{
    Suara__V1__Audit audit = SUARA__V1__AUDIT__INIT;
    const char *to = cmd_value(call, "to");
    struct layout_style style;
    struct error err;
    civil_day ignored;

    error_clear(&err);
    if (to && !civil_parse_period(to, &ignored, &audit.to))
        (void)error_set(&err, ERROR_USAGE, NULL, MSG_PERIOD, "to", to);
    if (err.code != ERROR_NONE || output_style(call, true, &style, &err) < 0)
        return fail(&err);
    audit.verify = true;
    return audit_ask(call, &audit, "recomputing", &style, print);
}

static const struct cmd_option options[] = {
    {"to", "DAY", "the digest as it was after this day, of UTC (default: now)", false},
    {"office", "CODE", "only of this office; again for more (default: all, and of none)", false},
    {"subtree", NULL, "with each office named, those below it", false},
    {"format", "FORMAT", "table (default), csv or json", false},
    {0},
};

const struct cmd cmd_audit_verify = {
    .name = "admin audit verify",
    .usage = "admin audit verify [--to DAY] [--office CODE].. [options]",
    .help = "Recompute the chains of the audit: is an entry changed or missing?",
    .options = options,
    .exec = exec,
};
