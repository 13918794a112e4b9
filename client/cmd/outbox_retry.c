#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/outbox_common.h"
#include "client/cmd/output.h"
#include "client/core/message.h"
#include "common/clock.h"
#include "common/error.h"

static int exec(struct cmd_call *call)
{
    struct profile profile;
    struct outbox *outbox = NULL;
    struct error err;
    int64_t seq = 0;
    int status = CMD_DONE;

    error_clear(&err);
    if ((call->arg_count == 1) == cmd_flag(call, "all")) {
        warn(MSG_SEQ_OR_ALL);
        return CMD_WRONG_USE;
    }
    if ((call->arg_count == 1 && cmd_seq(call->args[0], &seq, &err) < 0) ||
        outbox_of(call, &profile, &outbox, &err) < 0)
        return fail(&err);

    int64_t count = outbox_retry(outbox, seq, clock_wall_ms(), &err);
    if (count < 0) {
        status = fail(&err);
    } else if (count == 0 && seq > 0) {
        warn(MSG_NO_REJECTED, seq);
        status = CMD_WRONG_USE;
    } else {
        say(MSG_RETRY, MSG_COUNTED(count));
    }
    outbox_close(&outbox);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"all", NULL, "every rejected response", false},
    {0},
};

const struct cmd cmd_outbox_retry = {
    .name = "outbox retry",
    .usage = "outbox retry SEQ | --all",
    .help = "Put rejected responses back to waiting",
    .most = 1,
    .options = options,
    .exec = exec,
};
