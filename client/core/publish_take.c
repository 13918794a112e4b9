#include "client/core/publish_take.h"

#include "client/core/layout_coverage.h"
#include "client/core/message.h"
#include "common/error.h"
#include "common/instrument.h"

static int no_memory(struct error *err)
{
    return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
}

static int odd(struct error *err)
{
    return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);
}

static const char *copy(struct publication *p, const char *text)
{
    return arena_strndup(&p->arena, text, strlen(text));
}

/* ---- the questionnaire --------------------------------------------------------------------- */

static int take_elements(struct publication *p, const struct instrument *instrument)
{
    p->elements = instrument->elements;
    p->element = arena_alloc(&p->arena, (p->elements + 1) * sizeof *p->element);
    if (!p->element)
        return -1;
    for (size_t i = 0; i < p->elements; i++) {
        const struct element *from = &instrument->element[i];
        p->element[i] = (struct publish_element){
            .code = from->code,
            .name = {from->name_id, from->name_en},
            .label = {from->label_id, from->label_en},
        };
    }
    return 0;
}

/* Best first, however they are written down. */
static int take_bounds(struct publication *p, const struct instrument *instrument)
{
    p->bounds = instrument->bounds;
    p->bound = arena_alloc(&p->arena, (p->bounds + 1) * sizeof *p->bound);
    if (!p->bound)
        return -1;
    for (size_t i = 0; i < p->bounds; i++) {
        const struct grade_bound *from = &instrument->bound[i];
        size_t at = i;
        while (at > 0 && p->bound[at - 1].low < (uint32_t)from->low) {
            p->bound[at] = p->bound[at - 1];
            at--;
        }
        p->bound[at] = (struct publish_bound){
            .grade = from->grade,
            .quality = {from->quality_id, from->quality_en},
            .low = (uint32_t)from->low,
            .high = (uint32_t)from->high,
        };
    }
    return 0;
}

int publish_take_instrument(struct publication *p, const struct instrument *instrument,
                            const char *method, struct publish_sample *sample, struct error *err)
{
    const struct method *found = NULL;

    method = method[0] ? method : "exact";
    for (size_t i = 0; i < instrument->methods; i++)
        if (strcmp(instrument->method[i].name, method) == 0)
            found = &instrument->method[i];
    if (!found)
        return error_set(err, ERROR_USAGE, "method", MSG_NO_METHOD, instrument->code, method);
    p->instrument = instrument->code;
    p->instrument_name[PUBLISH_ID] = instrument->name_id;
    p->instrument_name[PUBLISH_EN] = instrument->name_en;
    p->method = found->name;
    p->weight_num = found->num;
    p->weight_den = found->den;
    p->scale = instrument->scale;
    *sample = (struct publish_sample){
        .rule = {.scale = instrument->scale,
                 .elements = instrument->elements,
                 .num = found->num,
                 .den = found->den},
    };
    if (take_elements(p, instrument) < 0 || take_bounds(p, instrument) < 0)
        return no_memory(err);
    return 0;
}

/* ---- the period itself --------------------------------------------------------------------- */

static struct figure_sample sample_of(const struct layout_index *answer,
                                      const struct layout_index_row *row)
{
    struct figure_sample sample = {.n = row->n, .square = row->square};

    for (size_t i = 0; row->sum && i < answer->element_count; i++)
        sample.total += row->sum[i];
    return sample;
}

static int take_figure(struct publication *p, const struct layout_index_row *row,
                       struct publish_figure *out, struct error *err)
{
    *out = (struct publish_figure){.n = row->n,
                                   .index = row->index,
                                   .low = row->low,
                                   .high = row->high,
                                   .hidden = row->hidden};
    out->key = copy(p, row->key[0]);
    out->name[PUBLISH_ID] = out->name[PUBLISH_EN] =
        copy(p, row->label[0][0] ? row->label[0] : row->key[0]);
    out->grade = copy(p, row->grade);
    return out->key && out->name[0] && out->grade ? 0 : no_memory(err);
}

static bool fits(const struct publication *p, const struct layout_index *answer)
{
    if (!answer->instrument || answer->element_count != p->elements || answer->scale != p->scale)
        return false;
    for (size_t i = 0; i < p->elements; i++)
        if (strcmp(answer->element[i], p->element[i].code) != 0)
            return false;
    return true;
}

static const uint64_t *copy_spread(struct publication *p, const uint64_t *spread)
{
    uint64_t *out = arena_alloc(&p->arena, p->scale * sizeof *out);

    if (out)
        memcpy(out, spread, p->scale * sizeof *out);
    return out;
}

int publish_take_total(struct publication *p, const struct layout_index *answer,
                       struct publish_sample *sample, struct error *err)
{
    const struct layout_index_row *row = answer->first;
    char period[PUBLISH_RANGE];

    if (answer->count != 1 || !fits(p, answer))
        return odd(err);
    struct publication english = {.from = p->from, .to = p->to, .language = PUBLISH_EN};
    publish_period(&english, period); /* as the commands speak */
    if (row->n == 0)
        return error_set(err, ERROR_USAGE, NULL, MSG_PUBLISH_NONE, p->office, period);
    if (!row->sum || !row->spread)
        return odd(err);
    sample->now = sample_of(answer, row);
    p->offices = row->offices;
    if (take_figure(p, row, &p->total, err) < 0)
        return -1;
    for (size_t i = 0; i < p->elements; i++) {
        p->element[i].sum = row->sum[i];
        p->element[i].spread = copy_spread(p, row->spread + i * p->scale);
        if (!p->element[i].spread)
            return no_memory(err);
    }
    publication_rank(p);
    return 0;
}

bool publish_same_total(const struct publication *p, const struct publish_sample *sample,
                        const struct layout_index *answer)
{
    const struct layout_index_row *row = answer->first;

    if (!row || row->n != p->total.n || row->square != sample->now.square || !row->sum)
        return false;
    for (size_t i = 0; i < p->elements; i++)
        if (row->sum[i] != p->element[i].sum)
            return false;
    return true;
}

/* ---- groups -------------------------------------------------------------------------------- */

static int name_row(struct publication *p, enum publish_axis axis,
                    const struct layout_index_row *from, struct publish_figure *row,
                    struct error *err)
{
    for (enum publish_language language = 0; language < PUBLISH_LANGUAGES; language++) {
        const char *known = publish_code(language, publish_axis_code(axis), row->key);
        if (row->hidden)
            row->name[language] = publish_text(language, PUBLISH_HIDDEN_TEXT);
        else if (known)
            row->name[language] = known;
    }
    if (axis != PUBLISH_SERVICE || !p->subtree || from->office[0] == '\0')
        return 0;
    /* The service of the same name of another office is another service. */
    size_t size = strlen(row->name[0]) + strlen(from->office) + 4;
    char *name = arena_alloc(&p->arena, size);
    if (!name)
        return no_memory(err);
    snprintf(name, size, "%s (%s)", row->name[0], from->office);
    row->name[PUBLISH_ID] = row->name[PUBLISH_EN] = name;
    return 0;
}

static int larger(const void *a, const void *b)
{
    const struct publish_figure *left = a, *right = b;

    return left->n < right->n ? 1 : left->n > right->n ? -1 : strcmp(left->key, right->key);
}

/* "Not given" after what was given; the hidden ones stay the last. */
static void not_given_behind(struct publish_group *g)
{
    for (size_t i = 0; i + 1 < g->count; i++) {
        struct publish_figure row = g->row[i];
        if (row.key[0] != '\0' || row.hidden || g->row[i + 1].hidden)
            continue;
        g->row[i] = g->row[i + 1];
        g->row[i + 1] = row;
    }
}

int publish_take_group(struct publication *p, enum publish_axis axis,
                       const struct layout_index *answer, struct error *err)
{
    struct publish_group *g = &p->group[axis];

    *g = (struct publish_group){0};
    if (axis < PUBLISH_PROFILE_AXES)
        p->small_cell = answer->small_cell;
    g->row = arena_alloc(&p->arena, (answer->count + 1) * sizeof *g->row);
    if (!g->row)
        return no_memory(err);
    for (const struct layout_index_row *row = answer->first; row; row = row->next) {
        if (row->n == 0)
            continue;
        struct publish_figure *out = &g->row[g->count++];
        g->n += row->n;
        if (take_figure(p, row, out, err) < 0 || name_row(p, axis, row, out, err) < 0)
            return -1;
    }
    /* Lists of codes have an order of their own; services are as many as there are. */
    if (axis == PUBLISH_SERVICE)
        qsort(g->row, g->count, sizeof *g->row, larger);
    else
        not_given_behind(g);
    if (g->count > PUBLISH_ROWS_MAX) {
        g->left_out = g->count - PUBLISH_ROWS_MAX;
        g->count = PUBLISH_ROWS_MAX;
    }
    return 0;
}

/* ---- views --------------------------------------------------------------------------------- */

static const struct layout_index_row *row_of(const struct layout_index *answer, const char *key)
{
    for (const struct layout_index_row *row = answer->first; row; row = row->next)
        if (strcmp(row->key[0], key) == 0)
            return row;
    return NULL;
}

int publish_take_views(struct publication *p, const struct layout_index *answer, struct error *err)
{
    const struct layout_index_row *own = row_of(answer, "provider");

    p->provider_n = 0;
    if (!own || own->n == 0)
        return 0;
    if (!fits(p, answer) || !own->sum || !own->spread)
        return odd(err);
    p->provider_n = own->n;
    if (take_figure(p, own, &p->provider, err) < 0)
        return -1;
    for (size_t i = 0; i < p->elements; i++) {
        struct publish_element *element = &p->element[i];
        struct figure_part provider, recipient;
        struct figure_gap gap;
        figure_part_of(own->spread + i * p->scale, p->scale, &provider);
        figure_part_of(element->spread, p->scale, &recipient);
        if (provider.n == 0 || recipient.n == 0)
            return odd(err);
        figure_gap(&provider, &recipient, &gap);
        element->provider_sum = own->sum[i];
        element->gap = gap.thousandths;
        element->gap_beyond = gap.known && gap.beyond_chance;
    }
    return 0;
}

/* ---- coverage ------------------------------------------------------------------------------ */

void publish_take_coverage(struct publication *p, const struct layout_coverage *coverage,
                           enum zone zone)
{
    int64_t last = 0;

    p->population = p->need = 0;
    p->population_known = coverage->count > 0;
    for (const struct layout_coverage_row *row = coverage->first; row; row = row->next) {
        if (row->service[0] != '\0')
            continue;
        last = row->last_collected > last ? row->last_collected : last;
        p->population_known = p->population_known && row->population_known;
        p->population += row->population;
    }
    if (p->population_known)
        p->need = figure_sample_need(p->population);
    p->last_collected = last > 0 ? civil_day_of_ms(last, zone) : 0;
}
