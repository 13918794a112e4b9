#include "client/core/publish_html_private.h"
#include "client/core/svg.h"
#include "common/buf.h"
#include <inttypes.h>

#define TRACK     8000u /* of the width: what is left holds the figures */
#define ROW       48u   /* one element: its name above its bar */
#define NAME_MOST 44u   /* letters of a name in a chart; all of it is in the table */
#define AXIS      24u

unsigned chart_colour(unsigned rating, unsigned scale)
{
    return scale < 2 ? 7 : 1 + ((rating - 1) * 6 + (scale - 1) / 2) / (scale - 1);
}

/* ---- the index on the scale of its grades -------------------------------------------------- */

static unsigned across(const struct publication *p, uint32_t index)
{
    uint32_t low = p->bound[p->bounds - 1].low, high = p->bound[0].high;

    if (index <= low || high <= low)
        return 0;
    return index >= high ? SVG_WHOLE
                         : (unsigned)((uint64_t)(index - low) * SVG_WHOLE / (high - low));
}

/* Short, so that there is room on a phone: "65", "76.61". */
static void scale_end(struct buf *out, unsigned x, enum svg_anchor anchor, uint32_t index)
{
    char text[PUBLISH_NUMBER];

    publish_index(index, text);
    if (index % 100 == 0)
        *strchr(text, '.') = '\0';
    svg_text(out, "t", (struct svg_x){x, 0}, 58, anchor, text, 0);
}

static void scale_part(struct buf *out, const struct publication *p, size_t i)
{
    const struct publish_bound *bound = &p->bound[i];
    unsigned from = across(p, bound->low), to = i == 0 ? SVG_WHOLE : across(p, bound[-1].low);
    bool here = strcmp(bound->grade, p->total.grade) == 0;

    svg_rect(out, here ? "bar gap" : "track gap", (struct svg_x){from, 0}, 20, to - from, 22);
    svg_text(out, here ? "on" : "t", (struct svg_x){(from + to) / 2, 0}, 36, SVG_MIDDLE,
             bound->grade, 4);
    scale_end(out, from, i + 1 == p->bounds ? SVG_START : SVG_MIDDLE, bound->low);
}

void chart_scale(struct buf *out, const struct publication *p)
{
    struct buf words = {0};
    char index[PUBLISH_NUMBER];

    if (p->bounds == 0)
        return;
    publish_index(p->total.index, index);
    buf_printf(&words, "%s %s. ", T(p, INDEX), index);
    publish_say(&words, p->language, PUBLISH_GRADE_IS_TEXT, &p->total.grade, 1);
    buf_printf(&words, " (%s)", publication_quality(p, p->total.grade));
    svg_begin(out, "skala", 62, T(p, BOUNDS_CAPTION), buf_text(&words));
    for (size_t i = 0; i < p->bounds; i++)
        scale_part(out, p, i);
    scale_end(out, SVG_WHOLE, SVG_END, p->bound[0].high);
    svg_line(out, "here", (struct svg_x){across(p, p->total.index), 0}, 8,
             (struct svg_x){across(p, p->total.index), 0}, 20);
    svg_circle(out, "dot", (struct svg_x){across(p, p->total.index), 0}, 8, 7);
    svg_end(out);
    buf_done(&words, out);
}

/* ---- bars ---------------------------------------------------------------------------------- */

/* The place of a mean on the track of a scale that begins at the rating `from`. */
static unsigned on_track(const struct publication *p, unsigned from, uint64_t sum, uint64_t n)
{
    if (n == 0 || sum <= n * from || p->scale <= from)
        return 0;
    return (unsigned)((double)(sum - n * from) / (double)n * TRACK / (p->scale - from));
}

static void rating_axis(struct buf *out, const struct publication *p, unsigned from, int top,
                        int bottom)
{
    unsigned range = p->scale > from ? p->scale - from : 1, step = (range + 9) / 10;
    char number[PUBLISH_NUMBER];

    for (unsigned i = 0; i <= range; i += step) {
        struct svg_x x = {TRACK * i / range, 0};
        svg_line(out, "grid-line", x, top, x, bottom);
        publish_count(from + i, number);
        svg_text(out, "t", x, bottom + 16, i == 0 ? SVG_START : SVG_MIDDLE, number, 0);
    }
}

static void element_title(struct buf *out, const struct publication *p,
                          const struct publish_element *element, int y)
{
    struct buf name = {0};

    buf_printf(&name, "%s  %s", element->code, element->name[p->language]);
    svg_text(out, "", (struct svg_x){0, 0}, y, SVG_START, buf_text(&name), NAME_MOST);
    buf_done(&name, out);
}

static void element_bar(struct buf *out, const struct publication *p,
                        const struct publish_element *element, int y)
{
    const struct publish_element *best = publication_extreme(p, true);
    const struct publish_element *worst = publication_extreme(p, false);
    bool weak = worst && element->sum == worst->sum, strong = best && element->sum == best->sum;
    unsigned length = on_track(p, 1, element->sum, p->total.n);
    char nrr[PUBLISH_NUMBER];

    element_title(out, p, element, y + 13);
    publish_nrr(element->sum, p->total.n, nrr);
    svg_rect(out, "track", (struct svg_x){0, 0}, y + 21, TRACK, 14);
    svg_rect(out, weak ? "low" : "bar", (struct svg_x){0, 0}, y + 21, length, 14);
    /* On the bar, or behind one that is too short for it on a phone. */
    if (weak || strong)
        svg_text(out, length < 3200 ? "b" : "on", (struct svg_x){length < 3200 ? length : 0, 8},
                 y + 32, SVG_START, weak ? T(p, WEAKEST) : T(p, STRONGEST), 0);
    svg_text(out, "b", (struct svg_x){SVG_WHOLE, 0}, y + 33, SVG_END, nrr, 0);
}

/* "U1 3.750, U2 3.801 .." for those who do not see the chart. */
static void describe(struct buf *words, const struct publication *p)
{
    char nrr[PUBLISH_NUMBER];

    for (size_t i = 0; i < p->elements; i++) {
        publish_nrr(p->element[i].sum, p->total.n, nrr);
        buf_printf(words, "%s%s %s", i ? ", " : "", p->element[i].code, nrr);
    }
}

void chart_elements(struct buf *out, const struct publication *p)
{
    struct buf words = {0};
    unsigned height = (unsigned)p->elements * ROW;

    describe(&words, p);
    svg_begin(out, "grafik-unsur", height + AXIS, T(p, ELEMENTS), buf_text(&words));
    rating_axis(out, p, 1, 0, (int)height);
    for (size_t i = 0; i < p->elements; i++)
        element_bar(out, p, &p->element[i], (int)(i * ROW));
    svg_end(out);
    buf_done(&words, out);
}

/* ---- how many gave each rating ------------------------------------------------------------- */

#define NARROWEST 900u /* a part under 9 % of the width has no room for its figure */

static void spread_bar(struct buf *out, const struct publication *p,
                       const struct publish_element *element, int y)
{
    uint64_t before = 0;
    char share[PUBLISH_NUMBER], class[8];

    element_title(out, p, element, y + 13);
    for (unsigned r = 1; r <= p->scale; r++) {
        uint64_t n = element->spread[r - 1];
        unsigned from = (unsigned)(before * SVG_WHOLE / p->total.n);
        unsigned to = (unsigned)((before + n) * SVG_WHOLE / p->total.n);
        before += n;
        if (n == 0)
            continue;
        snprintf(class, sizeof class, "c%u", chart_colour(r, p->scale));
        svg_rect(out, class, (struct svg_x){from, 0}, y + 20, to - from, 20);
        if (to - from < NARROWEST)
            continue;
        snprintf(share, sizeof share, "%" PRIu64 "%%", (n * 200 + p->total.n) / (2 * p->total.n));
        snprintf(class, sizeof class, "k%u", chart_colour(r, p->scale));
        svg_text(out, class, (struct svg_x){(from + to) / 2, 0}, y + 35, SVG_MIDDLE, share, 0);
    }
}

/* Four to a line, so that they have room on a phone. */
static void spread_legend(struct buf *out, const struct publication *p)
{
    char class[8], number[PUBLISH_NUMBER];

    for (unsigned r = 1; r <= p->scale; r++) {
        struct svg_x x = {(r - 1) % 5 * 2000, 8};
        int y = 10 + (int)((r - 1) / 5 * 22);
        snprintf(class, sizeof class, "c%u", chart_colour(r, p->scale));
        svg_square(out, class, x, y, 16);
        publish_count(r, number);
        svg_text(out, "b", (struct svg_x){x.part, 22}, y + 5, SVG_START, number, 0);
    }
}

void chart_spread(struct buf *out, const struct publication *p)
{
    struct buf words = {0};
    char max[PUBLISH_NUMBER];
    unsigned top = 32 + (p->scale - 1) / 5 * 22;

    publish_count(p->scale, max);
    publish_say(&words, p->language, PUBLISH_SPREAD_CHART_TEXT, (const char *[]){max}, 1);
    svg_begin(out, "grafik-sebaran", top + (unsigned)p->elements * ROW, T(p, SPREAD),
              buf_text(&words));
    spread_legend(out, p);
    for (size_t i = 0; i < p->elements; i++)
        spread_bar(out, p, &p->element[i], (int)(top + i * ROW));
    svg_end(out);
    buf_done(&words, out);
}

/* ---- the provider's view beside the recipients' ---------------------------------------------- */

unsigned chart_gap_from(const struct publication *p)
{
    uint64_t from = p->scale > 1 ? p->scale - 1 : 1;

    for (size_t i = 0; i < p->elements; i++) {
        uint64_t theirs = p->element[i].sum / p->total.n;
        uint64_t own = p->element[i].provider_sum / p->provider_n;
        from = theirs < from ? theirs : from;
        from = own < from ? own : from;
    }
    return from > 1 ? (unsigned)from : 1;
}

static void gap_row(struct buf *out, const struct publication *p,
                    const struct publish_element *element, int y)
{
    unsigned from = chart_gap_from(p);
    struct svg_x theirs = {on_track(p, from, element->sum, p->total.n), 0};
    struct svg_x own = {on_track(p, from, element->provider_sum, p->provider_n), 0};
    char gap[PUBLISH_NUMBER];

    element_title(out, p, element, y + 13);
    svg_line(out, "grid-line", (struct svg_x){0, 0}, y + 29, (struct svg_x){TRACK, 0}, y + 29);
    /* A line needs its left end first only for the eye of who reads the file. */
    svg_line(out, "join", theirs.part < own.part ? theirs : own, y + 29,
             theirs.part < own.part ? own : theirs, y + 29);
    svg_square(out, "box", own, y + 29, 12);
    svg_circle(out, "dot", theirs, y + 29, 7);
    publish_signed(element->gap, 3, gap);
    svg_text(out, "b", (struct svg_x){SVG_WHOLE, 0}, y + 34, SVG_END, gap, 0);
}

static void describe_gap(struct buf *words, const struct publication *p)
{
    char gap[PUBLISH_NUMBER];

    for (size_t i = 0; i < p->elements; i++) {
        publish_signed(p->element[i].gap, 3, gap);
        buf_printf(words, "%s%s %s", i ? ", " : "", p->element[i].code, gap);
    }
}

void chart_gap(struct buf *out, const struct publication *p)
{
    struct buf words = {0};
    unsigned top = 30, height = top + (unsigned)p->elements * ROW;

    describe_gap(&words, p);
    svg_begin(out, "grafik-kesenjangan", height + AXIS, T(p, GAP_CHART), buf_text(&words));
    svg_circle(out, "dot", (struct svg_x){0, 8}, 10, 7);
    svg_text(out, "", (struct svg_x){0, 22}, 14, SVG_START, T(p, RECIPIENT), 0);
    svg_square(out, "box", (struct svg_x){5000, 8}, 10, 12);
    svg_text(out, "", (struct svg_x){5000, 22}, 14, SVG_START, T(p, PROVIDER), 0);
    rating_axis(out, p, chart_gap_from(p), (int)top, (int)height);
    for (size_t i = 0; i < p->elements; i++)
        gap_row(out, p, &p->element[i], (int)(top + i * ROW));
    svg_end(out);
    buf_done(&words, out);
}
