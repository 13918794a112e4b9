#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/store/profile.h"
#include "common/buf.h"

/* "admin office list" -> "office" */
static void what_of(const struct cmd *cmd, char out[32])
{
    const char *word = strchr(cmd->name, ' ') + 1;

    snprintf(out, 32, "%.*s", (int)strcspn(word, " "), word);
}

static int exec(struct cmd_call *call)
{
    struct layout_style style;
    struct layout_rows rows;
    struct profile profile;
    struct error err;
    struct buf out = {0};
    char what[32];
    int status;

    error_clear(&err);
    if (output_style(call, true, &style, &err) < 0 ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    layout_rows_init(&rows);
    what_of(call->cmd, what);
    struct uplink *uplink = ask_open(&profile, &err);
    if (!uplink || ask_list(uplink, what, &rows, &err) < 0) {
        status = fail(&err);
    } else {
        layout_rows_print(&out, &rows, &style);
        status = output_write(&out);
    }
    uplink_close(&uplink);
    layout_rows_release(&rows);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"format", "FORMAT", "table (default), csv or json", false},
    {0},
};

const struct cmd cmd_office_list = {
    .name = "admin office list",
    .usage = "admin office list [--format table|csv|json]",
    .help = "The offices you may see",
    .options = options,
    .exec = exec,
};

const struct cmd cmd_service_list = {
    .name = "admin service list",
    .usage = "admin service list [--format table|csv|json]",
    .help = "The services of the offices you may see",
    .options = options,
    .exec = exec,
};

const struct cmd cmd_principal_list = {
    .name = "admin principal list",
    .usage = "admin principal list [--format table|csv|json]",
    .help = "Who may ask or submit, in which role",
    .options = options,
    .exec = exec,
};

const struct cmd cmd_instrument_list = {
    .name = "admin instrument list",
    .usage = "admin instrument list [--format table|csv|json]",
    .help = "The questionnaires the server knows",
    .options = options,
    .exec = exec,
};
