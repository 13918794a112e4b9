#include "daemon/core/batcher.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <utlist.h>

#include <cmocka.h>

/* A submission of `count` rows of an office, ids drawn from a small range so that keys repeat. */
static struct submission *make(uint64_t *seed, int32_t office, size_t count)
{
    struct submission *s = submission_new(1 << 20);
    assert_non_null(s);
    s->rows = arena_alloc(&s->arena, (count + 1) * sizeof *s->rows);
    assert_non_null(s->rows);
    memset(s->rows, 0, count * sizeof *s->rows);
    s->office_id = office;
    s->row_count = s->response_count = count;
    s->bytes = 100 * count;
    generate_bytes(seed, s->batch.byte, sizeof s->batch.byte);
    for (size_t i = 0; i < count; i++) {
        struct row *r = &s->rows[i];
        r->id = uuid_v8(1000 + generate_below(seed, 40), (uint8_t[10]){0});
        r->office_id = office;
        r->index = (uint32_t)i;
        r->of = s;
    }
    for (size_t i = 1; i < count; i++) /* sorted, as the judge leaves them */
        for (size_t k = i; k > 0 && uuid_compare(&s->rows[k - 1].id, &s->rows[k].id) > 0; k--) {
            struct row swap = s->rows[k];
            s->rows[k] = s->rows[k - 1];
            s->rows[k - 1] = swap;
        }
    return s;
}

static void settle_all(struct batcher *b, struct group **g)
{
    struct submission *s, *next;
    DL_FOREACH_SAFE ((*g)->submissions, s, next) {
        DL_DELETE((*g)->submissions, s);
        batcher_settle(b, &s);
    }
    group_free(g);
}

static int key(const struct row *a, const struct row *b)
{
    if (a->office_id != b->office_id)
        return a->office_id < b->office_id ? -1 : 1;
    return uuid_compare(&a->id, &b->id);
}

static void groups_are_sorted_and_complete(void **state)
{
    (void)state;
    uint64_t seed = 21;
    for (int round = 0; round < 2000; round++) {
        struct batcher b;
        size_t rows = 0, submissions = 1 + generate_below(&seed, 6);
        batcher_init(&b, 1000000, 1000000);
        for (size_t i = 0; i < submissions; i++) {
            size_t count = generate_below(&seed, 30);
            rows += count;
            batcher_add(&b, make(&seed, 1 + (int32_t)generate_below(&seed, 3), count));
        }
        assert_int_equal(b.responses, rows);
        struct group *g = batcher_take(&b, 3);
        assert_non_null(g);
        assert_int_equal(b.responses, 0);
        assert_int_equal(g->submission_count, submissions);
        assert_int_equal(g->row_count + g->again_count, rows);
        for (size_t i = 1; i < g->row_count; i++) /* strictly: each key once */
            assert_true(key(g->rows[i - 1], g->rows[i]) < 0);
        for (size_t i = 0; i < g->row_count; i++)
            assert_null(g->rows[i]->same);
        for (struct submission *s = g->submissions; s && s->next; s = s->next)
            assert_true(s->office_id < s->next->office_id ||
                        (s->office_id == s->next->office_id &&
                         uuid_compare(&s->batch, &s->next->batch) <= 0));
        for (size_t i = 0; i < g->again_count; i++) {
            const struct row *first = g->again[i]->same;
            assert_non_null(first);
            assert_null(first->same);
            assert_int_equal(key(first, g->again[i]), 0);
            assert_true(first->of->arrival < g->again[i]->of->arrival ||
                        (first->of == g->again[i]->of && first->index < g->again[i]->index));
        }
        settle_all(&b, &g);
        assert_int_equal(b.bytes, 0);
        assert_int_equal(b.queued, 0);
    }
}

static void groups_stop_at_the_limit(void **state)
{
    (void)state;
    uint64_t seed = 22;
    struct batcher b;
    batcher_init(&b, 100, 1000000);
    static const size_t sizes[] = {60, 40, 1, 250, 10};
    static const size_t want[] = {2, 1, 1,
                                  1}; /* 60+40 | 1 | 250: alone, larger than the limit | 10 */
    for (size_t i = 0; i < 5; i++)
        batcher_add(&b, make(&seed, 1, sizes[i]));
    for (size_t i = 0; i < 4; i++) {
        struct group *g = batcher_take(&b, 3);
        assert_int_equal(g->submission_count, want[i]);
        settle_all(&b, &g);
    }
    assert_null(batcher_take(&b, 3));
}

/* A few responses with long texts fill a group as many short ones do. */
static void groups_stop_at_their_weight(void **state)
{
    (void)state;
    uint64_t seed = 25;
    struct batcher b;
    batcher_init(&b, 1000, SIZE_MAX);
    for (int i = 0; i < 5; i++) {
        struct submission *s = make(&seed, i, 1);
        s->bytes = i == 4 ? 64u << 20 : 2u << 20; /* the last one is too heavy for any company */
        batcher_add(&b, s);
    }
    static const size_t want[] = {2, 2, 1};
    for (size_t i = 0; i < 3; i++) {
        struct group *g = batcher_take(&b, 3);
        assert_int_equal(g->submission_count, want[i]);
        settle_all(&b, &g);
    }
    assert_int_equal(b.bytes, 0);
}

/* What was refused in company goes alone; nothing is lost on the way back. */
static void tried_ones_go_alone(void **state)
{
    (void)state;
    uint64_t seed = 23;
    struct batcher b;
    batcher_init(&b, 1000, 1000000);
    for (int i = 0; i < 5; i++)
        batcher_add(&b, make(&seed, i, 10));
    for (unsigned tries = 0; tries < 3; tries++) {
        struct group *g = batcher_take(&b, 3);
        assert_int_equal(g->submission_count, 5);
        batcher_back(&b, &g);
        assert_null(g);
        assert_int_equal(b.queued, 5);
        assert_int_equal(b.responses, 50);
        for (struct submission *s = b.queue; s->next; s = s->next)
            assert_true(s->arrival < s->next->arrival); /* first come, first served */
    }
    batcher_add(&b, make(&seed, 9, 10)); /* a new one behind them */
    for (int i = 0; i < 6; i++) {
        struct group *g = batcher_take(&b, 3);
        assert_int_equal(g->submission_count, 1);
        settle_all(&b, &g);
    }
    assert_int_equal(b.bytes, 0);
}

static void is_full_until_half_is_gone(void **state)
{
    (void)state;
    uint64_t seed = 24;
    struct batcher b;
    batcher_init(&b, 10, 2000);
    batcher_add(&b, make(&seed, 1, 10));
    assert_false(batcher_full(&b));
    batcher_add(&b, make(&seed, 1, 10));
    assert_true(batcher_full(&b));
    struct group *g = batcher_take(&b, 3);
    assert_true(batcher_full(&b)); /* under way still counts */
    settle_all(&b, &g);
    assert_false(batcher_has_room(&b));
    struct submission *last = batcher_pop(&b);
    batcher_settle(&b, &last);
    assert_true(batcher_has_room(&b));
    assert_null(batcher_pop(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_sorted_and_complete),
        cmocka_unit_test(groups_stop_at_the_limit),
        cmocka_unit_test(groups_stop_at_their_weight),
        cmocka_unit_test(tried_ones_go_alone),
        cmocka_unit_test(is_full_until_half_is_gone),
    };
    return cmocka_run_group_tests_name("daemon/core/batcher", tests, NULL, NULL);
}
