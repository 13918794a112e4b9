/*
 * The parts of the page. Private to publish_html*.c.
 */
#ifndef SUARA_CLIENT_CORE_PUBLISH_HTML_PRIVATE_H
#define SUARA_CLIENT_CORE_PUBLISH_HTML_PRIVATE_H

#include "client/core/publish.h"

/* The word of the report's language; T(p, INDEX). */
#define T(p, word) publish_text((p)->language, PUBLISH_##word##_TEXT)

/* An element as people know it: "U1 Persyaratan". */
void html_element_name(struct buf *out, const struct publication *p,
                       const struct publish_element *element);

/* The words of a text, filled in and escaped; `tag` around it, NULL: none. */
void html_say(struct buf *out, const struct publication *p, const char *tag, enum publish_word word,
              const char *const *args, unsigned count);

/* ---- the frame, publish_html.c ----------------------------------------------------------------
 */

void html_section(struct buf *out, const char *id, const char *title);
void html_section_end(struct buf *out);

/* A figure with its caption around a chart. */
void html_figure(struct buf *out, const char *caption, const char *note);

/* ---- tables, publish_html_table.c --------------------------------------------------------------
 */

enum html_align { HTML_LEFT, HTML_RIGHT, HTML_ONE_LINE, HTML_WIDE };

struct html_column {
    const char *title;
    enum html_align align;
};

/* A table with caption and column headings, in a box that scrolls by itself on a narrow screen. */
void html_table(struct buf *out, const struct publication *p, const char *caption,
                const struct html_column *columns, size_t count);
void html_table_end(struct buf *out);
void html_row(struct buf *out, const char *heading); /* heading: NULL: the caller adds it */
void html_row_end(struct buf *out);
void html_cell(struct buf *out, enum html_align align, const char *text);

/* ---- the sections, publish_html_part.c, publish_html_more.c ------------------------------------
 */

void html_elements(struct buf *out, const struct publication *p);
void html_spread(struct buf *out, const struct publication *p);
void html_trend(struct buf *out, const struct publication *p);
void html_profile(struct buf *out, const struct publication *p);
void html_groups(struct buf *out, const struct publication *p);
void html_gap(struct buf *out, const struct publication *p);
void html_last_plan(struct buf *out, const struct publication *p);
void html_plan(struct buf *out, const struct publication *p);
void html_method(struct buf *out, const struct publication *p);
void html_questions(struct buf *out, const struct publication *p);

/* ---- the charts, publish_html_chart*.c ---------------------------------------------------------
 */

void chart_scale(struct buf *out, const struct publication *p); /* index on the grades' scale */
void chart_elements(struct buf *out, const struct publication *p);
void chart_spread(struct buf *out, const struct publication *p);
void chart_trend(struct buf *out, const struct publication *p);
void chart_group(struct buf *out, const struct publication *p, enum publish_axis axis);
void chart_gap(struct buf *out, const struct publication *p);

/* Where the axis of the gap's chart begins: a rating that none of the means is below. */
unsigned chart_gap_from(const struct publication *p);

/* The class of a rating's colour, 1..7 from worst to best: its place on a scale of any length. */
unsigned chart_colour(unsigned rating, unsigned scale);

/* The page's style sheet. */
void html_style(struct buf *out);

#endif
