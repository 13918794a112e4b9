#include "client/cmd/admin_audit.h"

#include "client/cmd/cmd.h"
#include "client/cmd/output.h"
#include "client/cmd/progress.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/error.h"

int audit_ask(const struct cmd_call *call, Suara__V1__Audit *audit, const char *doing,
              const struct layout_style *style, audit_print_fn *print)
{
    struct layout_rows rows;
    struct ask_audited end;
    struct progress progress;
    struct profile profile;
    struct uplink *uplink = NULL;
    struct error err;
    int status;

    error_clear(&err);
    if (profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    layout_rows_init(&rows);
    progress_start(&progress, doing);
    audit->subtree = cmd_flag(call, "subtree");
    if (ask_offices(call, &audit->office, &audit->n_office, &err) < 0 ||
        !(uplink = ask_open(&profile, &err)) ||
        ask_audit(uplink, audit, &progress, &rows, &end, &err) < 0)
        status = fail(&err);
    else
        status = print(&rows, &end, style);
    uplink_close(&uplink);
    free(audit->office);
    layout_rows_release(&rows);
    profile_release(&profile);
    return status;
}
