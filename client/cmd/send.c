#include "client/cmd/send.h"

#include "client/app/sync.h"
#include "client/cmd/clock_note.h"
#include "client/cmd/cmd.h"
#include "client/cmd/interrupt.h"
#include "client/cmd/output.h"
#include "client/cmd/progress.h"
#include "client/core/message.h"
#include "client/store/outbox.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/error.h"
#include <time.h>

#define BUSY_MS 200u /* between looks at an outbox that another process sends */

/* Another process is sending: what it leaves is ours, so wait for it. */
static int run(struct profile *profile, struct outbox *outbox, struct sync_options *options,
               struct sync_result *result, struct error *err)
{
    const struct timespec pause = {0, BUSY_MS * 1000000};
    uint64_t end = clock_monotonic_ms() + options->patience_ms;

    for (;;) {
        error_clear(err);
        int rc = sync_run(profile, outbox, options, result, err);
        if (rc < 0 || !result->busy || interrupt_came() || clock_monotonic_ms() >= end)
            return rc;
        nanosleep(&pause, NULL);
    }
}

/* What the server refused, and where it can be corrected. */
static void tell_refused(const struct sync_result *result, const char *front)
{
    const struct sync_refused *refused = &result->refused;
    struct buf how = {0};

    if (refused->file && refused->files > 1)
        buf_printf(&how, MSG_REFUSED_FIXES, refused->file, refused->files - 1);
    else if (refused->file)
        buf_printf(&how, MSG_REFUSED_FIX, result->rejected == 1 ? "it" : "them", refused->file);
    else
        buf_puts(&how, MSG_REFUSED_HELD);
    say("%s" MSG_REFUSED "%s", front, MSG_COUNTED(result->rejected), refused->first,
        buf_text(&how));
    buf_release(&how);
    if (refused->fault)
        warn("%s" MSG_REFUSED_LOST, front, refused->fault);
}

/* Still waiting, and what will make it go. */
static void tell_waiting(const struct sync_result *result, const struct error *err,
                         const char *front, bool saved)
{
    /* Every sentence about a certificate that a new bundle mends says so. */
    bool bundle = err->code == ERROR_UNAUTHENTICATED && strstr(err->text, "bundle");
    const char *saved_front = saved ? MSG_SAVED_FRONT : "";

    if (interrupt_came())
        warn("%s" MSG_STOPPED_SENT, front, MSG_WAITING(result->waiting));
    else if (bundle)
        say("%s%s" MSG_WAIT_MEND, front, saved_front, MSG_WAITING(result->waiting));
    else
        say("%s%s" MSG_WAIT, front, saved_front, MSG_WAITING(result->waiting));
}

/* The daemon's INVALID about what it did not take apart: it waits, so nothing is rejected. */
static int failure_status(const struct error *err)
{
    return err->code == ERROR_INVALID || err->code == ERROR_TOO_LARGE ? CMD_AWAY : cmd_exit_of(err);
}

static int tell(const struct sync_result *result, const struct error *err, bool failed,
                const char *front, bool saved)
{
    char note[CLOCK_NOTE];
    int status = CMD_DONE;

    if (clock_note(result->daemon_ms, note))
        warn("%s%s", front, note);
    if (result->stored + result->duplicates + result->rejected + result->erased > 0)
        say("%s" MSG_SENT, front, result->stored, result->duplicates, result->rejected);
    else if (!failed && result->waiting == 0)
        say("%s" MSG_SENT_NONE, front);
    if (result->erased > 0)
        say("%s" MSG_SENT_ERASED, front, MSG_COUNTED(result->erased),
            result->erased == 1 ? "was" : "were", result->erased == 1 ? "is" : "are");
    if (result->rejected > 0) {
        tell_refused(result, front);
        status = CMD_REJECTED;
    }
    if (failed && !interrupt_came()) {
        warn("%s%s", front, err->text);
        status = cmd_worse(status, failure_status(err));
    } else if (result->busy && result->waiting > 0 && !interrupt_came()) {
        warn("%s" MSG_BUSY, front);
        status = cmd_worse(status, CMD_AWAY);
    }
    if (result->waiting > 0) {
        tell_waiting(result, err, front, saved);
        status = cmd_worse(status, interrupt_came() ? CMD_STOPPED : CMD_AWAY);
    }
    return status;
}

int send_outbox(struct profile *profile, struct outbox *outbox, uint32_t wait_ms, const char *front,
                bool saved)
{
    struct progress progress;
    struct sync_result result;
    struct error err;

    progress_start(&progress, "sending");
    struct sync_options options = {.patience_ms = wait_ms,
                                   .progress = progress_sync,
                                   .arg = &progress,
                                   .stopped = interrupt_came};
    int rc = run(profile, outbox, &options, &result, &err);
    progress_end(&progress);
    int status = tell(&result, &err, rc < 0, front, saved);
    sync_result_release(&result);
    return status;
}
