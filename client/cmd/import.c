#include "client/cmd/import.h"

#include "client/cmd/cmd.h"
#include "client/cmd/output.h"
#include "client/cmd/progress.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/clock.h"
#include "common/error.h"

void import_options(const struct cmd_call *call, struct submit_options *out)
{
    *out = (struct submit_options){
        .instrument = cmd_value(call, "instrument"),
        .service = cmd_value(call, "service"),
        .channel = cmd_value(call, "channel"),
        .stakeholder = cmd_value(call, "stakeholder"),
        .perspective = cmd_value(call, "perspective"),
        .collected_at = cmd_value(call, "collected-at"),
        .id_column = cmd_value(call, "id-column"),
        .map = cmd_value(call, "map"),
        .now_ms = clock_wall_ms(),
    };
}

int import_profile(const char *name, struct profile *out)
{
    struct error err;

    error_clear(&err);
    if (profile_load(name, out, &err) < 0)
        return fail(&err, false);
    if (strcmp(out->role, "office") == 0)
        return CMD_DONE;
    warn(MSG_NOT_OFFICE, out->name, out->role);
    profile_release(out);
    return CMD_NOT_ALLOWED;
}

int import_run(const struct profile *profile, struct outbox *outbox, const char *path,
               struct submit_options *options, struct submit_result *out, struct error *err)
{
    const char *slash = strrchr(path, '/');
    struct progress progress;

    *out = (struct submit_result){0};
    error_clear(err);
    progress_start(&progress, slash ? slash + 1 : path);
    options->progress = progress_file;
    options->arg = &progress;
    int rc = submit_file(profile, outbox, path, options, out, err);
    progress_end(&progress);
    return rc;
}

void import_tell_rejected(const char *path, const struct submit_result *result)
{
    if (result->rejected > 0)
        say(MSG_REJECTED, MSG_COUNTED(result->rejected), path,
            result->rejected_file ? result->rejected_file : "");
}
