#include "daemon/core/batcher.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* What the submissions of a group hold: their texts are copied again on the way to the database. */
#define GROUP_BYTES (4u << 20)

void batcher_init(struct batcher *batcher, size_t group_responses, size_t most_bytes)
{
    *batcher = (struct batcher){.group_responses = group_responses, .most_bytes = most_bytes};
}

void batcher_add(struct batcher *batcher, struct submission *submission)
{
    submission->arrival = ++batcher->arrivals;
    DL_APPEND(batcher->queue, submission);
    batcher->queued++;
    batcher->responses += submission->response_count;
    batcher->bytes += submission->bytes;
}

bool batcher_full(const struct batcher *batcher)
{
    return batcher->bytes >= batcher->most_bytes;
}

bool batcher_has_room(const struct batcher *batcher)
{
    return batcher->bytes < batcher->most_bytes / 2;
}

void batcher_remove(struct batcher *batcher, struct submission *submission)
{
    DL_DELETE(batcher->queue, submission);
    batcher->queued--;
    batcher->responses -= submission->response_count;
}

struct submission *batcher_pop(struct batcher *batcher)
{
    struct submission *first = batcher->queue;
    if (first)
        batcher_remove(batcher, first);
    return first;
}

void batcher_settle(struct batcher *batcher, struct submission **submission)
{
    batcher->bytes -= (*submission)->bytes;
    submission_free(submission);
}

/* ---- making a group ------------------------------------------------------------------------- */

static int submission_order(struct submission *a, struct submission *b)
{
    if (a->office_id != b->office_id)
        return a->office_id < b->office_id ? -1 : 1;
    return uuid_compare(&a->batch, &b->batch);
}

static int key_order(const struct row *x, const struct row *y)
{
    if (x->office_id != y->office_id)
        return x->office_id < y->office_id ? -1 : 1;
    return uuid_compare(&x->id, &y->id);
}

/* Equal keys: the one that came first, by time of arrival and place in its batch, is stored. */
static int row_order(const void *a, const void *b)
{
    const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
    int order = key_order(x, y);
    if (order)
        return order;
    if (x->of != y->of)
        return x->of->arrival < y->of->arrival ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static bool sorted(struct row *const *rows, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (row_order(&rows[i - 1], &rows[i]) > 0)
            return false;
    return true;
}

/* Each key once in rows; the others go to `again` and point at the one that stands for them. */
static void part_equals(struct group *g, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct row *row = g->rows[i];
        row->same = NULL;
        if (kept && key_order(g->rows[kept - 1], row) == 0) {
            row->same = g->rows[kept - 1];
            g->again[g->again_count++] = row;
        } else {
            g->rows[kept++] = row;
        }
    }
    g->row_count = kept;
}

static int fill(struct group *g, size_t room)
{
    struct submission *s;
    size_t n = 0;
    g->rows = calloc(room, sizeof(struct row *));
    g->again = calloc(room, sizeof(struct row *));
    if (!g->rows || !g->again)
        return -1;
    DL_FOREACH (g->submissions, s)
        for (size_t i = 0; i < s->row_count; i++)
            g->rows[n++] = &s->rows[i];
    if (!sorted(g->rows, n))
        qsort(g->rows, n, sizeof(struct row *), row_order);
    part_equals(g, n);
    return 0;
}

struct group *batcher_take(struct batcher *batcher, unsigned alone_after)
{
    if (!batcher->queue)
        return NULL;
    struct group *g = calloc(1, sizeof *g);
    size_t responses = 0, bytes = 0;
    if (!g)
        return NULL;
    while (batcher->queue) {
        struct submission *next = batcher->queue;
        bool alone = next->tries >= alone_after;
        if (g->submissions &&
            (alone || responses + next->response_count > batcher->group_responses ||
             bytes + next->bytes > GROUP_BYTES))
            break;
        batcher_remove(batcher, next);
        DL_APPEND(g->submissions, next);
        g->submission_count++;
        responses += next->response_count;
        bytes += next->bytes;
        if (alone)
            break;
    }
    if (fill(g, responses + 1) != 0) {
        batcher_back(batcher, &g);
        return NULL;
    }
    DL_SORT(g->submissions, submission_order);
    return g;
}

/* First come, first served, also the second time. */
static int arrival_order(const struct submission *a, const struct submission *b)
{
    return a->arrival < b->arrival ? -1 : 1;
}

void batcher_back(struct batcher *batcher, struct group **group)
{
    struct submission *s, *next;
    DL_FOREACH_SAFE ((*group)->submissions, s, next) {
        DL_DELETE((*group)->submissions, s);
        s->tries++;
        DL_PREPEND(batcher->queue, s);
        batcher->queued++;
        batcher->responses += s->response_count;
    }
    DL_SORT(batcher->queue, arrival_order);
    group_free(group);
}

void group_free(struct group **group)
{
    if (!*group)
        return;
    free((*group)->rows);
    free((*group)->again);
    free(*group);
    *group = NULL;
}
