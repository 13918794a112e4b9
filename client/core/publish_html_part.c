#include "client/core/publish_html_private.h"
#include "client/core/svg.h"
#include "common/buf.h"
#include <inttypes.h>

#define COLUMNS(list) (sizeof(list) / sizeof *(list))

static void count_cell(struct buf *out, uint64_t n)
{
    char text[PUBLISH_NUMBER];
    publish_count(n, text);
    html_cell(out, HTML_RIGHT, text);
}

/* ---- elements ------------------------------------------------------------------------------ */

static void say_scale(struct buf *words, const struct publication *p, enum publish_word word)
{
    char scale[PUBLISH_NUMBER];
    publish_count(p->scale, scale);
    publish_say(words, p->language, word, (const char *[]){scale}, 1);
}

static void figure_with_scale(struct buf *out, const struct publication *p, enum publish_word word)
{
    struct buf words = {0};

    say_scale(&words, p, word);
    html_figure(out, buf_text(&words), NULL);
    buf_done(&words, out);
}

void html_elements(struct buf *out, const struct publication *p)
{
    const struct html_column columns[] = {
        {T(p, ELEMENT), HTML_LEFT},   {T(p, SUM), HTML_RIGHT},  {T(p, NRR), HTML_RIGHT},
        {T(p, WEIGHTED), HTML_RIGHT}, {T(p, RANK), HTML_RIGHT},
    };
    char text[PUBLISH_NUMBER];

    figure_with_scale(out, p, PUBLISH_ELEMENTS_CHART_TEXT);
    chart_elements(out, p);
    buf_puts(out, "</figure>\n");
    html_table(out, p, T(p, ELEMENTS_TABLE), columns, COLUMNS(columns));
    for (size_t i = 0; i < p->elements; i++) {
        const struct publish_element *element = &p->element[i];
        html_row(out, NULL);
        html_element_name(out, p, element);
        count_cell(out, element->sum);
        publish_nrr(element->sum, p->total.n, text);
        html_cell(out, HTML_RIGHT, text);
        publish_weighted(p, element, text);
        html_cell(out, HTML_RIGHT, text);
        count_cell(out, element->rank);
        html_row_end(out);
    }
    html_table_end(out);
}

void html_spread(struct buf *out, const struct publication *p)
{
    struct html_column columns[1 + PUBLISH_SPREAD_MAX] = {{T(p, ELEMENT), HTML_LEFT}};
    char name[PUBLISH_SPREAD_MAX][PUBLISH_NUMBER];

    if (p->scale > PUBLISH_SPREAD_MAX || p->elements == 0 || !p->element[0].spread) {
        html_say(out, p, "p", PUBLISH_NO_FIGURE_TEXT, NULL, 0);
        return;
    }
    figure_with_scale(out, p, PUBLISH_SPREAD_CHART_TEXT);
    chart_spread(out, p);
    buf_puts(out, "</figure>\n");
    for (unsigned r = 1; r <= p->scale; r++) {
        publish_count(r, name[r - 1]);
        columns[r] = (struct html_column){name[r - 1], HTML_RIGHT};
    }
    html_table(out, p, T(p, SPREAD_TABLE), columns, 1 + p->scale);
    for (size_t i = 0; i < p->elements; i++) {
        html_row(out, NULL);
        html_element_name(out, p, &p->element[i]);
        for (unsigned r = 1; r <= p->scale; r++)
            count_cell(out, p->element[i].spread[r - 1]);
        html_row_end(out);
    }
    html_table_end(out);
}

/* ---- trend --------------------------------------------------------------------------------- */

static void index_cells(struct buf *out, const struct publish_figure *figure)
{
    char text[PUBLISH_NUMBER];

    if (figure->hidden || figure->n == 0) {
        html_cell(out, HTML_RIGHT, "");
        html_cell(out, HTML_LEFT, "");
        return;
    }
    publish_index(figure->index, text);
    html_cell(out, HTML_RIGHT, text);
    html_cell(out, HTML_LEFT, figure->grade);
}

static void interval_cell(struct buf *out, const struct publish_figure *figure)
{
    char interval[PUBLISH_RANGE] = "";

    if (figure->high > 0)
        publish_interval(figure->low, figure->high, interval);
    html_cell(out, HTML_RIGHT, interval);
}

static void change_cell(struct buf *out, const struct publication *p,
                        const struct publish_figure *figure)
{
    char change[PUBLISH_NUMBER];
    struct buf words = {0};

    if (figure->change_known) {
        publish_signed(figure->change, 2, change);
        buf_printf(&words, "%s (%s)", change,
                   figure->change_beyond ? T(p, BEYOND_MARK) : T(p, CHANCE_MARK));
    }
    html_cell(out, HTML_RIGHT, buf_text(&words));
    buf_done(&words, out);
}

void html_trend(struct buf *out, const struct publication *p)
{
    const struct html_column columns[] = {
        {T(p, PERIOD), HTML_LEFT},    {"n", HTML_RIGHT},
        {T(p, INDEX), HTML_RIGHT},    {T(p, GRADE), HTML_LEFT},
        {T(p, INTERVAL), HTML_RIGHT}, {T(p, CHANGE), HTML_RIGHT},
    };

    if (p->trends < 2)
        html_say(out, p, "p", PUBLISH_TREND_ONE_TEXT, NULL, 0);
    html_figure(out, T(p, TREND_CHART), T(p, TREND_NOTE));
    chart_trend(out, p);
    buf_puts(out, "</figure>\n");
    html_table(out, p, T(p, TREND_CHART), columns, COLUMNS(columns));
    for (size_t i = 0; i < p->trends; i++) {
        html_row(out, p->trend[i].name[p->language]);
        count_cell(out, p->trend[i].n);
        index_cells(out, &p->trend[i]);
        interval_cell(out, &p->trend[i]);
        change_cell(out, p, &p->trend[i]);
        html_row_end(out);
    }
    html_table_end(out);
}

/* ---- groups -------------------------------------------------------------------------------- */

static void group_table(struct buf *out, const struct publication *p, enum publish_axis axis)
{
    const struct publish_group *g = &p->group[axis];
    const struct html_column columns[] = {
        {T(p, GROUP), HTML_LEFT},  {"n", HTML_RIGHT},        {T(p, SHARE), HTML_RIGHT},
        {T(p, INDEX), HTML_RIGHT}, {T(p, GRADE), HTML_LEFT},
    };
    const char *args[] = {publish_axis_name(p->language, axis)};
    struct buf caption = {0};
    char share[PUBLISH_NUMBER];

    publish_say(&caption, p->language, PUBLISH_GROUP_CAPTION_TEXT, args, 1);
    html_table(out, p, buf_text(&caption), columns, COLUMNS(columns));
    for (size_t i = 0; i < g->count; i++) {
        html_row(out, g->row[i].name[p->language]);
        count_cell(out, g->row[i].n);
        publish_share(g->row[i].n, g->n, share);
        html_cell(out, HTML_RIGHT, share);
        index_cells(out, &g->row[i]);
        html_row_end(out);
    }
    html_table_end(out);
    if (g->left_out > 0) {
        publish_count(g->left_out, share);
        html_say(out, p, "p", PUBLISH_LEFT_OUT_TEXT, (const char *[]){share}, 1);
    }
    buf_done(&caption, out);
}

static void groups(struct buf *out, const struct publication *p, unsigned first, unsigned end)
{
    buf_puts(out, "<div class=\"grid\">\n");
    for (unsigned axis = first; axis < end; axis++) {
        if (p->group[axis].count == 0)
            continue;
        buf_puts(out, "<div>\n<h3>");
        svg_escape(out, publish_axis_name(p->language, axis));
        buf_puts(out, "</h3>\n");
        if (p->group[axis].count == 1 && p->group[axis].row[0].hidden) {
            html_say(out, p, "p", PUBLISH_HIDDEN_ALL_TEXT, NULL, 0);
            buf_puts(out, "</div>\n");
            continue;
        }
        buf_puts(out, "<figure>\n");
        chart_group(out, p, axis);
        buf_puts(out, "</figure>\n");
        group_table(out, p, axis);
        buf_puts(out, "</div>\n");
    }
    buf_puts(out, "</div>\n");
}

void html_profile(struct buf *out, const struct publication *p)
{
    char least[PUBLISH_NUMBER];

    if (p->small_cell > 0) {
        publish_count(p->small_cell, least);
        html_say(out, p, "p", PUBLISH_HIDDEN_NOTE_TEXT, (const char *[]){least}, 1);
    }
    groups(out, p, 0, PUBLISH_PROFILE_AXES);
}

void html_groups(struct buf *out, const struct publication *p)
{
    groups(out, p, PUBLISH_PROFILE_AXES, PUBLISH_AXES);
}
