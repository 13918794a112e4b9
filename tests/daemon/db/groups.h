/*
 * Groups made by hand for the tests of the store: what core/batcher would hand over.
 */
#ifndef SUARA_TESTS_DAEMON_DB_GROUPS_H
#define SUARA_TESTS_DAEMON_DB_GROUPS_H

#include "daemon/core/submission.h"
#include "tests/daemon/db/fixture.h"
#include <utlist.h>

#define MADE_MS 1672531200000u /* 2023-01-01T00:00Z */

static const uint8_t made_ratings[9] = {4, 3, 4, 3, 4, 3, 4, 3, 4};

/* The id of response number k: a second apart. */
static inline struct uuid made_id(unsigned k)
{
    uint8_t random[10] = {(uint8_t)(k >> 16), (uint8_t)(k >> 8), (uint8_t)k, 0, 0, 0, 0, 0, 0, 7};
    return uuid_v7(MADE_MS + 1000ull * k, random);
}

/* count responses from number `first`, of office 1 and its first service. */
static inline struct submission *make_submission(unsigned batch, unsigned first, size_t count)
{
    struct submission *s = calloc(1, sizeof *s);
    s->batch = made_id(batch);
    s->principal = "office:MADE";
    s->serial = "0A1B";
    s->office_id = 1;
    s->rows = calloc(count + 1, sizeof s->rows[0]);
    s->row_count = s->response_count = count;
    for (unsigned i = 0; i < count; i++) {
        unsigned k = first + i;
        struct row *row = &s->rows[i];
        row->id = made_id(k);
        row->office_id = 1;
        row->service_id = 1;
        row->hash = (int64_t)k * 1000003;
        row->instrument_id = 1;
        row->term[4] = 1;
        row->elements = sizeof made_ratings;
        row->ratings = made_ratings;
        row->index = i;
        row->month = civil_day_of_ms((int64_t)uuid_ms(&row->id), ZONE_WIB) / 100 * 100 + 1;
        row->of = s;
    }
    return s;
}

static inline int compare_rows(const void *a, const void *b)
{
    const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
    if (x->office_id != y->office_id)
        return x->office_id < y->office_id ? -1 : 1;
    int order = uuid_compare(&x->id, &y->id);
    return order ? order : x->of == y->of ? 0 : uuid_compare(&x->of->batch, &y->of->batch);
}

/* Of submissions in the order of their batches; takes them over. */
static inline struct group *make_group(struct submission *first, struct submission *second)
{
    struct group *group = calloc(1, sizeof *group);
    struct submission *each[2] = {first, second};
    size_t rows = first->row_count + (second ? second->row_count : 0), n = 0;
    group->rows = calloc(rows + 1, sizeof(struct row *));
    group->again = calloc(rows + 1, sizeof(struct row *));
    for (size_t k = 0; k < 2 && each[k]; k++) {
        DL_APPEND(group->submissions, each[k]);
        group->submission_count++;
        for (size_t i = 0; i < each[k]->row_count; i++)
            group->rows[n++] = &each[k]->rows[i];
    }
    qsort(group->rows, n, sizeof(struct row *), compare_rows);
    for (size_t i = 0; i < n; i++) {
        struct row *row = group->rows[i];
        struct row *last = group->row_count > 0 ? group->rows[group->row_count - 1] : NULL;
        row->same = last && uuid_compare(&last->id, &row->id) == 0 ? last : NULL;
        if (row->same)
            group->again[group->again_count++] = row;
        else
            group->rows[group->row_count++] = row;
    }
    return group;
}

static inline struct group *make_simple(unsigned batch, unsigned first, size_t count)
{
    return make_group(make_submission(batch, first, count), NULL);
}

static inline void unmake_group(struct group *group)
{
    struct submission *s, *next;
    DL_FOREACH_SAFE (group->submissions, s, next) {
        free(s->rows);
        free(s);
    }
    free(group->rows);
    free(group->again);
    free(group);
}

static inline size_t count_status(const struct group *group, enum row_status status)
{
    size_t n = 0;
    for (const struct submission *s = group->submissions; s; s = s->next)
        for (size_t i = 0; i < s->row_count; i++)
            n += s->rows[i].status == status;
    return n;
}

#endif
