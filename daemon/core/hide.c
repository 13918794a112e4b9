#include "daemon/core/hide.h"

/* Some values of some months together. */
struct heap {
    uint64_t n, values; /* responses; values that have any */
};

static uint64_t responses(const struct hide_value *v, unsigned from, unsigned months)
{
    uint64_t n = 0;
    for (unsigned m = from; m < from + months; m++)
        n += v->n[m];
    return n;
}

static struct heap heap_of(const struct hide_value *values, size_t count, bool hidden,
                           unsigned from, unsigned months)
{
    struct heap heap = {0};
    for (size_t i = 0; i < count; i++) {
        uint64_t n = values[i].hidden == hidden ? responses(&values[i], from, months) : 0;
        heap.n += n;
        heap.values += n > 0;
    }
    return heap;
}

/* Hides the smallest that are told, all of one size: that one of equals was chosen would tell.
 * False: all are hidden. */
static bool hide_least(struct hide_value *values, size_t count)
{
    uint64_t least = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t n = responses(&values[i], 0, 12);
        if (!values[i].hidden && n && (!least || n < least))
            least = n;
    }
    for (size_t i = 0; i < count && least; i++)
        values[i].hidden |= responses(&values[i], 0, 12) == least;
    return least > 0;
}

/*
 * The small ones, and then as many more as it takes that the hidden together are no small cell:
 * with that they are also more than one, which would be the total without the others. Where each is
 * k - 1, their sum says so to whoever knows that they are small: then another one goes with them.
 */
static void hide_values(struct hide_value *values, size_t count, uint64_t k)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t n = responses(&values[i], 0, 12);
        values[i].hidden = n > 0 && n < k;
    }
    for (;;) {
        struct heap hidden = heap_of(values, count, true, 0, 12);
        if (hidden.n == 0 || (hidden.n >= k && hidden.n != hidden.values * (k - 1)))
            return;
        if (!hide_least(values, count))
            return;
    }
}

/* Where all gave the same value, what is told of a block is known of each of its months. */
static bool alone_fits(const struct hide_value *v, unsigned from, unsigned months, uint64_t k)
{
    if (v->value == 0) /* that nobody said anything says nothing of anybody */
        return true;
    for (unsigned m = from; m < from + months; m++)
        if (v->n[m] > 0 && v->n[m] < k)
            return false;
    return true;
}

static bool block_fits(const struct hide_value *values, size_t count, unsigned from,
                       unsigned months, uint64_t k)
{
    struct heap told = heap_of(values, count, false, from, months);
    struct heap kept = heap_of(values, count, true, from, months);
    if (kept.n > 0 && (kept.n < k || kept.values < 2))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t n = values[i].hidden ? 0 : responses(&values[i], from, months);
        if (n > 0 && n < k)
            return false;
        if (n > 0 && told.values == 1 && kept.n == 0 && !alone_fits(&values[i], from, months, k))
            return false;
    }
    return true;
}

unsigned hide_year(struct hide_value *values, size_t count, uint64_t k)
{
    static const unsigned units[] = {1, 3, 6, 12};
    hide_values(values, count, k);
    if (heap_of(values, count, false, 0, 12).n == 0)
        return 0;
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        bool fits = true;
        for (unsigned from = 0; from < 12 && fits; from += units[u])
            fits = block_fits(values, count, from, units[u], k);
        if (fits)
            return units[u];
    }
    for (size_t i = 0; i < count; i++) /* one value only, in months that are small */
        values[i].hidden = true;
    return 0;
}
