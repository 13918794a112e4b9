#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/cmd/scope.h"
#include "client/core/layout_index.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/error.h"

static int request(struct profile *profile, const struct scope *scope, struct layout_index *index,
                   struct error *err)
{
    Suara__V1__Report report = SUARA__V1__REPORT__INIT;

    scope_report(scope, &report);

    struct uplink *uplink = ask_open(profile, err);
    int rc = uplink ? ask_index(uplink, &report, index, err) : -1;
    uplink_close(&uplink);
    return rc;
}

static int exec(struct cmd_call *call)
{
    struct layout_style style;
    struct scope scope;
    struct layout_index index;
    struct profile profile;
    struct error err;
    struct buf out = {0};
    int status;

    error_clear(&err);
    if (output_style(call, true, &style, &err) < 0 ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    layout_index_init(&index);
    if (scope_read(call, &profile, scope_axes, &scope, &err) < 0 ||
        request(&profile, &scope, &index, &err) < 0) {
        status = fail(&err);
    } else {
        layout_index_print(&out, &index, &scope.ask, &style);
        status = output_write(&out);
    }
    layout_index_release(&index);
    scope_release(&scope);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"by", "WHAT", "a row for each office, service, month ..; again for a second axis", false},
    SCOPE_FIGURE,
    SCOPE_FILTERS,
    SCOPE_OPTIONS,
    {0},
};

const struct cmd cmd_report_index = {
    .name = "report index",
    .usage = "report index [--period PERIOD | --from DATE --to DATE] [options]",
    .help = "The satisfaction index (IKM), with its grade and elements",
    .options = options,
    .exec = exec,
};
