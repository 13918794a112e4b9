#include "client/cmd/cmd.h"

#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "common/error.h"

const struct cmd *const cmd_table[] = {
    &cmd_enroll,          &cmd_check,
    &cmd_submit,          &cmd_sync,
    &cmd_outbox_list,     &cmd_outbox_show,
    &cmd_outbox_retry,    &cmd_outbox_drop,
    &cmd_status,          &cmd_report_index,
    &cmd_report_elements, &cmd_report_trend,
    &cmd_report_gap,      &cmd_report_coverage,
    &cmd_report_quality,  &cmd_report_publish,
    &cmd_office_list,     &cmd_office_add,
    &cmd_service_list,    &cmd_service_add,
    &cmd_principal_list,  &cmd_principal_add,
    &cmd_population_list, &cmd_population_add,
    &cmd_instrument_list, &cmd_instrument_show,
    &cmd_instrument_add,  &cmd_admin_verify,
    &cmd_admin_rebuild,   &cmd_admin_erase,
    &cmd_admin_purge,     &cmd_audit_list,
    &cmd_audit_verify,    &cmd_help,
};
const size_t cmd_count = sizeof cmd_table / sizeof *cmd_table;

int cmd_main(int argc, char **argv)
{
    struct cmd_call call;
    struct error err;
    int status;

    error_clear(&err);
    if (cmd_parse(&call, argc, argv, &err) < 0) {
        status = fail(&err);
    } else if (call.version) {
        say("suara %s", SUARA_VERSION);
        status = CMD_DONE;
    } else if (call.help) {
        cmd_help_print(call.cmd);
        status = CMD_DONE;
    } else {
        status = call.cmd->exec(&call);
    }
    cmd_call_release(&call);
    return cmd_worse(status, output_end());
}
