#include "client/core/svg.h"

#include "common/buf.h"
#include "common/text.h"
#include <string.h>

void svg_escape(struct buf *out, const char *text)
{
    struct buf plain = {0};

    text_escape(&plain, text, strlen(text));
    for (const char *at = buf_text(&plain); *at; at++) {
        switch (*at) {
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        case '\'':
            buf_puts(out, "&#39;");
            break;
        default:
            buf_putc(out, *at);
        }
    }
    buf_done(&plain, out);
}

void svg_begin(struct buf *out, const char *id, unsigned height, const char *title,
               const char *description)
{
    buf_printf(out,
               "<svg id=\"%s\" role=\"img\" aria-labelledby=\"%s-t %s-d\" width=\"100%%\" "
               "height=\"%u\" xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"%s-t\">",
               id, id, id, height, id);
    svg_escape(out, title);
    buf_printf(out, "</title>\n<desc id=\"%s-d\">", id);
    svg_escape(out, description);
    buf_puts(out, "</desc>\n");
}

void svg_end(struct buf *out)
{
    buf_puts(out, "</svg>\n");
}

/* Pixels beside the parts of the width: only a transformation can add them. */
static void begin_shape(struct buf *out, const char *shape, const char *class, int more)
{
    buf_printf(out, "<%s class=\"%s\"", shape, class);
    if (more != 0)
        buf_printf(out, " transform=\"translate(%d 0)\"", more);
}

static void put_part(struct buf *out, const char *name, unsigned part)
{
    buf_printf(out, " %s=\"%u.%02u%%\"", name, part / 100, part % 100);
}

void svg_rect(struct buf *out, const char *class, struct svg_x x, int y, unsigned width,
              unsigned height)
{
    begin_shape(out, "rect", class, x.more);
    put_part(out, "x", x.part);
    put_part(out, "width", width);
    buf_printf(out, " y=\"%d\" height=\"%u\"/>\n", y, height);
}

void svg_square(struct buf *out, const char *class, struct svg_x x, int y, unsigned size)
{
    int half = (int)size / 2;

    begin_shape(out, "rect", class, x.more - half);
    put_part(out, "x", x.part);
    buf_printf(out, " y=\"%d\" width=\"%u\" height=\"%u\"/>\n", y - half, size, size);
}

void svg_circle(struct buf *out, const char *class, struct svg_x x, int y, unsigned radius)
{
    begin_shape(out, "circle", class, x.more);
    put_part(out, "cx", x.part);
    buf_printf(out, " cy=\"%d\" r=\"%u\"/>\n", y, radius);
}

void svg_line(struct buf *out, const char *class, struct svg_x x1, int y1, struct svg_x x2, int y2)
{
    begin_shape(out, "line", class, x1.more);
    put_part(out, "x1", x1.part);
    put_part(out, "x2", x2.part);
    buf_printf(out, " y1=\"%d\" y2=\"%d\"/>\n", y1, y2);
}

/* Cut at a character, with dots for what is gone. */
static void put_cut(struct buf *out, const char *text, unsigned most)
{
    const char *at = text, *cut = NULL;
    unsigned seen = 0;

    for (; *at; at++) {
        if (((unsigned char)*at & 0xc0) == 0x80)
            continue;
        if (++seen == most)
            cut = at;
    }
    if (seen <= most || !cut) {
        svg_escape(out, text);
        return;
    }
    struct buf front = {0};
    buf_add(&front, text, (size_t)(cut - text));
    svg_escape(out, buf_text(&front));
    buf_puts(out, "\xe2\x80\xa6");
    buf_done(&front, out);
}

void svg_text(struct buf *out, const char *class, struct svg_x x, int y, enum svg_anchor anchor,
              const char *text, unsigned most)
{
    static const char *const anchors[] = {"start", "middle", "end"};

    buf_printf(out, "<text class=\"%s\"", class);
    put_part(out, "x", x.part);
    if (x.more != 0)
        buf_printf(out, " dx=\"%d\"", x.more);
    buf_printf(out, " y=\"%d\" text-anchor=\"%s\">", y, anchors[anchor]);
    put_cut(out, text, most);
    buf_puts(out, "</text>\n");
}
