#include "client/core/elements.h"

#include "common/instrument.h"
#include "common/wide.h"
#include <inttypes.h>

const char *elements_name(const struct instrument *instrument, const char *code)
{
    for (size_t i = 0; instrument && i < instrument->elements; i++)
        if (strcmp(instrument->element[i].code, code) == 0)
            return instrument->element[i].name_id ? instrument->element[i].name_id : "";
    return "";
}

bool elements_rule(const struct layout_index *index, const struct instrument *instrument,
                   struct figure_rule *out)
{
    const char *method = index->method ? index->method : "";

    *out = (struct figure_rule){.scale = index->scale, .elements = (unsigned)index->element_count};
    for (size_t i = 0; instrument && i < instrument->methods; i++)
        if (strcmp(instrument->method[i].name, method) == 0) {
            out->num = instrument->method[i].num;
            out->den = instrument->method[i].den;
            return out->den > 0;
        }
    out->num = 1; /* exact: all weigh the same */
    out->den = (int64_t)index->element_count;
    return strcmp(method, "exact") == 0 && out->den > 0;
}

/* sum x num / (n x den) in thousandths, rounded half up. */
static void weigh(uint64_t sum, uint64_t n, const struct figure_rule *rule, char out[32])
{
    u128 over = (u128)sum * (u128)rule->num, under = (u128)n * (u128)rule->den;
    uint64_t thousandths = (uint64_t)((over * 2000 + under) / (under * 2));

    snprintf(out, 32, "%" PRIu64 ".%03" PRIu64, thousandths / 1000, thousandths % 1000);
}

static void compare(const struct layout_index *index, const struct layout_index_row *before,
                    size_t element, struct elements_one *one)
{
    struct figure_part then = {.n = before->n, .sum = before->sum[element]};
    struct figure_part now = {.n = one->n, .sum = one->sum};
    bool spreads = before->spread && one->spread;

    if (spreads) {
        figure_part_of(before->spread + element * index->scale, index->scale, &then);
        figure_part_of(one->spread, index->scale, &now);
    }
    figure_gap(&now, &then, &one->change);
    one->change.known = one->change.known && spreads;
    one->change.beyond_chance = one->change.beyond_chance && spreads;
    one->compared = true;
}

/* All are of the same n, so the sums rank as the means do. */
static void rank(struct elements_one *one, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t above = 0, below = 0;

        for (size_t k = 0; k < count; k++) {
            above += one[k].sum > one[i].sum;
            below += one[k].sum < one[i].sum;
        }
        one[i].rank = (unsigned)above + 1;
        one[i].strongest = above == 0 && below > 0;
        one[i].weakest = below == 0 && above > 0;
    }
}

void elements_of(const struct layout_index *index, const struct instrument *instrument,
                 const struct layout_index_row *before, const struct layout_index_row *row,
                 struct elements_one *out)
{
    struct figure_rule rule;
    bool ruled = elements_rule(index, instrument, &rule);

    for (size_t i = 0; i < index->element_count; i++) {
        struct elements_one *one = &out[i];

        *one = (struct elements_one){.code = index->element[i],
                                     .name = elements_name(instrument, index->element[i]),
                                     .n = row->n};
        if (!row->sum)
            continue;
        one->sum = row->sum[i];
        one->spread = row->spread ? row->spread + i * index->scale : NULL;
        figure_mean(one->sum, one->n, one->mean);
        if (ruled)
            weigh(one->sum, one->n, &rule, one->weighted);
        if (before && before->sum)
            compare(index, before, i, one);
    }
    if (row->sum)
        rank(out, index->element_count);
}
