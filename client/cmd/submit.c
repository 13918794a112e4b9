#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/import.h"
#include "client/cmd/output.h"
#include "client/cmd/send.h"
#include "client/core/message.h"
#include "client/store/outbox.h"
#include "client/store/profile.h"
#include "common/error.h"

struct run {
    struct profile profile;
    struct outbox *outbox;
    struct submit_options options;
    uint64_t saved; /* by all files */
};

static int tell_saved(const struct run *run, const char *path, const struct submit_result *result)
{
    char when[40];

    if (result->known) {
        civil_format_ms(result->known_ms,
                        run->profile.zone == ZONE_NONE ? ZONE_WIB : run->profile.zone, when);
        say(MSG_KNOWN, when);
    }
    if (result->saved > 0)
        say(MSG_SAVED, MSG_COUNTED(result->saved), path);
    if (result->repeated > 0 && run->options.repeats == REPEATS_SKIP)
        say(MSG_SAVED_SKIP, MSG_COUNTED(result->repeated));
    else if (result->saved == 0)
        say(MSG_SAVED_NONE, path);
    return import_tell_rejected(path, result);
}

/* Rows were sent before, and nobody said what to do with them: ask whoever is there. */
static bool choose(const char *path, const struct submit_result *result,
                   enum submit_repeats *repeats)
{
    warn(MSG_ASK, path, result->repeated, MSG_COUNTED(result->rows));
    char choice = output_can_ask() ? output_ask("can", MSG_ASK_NOW) : 'n';
    if (choice == 'n') {
        warn(MSG_ASK_HOW);
        return false;
    }
    *repeats = choice == 'c' ? REPEATS_SKIP : REPEATS_ALL;
    return true;
}

static int submit_one(struct run *run, const char *path)
{
    const enum submit_repeats given = run->options.repeats;
    struct submit_result result;
    struct error err;
    int status = CMD_DONE;

    int rc = import_run(&run->profile, run->outbox, path, &run->options, &result, &err);
    if (rc == 0 && result.ask) {
        if (!choose(path, &result, &run->options.repeats)) {
            submit_result_release(&result);
            return CMD_WRONG_USE;
        }
        submit_result_release(&result);
        rc = import_run(&run->profile, run->outbox, path, &run->options, &result, &err);
    }
    if (rc < 0) {
        status = fail(&err, true);
    } else {
        status = tell_saved(run, path, &result);
        run->saved += result.saved;
    }
    run->options.repeats = given;
    submit_result_release(&result);
    return status;
}

/* Where days begin is the office's time zone; a profile made while the line was down lacks it. */
static void learn_zone(struct profile *profile)
{
    struct error err;

    if (profile->zone != ZONE_NONE)
        return;
    struct uplink *uplink = ask_open(profile, &err);
    uplink_close(&uplink); /* not reached: a file that needs the zone says so */
}

static int tell_waiting(struct outbox *outbox)
{
    struct outbox_counts counts;
    struct error err;

    error_clear(&err);
    if (outbox_counts(outbox, &counts, &err) < 0)
        return fail(&err, true);
    say(MSG_WAIT, MSG_WAITING(counts.waiting));
    return CMD_DONE;
}

static int submit_all(struct run *run, const struct cmd_call *call, uint32_t wait_ms)
{
    struct error err;
    int status = CMD_DONE;

    error_clear(&err);
    run->outbox = outbox_open(run->profile.outbox, &err);
    if (!run->outbox)
        return fail(&err, true);
    for (size_t i = 0; i < call->arg_count; i++)
        status = cmd_worse(status, submit_one(run, call->args[i]));
    if (run->saved > 0 && cmd_flag(call, "no-send"))
        status = cmd_worse(status, tell_waiting(run->outbox));
    else if (run->saved > 0)
        status = cmd_worse(status, send_outbox(&run->profile, run->outbox, wait_ms, "", true));
    outbox_close(&run->outbox);
    return status;
}

static int exec(struct cmd_call *call)
{
    struct run run = {0};
    struct error err;
    uint32_t wait_ms;

    error_clear(&err);
    import_options(call, &run.options);
    if (cmd_duration(call, "wait", SEND_WAIT_MS, &wait_ms, &err) < 0)
        return fail(&err, false);
    if (cmd_flag(call, "cumulative") && cmd_flag(call, "all")) {
        warn(MSG_TOGETHER, "cumulative", "all");
        return CMD_WRONG_USE;
    }
    if (cmd_flag(call, "cumulative"))
        run.options.repeats = REPEATS_SKIP;
    else if (cmd_flag(call, "all"))
        run.options.repeats = REPEATS_ALL;

    int status = import_profile(call->profile, &run.profile);
    if (status != CMD_DONE)
        return status;
    if (!cmd_flag(call, "no-send"))
        learn_zone(&run.profile);
    status = submit_all(&run, call, wait_ms);
    profile_release(&run.profile);
    return status;
}

static const struct cmd_option options[] = {
    IMPORT_OPTIONS,
    {"cumulative", NULL, "skip rows that files submitted before hold already", false},
    {"all", NULL, "save such rows too: other people gave the same answers", false},
    {"no-send", NULL, "save only; a later sync sends", false},
    {"wait", "DURATION", "how long to try while the server is away (default: 10s)", false},
    {0},
};

const struct cmd cmd_submit = {
    .name = "submit",
    .usage = "submit FILE.. [options]",
    .help = "Save the responses of CSV files in the outbox, and send them",
    .least = 1,
    .most = UINT32_MAX,
    .options = options,
    .exec = exec,
};
