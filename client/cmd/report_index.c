#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/cmd/period.h"
#include "client/core/layout_index.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/wire.h"

static const char *const dimensions[] = {"office",      "service", "channel", "stakeholder",
                                         "perspective", "month",   "year",    NULL};
static const char *const perspectives[] = {"recipient", "provider", "all", NULL};

/* By perspective both are shown unless one is named; they are never added up. */
static int read_perspective(const struct cmd_call *call, struct layout_index_ask *ask,
                            struct error *err)
{
    bool by = strcmp(ask->by, "perspective") == 0;
    int choice = cmd_choice(call, "perspective", perspectives, by ? "all" : "recipient", err);

    if (choice < 0)
        return -1;
    ask->perspective = perspectives[choice];
    if (strcmp(ask->perspective, "all") == 0 && !by)
        return error_set(err, ERROR_USAGE, NULL, MSG_ALL_NEEDS_BY);
    return 0;
}

static int read_ask(const struct cmd_call *call, const struct profile *profile,
                    struct layout_index_ask *ask, struct error *err)
{
    struct period period = {.from = cmd_value(call, "from"),
                            .to = cmd_value(call, "to"),
                            .period = cmd_value(call, "period")};
    enum zone zone = profile->zone == ZONE_NONE ? ZONE_WIB : profile->zone;

    *ask = (struct layout_index_ask){
        .by = "",
        .office = cmd_times(call, "office") == 1 ? cmd_value(call, "office") : NULL,
        .period = period.period,
    };
    if (cmd_flag(call, "by")) {
        int choice = cmd_choice(call, "by", dimensions, "", err);
        if (choice < 0)
            return -1;
        ask->by = dimensions[choice];
    }
    if (period_read(&period, civil_day_of_ms(clock_wall_ms(), zone), &ask->from, &ask->to, err) < 0)
        return -1;
    return read_perspective(call, ask, err);
}

static int request(const struct cmd_call *call, struct profile *profile,
                   const struct layout_index_ask *ask, struct layout_index *index,
                   struct error *err)
{
    Suara__V1__Report report = SUARA__V1__REPORT__INIT;
    size_t offices = cmd_times(call, "office");

    report.office = calloc(offices + 1, sizeof *report.office);
    if (!report.office)
        return error_set(err, ERROR_IO, NULL, MSG_MEMORY);
    for (size_t i = 0; i < offices; i++)
        report.office[report.n_office++] = wire_text(cmd_nth(call, "office", i));
    report.from = ask->from;
    report.to = ask->to;
    report.by = wire_text(ask->by);
    report.instrument = wire_text(cmd_value(call, "instrument"));
    report.perspective = wire_text(ask->perspective);
    report.method = wire_text(cmd_value(call, "method"));

    struct uplink *uplink = ask_open(profile, err);
    int rc = uplink ? ask_index(uplink, &report, index, err) : -1;
    uplink_close(&uplink);
    free(report.office);
    return rc;
}

static int exec(struct cmd_call *call)
{
    struct layout_style style;
    struct layout_index_ask ask;
    struct layout_index index;
    struct profile profile;
    struct error err;
    struct buf out = {0};
    int status;

    error_clear(&err);
    if (output_style(call, true, &style, &err) < 0 ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    layout_index_init(&index);
    if (read_ask(call, &profile, &ask, &err) < 0 ||
        request(call, &profile, &ask, &index, &err) < 0) {
        status = fail(&err);
    } else {
        layout_index_print(&out, &index, &ask, &style);
        status = output_write(&out);
    }
    layout_index_release(&index);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"period", "PERIOD", "2023, 2023-S1, 2023-Q3, 2023-07 or 2023-07-13", false},
    {"from", "DATE", "first day (default: 1 January of the year of the last day)", false},
    {"to", "DATE", "last day (default: today)", false},
    {"office", "CODE", "only this office; again for more (default: all you may see)", false},
    {"by", "WHAT", "office, service, channel, stakeholder, perspective, month or year", false},
    {"perspective", "WHO", "recipient (default), provider, or all with --by perspective", false},
    {"instrument", "CODE", "questionnaire (default: skm-2017)", false},
    {"method", "NAME", "exact (default), 0.11, 0.111 or 0.1111", false},
    {"format", "FORMAT", "table (default), csv or json", false},
    {0},
};

const struct cmd cmd_report_index = {
    .name = "report index",
    .usage = "report index [--period PERIOD | --from DATE --to DATE] [options]",
    .help = "The satisfaction index (IKM), with its grade and elements",
    .options = options,
    .exec = exec,
};
