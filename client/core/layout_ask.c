#include "client/core/layout_ask.h"

#include "common/buf.h"

bool layout_ask_is_time(const char *axis)
{
    return strcmp(axis, "month") == 0 || strcmp(axis, "quarter") == 0 ||
           strcmp(axis, "semester") == 0 || strcmp(axis, "year") == 0;
}

static void add_day(struct buf *out, civil_day day)
{
    static const char *const month[12] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    unsigned m = day / 100 % 100;

    buf_printf(out, "%u %s %u", day % 100, month[m >= 1 && m <= 12 ? m - 1 : 0], day / 10000);
}

void layout_ask_days(struct buf *out, civil_day from, civil_day to)
{
    add_day(out, from);
    if (from == to)
        return;
    buf_puts(out, " - ");
    add_day(out, to);
}
