#include "client/core/publish.h"

#include "client/core/publish_html_private.h"
#include "client/core/svg.h"
#include "common/buf.h"
#include <string.h>

/* The sections, in the order of the page; the contents list them. */
static const struct {
    const char *id;
    enum publish_word title;
    void (*print)(struct buf *out, const struct publication *p);
} sections[] = {
    {"perkembangan", PUBLISH_TREND_TEXT, html_trend},
    {"unsur", PUBLISH_ELEMENTS_TEXT, html_elements},
    {"sebaran", PUBLISH_SPREAD_TEXT, html_spread},
    {"kesenjangan", PUBLISH_GAP_TEXT, html_gap},
    {"profil", PUBLISH_PROFILE_TEXT, html_profile},
    {"kelompok", PUBLISH_GROUPS_TEXT, html_groups},
    {"pelaksanaan", PUBLISH_LAST_PLAN_TEXT, html_last_plan},
    {"rencana", PUBLISH_PLAN_TEXT, html_plan},
    {"tentang", PUBLISH_FACTS_TEXT, html_method},
    {"kuesioner", PUBLISH_QUESTIONS_TEXT, html_questions},
};
#define SECTIONS (sizeof sections / sizeof *sections)

void html_section(struct buf *out, const char *id, const char *title)
{
    buf_printf(out, "<section id=\"%s\" aria-labelledby=\"%s-h\">\n<h2 id=\"%s-h\">", id, id, id);
    svg_escape(out, title);
    buf_puts(out, "</h2>\n");
}

void html_section_end(struct buf *out)
{
    buf_puts(out, "</section>\n");
}

void html_figure(struct buf *out, const char *caption, const char *note)
{
    buf_puts(out, "<figure>\n<figcaption>");
    svg_escape(out, caption);
    if (note) {
        buf_puts(out, "<small>");
        svg_escape(out, note);
        buf_puts(out, "</small>");
    }
    buf_puts(out, "</figcaption>\n");
}

/* Nothing may be fetched and nothing may run, whatever a name in the page tries. */
static void head(struct buf *out, const struct publication *p, const char *period)
{
    buf_printf(out,
               "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
               "style-src 'unsafe-inline'; img-src data:\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" "
               "content=\"",
               T(p, LANG));
    svg_escape(out, p->program);
    buf_puts(out, "\">\n<link rel=\"icon\" href=\"data:,\">\n<title>");
    svg_escape(out, p->office_name);
    buf_puts(out, ": ");
    svg_escape(out, p->instrument_name[p->language]);
    buf_printf(out, ", %s</title>\n", period);
    html_style(out);
    buf_puts(out, "</head>\n<body>\n");
}

static void score(struct buf *out, const struct publication *p)
{
    char index[PUBLISH_NUMBER], interval[PUBLISH_RANGE];
    const char *args[] = {p->total.grade, publication_quality(p, p->total.grade)};

    publish_index(p->total.index, index);
    buf_puts(out, "<div class=\"score\"><span class=\"big\">");
    buf_puts(out, index);
    buf_puts(out, "</span>\n<span class=\"grade\"><span class=\"letter\" aria-hidden=\"true\">");
    svg_escape(out, p->total.grade);
    buf_puts(out, "</span><span class=\"words\">");
    svg_escape(out, args[1]);
    buf_puts(out, "<small>");
    html_say(out, p, NULL, PUBLISH_GRADE_IS_TEXT, args, 1);
    buf_puts(out, "</small>");
    if (p->total.high > 0) {
        publish_interval(p->total.low, p->total.high, interval);
        buf_puts(out, "<small>");
        svg_escape(out, T(p, INTERVAL));
        buf_printf(out, ": %s</small>", interval);
    }
    buf_puts(out, "</span></span></div>\n");
}

static void front(struct buf *out, const struct publication *p, const char *period)
{
    struct buf summary = {0};

    buf_puts(out, "<header>\n<p class=\"kicker\">");
    svg_escape(out, T(p, REPORT));
    buf_putc(out, ' ');
    svg_escape(out, p->instrument_name[p->language]);
    buf_puts(out, "</p>\n<h1>");
    svg_escape(out, p->office_name);
    buf_printf(out, "</h1>\n<p class=\"when\">%s", period);
    if (p->last_collected && p->last_collected < p->to) {
        char day[PUBLISH_NUMBER];
        publish_day(p->language, p->last_collected, day);
        buf_puts(out, " \xc2\xb7 ");
        html_say(out, p, NULL, PUBLISH_UNTIL_TEXT, (const char *[]){day}, 1);
    }
    buf_puts(out, "</p>\n");
    if (p->note) {
        buf_puts(out, "<p class=\"remark\">");
        svg_escape(out, p->note);
        buf_puts(out, "</p>\n");
    }
    buf_puts(out, "<div class=\"result\">\n");
    score(out, p);
    chart_scale(out, p);
    publish_summary(&summary, p);
    buf_puts(out, "<p class=\"lead\">");
    svg_escape(out, buf_text(&summary));
    buf_puts(out, "</p>\n</div>\n<nav aria-label=\"");
    svg_escape(out, T(p, CONTENTS));
    buf_puts(out, "\"><ul>\n");
    for (size_t i = 0; i < SECTIONS; i++) {
        buf_printf(out, "<li><a href=\"#%s\">", sections[i].id);
        svg_escape(out, publish_text(p->language, sections[i].title));
        buf_puts(out, "</a></li>\n");
    }
    buf_puts(out, "</ul></nav>\n</header>\n");
    buf_done(&summary, out);
}

void publish_html(struct buf *out, const struct publication *p)
{
    char period[PUBLISH_RANGE], made[PUBLISH_NUMBER];
    const char *args[] = {made, p->program};

    publish_period(p, period);
    publish_day(p->language, p->made, made);
    head(out, p, period);
    front(out, p, period);
    buf_puts(out, "<main>\n");
    for (size_t i = 0; i < SECTIONS; i++) {
        html_section(out, sections[i].id, publish_text(p->language, sections[i].title));
        sections[i].print(out, p);
        html_section_end(out);
    }
    buf_puts(out, "</main>\n<footer>\n");
    html_say(out, p, "p", PUBLISH_MADE_TEXT, args, 2);
    buf_puts(out, "</footer>\n</body>\n</html>\n");
}
