#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/cmd/progress.h"
#include "client/store/profile.h"
#include "common/error.h"

static int exec(struct cmd_call *call)
{
    Suara__V1__Rebuild rebuild = SUARA__V1__REBUILD__INIT;
    struct progress progress;
    struct profile profile;
    struct error err;
    char *sentence = NULL;
    int status = CMD_DONE;

    error_clear(&err);
    if (profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    progress_start(&progress, "rebuilding");
    rebuild.subtree = cmd_flag(call, "subtree");
    struct uplink *uplink = NULL;
    if (ask_offices(call, &rebuild.office, &rebuild.n_office, &err) < 0 ||
        !(uplink = ask_open(&profile, &err)) ||
        ask_rebuild(uplink, &rebuild, &progress, &sentence, &err) < 0)
        status = fail(&err);
    else
        say("%s", sentence);
    free(sentence);
    uplink_close(&uplink);
    free(rebuild.office);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"office", "CODE", "only this office; again for more (default: all)", false},
    {"subtree", NULL, "with each office named, those below it", false},
    {0},
};

const struct cmd cmd_admin_rebuild = {
    .name = "admin rebuild",
    .usage = "admin rebuild [--office CODE].. [--subtree]",
    .help = "Make the figures kept for reports again from the responses",
    .options = options,
    .exec = exec,
};
