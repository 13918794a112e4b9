#include "common/buf.h"
#include "common/instrument.h"

/* What is the same in English is not written twice. */
static void put_pair(struct buf *out, const char *key, const char *indonesian, const char *english)
{
    buf_printf(out, "%s = %s\n", key, indonesian);
    if (strcmp(indonesian, english) != 0)
        buf_printf(out, "%s_en = %s\n", key, english);
}

static void put_element(struct buf *out, const struct instrument *in, const struct element *e)
{
    buf_printf(out, "\n[element %s]\n", e->code);
    put_pair(out, "name", e->name_id, e->name_en);
    for (unsigned i = 0; e->label_id && i < in->scale; i++)
        buf_printf(out, "%u = %s\n", i + 1, e->label_id[i]);
    bool same = true;
    for (unsigned i = 0; e->label_en && i < in->scale; i++)
        same = same && strcmp(e->label_id[i], e->label_en[i]) == 0;
    for (unsigned i = 0; !same && i < in->scale; i++)
        buf_printf(out, "%u_en = %s\n", i + 1, e->label_en[i]);
}

void instrument_write(const struct instrument *in, struct buf *out)
{
    buf_printf(out, "[instrument]\ncode = %s\nversion = %s\n", in->code, in->version);
    put_pair(out, "name", in->name_id, in->name_en);
    buf_printf(out, "scale = %u\n\n[method]\n", in->scale);
    for (size_t i = 0; i < in->methods; i++)
        buf_printf(out, "%s = %d/%d\n", in->method[i].name, (int)in->method[i].num,
                   (int)in->method[i].den);
    for (unsigned e = 0; e < in->elements; e++)
        put_element(out, in, &in->element[e]);
    for (size_t i = 0; i < in->bounds; i++) {
        const struct grade_bound *b = &in->bound[i];
        buf_printf(out, "\n[grade %s]\n", b->grade);
        put_pair(out, "quality", b->quality_id, b->quality_en);
        buf_printf(out, "from = %d.%02d\nto = %d.%02d\n", (int)(b->low / 100), (int)(b->low % 100),
                   (int)(b->high / 100), (int)(b->high % 100));
    }
}
