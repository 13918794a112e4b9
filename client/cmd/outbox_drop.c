#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/outbox_common.h"
#include "client/cmd/output.h"
#include "client/core/message.h"
#include "common/error.h"

/* How many would go; a number that names none: 0. */
struct count {
    int64_t seq;
    uint64_t count;
};

static int count_item(const struct outbox_item *item, void *arg)
{
    struct count *count = arg;

    count->count += count->seq == 0 || count->seq == item->seq;
    return 0;
}

/* What is dropped is gone: a person confirms, a script says --yes. */
static bool sure(const struct cmd_call *call, uint64_t count)
{
    if (cmd_flag(call, "yes"))
        return true;
    if (!output_can_ask()) {
        warn(MSG_DROP_YES);
        return false;
    }
    if (output_ask("yn", MSG_DROP_SURE, MSG_COUNTED(count)) == 'y')
        return true;
    warn(MSG_DROP_NOT);
    return false;
}

static int drop(const struct cmd_call *call, struct outbox *outbox, int64_t seq)
{
    struct count count = {.seq = seq};
    struct error err;

    error_clear(&err);
    if (outbox_each(outbox, OUTBOX_REJECTED, count_item, &count, &err) < 0)
        return fail(&err);
    if (count.count == 0 && seq > 0) {
        warn(MSG_NO_REJECTED, seq);
        return CMD_WRONG_USE;
    }
    if (count.count > 0 && !sure(call, count.count))
        return CMD_WRONG_USE;

    int64_t gone = count.count > 0 ? outbox_drop(outbox, seq, &err) : 0;
    if (gone < 0)
        return fail(&err);
    say(MSG_DROP, MSG_COUNTED(gone));
    return CMD_DONE;
}

static int exec(struct cmd_call *call)
{
    struct profile profile;
    struct outbox *outbox = NULL;
    struct error err;
    int64_t seq = 0;

    error_clear(&err);
    if ((call->arg_count == 1) == cmd_flag(call, "all")) {
        warn(MSG_SEQ_OR_ALL);
        return CMD_WRONG_USE;
    }
    if ((call->arg_count == 1 && cmd_seq(call->args[0], &seq, &err) < 0) ||
        outbox_of(call, &profile, &outbox, &err) < 0)
        return fail(&err);
    int status = drop(call, outbox, seq);
    outbox_close(&outbox);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"all", NULL, "every rejected response", false},
    {"yes", NULL, "do not ask", false},
    {0},
};

const struct cmd cmd_outbox_drop = {
    .name = "outbox drop",
    .usage = "outbox drop SEQ | --all [--yes]",
    .help = "Forget rejected responses for ever",
    .most = 1,
    .options = options,
    .exec = exec,
};
