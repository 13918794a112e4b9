#include "daemon/core/index.h"

#include <string.h>

__extension__ typedef unsigned __int128 wide;

static const struct grade_bound *grade_of(const struct instrument *instrument, uint32_t hundredths)
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

struct figure index_figure(const struct instrument *instrument, const struct method *method,
                           uint64_t n, uint64_t total)
{
    struct figure figure = {0};
    if (n == 0)
        return figure;
    wide above = (wide)total * (wide)method->num * 10000u;
    wide below = (wide)n * (wide)method->den * instrument->scale;
    figure.present = true;
    figure.hundredths = (uint32_t)((2 * above + below) / (2 * below));
    figure.grade = grade_of(instrument, figure.hundredths);
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
