#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/cmd/scope.h"
#include "client/core/layout_coverage.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/error.h"

#define LATE_DAYS     31u
#define LATE_DAYS_MAX 3660ul

static int read_late(const struct cmd_call *call, unsigned *days, struct error *err)
{
    const char *text = cmd_value(call, "late");
    char *end = NULL;

    *days = LATE_DAYS;
    if (!text)
        return 0;
    unsigned long value = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
    if (value == 0 || value > LATE_DAYS_MAX || *end)
        return error_set(err, ERROR_USAGE, NULL, MSG_LATE, text);
    *days = (unsigned)value;
    return 0;
}

/* The daemon's clock says what is late: this computer's may be wrong. */
static int request(struct profile *profile, const struct scope *scope,
                   struct layout_coverage *coverage, struct layout_coverage_clock *clock,
                   struct error *err)
{
    Suara__V1__Coverage what = SUARA__V1__COVERAGE__INIT;

    scope_coverage(scope, &what);

    struct uplink *uplink = ask_open(profile, err);
    int rc = uplink ? ask_coverage(uplink, &what, coverage, err) : -1;
    if (rc == 0)
        clock->now_ms = (int64_t)uplink_welcome(uplink)->now;
    uplink_close(&uplink);
    return rc;
}

static int exec(struct cmd_call *call)
{
    struct layout_coverage_clock clock = {0};
    struct layout_coverage coverage;
    struct layout_style style;
    struct scope scope;
    struct profile profile;
    struct error err;
    struct buf out = {0};
    int status;

    error_clear(&err);
    if (output_style(call, true, &style, &err) < 0 || read_late(call, &clock.late_days, &err) < 0 ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    layout_coverage_init(&coverage);
    if (scope_read(call, &profile, NULL, &scope, &err) < 0 ||
        request(&profile, &scope, &coverage, &clock, &err) < 0) {
        status = fail(&err);
    } else {
        clock.zone = profile.zone == ZONE_NONE ? ZONE_WIB : profile.zone;
        layout_coverage_print(&out, &coverage, &scope.ask, &clock, &style);
        status = output_write(&out);
    }
    layout_coverage_release(&coverage);
    scope_release(&scope);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"late", "DAYS", "without a receipt for longer than this an office is late (default: 31)",
     false},
    SCOPE_OPTIONS,
    {0},
};

const struct cmd cmd_report_coverage = {
    .name = "report coverage",
    .usage = "report coverage [--period PERIOD | --from DATE --to DATE] [options]",
    .help = "Who sent, who is late, and whether the sample is large enough",
    .options = options,
    .exec = exec,
};
