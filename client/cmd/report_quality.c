#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/cmd/scope.h"
#include "client/core/layout_quality.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/error.h"

static int request(struct profile *profile, const struct scope *scope,
                   struct layout_quality *quality, struct error *err)
{
    Suara__V1__Quality what = SUARA__V1__QUALITY__INIT;

    scope_quality(scope, &what);

    struct uplink *uplink = ask_open(profile, err);
    int rc = uplink ? ask_quality(uplink, &what, quality, err) : -1;
    uplink_close(&uplink);
    return rc;
}

static int exec(struct cmd_call *call)
{
    struct layout_quality quality;
    struct layout_style style;
    struct scope scope;
    struct profile profile;
    struct error err;
    struct buf out = {0};
    int status;

    error_clear(&err);
    if (output_style(call, true, &style, &err) < 0 ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    layout_quality_init(&quality);
    if (scope_read(call, &profile, NULL, &scope, &err) < 0 ||
        request(&profile, &scope, &quality, &err) < 0) {
        status = fail(&err);
    } else {
        layout_quality_print(&out, &quality, &scope.ask, &style);
        status = output_write(&out);
    }
    layout_quality_release(&quality);
    scope_release(&scope);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"perspective", "WHO", "recipient (default) or provider", false},
    SCOPE_OPTIONS,
    {0},
};

const struct cmd cmd_report_quality = {
    .name = "report quality",
    .usage = "report quality [--period PERIOD | --from DATE --to DATE] [options]",
    .help = "Signs that answers were not given by the public",
    .options = options,
    .exec = exec,
};
