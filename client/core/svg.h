/*
 * Charts as inline SVG. Widths are parts of the whole, heights are pixels: so a chart fills its
 * column, be it a phone's or a page's, and its letters keep their size. Colours are classes of the
 * page's style sheet.
 */
#ifndef SUARA_CLIENT_CORE_SVG_H
#define SUARA_CLIENT_CORE_SVG_H

struct buf;

/* A place across: hundredths of a percent of the width, and so many pixels more. */
struct svg_x {
    unsigned part;
    int more;
};
#define SVG_WHOLE 10000u

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

/* `id` makes the chart's names unique in the page; title and description are for those who do not
 * see it. */
void svg_begin(struct buf *out, const char *id, unsigned height, const char *title,
               const char *description);
void svg_end(struct buf *out);

void svg_rect(struct buf *out, const char *class, struct svg_x x, int y, unsigned width,
              unsigned height);

/* Of so many pixels in width, about its middle. */
void svg_square(struct buf *out, const char *class, struct svg_x x, int y, unsigned size);
void svg_circle(struct buf *out, const char *class, struct svg_x x, int y, unsigned radius);
void svg_line(struct buf *out, const char *class, struct svg_x x1, int y1, struct svg_x x2, int y2);

/* Text at most `most` characters long; 0: as long as it is. */
void svg_text(struct buf *out, const char *class, struct svg_x x, int y, enum svg_anchor anchor,
              const char *text, unsigned most);

/* Plain text into HTML or SVG: nothing in it is obeyed, by a browser or by a reader's eye (controls
 * of direction are written out). */
void svg_escape(struct buf *out, const char *text);

#endif
