/*
 * Every command, by its file.
 */
#ifndef SUARA_CLIENT_CMD_COMMANDS_H
#define SUARA_CLIENT_CMD_COMMANDS_H

#include "client/cmd/cmd.h"

extern const struct cmd cmd_enroll, cmd_check, cmd_submit, cmd_sync;
extern const struct cmd cmd_outbox_list, cmd_outbox_show, cmd_outbox_retry, cmd_outbox_drop;
extern const struct cmd cmd_status;
extern const struct cmd cmd_report_index, cmd_report_elements, cmd_report_trend, cmd_report_gap;
extern const struct cmd cmd_report_coverage, cmd_report_quality;
extern const struct cmd cmd_population_add, cmd_population_list;
extern const struct cmd cmd_report_publish;
extern const struct cmd cmd_office_list, cmd_service_list, cmd_principal_list, cmd_instrument_list;
extern const struct cmd cmd_instrument_add, cmd_instrument_show;
extern const struct cmd cmd_office_add, cmd_service_add, cmd_principal_add;
extern const struct cmd cmd_admin_verify, cmd_admin_rebuild;
extern const struct cmd cmd_admin_erase, cmd_admin_purge;
extern const struct cmd cmd_audit_list, cmd_audit_verify;
extern const struct cmd cmd_help;

#endif
