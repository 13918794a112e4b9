#include "client/core/layout_ask.h"

#include "client/core/layout.h"
#include "common/buf.h"
#include "common/text.h"
#include <inttypes.h>
#include <stdarg.h>

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

void layout_fold(struct buf *out, const char *text, size_t width)
{
    size_t used = 0;

    while (*text) {
        size_t word = strcspn(text, " "), wide = text_width(text, word);

        if (width > 0 && used > 0 && used + 1 + wide > width) {
            buf_putc(out, '\n');
            used = 0;
        } else if (used > 0) {
            buf_putc(out, ' ');
            used++;
        }
        buf_add(out, text, word);
        used += wide;
        text += word;
        text += strspn(text, " ");
    }
    buf_putc(out, '\n');
}

void layout_say(struct buf *out, const struct layout_style *style, const char *format, ...)
{
    struct buf text = {0}, shown = {0};
    va_list args;

    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    text_escape(&shown, buf_text(&text), text.len);
    layout_fold(out, buf_text(&shown), style->width);
    buf_done(&shown, out);
    buf_done(&text, out);
}

/* ---- the heading --------------------------------------------------------------------------- */

static void add_text(struct buf *out, const char *front, const char *text)
{
    buf_puts(out, front);
    text_escape(out, text, strlen(text));
}

static void add_offices(struct buf *out, const struct layout_heading *heading)
{
    buf_puts(out, heading->mean_of_offices ? ", mean of the indices of " : ", pooled over ");
    if (heading->offices > 0)
        buf_printf(out, "%u %s", heading->offices, heading->offices == 1 ? "office" : "offices");
    else
        buf_puts(out, "all offices asked for");
}

/* Of which offices, and how they were put together. */
static void add_scope(struct buf *out, const struct layout_heading *heading,
                      const struct layout_ask *ask)
{
    const char *office = heading->office[0] ? heading->office : ask->office;
    bool each = strcmp(ask->by[0], "office") == 0 || strcmp(ask->by[1], "office") == 0;

    if (each) {
        buf_puts(out, ", each office by itself");
    } else if (office && !ask->subtree) {
        add_text(out, ", office ", office);
    } else {
        if (ask->subtree && ask->office) {
            add_text(out, ", office ", ask->office);
            buf_puts(out, " and those below it");
        }
        add_offices(out, heading);
    }
    for (size_t i = 0; i < LAYOUT_AXES; i++)
        if (ask->by[i][0] && strcmp(ask->by[i], "office") != 0)
            buf_printf(out, "%s%s", i > 0 && strcmp(ask->by[0], "office") != 0 ? " and " : ", by ",
                       ask->by[i]);
}

void layout_ask_heading(struct buf *out, const struct layout_heading *heading,
                        const struct layout_ask *ask, const struct layout_style *style)
{
    struct buf text = {0};

    buf_puts(&text, heading->title);
    add_text(&text, ", ", heading->instrument);
    if (heading->method[0])
        add_text(&text, ", method ", heading->method);
    add_scope(&text, heading, ask);
    buf_puts(&text, ", ");
    layout_ask_days(&text, ask->from, ask->to);
    if (strcmp(ask->perspective, "all") == 0)
        buf_puts(&text, ", recipients and providers apart");
    else
        buf_printf(&text, ", %ss", ask->perspective);
    if (ask->only)
        add_text(&text, ", only ", ask->only);
    if (heading->n > 0)
        buf_printf(&text, ", n = %" PRIu64, heading->n);
    layout_fold(out, buf_text(&text), style->width);
    buf_done(&text, out);
}
