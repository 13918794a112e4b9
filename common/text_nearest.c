#include "common/text.h"

#define WORD_MOST 64u

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * Damerau-Levenshtein, restricted ("optimal string alignment"): the fewest letters to insert,
 * delete, replace or swap with their neighbour. Three rows are kept.
 */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
    unsigned rows[3][WORD_MOST + 1];
    unsigned *before = rows[0], *last = rows[1], *row = rows[2];
    for (unsigned j = 0; j <= nb; j++)
        last[j] = j;
    for (unsigned i = 1; i <= na; i++) {
        row[0] = i;
        for (unsigned j = 1; j <= nb; j++) {
            char ca = lower(a[i - 1]), cb = lower(b[j - 1]);
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca == lower(b[j - 2]) && lower(a[i - 2]) == cb)
                row[j] = least(row[j], before[j - 2] + 1);
        }
        unsigned *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[nb];
}

const char *text_nearest(const char *word, const char *const *list, size_t count)
{
    size_t len = strnlen(word, WORD_MOST + 1);
    if (len == 0 || len > WORD_MOST)
        return NULL;
    /* At least one letter must be right, however short the word. */
    unsigned limit = (unsigned)(len / 3 > 2 ? len / 3 : 2);
    limit = least(limit, (unsigned)len - 1);
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!list[i])
            continue;
        size_t n = strnlen(list[i], WORD_MOST + 1);
        if (n > WORD_MOST)
            continue;
        unsigned d = distance(word, len, list[i], n);
        if (nearest ? d < limit : d <= limit) {
            nearest = list[i];
            limit = d;
        }
        if (nearest && limit == 0)
            break;
    }
    return nearest;
}
