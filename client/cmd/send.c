#include "client/cmd/send.h"

#include "client/app/sync.h"
#include "client/cmd/cmd.h"
#include "client/cmd/output.h"
#include "client/cmd/progress.h"
#include "client/core/message.h"
#include "client/store/outbox.h"
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
        *result = (struct sync_result){0};
        error_clear(err);
        int rc = sync_run(profile, outbox, options, result, err);
        if (rc < 0 || !result->busy || clock_monotonic_ms() >= end)
            return rc;
        nanosleep(&pause, NULL);
    }
}

static int tell(const struct sync_result *result, const struct error *err, bool failed,
                const char *front, bool saved)
{
    int status = CMD_DONE;

    if (result->stored + result->duplicates + result->rejected > 0)
        say("%s" MSG_SENT, front, result->stored, result->duplicates, result->rejected);
    else if (!failed && result->waiting == 0)
        say("%s" MSG_SENT_NONE, front);
    if (result->rejected > 0) {
        say("%s" MSG_REFUSED, front, MSG_COUNTED(result->rejected));
        status = CMD_REJECTED;
    }
    if (failed) {
        warn("%s%s", front, err->text);
        status = cmd_worse(status, cmd_exit_of(err, true));
    } else if (result->busy && result->waiting > 0) {
        warn("%s" MSG_BUSY, front);
        status = cmd_worse(status, CMD_AWAY);
    }
    if (result->waiting > 0) {
        if (saved)
            say("%s" MSG_WAIT_SAVED, front, MSG_WAITING(result->waiting));
        else
            say("%s" MSG_WAIT, front, MSG_WAITING(result->waiting));
        status = cmd_worse(status, CMD_AWAY);
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
    struct sync_options options = {
        .patience_ms = wait_ms, .progress = progress_sync, .arg = &progress};
    int rc = run(profile, outbox, &options, &result, &err);
    progress_end(&progress);
    return tell(&result, &err, rc < 0, front, saved);
}
