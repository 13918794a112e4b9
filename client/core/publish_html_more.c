#include "client/core/publish_html_private.h"
#include "client/core/svg.h"
#include "common/buf.h"
#include <inttypes.h>

#define COLUMNS(list) (sizeof(list) / sizeof *(list))

/* ---- gap ----------------------------------------------------------------------------------- */

static const struct publish_element *widest(const struct publication *p)
{
    const struct publish_element *found = &p->element[0];

    for (size_t i = 1; i < p->elements; i++) {
        int64_t gap = p->element[i].gap, best = found->gap;
        if ((gap < 0 ? -gap : gap) > (best < 0 ? -best : best))
            found = &p->element[i];
    }
    return found;
}

static void gap_words(struct buf *out, const struct publication *p)
{
    char n[PUBLISH_NUMBER], own[PUBLISH_NUMBER], theirs[PUBLISH_NUMBER], gap[PUBLISH_NUMBER];
    const struct publish_element *most = widest(p);

    publish_count(p->provider_n, n);
    publish_index(p->provider.index, own);
    publish_index(p->total.index, theirs);
    publish_signed(most->gap, 3, gap);
    const char *args[] = {n, own, theirs}, *wide[] = {most->name[p->language], gap};
    buf_puts(out, "<p>");
    html_say(out, p, NULL, PUBLISH_GAP_SAYS_TEXT, args, 3);
    if (most->gap != 0) {
        buf_putc(out, ' ');
        html_say(out, p, NULL, PUBLISH_GAP_WIDEST_TEXT, wide, 2);
    }
    buf_puts(out, "</p>\n");
}

void html_gap(struct buf *out, const struct publication *p)
{
    const struct html_column columns[] = {
        {T(p, ELEMENT), HTML_LEFT},     {T(p, RECIPIENT), HTML_RIGHT}, {T(p, PROVIDER), HTML_RIGHT},
        {T(p, DIFFERENCE), HTML_RIGHT}, {T(p, MEANING), HTML_LEFT},
    };
    char text[PUBLISH_NUMBER];
    struct buf note = {0};

    if (p->provider_n == 0 || p->elements == 0) {
        html_say(out, p, "p", PUBLISH_GAP_NONE_TEXT, NULL, 0);
        return;
    }
    gap_words(out, p);
    publish_count(chart_gap_from(p), text);
    publish_say(&note, p->language, PUBLISH_GAP_AXIS_TEXT, (const char *[]){text}, 1);
    html_figure(out, T(p, GAP_CHART), note.data);
    buf_done(&note, out);
    chart_gap(out, p);
    buf_puts(out, "</figure>\n");
    html_table(out, p, T(p, GAP_TABLE), columns, COLUMNS(columns));
    for (size_t i = 0; i < p->elements; i++) {
        const struct publish_element *element = &p->element[i];
        html_row(out, NULL);
        html_element_name(out, p, element);
        publish_nrr(element->sum, p->total.n, text);
        html_cell(out, HTML_RIGHT, text);
        publish_nrr(element->provider_sum, p->provider_n, text);
        html_cell(out, HTML_RIGHT, text);
        publish_signed(element->gap, 3, text);
        html_cell(out, HTML_RIGHT, text);
        html_cell(out, HTML_ONE_LINE, element->gap_beyond ? T(p, BEYOND_MARK) : T(p, CHANCE_MARK));
        html_row_end(out);
    }
    html_table_end(out);
}

/* ---- the plans ----------------------------------------------------------------------------- */

static void plan_table(struct buf *out, const struct publication *p, bool last)
{
    char end[PUBLISH_NUMBER];
    struct buf caption = {0};
    const struct html_column columns[] = {
        {T(p, NUMBER), HTML_LEFT}, {T(p, PRIORITY), HTML_LEFT}, {T(p, ACTIVITY), HTML_LEFT},
        {T(p, WHEN), HTML_LEFT},   {T(p, WHO), HTML_LEFT},      {T(p, STATE), HTML_LEFT},
    };

    publish_day(p->language, p->to, end);
    publish_say(&caption, p->language, last ? PUBLISH_LAST_CAPTION_TEXT : PUBLISH_PLAN_CAPTION_TEXT,
                (const char *[]){end}, 1);
    html_table(out, p, buf_text(&caption), columns, COLUMNS(columns));
    buf_done(&caption, out);
    for (const struct publish_item *item = p->item; item; item = item->next) {
        if (item->last != last)
            continue;
        html_row(out, item->number);
        html_cell(out, HTML_LEFT, item->priority);
        html_cell(out, HTML_WIDE, item->activity);
        html_cell(out, HTML_ONE_LINE, item->when);
        html_cell(out, HTML_LEFT, item->who);
        html_cell(out, HTML_LEFT, publish_state_name(p->language, item->state));
        html_row_end(out);
    }
    html_table_end(out);
}

void html_last_plan(struct buf *out, const struct publication *p)
{
    char done_text[PUBLISH_NUMBER], count_text[PUBLISH_NUMBER], share[PUBLISH_NUMBER];
    size_t done, count = publication_items(p, true, &done);

    if (!p->plan_given || count == 0) {
        html_say(out, p, "p", p->plan_given ? PUBLISH_LAST_NONE_TEXT : PUBLISH_PLAN_NONE_TEXT, NULL,
                 0);
        return;
    }
    publish_count(done, done_text);
    publish_count(count, count_text);
    publish_share(done, count, share);
    html_say(out, p, "p", PUBLISH_LAST_DONE_TEXT, (const char *[]){done_text, count_text, share},
             3);
    plan_table(out, p, true);
}

void html_plan(struct buf *out, const struct publication *p)
{
    size_t done, count = publication_items(p, false, &done);

    if (!p->plan_given || count == 0)
        html_say(out, p, "p", p->plan_given ? PUBLISH_PLAN_EMPTY_TEXT : PUBLISH_PLAN_NONE_TEXT,
                 NULL, 0);
    else
        plan_table(out, p, false);
}

/* ---- about the survey ---------------------------------------------------------------------- */

static void fact_begin(struct buf *out, const char *name)
{
    buf_puts(out, "<div><dt>");
    svg_escape(out, name);
    buf_puts(out, "</dt><dd>");
}

static void fact(struct buf *out, const char *name, const char *value)
{
    fact_begin(out, name);
    svg_escape(out, value);
    buf_puts(out, "</dd></div>\n");
}

static void sample_fact(struct buf *out, const struct publication *p)
{
    char n[PUBLISH_NUMBER], people[PUBLISH_NUMBER], need[PUBLISH_NUMBER];
    const char *args[] = {n, people, need};

    publish_count(p->total.n, n);
    publish_count(p->population, people);
    publish_count(p->need, need);
    fact_begin(out, T(p, SAMPLE));
    html_say(out, p, NULL,
             !p->population_known    ? PUBLISH_SAMPLE_UNKNOWN_TEXT
             : publication_enough(p) ? PUBLISH_SAMPLE_ENOUGH_TEXT
                                     : PUBLISH_SAMPLE_SHORT_TEXT,
             args, 3);
    buf_puts(out, "</dd></div>\n");
}

static void method_fact(struct buf *out, const struct publication *p)
{
    char elements[PUBLISH_NUMBER], scale[PUBLISH_NUMBER], weight[PUBLISH_NUMBER];
    const char *args[] = {elements, scale, weight, p->method};

    publish_count(p->elements, elements);
    publish_count(p->scale, scale);
    snprintf(weight, sizeof weight, "%" PRId32 "/%" PRId32, p->weight_num, p->weight_den);
    fact_begin(out, T(p, METHOD));
    html_say(out, p, NULL, PUBLISH_METHOD_IS_TEXT, args, 4);
    buf_puts(out, "</dd></div>\n");
}

/* How the answers came in: kiosk, web ..; their shares are in the section of the groups. */
static void place_fact(struct buf *out, const struct publication *p)
{
    const struct publish_group *g = &p->group[PUBLISH_CHANNEL];

    if (g->count == 0)
        return;
    fact_begin(out, T(p, PLACE));
    for (size_t i = 0; i < g->count; i++) {
        buf_puts(out, i ? ", " : "");
        svg_escape(out, g->row[i].name[p->language]);
    }
    buf_puts(out, "</dd></div>\n");
}

static void bounds_table(struct buf *out, const struct publication *p)
{
    const struct html_column columns[] = {
        {T(p, GRADE), HTML_LEFT}, {T(p, QUALITY), HTML_LEFT}, {T(p, RANGE), HTML_RIGHT}};
    char range[PUBLISH_RANGE];

    html_table(out, p, T(p, BOUNDS_CAPTION), columns, COLUMNS(columns));
    for (size_t i = 0; i < p->bounds; i++) {
        publish_interval(p->bound[i].low, p->bound[i].high, range);
        html_row(out, p->bound[i].grade);
        html_cell(out, HTML_LEFT, p->bound[i].quality[p->language]);
        html_cell(out, HTML_RIGHT, range);
        html_row_end(out);
    }
    html_table_end(out);
}

void html_method(struct buf *out, const struct publication *p)
{
    char text[PUBLISH_RANGE];
    struct buf both = {0};

    buf_puts(out, "<dl>\n");
    buf_printf(&both, "%s (%s)", p->office_name, p->office);
    fact(out, T(p, ORGANISER), buf_text(&both));
    if (p->subtree) {
        publish_count(p->offices, text);
        fact_begin(out, T(p, RANGE));
        html_say(out, p, NULL, PUBLISH_OFFICES_TEXT, (const char *[]){text}, 1);
        buf_puts(out, "</dd></div>\n");
    }
    publish_period(p, text);
    fact(out, T(p, PERIOD), text);
    buf_done(&both, out);
    buf_printf(&both, "%s (%s)", p->instrument_name[p->language], p->instrument);
    fact(out, T(p, INSTRUMENT), buf_text(&both));
    method_fact(out, p);
    sample_fact(out, p);
    place_fact(out, p);
    if (p->last_collected) {
        publish_day(p->language, p->last_collected, text);
        fact(out, T(p, LAST_COLLECTED), text);
    }
    buf_puts(out, "</dl>\n<p></p>\n");
    bounds_table(out, p);
    buf_done(&both, out);
}

void html_questions(struct buf *out, const struct publication *p)
{
    struct html_column columns[1 + PUBLISH_SPREAD_MAX] = {{T(p, ELEMENT), HTML_LEFT}};
    char name[PUBLISH_SPREAD_MAX][PUBLISH_NUMBER];
    unsigned labels = p->scale <= PUBLISH_SPREAD_MAX ? p->scale : 0;
    struct buf caption = {0};

    for (unsigned r = 1; r <= labels; r++) {
        publish_count(r, name[r - 1]);
        columns[r] = (struct html_column){name[r - 1], HTML_LEFT};
    }
    publish_say(&caption, p->language, PUBLISH_QUESTIONS_CAPTION_TEXT,
                (const char *[]){p->instrument}, 1);
    html_table(out, p, buf_text(&caption), columns, 1 + labels);
    for (size_t i = 0; i < p->elements; i++) {
        const struct publish_element *element = &p->element[i];
        html_row(out, NULL);
        html_element_name(out, p, element);
        for (unsigned r = 0; r < labels; r++)
            html_cell(out, HTML_LEFT,
                      element->label[p->language] ? element->label[p->language][r] : "");
        html_row_end(out);
    }
    html_table_end(out);
    buf_done(&caption, out);
}
