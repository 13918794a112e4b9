#include "client/core/publish_html_private.h"
#include "client/core/svg.h"
#include "common/buf.h"

static const char *class_of(enum html_align align)
{
    static const char *const class[] = {"", " class=\"r\"", " class=\"k\"", " class=\"w\""};
    return class[align];
}

/* Who moves by keyboard must be able to scroll the box: it takes the focus and has a name. */
void html_table(struct buf *out, const struct publication *p, const char *caption,
                const struct html_column *columns, size_t count)
{
    buf_puts(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    svg_escape(out, caption);
    buf_puts(out, " (");
    svg_escape(out, T(p, SCROLL));
    buf_puts(out, ")\">\n<table>\n<caption>");
    svg_escape(out, caption);
    buf_puts(out, "</caption>\n<thead><tr>");
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "<th scope=\"col\"%s>", class_of(columns[i].align));
        svg_escape(out, columns[i].title);
        buf_puts(out, "</th>");
    }
    buf_puts(out, "</tr></thead>\n<tbody>\n");
}

void html_table_end(struct buf *out)
{
    buf_puts(out, "</tbody>\n</table>\n</div>\n");
}

void html_row(struct buf *out, const char *heading)
{
    buf_puts(out, "<tr>");
    if (!heading)
        return;
    buf_puts(out, "<th scope=\"row\">");
    svg_escape(out, heading);
    buf_puts(out, "</th>");
}

void html_row_end(struct buf *out)
{
    buf_puts(out, "</tr>\n");
}

void html_cell(struct buf *out, enum html_align align, const char *text)
{
    buf_printf(out, "<td%s>", class_of(align));
    svg_escape(out, text);
    buf_puts(out, "</td>");
}

void html_element_name(struct buf *out, const struct publication *p,
                       const struct publish_element *element)
{
    buf_puts(out, "<th scope=\"row\" class=\"w\"><span class=\"code\">");
    svg_escape(out, element->code);
    buf_puts(out, "</span>");
    svg_escape(out, element->name[p->language]);
    buf_puts(out, "</th>");
}

void html_say(struct buf *out, const struct publication *p, const char *tag, enum publish_word word,
              const char *const *args, unsigned count)
{
    struct buf plain = {0};

    publish_say(&plain, p->language, word, args, count);
    if (tag)
        buf_printf(out, "<%s>", tag);
    svg_escape(out, buf_text(&plain));
    if (tag)
        buf_printf(out, "</%s>\n", tag);
    buf_done(&plain, out);
}
