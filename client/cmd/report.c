#include "client/cmd/report.h"

#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/output.h"
#include "client/cmd/questionnaire.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/error.h"

const char *const report_units[] = {"month", "quarter", "semester", "year", NULL};

int report_one_axis(const struct scope *scope, struct error *err)
{
    return scope->ask.by[1][0] ? error_set(err, ERROR_USAGE, NULL, MSG_BY_ONCE) : 0;
}

static int request(struct profile *profile, const struct scope *scope,
                   const struct report_kind *kind, struct layout_index *index, struct error *err)
{
    Suara__V1__Report report = SUARA__V1__REPORT__INIT;

    scope_report(scope, &report);
    report.spread = kind->spread;

    struct uplink *uplink = ask_open(profile, err);
    int rc = uplink ? ask_index(uplink, &report, index, err) : -1;
    if (rc < 0 && uplink && kind->bare && scope->profiled && err->code == ERROR_PERMISSION_DENIED) {
        report.spread = false;
        rc = ask_index(uplink, &report, index, err);
    }
    uplink_close(&uplink);
    return rc;
}

/* NULL: nobody can tell; its elements have no names then. */
static const struct instrument *instrument_of(struct instruments *instruments,
                                              struct profile *profile,
                                              const struct layout_index *index)
{
    struct error ignored;

    return instruments && index->instrument
               ? questionnaire(instruments, profile, index->instrument, true, &ignored)
               : NULL;
}

int report_run(struct cmd_call *call, const struct report_kind *kind)
{
    struct scope scope = {0};
    struct layout_style style;
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
    struct instruments *instruments = instruments_open(&profile);
    if (scope_read(call, &profile, kind->axes, &scope, &err) < 0 ||
        (kind->prepare && kind->prepare(call, &scope, &err) < 0) ||
        request(&profile, &scope, kind, &index, &err) < 0 ||
        kind->print(&out, &index, instrument_of(instruments, &profile, &index), &scope, &style,
                    &err) < 0) {
        status = fail(&err);
        buf_release(&out);
    } else {
        status = output_write(&out);
    }
    instruments_close(&instruments);
    layout_index_release(&index);
    scope_release(&scope);
    profile_release(&profile);
    return status;
}
