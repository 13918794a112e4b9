#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/import.h"
#include "client/cmd/interrupt.h"
#include "client/cmd/output.h"
#include "client/cmd/send.h"
#include "client/core/message.h"
#include "client/store/instruments.h"
#include "client/store/outbox.h"
#include "client/store/profile.h"
#include "common/error.h"

struct run {
    struct profile profile;
    struct outbox *outbox;
    struct submit_options options;
    uint64_t saved; /* by all files */
    char away[512]; /* why the time zone could not be asked for */
};

static int tell_saved(const struct run *run, const char *path, const struct submit_result *result)
{
    bool skipped = result->repeated > 0 && run->options.repeats == REPEATS_SKIP;
    char when[40];

    if (result->known) {
        civil_format_ms(result->known_ms,
                        run->profile.zone == ZONE_NONE ? ZONE_WIB : run->profile.zone, when);
        say(MSG_KNOWN, when);
    }
    if (result->saved > 0 && result->known && run->options.repeats != REPEATS_SKIP)
        say(MSG_SAVED_AGAIN, MSG_COUNTED(result->saved), path);
    else if (result->saved > 0)
        say(MSG_SAVED, MSG_COUNTED(result->saved), path);
    if (skipped)
        say(MSG_SAVED_SKIP, MSG_COUNTED(result->repeated));
    else if (result->rows == 0)
        say(MSG_SAVED_HEADER, path);
    else if (result->saved == 0 && result->rows == 1)
        say(MSG_SAVED_NONE1, path);
    else if (result->saved == 0)
        say(MSG_SAVED_NONE, path, MSG_COUNTED(result->rows));
    return import_tell_rejected(path, result);
}

/* Rows were sent before, and nobody said what to do with them: ask whoever is there. */
static bool choose(const char *path, const struct submit_result *result,
                   enum submit_repeats *repeats)
{
    warn(MSG_ASK, path, result->repeated, MSG_COUNTED(result->rows));
    char choice = output_can_ask() ? output_ask("can", MSG_ASK_NOW) : 'n';
    if (choice == 'n') {
        if (!interrupt_came())
            warn(MSG_ASK_HOW);
        return false;
    }
    *repeats = choice == 'c' ? REPEATS_SKIP : REPEATS_ALL;
    return true;
}

static int tell_failed(const struct run *run, const char *path, const struct error *err)
{
    if (interrupt_came()) {
        warn(MSG_STOPPED_FILE, path);
        return CMD_STOPPED;
    }
    int status = fail(err);
    if (run->profile.zone == ZONE_NONE && strcmp(err->field, "collected_at") == 0)
        warn(MSG_ZONE_AWAY, run->away, run->profile.name);
    return status;
}

static int submit_one(struct run *run, const char *path)
{
    const enum submit_repeats given = run->options.repeats;
    struct submit_result result;
    struct error err;
    int status = CMD_DONE;

    int rc = import_run(&run->profile, run->outbox, path, &run->options, &result, &err);
    if (rc == 0 && result.ask) {
        bool chosen = choose(path, &result, &run->options.repeats);
        submit_result_release(&result);
        if (!chosen)
            return interrupt_came() ? tell_failed(run, path, &err) : CMD_WRONG_USE;
        rc = import_run(&run->profile, run->outbox, path, &run->options, &result, &err);
    }
    if (rc < 0) {
        status = tell_failed(run, path, &err);
    } else {
        status = tell_saved(run, path, &result);
        run->saved += result.saved;
    }
    run->options.repeats = given;
    submit_result_release(&result);
    return status;
}

/* Where days begin is the office's time zone; a profile made while the line was down lacks it. A
 * file may do without, so not to reach the server is no failure yet. */
static void learn_zone(struct run *run, bool may_ask)
{
    struct error err;

    snprintf(run->away, sizeof run->away, "--no-send was given");
    if (run->profile.zone != ZONE_NONE || !may_ask)
        return;
    error_clear(&err);
    struct uplink *uplink = ask_open(&run->profile, &err);
    snprintf(run->away, sizeof run->away, "%s", uplink ? "it tells none" : err.text);
    uplink_close(&uplink);
}

static int tell_waiting(struct outbox *outbox)
{
    struct outbox_counts counts;
    struct error err;

    error_clear(&err);
    if (outbox_counts(outbox, &counts, &err) < 0)
        return fail(&err);
    if (interrupt_came()) {
        warn(MSG_STOPPED_SENT, MSG_WAITING(counts.waiting));
        return CMD_STOPPED;
    }
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
        return fail(&err);
    for (size_t i = 0; i < call->arg_count; i++) {
        int one = interrupt_came() ? tell_failed(run, call->args[i], &err)
                                   : submit_one(run, call->args[i]);
        status = cmd_worse(status, one);
    }
    if (run->saved > 0 && (cmd_flag(call, "no-send") || interrupt_came()))
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
    if (cmd_duration(call, "wait", SEND_WAIT_MS, &wait_ms, &err) < 0)
        return fail(&err);
    if (cmd_flag(call, "cumulative") && cmd_flag(call, "all")) {
        warn(MSG_TOGETHER, "cumulative", "all");
        return CMD_WRONG_USE;
    }
    int status = import_profile(call->profile, &run.profile);
    if (status != CMD_DONE)
        return status;
    struct instruments *instruments = instruments_open(&run.profile);
    interrupt_catch();
    status =
        import_options(call, &run.profile, instruments, !cmd_flag(call, "no-send"), &run.options);
    if (cmd_flag(call, "cumulative"))
        run.options.repeats = REPEATS_SKIP;
    else if (cmd_flag(call, "all"))
        run.options.repeats = REPEATS_ALL;
    if (status == CMD_DONE) {
        learn_zone(&run, !cmd_flag(call, "no-send"));
        status = submit_all(&run, call, wait_ms);
    }
    instruments_close(&instruments);
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
