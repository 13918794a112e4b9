#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/cmd/progress.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/civil.h"
#include "common/clock.h"
#include "common/error.h"

/* The first day of a period, which must not lie ahead: a slip of the year would take all. */
static int read_before(const struct cmd_call *call, const struct profile *profile, civil_day *day,
                       struct error *err)
{
    const char *text = cmd_value(call, "before");
    civil_day last;
    if (!cmd_flag(call, "comments"))
        return error_set(err, ERROR_USAGE, NULL, MSG_PURGE_WHAT);
    if (!text)
        return error_set(err, ERROR_USAGE, NULL, MSG_PURGE_WHEN);
    if (!civil_parse_period(text, day, &last))
        return error_set(err, ERROR_USAGE, NULL, MSG_DAY, "before", text);
    if (*day > civil_day_of_ms(clock_wall_ms(), profile->zone ? profile->zone : ZONE_WIB))
        return error_set(err, ERROR_USAGE, NULL, MSG_FUTURE, "before", text);
    return 0;
}

static void say_all(const struct ask_purged *sum, civil_day before, bool dry_run)
{
    char day[16];
    civil_format_day(before, day);
    if (sum->comments == 0) {
        say(MSG_PURGE_NONE, day);
        return;
    }
    say(dry_run ? MSG_PURGE_WOULD : MSG_PURGED, sum->comments,
        sum->comments == 1 ? "comment" : "comments", sum->offices,
        sum->offices == 1 ? "office" : "offices", day);
    if (dry_run)
        say(MSG_PURGE_YES);
}

static int exec(struct cmd_call *call)
{
    Suara__V1__Purge purge = SUARA__V1__PURGE__INIT;
    struct ask_purged sum = {0};
    struct progress progress;
    struct profile profile;
    struct error err;
    civil_day before = 0;
    int status = CMD_DONE;

    error_clear(&err);
    if (profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    progress_start(&progress, cmd_flag(call, "yes") ? "removing" : "counting");
    purge.subtree = cmd_flag(call, "subtree");
    purge.dry_run = !cmd_flag(call, "yes");
    struct uplink *uplink = NULL;
    bool asked = read_before(call, &profile, &before, &err) == 0 &&
                 ask_offices(call, &purge.office, &purge.n_office, &err) == 0 &&
                 (uplink = ask_open(&profile, &err)) != NULL;
    purge.before = before;
    if (!asked || ask_purge(uplink, &purge, &progress, &sum, &err) < 0)
        status = fail(&err);
    if (status == CMD_DONE || (!purge.dry_run && sum.comments > 0))
        say_all(&sum, before, purge.dry_run);
    uplink_close(&uplink);
    free(purge.office);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"comments", NULL, "remove the text of comments (what else there is stays)", false},
    {"before", "DATE", "only what was collected before this day", false},
    {"office", "CODE", "only of this office; again for more (default: all)", false},
    {"subtree", NULL, "with each office named, those below it", false},
    {"yes", NULL, "do it; without it they are only counted", false},
    {0},
};

const struct cmd cmd_admin_purge = {
    .name = "admin purge",
    .usage = "admin purge --comments --before DATE [--office CODE].. [--subtree] [--yes]",
    .help = "Remove old comments; ratings and figures stay",
    .options = options,
    .exec = exec,
};
