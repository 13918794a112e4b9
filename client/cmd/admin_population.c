#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/civil.h"
#include "common/wire.h"

#define PEOPLE_MAX 1000000000000ull

/* "2023-S1", or two of the kind: "2023-01-16..2023-03". */
static int read_period(const char *text, Suara__V1__Add *what, struct error *err)
{
    char first[32], last[32];
    const char *dots = strstr(text, "..");
    civil_day ignored;

    snprintf(first, sizeof first, "%.*s", dots ? (int)(dots - text) : 31, text);
    snprintf(last, sizeof last, "%s", dots ? dots + 2 : text);
    if (strlen(text) >= sizeof first + sizeof last ||
        !civil_parse_period(first, &what->from, &ignored) ||
        !civil_parse_period(last, &ignored, &what->to) || what->to < what->from)
        return error_set(err, ERROR_USAGE, NULL, MSG_OF_PERIOD, text);
    return 0;
}

static int read_people(const char *text, Suara__V1__Add *what, struct error *err)
{
    size_t digits = strspn(text, "0123456789");

    if (digits > 0 && digits < 16 && text[digits] == '\0')
        what->people = strtoull(text, NULL, 10);
    else
        digits = 0;
    if (digits == 0 || what->people > PEOPLE_MAX)
        return error_set(err, ERROR_USAGE, NULL, MSG_PEOPLE, text);
    return 0;
}

static int exec_add(struct cmd_call *call)
{
    Suara__V1__Add what = SUARA__V1__ADD__INIT;
    struct profile profile;
    struct error err;
    char *sentence = NULL;
    int status = CMD_DONE;

    error_clear(&err);
    what.what = wire_text("population");
    what.office = wire_text(call->args[0]);
    what.code = wire_text(cmd_value(call, "service"));
    if (read_period(call->args[1], &what, &err) < 0 ||
        read_people(call->args[2], &what, &err) < 0 ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    struct uplink *uplink = ask_open(&profile, &err);
    if (!uplink || ask_add(uplink, &what, &sentence, &err) < 0)
        status = fail(&err);
    else
        say("%s", sentence);
    free(sentence);
    uplink_close(&uplink);
    profile_release(&profile);
    return status;
}

static const struct cmd_option add_options[] = {
    {"service", "CODE", "served by this service (default: by the office as a whole)", false},
    {0},
};

const struct cmd cmd_population_add = {
    .name = "admin population add",
    .usage = "admin population add OFFICE PERIOD PEOPLE [--service CODE]",
    .help = "Note how many people an office served in a period",
    .least = 3,
    .most = 3,
    .options = add_options,
    .exec = exec_add,
};

static int exec_list(struct cmd_call *call)
{
    struct layout_style style;
    struct layout_rows rows;
    struct profile profile;
    struct error err;
    struct buf out = {0};
    int status;

    error_clear(&err);
    if (output_style(call, true, &style, &err) < 0 ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    layout_rows_init(&rows);
    struct uplink *uplink = ask_open(&profile, &err);
    if (!uplink || ask_list(uplink, "population", &rows, &err) < 0) {
        status = fail(&err);
    } else {
        for (size_t i = 0; i < rows.column_count; i++)
            rows.columns[i].number = strcmp(rows.columns[i].name, "people") == 0;
        layout_rows_print(&out, &rows, &style);
        status = output_write(&out);
    }
    uplink_close(&uplink);
    layout_rows_release(&rows);
    profile_release(&profile);
    return status;
}

static const struct cmd_option list_options[] = {
    {"format", "FORMAT", "table (default), csv or json", false},
    {0},
};

const struct cmd cmd_population_list = {
    .name = "admin population list",
    .usage = "admin population list [--format table|csv|json]",
    .help = "How many people the offices served that you may see",
    .options = list_options,
    .exec = exec_list,
};
