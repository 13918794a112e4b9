#include "client/core/trend.h"

#include "common/buf.h"

static void sample_of(const struct layout_index *index, const struct layout_index_row *row,
                      struct figure_sample *out)
{
    *out = (struct figure_sample){.n = row->n, .square = row->square};
    for (size_t i = 0; i < index->element_count; i++)
        out->total += row->sum[i];
}

bool trend_change(const struct layout_index *index, const struct figure_rule *rule,
                  const struct layout_index_row *before, const struct layout_index_row *after,
                  struct figure_change *out)
{
    struct figure_sample then, now;

    if (!before || !after || !before->sum || !after->sum)
        return false;
    sample_of(index, before, &then);
    sample_of(index, after, &now);
    figure_change(rule, &then, &now, out);
    if (then.square == 0 || now.square == 0) /* a server that does not tell them */
        out->known = out->beyond_chance = false;
    return true;
}

void trend_ends(const struct layout_index *index, const struct layout_index_row **first,
                const struct layout_index_row **last)
{
    *first = *last = NULL;
    for (const struct layout_index_row *row = index->first; row; row = row->next)
        if (layout_index_known(row)) {
            *first = *first ? *first : row;
            *last = row;
        }
}

bool trend_spark(struct buf *out, const struct layout_index *index, uint32_t *lowest,
                 uint32_t *highest)
{
    static const char *const bar[8] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    uint32_t low = UINT32_MAX, high = 0;
    size_t figures = 0;

    for (const struct layout_index_row *row = index->first; row; row = row->next) {
        if (!layout_index_known(row))
            continue;
        low = row->index < low ? row->index : low;
        high = row->index > high ? row->index : high;
        figures++;
    }
    if (figures < 2)
        return false;
    for (const struct layout_index_row *row = index->first; row; row = row->next) {
        if (!layout_index_known(row))
            buf_puts(out, "·");
        else if (high == low)
            buf_puts(out, bar[3]);
        else
            buf_puts(out,
                     bar[((uint64_t)(row->index - low) * 7 + (high - low) / 2) / (high - low)]);
    }
    *lowest = low;
    *highest = high;
    return true;
}
