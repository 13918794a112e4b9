#include "client/core/publish_html_private.h"
#include "client/core/svg.h"
#include "common/buf.h"
#include <inttypes.h>

/* ---- the index from period to period --------------------------------------------------------- */

enum { TOP = 34, BOTTOM = 214, HEIGHT = 268 };
#define GUTTER 900u /* of the width, for the figures of the axis */

struct axis {
    uint32_t low, high, step; /* hundredths */
};

/* What is shown, with its intervals, and some room about it. */
static struct axis axis_of(const struct publication *p)
{
    uint32_t low = UINT32_MAX, high = 0;
    struct axis axis;

    for (size_t i = 0; i < p->trends; i++) {
        const struct publish_figure *f = &p->trend[i];
        uint32_t least = f->high > 0 ? f->low : f->index, most = f->high > 0 ? f->high : f->index;
        low = least < low ? least : low;
        high = most > high ? most : high;
    }
    axis.low = low < 200 ? 0 : (low - 200) / 500 * 500;
    axis.high = (high + 200 + 499) / 500 * 500;
    if (axis.high > 10000)
        axis.high = 10000;
    if (axis.low >= axis.high)
        axis.low = axis.high - 500;
    uint32_t range = axis.high - axis.low;
    axis.step = range <= 1000 ? 200 : range <= 2500 ? 500 : range <= 5000 ? 1000 : 2000;
    return axis;
}

static int place(const struct axis *axis, uint32_t index)
{
    return BOTTOM -
           (int)((uint64_t)(BOTTOM - TOP) * (index - axis->low) / (axis->high - axis->low));
}

static unsigned column(const struct publication *p, size_t i)
{
    return GUTTER + (unsigned)((2 * i + 1) * (SVG_WHOLE - GUTTER) / (2 * p->trends));
}

static void grid(struct buf *out, const struct publication *p, const struct axis *axis)
{
    struct svg_x left = {GUTTER, 0}, right = {SVG_WHOLE, 0};
    char text[PUBLISH_NUMBER];

    uint32_t first = (axis->low + axis->step - 1) / axis->step * axis->step;
    for (uint32_t at = first; at <= axis->high; at += axis->step) {
        svg_line(out, "grid-line", left, place(axis, at), right, place(axis, at));
        snprintf(text, sizeof text, "%" PRIu32, at / 100);
        svg_text(out, "t", (struct svg_x){0, 0}, place(axis, at) + 4, SVG_START, text, 0);
    }
    for (size_t i = 0; i < p->bounds; i++) {
        const struct publish_bound *bound = &p->bound[i];
        if (bound->low <= axis->low || bound->low >= axis->high)
            continue;
        svg_line(out, "bound", left, place(axis, bound->low), right, place(axis, bound->low));
        svg_text(out, "t", right, place(axis, bound->low) - 4, SVG_END, bound->grade, 4);
    }
}

static void point(struct buf *out, const struct publication *p, const struct axis *axis, size_t i)
{
    const struct publish_figure *f = &p->trend[i];
    struct svg_x x = {column(p, i), 0};
    int y = place(axis, f->index), above = y;
    char text[PUBLISH_NUMBER], count[PUBLISH_NUMBER + 4];

    if (f->high > 0) {
        svg_line(out, "span", x, place(axis, f->low), x, place(axis, f->high));
        above = place(axis, f->high);
    }
    svg_circle(out, "dot", x, y, 7);
    publish_index(f->index, text);
    svg_text(out, "v", x, (above < y - 6 ? above : y - 6) - 6, SVG_MIDDLE, text, 0);
    svg_text(out, "b", x, BOTTOM + 24, SVG_MIDDLE, f->name[p->language], 12);
    publish_count(f->n, text);
    snprintf(count, sizeof count, "n %s", text);
    svg_text(out, "t", x, BOTTOM + 42, SVG_MIDDLE, count, 0);
}

void chart_trend(struct buf *out, const struct publication *p)
{
    struct buf words = {0};
    struct axis axis = axis_of(p);
    char index[PUBLISH_NUMBER];

    for (size_t i = 0; i < p->trends; i++) {
        publish_index(p->trend[i].index, index);
        buf_printf(&words, "%s%s %s", i ? ", " : "", p->trend[i].name[p->language], index);
    }
    svg_begin(out, "grafik-perkembangan", HEIGHT, T(p, TREND_CHART), buf_text(&words));
    grid(out, p, &axis);
    for (size_t i = 1; i < p->trends; i++)
        svg_line(out, "curve", (struct svg_x){column(p, i - 1), 0},
                 place(&axis, p->trend[i - 1].index), (struct svg_x){column(p, i), 0},
                 place(&axis, p->trend[i].index));
    for (size_t i = 0; i < p->trends; i++)
        point(out, p, &axis, i);
    svg_end(out);
    buf_done(&words, out);
}

/* ---- the parts of the respondents ------------------------------------------------------------ */

#define GROUP_ROW 42u
#define BAR_MOST  10000u

static void group_bar(struct buf *out, const struct publication *p, const struct publish_group *g,
                      const struct publish_figure *row, uint64_t most, int y)
{
    char count[PUBLISH_NUMBER], share[PUBLISH_NUMBER], both[PUBLISH_RANGE];

    publish_count(row->n, count);
    publish_share(row->n, g->n, share);
    snprintf(both, sizeof both, "%s (%s)", count, share);
    svg_text(out, "", (struct svg_x){0, 0}, y + 13, SVG_START, row->name[p->language], 28);
    svg_text(out, "b", (struct svg_x){SVG_WHOLE, 0}, y + 13, SVG_END, both, 0);
    svg_rect(out, "track", (struct svg_x){0, 0}, y + 19, BAR_MOST, 10);
    svg_rect(out, row->hidden ? "hidden" : "bar", (struct svg_x){0, 0}, y + 19,
             (unsigned)((double)row->n / (double)most * BAR_MOST), 10);
}

void chart_group(struct buf *out, const struct publication *p, enum publish_axis axis)
{
    const struct publish_group *g = &p->group[axis];
    struct buf words = {0}, title = {0};
    char id[32], share[PUBLISH_NUMBER];
    const char *args[] = {publish_axis_name(p->language, axis)};

    if (g->count == 0 || g->n == 0)
        return;
    for (size_t i = 0; i < g->count; i++) {
        publish_share(g->row[i].n, g->n, share);
        buf_printf(&words, "%s%s %s", i ? ", " : "", g->row[i].name[p->language], share);
    }
    publish_say(&title, p->language, PUBLISH_PROFILE_CHART_TEXT, args, 1);
    snprintf(id, sizeof id, "grafik-%s", publish_axis_code(axis));
    svg_begin(out, id, (unsigned)g->count * GROUP_ROW, buf_text(&title), buf_text(&words));
    for (size_t i = 0; i < g->count; i++)
        group_bar(out, p, g, &g->row[i], g->n, (int)(i * GROUP_ROW));
    svg_end(out);
    buf_done(&words, out);
    buf_done(&title, out);
}
