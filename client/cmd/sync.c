#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/interrupt.h"
#include "client/cmd/output.h"
#include "client/cmd/send.h"
#include "client/core/message.h"
#include "client/store/outbox.h"
#include "client/store/profile.h"
#include "common/error.h"

static int sync_profile(const char *name, uint32_t wait_ms, const char *front)
{
    struct profile profile;
    struct error err;
    int status;

    error_clear(&err);
    if (profile_load(name, &profile, &err) < 0)
        return fail(&err);

    if (strcmp(profile.role, "office") != 0) {
        warn(MSG_NOT_OFFICE, profile.name, profile.role);
        profile_release(&profile);
        return CMD_NOT_ALLOWED;
    }
    struct outbox *outbox = outbox_open(profile.outbox, &err);
    if (outbox)
        status = send_outbox(&profile, outbox, wait_ms, front, false);
    else
        status = fail(&err);
    outbox_close(&outbox);
    profile_release(&profile);
    return status;
}

/* Each office of this machine; a profile that fails does not hold up the others. */
static int sync_all(uint32_t wait_ms)
{
    struct error err;
    int status = CMD_DONE;

    error_clear(&err);
    char **names = profile_list(&err);
    if (!names)
        return fail(&err);
    if (!names[0]) {
        warn(MSG_NO_PROFILES);
        status = CMD_WRONG_USE;
    }
    for (size_t i = 0; names[i] && !interrupt_came(); i++) {
        struct profile profile;
        char front[160];

        if (profile_load(names[i], &profile, &err) < 0) {
            status = cmd_worse(status, fail(&err));
            continue;
        }
        bool office = strcmp(profile.role, "office") == 0;
        profile_release(&profile);
        snprintf(front, sizeof front, "%.150s: ", names[i]);
        if (office)
            status = cmd_worse(status, sync_profile(names[i], wait_ms, front));
    }
    profile_list_free(&names);
    return status;
}

static int exec(struct cmd_call *call)
{
    struct error err;
    uint32_t wait_ms;

    error_clear(&err);
    if (cmd_duration(call, "wait", SEND_WAIT_MS, &wait_ms, &err) < 0)
        return fail(&err);
    interrupt_catch();
    if (cmd_flag(call, "all-profiles"))
        return sync_all(wait_ms);
    return sync_profile(call->profile, wait_ms, "");
}

static const struct cmd_option options[] = {
    {"all-profiles", NULL, "the outbox of every office enrolled here", false},
    {"wait", "DURATION", "how long to try while the server is away (default: 10s)", false},
    {0},
};

const struct cmd cmd_sync = {
    .name = "sync",
    .usage = "sync [--all-profiles] [--wait DURATION]",
    .help = "Send what waits in the outbox",
    .options = options,
    .exec = exec,
};
