#include "client/cmd/admin_audit.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/civil.h"
#include "common/error.h"

#define LIMIT_MOST 10000ul

static int read_limit(const struct cmd_call *call, uint32_t *limit, struct error *err)
{
    const char *text = cmd_value(call, "limit");
    char *end = NULL;

    *limit = 0; /* the server's */
    if (!text)
        return 0;
    unsigned long value = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
    if (value == 0 || value > LIMIT_MOST || *end)
        return error_set(err, ERROR_USAGE, NULL, MSG_LIMIT, text, LIMIT_MOST);
    *limit = (uint32_t)value;
    return 0;
}

/* Days of UTC; 0: open on that side. */
static int read_days(const struct cmd_call *call, Suara__V1__Audit *audit, struct error *err)
{
    const char *from = cmd_value(call, "from"), *to = cmd_value(call, "to");
    civil_day first = 0, last = 0, ignored;

    if (from && !civil_parse_period(from, &first, &ignored))
        return error_set(err, ERROR_USAGE, NULL, MSG_PERIOD, "from", from);
    if (to && !civil_parse_period(to, &ignored, &last))
        return error_set(err, ERROR_USAGE, NULL, MSG_PERIOD, "to", to);
    if (first && last && first > last)
        return error_set(err, ERROR_USAGE, NULL, MSG_PERIOD_ORDER, from, to);
    audit->from = first;
    audit->to = last;
    return 0;
}

static int print(const struct layout_rows *rows, const struct ask_audited *end,
                 const struct layout_style *style)
{
    struct buf out = {0};

    layout_rows_print(&out, rows, style);
    int status = output_write(&out);
    if (end->more)
        warn(MSG_AUDIT_MORE, rows->count);
    return status;
}

static int exec(struct cmd_call *call)
{
    Suara__V1__Audit audit = SUARA__V1__AUDIT__INIT;
    struct layout_style style;
    struct error err;

    error_clear(&err);
    if (output_style(call, true, &style, &err) < 0 || read_limit(call, &audit.limit, &err) < 0 ||
        read_days(call, &audit, &err) < 0)
        return fail(&err);
    return audit_ask(call, &audit, "reading", &style, print);
}

static const struct cmd_option options[] = {
    {"from", "DAY", "first day, of UTC (default: of all)", false},
    {"to", "DAY", "last day, of UTC (default: of all)", false},
    {"office", "CODE", "only of this office; again for more (default: all, and of none)", false},
    {"subtree", NULL, "with each office named, those below it", false},
    {"limit", "N", "at most so many, the newest (default: 100, at most 10000)", false},
    {"format", "FORMAT", "table (default), csv or json", false},
    {0},
};

const struct cmd cmd_audit_list = {
    .name = "admin audit list",
    .usage = "admin audit list [--from DAY] [--to DAY] [--office CODE].. [options]",
    .help = "What was done and refused, by whom; newest first",
    .options = options,
    .exec = exec,
};
