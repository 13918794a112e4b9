#include "common/instrument.h"
#include "daemon/db/add.h"

/* Text of an instrument has no control characters (instrument_parse): two are left to escape. */
static void put_text(struct buf *out, const char *text)
{
    buf_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_putc(out, '\\');
        buf_putc(out, *text);
    }
    buf_putc(out, '"');
}

/* `"key": "text"` and what stands behind it. */
static void put_pair(struct buf *out, const char *key, const char *text, const char *behind)
{
    buf_printf(out, "\"%s\": ", key);
    put_text(out, text);
    buf_puts(out, behind);
}

static void put_labels(struct buf *out, const char *key, const char *const *label, unsigned scale)
{
    buf_printf(out, "\"%s\": [", key);
    for (unsigned i = 0; label && i < scale; i++) {
        buf_puts(out, i ? ", " : "");
        put_text(out, label[i]);
    }
    buf_putc(out, ']');
}

static void put_element(struct buf *out, const struct instrument *in, const struct element *e)
{
    buf_putc(out, '{');
    put_pair(out, "code", e->code, ", ");
    put_pair(out, "name_id", e->name_id, ", ");
    put_pair(out, "name_en", e->name_en, ", ");
    put_labels(out, "labels_id", e->label_id, in->scale);
    buf_puts(out, ", ");
    put_labels(out, "labels_en", e->label_en, in->scale);
    buf_putc(out, '}');
}

void add_instrument_json(struct buf *out, const struct instrument *in)
{
    buf_putc(out, '{');
    put_pair(out, "code", in->code, ", ");
    put_pair(out, "version", in->version, ", ");
    put_pair(out, "name_id", in->name_id, ", ");
    put_pair(out, "name_en", in->name_en, ", ");
    buf_printf(out, "\"scale\": %u, \"methods\": {", in->scale);
    for (size_t i = 0; i < in->methods; i++) {
        buf_puts(out, i ? ", " : "");
        put_text(out, in->method[i].name);
        buf_printf(out, ": [%d, %d]", (int)in->method[i].num, (int)in->method[i].den);
    }
    buf_puts(out, "}, \"elements\": [");
    for (unsigned e = 0; e < in->elements; e++) {
        buf_puts(out, e ? ", " : "");
        put_element(out, in, &in->element[e]);
    }
    buf_puts(out, "], \"grades\": {");
    for (size_t i = 0; i < in->bounds; i++) {
        const struct grade_bound *b = &in->bound[i];
        buf_puts(out, i ? ", " : "");
        put_text(out, b->grade);
        buf_puts(out, ": {");
        put_pair(out, "quality_id", b->quality_id, ", ");
        put_pair(out, "quality_en", b->quality_en, ", ");
        buf_printf(out, "\"low\": %d, \"high\": %d}", (int)b->low, (int)b->high);
    }
    buf_puts(out, "}}");
}
