/* What the two commands on the audit share: the question, and what comes of its answer. */
#ifndef SUARA_CLIENT_CMD_ADMIN_AUDIT_H
#define SUARA_CLIENT_CMD_ADMIN_AUDIT_H

#include "client/cmd/ask.h"

struct cmd_call;
struct layout_style;

/* Prints the whole answer; the exit status. */
typedef int audit_print_fn(const struct layout_rows *rows, const struct ask_audited *end,
                           const struct layout_style *style);

/* Asks for the offices of the call, `doing` beside the progress meanwhile. The exit status. */
int audit_ask(const struct cmd_call *call, Suara__V1__Audit *audit, const char *doing,
              const struct layout_style *style, audit_print_fn *print);

#endif
