#include "client/core/gap.h"

#include "client/core/message.h"
#include "common/error.h"

static int start(struct layout_index *index, size_t count, struct gap_list *out, struct error *err)
{
    *out = (struct gap_list){0};
    for (const struct layout_index_row *row = index->first; row; row = row->next)
        if (layout_index_known(row) && !row->spread)
            return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);
    out->one = arena_alloc(&index->arena, (count + 1) * sizeof *out->one);
    return out->one ? 0 : error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
}

static struct figure_part part_of(const struct layout_index *index,
                                  const struct layout_index_row *row, size_t element)
{
    struct figure_part part = {0};

    if (row && row->spread)
        figure_part_of(row->spread + element * index->scale, index->scale, &part);
    return part;
}

static void add(struct gap_list *list, const struct layout_index_row *group, size_t element,
                const struct figure_part *a, const struct figure_part *b)
{
    struct gap_one *one = &list->one[list->count++];

    *one = (struct gap_one){.group = group, .element = element, .a = *a, .b = *b};
    one->known = a->n > 0 && b->n > 0;
    if (one->known)
        figure_gap(a, b, &one->gap);
}

static int64_t size_of(const struct gap_one *one)
{
    return one->gap.thousandths < 0 ? -one->gap.thousandths : one->gap.thousandths;
}

/* By size; equal ones by element and group, so that the order is always the same. */
static int order(const void *a, const void *b)
{
    const struct gap_one *x = a, *y = b;

    if (size_of(x) != size_of(y))
        return size_of(x) > size_of(y) ? -1 : 1;
    if (x->element != y->element)
        return x->element < y->element ? -1 : 1;
    return x->group && y->group ? strcmp(x->group->key[0], y->group->key[0]) : 0;
}

int gap_perspectives(struct layout_index *index, struct gap_list *out, struct error *err)
{
    const struct layout_index_row *provider = NULL, *recipient = NULL;

    if (start(index, index->element_count, out, err) < 0)
        return -1;
    for (const struct layout_index_row *row = index->first; row; row = row->next) {
        if (strcmp(row->key[0], "provider") == 0)
            provider = row;
        else if (strcmp(row->key[0], "recipient") == 0)
            recipient = row;
    }
    for (size_t i = 0; i < index->element_count; i++) {
        struct figure_part a = part_of(index, provider, i), b = part_of(index, recipient, i);
        add(out, NULL, i, &a, &b);
    }
    qsort(out->one, out->count, sizeof *out->one, order);
    return 0;
}

int gap_stakeholders(struct layout_index *index, struct gap_list *out, struct error *err)
{
    size_t groups = 0;

    /* Those who did not say are no group of their own, but among the others of each. */
    if (start(index, index->count * index->element_count, out, err) < 0)
        return -1;
    for (const struct layout_index_row *row = index->first; row; row = row->next)
        groups += layout_index_known(row);
    for (size_t i = 0; groups > 1 && i < index->element_count; i++) {
        struct figure_part all = {0};
        for (const struct layout_index_row *row = index->first; row; row = row->next) {
            struct figure_part one = part_of(index, row, i);
            all.n += one.n;
            all.sum += one.sum;
            all.square += one.square;
        }
        for (const struct layout_index_row *row = index->first; row; row = row->next) {
            struct figure_part a = part_of(index, row, i);
            struct figure_part b = {all.n - a.n, all.sum - a.sum, all.square - a.square};
            if (a.n > 0 && row->key[0][0])
                add(out, row, i, &a, &b);
        }
    }
    qsort(out->one, out->count, sizeof *out->one, order);
    return 0;
}
