#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/cmd/progress.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/error.h"

/* Its figures are numbers for programs, too. */
static void set_numbers(struct layout_rows *rows)
{
    for (size_t i = 0; i < rows->column_count; i++)
        rows->columns[i].number = strcmp(rows->columns[i].name, "rollup") == 0 ||
                                  strcmp(rows->columns[i].name, "recount") == 0;
}

static void print_json(struct buf *out, const struct layout_rows *rows,
                       const struct ask_verified *count, const struct layout_style *style)
{
    const struct layout_fact facts[] = {
        {.key = "compared", .title = "", .kind = FACT_NUMBER, .number = (int64_t)count->compared},
        {.key = "differing", .title = "", .kind = FACT_NUMBER, .number = (int64_t)count->differing},
        {.key = "responses", .title = "", .kind = FACT_NUMBER, .number = (int64_t)count->responses},
        {.key = "left_out", .title = "", .kind = FACT_NUMBER, .number = (int64_t)count->left_out},
    };

    layout_facts_print(out, facts, sizeof facts / sizeof *facts, rows, "differences", style);
}

/* What was found, in sentences: to stdout behind a table, else beside the rows. */
static void say_all(const struct layout_rows *rows, const struct ask_verified *count)
{
    if (count->differing > rows->count)
        say(MSG_VERIFIED_MORE, count->differing - rows->count);
    if (count->differing > 0)
        say(MSG_VERIFIED_BAD, count->differing, count->compared,
            count->differing == 1 ? "differs" : "differ", MSG_COUNTED(count->responses));
    else if (count->compared > 0)
        say(MSG_VERIFIED, count->compared, MSG_COUNTED(count->responses));
    else
        say(MSG_VERIFIED_NONE);
}

static int print(const struct layout_rows *rows, const struct ask_verified *count,
                 const struct layout_style *style)
{
    struct buf out = {0};
    int status;

    if (style->format == LAYOUT_JSON)
        print_json(&out, rows, count, style);
    else if (style->format == LAYOUT_CSV || rows->count > 0)
        layout_rows_print(&out, rows, style);
    status = output_write(&out);
    if (style->format == LAYOUT_TABLE)
        say_all(rows, count);
    if (style->format != LAYOUT_JSON && count->left_out > 0)
        warn(MSG_VERIFIED_LEFT, count->left_out, count->left_out == 1 ? "month was" : "months were",
             count->left_out == 1 ? "it" : "them");
    return cmd_worse(status, count->differing > 0 ? CMD_REJECTED : CMD_DONE);
}

static int exec(struct cmd_call *call)
{
    Suara__V1__Verify verify = SUARA__V1__VERIFY__INIT;
    struct layout_style style;
    struct layout_rows rows;
    struct ask_verified count;
    struct progress progress;
    struct profile profile;
    struct error err;
    int status;

    error_clear(&err);
    if (output_style(call, true, &style, &err) < 0 ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    layout_rows_init(&rows);
    progress_start(&progress, "comparing");
    verify.subtree = cmd_flag(call, "subtree");
    struct uplink *uplink = NULL;
    if (ask_offices(call, &verify.office, &verify.n_office, &err) < 0 ||
        !(uplink = ask_open(&profile, &err)) ||
        ask_verify(uplink, &verify, &progress, &rows, &count, &err) < 0) {
        status = fail(&err);
    } else {
        set_numbers(&rows);
        status = print(&rows, &count, &style);
    }
    uplink_close(&uplink);
    free(verify.office);
    layout_rows_release(&rows);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"office", "CODE", "only this office; again for more (default: all)", false},
    {"subtree", NULL, "with each office named, those below it", false},
    {"format", "FORMAT", "table (default), csv or json", false},
    {0},
};

const struct cmd cmd_admin_verify = {
    .name = "admin verify",
    .usage = "admin verify [--office CODE].. [--subtree] [--format table|csv|json]",
    .help = "Hold the figures kept for reports against a recount",
    .options = options,
    .exec = exec,
};
