#include "client/cmd/period.h"

#include "client/core/message.h"
#include "common/error.h"
#include <stddef.h>

static int no_period(const char *option, const char *text, struct error *err)
{
    return error_set(err, ERROR_USAGE, NULL, MSG_PERIOD, option, text);
}

int period_read(const struct period *period, civil_day today, civil_day *from, civil_day *to,
                struct error *err)
{
    civil_day first = 0, last = today, ignored;

    if (period->period && (period->from || period->to))
        return error_set(err, ERROR_USAGE, NULL, MSG_TOGETHER, "period",
                         period->from ? "from" : "to");
    if (period->period && !civil_parse_period(period->period, &first, &last))
        return no_period("period", period->period, err);
    if (period->to && !civil_parse_period(period->to, &ignored, &last))
        return no_period("to", period->to, err);
    if (period->from && !civil_parse_period(period->from, &first, &ignored))
        return no_period("from", period->from, err);
    if (first == 0)
        first = civil_make(last / 10000, 1, 1);
    if (first > last) {
        char a[16], b[16];
        civil_format_day(first, a);
        civil_format_day(last, b);
        return error_set(err, ERROR_USAGE, NULL, MSG_PERIOD_ORDER, a, b);
    }
    *from = first;
    *to = last;
    return 0;
}
