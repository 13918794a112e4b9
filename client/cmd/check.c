#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/import.h"
#include "client/cmd/output.h"
#include "client/core/message.h"
#include "client/store/instruments.h"
#include "client/store/profile.h"
#include "common/error.h"

static int check_file(const struct profile *profile, const char *path,
                      const struct submit_options *options)
{
    struct submit_result result;
    struct error err;
    int status = CMD_DONE;

    if (import_run(profile, NULL, path, options, &result, &err) < 0) {
        status = fail(&err);
    } else if (result.rows == 0) {
        say(MSG_CHECKED_NONE, path);
    } else if (result.rejected == 0) {
        say(MSG_CHECKED, path, MSG_COUNTED(result.rows));
    } else {
        say(MSG_CHECKED_BAD, path, MSG_COUNTED(result.rows), result.rows - result.rejected,
            result.rejected);
        status = import_tell_reasons(&result);
    }
    submit_result_release(&result);
    return status;
}

static int exec(struct cmd_call *call)
{
    struct submit_options options;
    struct profile profile;
    struct instruments *instruments;

    int status = import_profile(call->profile, &profile);
    if (status != CMD_DONE)
        return status;
    instruments = instruments_open(&profile);
    status = import_options(call, &profile, instruments, true, &options);
    bool good = status == CMD_DONE;
    for (size_t i = 0; good && i < call->arg_count; i++)
        status = cmd_worse(status, check_file(&profile, call->args[i], &options));
    instruments_close(&instruments);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    IMPORT_OPTIONS,
    {0},
};

const struct cmd cmd_check = {
    .name = "check",
    .usage = "check FILE.. [options]",
    .help = "Check files as submit would, and save nothing",
    .least = 1,
    .most = UINT32_MAX,
    .options = options,
    .exec = exec,
};
