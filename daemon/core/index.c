#include "daemon/core/index.h"

#include <string.h>

const struct grade_bound *index_grade(const struct instrument *instrument, uint32_t hundredths)
{
    const struct grade_bound *best = NULL, *lowest = &instrument->bound[0];
    for (size_t i = 0; i < instrument->bounds; i++) {
        const struct grade_bound *b = &instrument->bound[i];
        if (b->low < lowest->low)
            lowest = b;
        if (b->low >= 0 && (uint32_t)b->low <= hundredths && (!best || b->low > best->low))
            best = b;
    }
    /* Rounded weights can push all-1 answers under the scale's floor: still the lowest grade. */
    return best ? best : lowest;
}

struct figure_rule index_rule(const struct instrument *instrument, const struct method *method)
{
    return (struct figure_rule){instrument->scale, instrument->elements, method->num, method->den};
}

struct figure index_figure(const struct instrument *instrument, const struct method *method,
                           const struct figure_sample *sample)
{
    struct figure figure = {0};
    struct figure_rule rule = index_rule(instrument, method);
    figure.present = figure_index(&rule, sample, &figure.hundredths);
    if (!figure.present)
        return figure;
    figure.grade = index_grade(instrument, figure.hundredths);
    figure.interval = figure_interval(&rule, sample, &figure.low, &figure.high);
    return figure;
}

const struct method *index_method(const struct instrument *instrument, const void *name,
                                  size_t size)
{
    static const char standard[] = "exact";
    bool any = size == 0;
    if (any) {
        name = standard;
        size = sizeof standard - 1;
    }
    for (size_t i = 0; i < instrument->methods; i++) {
        const struct method *m = &instrument->method[i];
        if (strlen(m->name) == size && memcmp(m->name, name, size) == 0)
            return m;
    }
    return any && instrument->methods ? &instrument->method[0] : NULL;
}
