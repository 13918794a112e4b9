#include "common/error.h"
#include "daemon/core/directory_private.h"
#include <string.h>

/* An instrument while it is put together; outside it is seen as its first member only. */
struct made {
    struct instrument in;
    bool used;
    struct element *element;
    const char **column;
    const char **label[INSTRUMENT_ELEMENTS_MAX][2];
};

static struct made *by_id(struct directory *d, int16_t id)
{
    return directory_find(d, BY_INSTRUMENT_ID, id, NULL, 0);
}

int directory_add_instrument(struct directory *d, int16_t id, const char *code, const char *version,
                             const char *name_id, const char *name_en, uint8_t scale, bool used)
{
    struct made *m = directory_make(d, sizeof *m);
    if (!m)
        return -1;
    m->used = used;
    m->element = directory_make(d, INSTRUMENT_ELEMENTS_MAX * sizeof *m->element);
    m->column = directory_make(d, INSTRUMENT_ELEMENTS_MAX * sizeof *m->column);
    m->in = (struct instrument){
        .id = id,
        .code = directory_keep(d, code),
        .version = directory_keep(d, version),
        .name_id = directory_keep(d, name_id),
        .name_en = directory_keep(d, name_en),
        .scale = scale,
        .element = m->element,
        .column = m->column,
    };
    if (!m->element || !m->column || !m->in.code || !m->in.version || !m->in.name_id ||
        !m->in.name_en)
        return -1;
    if (directory_enter(d, BY_INSTRUMENT, 0, code, m) != 0 ||
        directory_enter(d, BY_INSTRUMENT_ID, id, NULL, m) != 0)
        return -1;
    return directory_list_add(&d->instruments, m);
}

int directory_add_element(struct directory *d, int16_t instrument, const char *code,
                          const char *name_id, const char *name_en)
{
    struct made *m = by_id(d, instrument);
    if (!m || m->in.elements == INSTRUMENT_ELEMENTS_MAX)
        return -1;
    struct element *e = &m->element[m->in.elements];
    char *column = arena_strndup(&d->arena, code, strlen(code));
    e->code = directory_keep(d, code);
    e->name_id = directory_keep(d, name_id);
    e->name_en = directory_keep(d, name_en);
    if (!column || !e->code || !e->name_id || !e->name_en)
        return -1;
    for (char *c = column; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    m->column[m->in.elements++] = column;
    return 0;
}

int directory_add_label(struct directory *d, int16_t instrument, int32_t position, int32_t rating,
                        const char *label_id, const char *label_en)
{
    struct made *m = by_id(d, instrument);
    if (!m || position < 1 || position > m->in.elements || rating < 1 || rating > m->in.scale)
        return -1;
    struct element *e = &m->element[position - 1];
    const char ***label = m->label[position - 1];
    for (int language = 0; language < 2; language++) {
        if (!label[language])
            label[language] = directory_make(d, m->in.scale * sizeof(char *));
        if (!label[language])
            return -1;
        label[language][rating - 1] = directory_keep(d, language ? label_en : label_id);
        if (!label[language][rating - 1])
            return -1;
    }
    e->label_id = label[0];
    e->label_en = label[1];
    return 0;
}

int directory_add_method(struct directory *d, int16_t instrument, const char *name, int32_t num,
                         int32_t den)
{
    struct made *m = by_id(d, instrument);
    if (!m || m->in.methods == INSTRUMENT_METHODS_MAX || num <= 0 || den <= 0)
        return -1;
    const char *kept = directory_keep(d, name);
    if (!kept)
        return -1;
    m->in.method[m->in.methods++] = (struct method){kept, num, den};
    return 0;
}

int directory_add_bound(struct directory *d, int16_t instrument, const char *grade,
                        const char *quality_id, const char *quality_en, int32_t low, int32_t high)
{
    struct made *m = by_id(d, instrument);
    if (!m || m->in.bounds == INSTRUMENT_GRADES_MAX)
        return -1;
    struct grade_bound bound = {directory_keep(d, grade), directory_keep(d, quality_id),
                                directory_keep(d, quality_en), low, high};
    if (!bound.grade || !bound.quality_id || !bound.quality_en)
        return -1;
    m->in.bound[m->in.bounds++] = bound;
    return 0;
}

bool directory_instrument_used(const struct instrument *instrument)
{
    return ((const struct made *)(const void *)instrument)->used;
}

static int check_whole(const struct instrument *in, struct error *err)
{
    bool whole = in->elements && in->methods && in->bounds && in->scale >= 2;
    for (unsigned e = 0; whole && e < in->elements; e++)
        for (unsigned r = 0; whole && in->element[e].label_id && r < in->scale; r++)
            whole = in->element[e].label_id[r] != NULL;
    return whole ? 0
                 : error_set(err, ERROR_INTERNAL, "instrument", "instrument %s is not whole",
                             in->code);
}

int directory_check_instruments(const struct directory *d, struct error *err)
{
    for (size_t i = 0; i < d->instruments.count; i++)
        if (check_whole(d->instruments.item[i], err) != 0)
            return -1;
    return 0;
}
