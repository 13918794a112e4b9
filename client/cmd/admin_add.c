#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/store/profile.h"
#include "common/wire.h"

static int add(const struct cmd_call *call, Suara__V1__Add *what)
{
    struct profile profile;
    struct error err;

    error_clear(&err);
    if (profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    int status = ask_to_add(&profile, what);
    profile_release(&profile);
    return status;
}

static int exec_office(struct cmd_call *call)
{
    static const char *const zones[] = {"WIB", "WITA", "WIT", NULL};
    Suara__V1__Add what = SUARA__V1__ADD__INIT;
    struct error err;

    error_clear(&err);
    int zone = cmd_choice(call, "zone", zones, "WIB", &err);
    if (zone < 0)
        return fail(&err);
    what.what = wire_text("office");
    what.code = wire_text(call->args[0]);
    what.name = wire_text(call->args[1]);
    what.office = wire_text(cmd_value(call, "parent"));
    what.zone = wire_text(zones[zone]);
    return add(call, &what);
}

static int exec_service(struct cmd_call *call)
{
    Suara__V1__Add what = SUARA__V1__ADD__INIT;

    what.what = wire_text("service");
    what.office = wire_text(call->args[0]);
    what.code = wire_text(call->args[1]);
    what.name = wire_text(call->args[2]);
    return add(call, &what);
}

static int exec_principal(struct cmd_call *call)
{
    Suara__V1__Add what = SUARA__V1__ADD__INIT;

    what.what = wire_text("principal");
    what.role = wire_text(call->args[0]);
    what.code = wire_text(call->args[1]);
    what.office = wire_text(cmd_value(call, "office"));
    return add(call, &what);
}

static const struct cmd_option office_options[] = {
    {"parent", "CODE", "the office above it (default: none)", false},
    {"zone", "ZONE", "where its days begin: WIB (default), WITA or WIT", false},
    {0},
};

const struct cmd cmd_office_add = {
    .name = "admin office add",
    .usage = "admin office add CODE NAME [--parent CODE] [--zone WIB|WITA|WIT]",
    .help = "Add an office, with the service UMUM",
    .least = 2,
    .most = 2,
    .options = office_options,
    .exec = exec_office,
};

const struct cmd cmd_service_add = {
    .name = "admin service add",
    .usage = "admin service add OFFICE CODE NAME",
    .help = "Add a service to an office",
    .least = 3,
    .most = 3,
    .options = NULL,
    .exec = exec_service,
};

static const struct cmd_option principal_options[] = {
    {"office", "CODE", "office: its office; supervisor: the top of its part of the tree", false},
    {0},
};

const struct cmd cmd_principal_add = {
    .name = "admin principal add",
    .usage = "admin principal add ROLE NAME [--office CODE]",
    .help = "Let somebody in: role office, supervisor, admin or auditor",
    .least = 2,
    .most = 2,
    .options = principal_options,
    .exec = exec_principal,
};
