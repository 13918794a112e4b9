#include "common/buf.h"
#include "common/error.h"
#include "daemon/core/quality_private.h"
#include "tests/common/generate.h"
#include "tests/daemon/core/replies.h"

#include <string.h>

#define ELEMENTS 9
#define SCALE    4

static const struct quality_hours office_hours = {450, 990, 5};

/* ---- hours ---- */

static void hours_as_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        int32_t opens, closes;
    } table[] = {
        {"07:30-16:30", true, 450, 990},
        {"00:00-24:00", true, 0, 1440},
        {"16:30-07:30", false, 0, 0},
        {"08:00-08:00", false, 0, 0},
        {"7:30-16:30", false, 0, 0},
        {"07:30-24:01", false, 0, 0},
        {"07:60-16:30", false, 0, 0},
        {"07:30 16:30", false, 0, 0},
        {"", false, 0, 0},
        {"07:30-16:300", false, 0, 0},
        {"ab:cd-ef:gh", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct quality_hours hours = {0};
        assert_int_equal(quality_parse_hours(table[i].text, &hours), table[i].good);
        assert_int_equal(hours.opens, table[i].opens);
        assert_int_equal(hours.closes, table[i].closes);
    }
}

/* ---- more even than chance ---- */

struct month {
    int64_t spread[ELEMENTS * SCALE];
    struct quality_month month;
};

static void month_init(struct month *m, int32_t office, civil_day day)
{
    *m = (struct month){.month = {.office_id = office, .month = day, .spreads = ELEMENTS * SCALE}};
    m->month.spread = m->spread;
}

static void month_add(struct month *m, const unsigned rating[ELEMENTS])
{
    unsigned total = 0;
    for (size_t e = 0; e < ELEMENTS; e++) {
        m->spread[e * SCALE + rating[e] - 1]++;
        total += rating[e];
    }
    m->month.n++;
    m->month.square += (uint64_t)total * total;
}

enum makes { ALONE, CONTENT, LEVELLED, MAKES };

/* ALONE: each element by chance; CONTENT: who likes one thing likes the others; LEVELLED: as many
 * threes as fours in each response, in another order. */
static void respond(enum makes makes, uint64_t *seed, unsigned rating[ELEMENTS])
{
    size_t mood = generate_below(seed, 2);
    for (size_t e = 0; e < ELEMENTS; e++)
        rating[e] = makes == CONTENT && generate_below(seed, 3)
                        ? (unsigned)(3 + mood)
                        : (unsigned)(3 + generate_below(seed, 2));
    for (size_t e = 0; makes == LEVELLED && e < ELEMENTS; e++)
        rating[e] = e % 2 ? 3 : 4;
    for (size_t e = ELEMENTS - 1; makes == LEVELLED && e > 0; e--) {
        size_t k = generate_below(seed, e + 1);
        unsigned kept = rating[e];
        rating[e] = rating[k];
        rating[k] = kept;
    }
}

static void even_is_levelled_only(void **state)
{
    (void)state;
    uint64_t seed = 5;
    unsigned found[MAKES] = {0};
    for (unsigned run = 0; run < 1000; run++)
        for (enum makes makes = ALONE; makes < MAKES; makes++) {
            struct month m;
            month_init(&m, WEST, 20230101);
            for (unsigned k = 0; k < QUALITY_EVEN_LEAST + run % 60; k++) {
                unsigned rating[ELEMENTS];
                respond(makes, &seed, rating);
                month_add(&m, rating);
            }
            found[makes] += quality_even(&m.month, SCALE);
        }
    assert_int_equal(found[LEVELLED], 1000);
    assert_int_equal(found[CONTENT], 0);
    assert_true(found[ALONE] <= 8); /* by the normal distribution 1.3 */
}

/* Nothing varies: there is no chance to compare with. */
static void even_needs_differences(void **state)
{
    (void)state;
    static const unsigned fours[ELEMENTS] = {4, 4, 4, 4, 4, 4, 4, 4, 4};
    static const unsigned one[ELEMENTS] = {3, 4, 4, 4, 4, 4, 4, 4, 4};
    struct month m;
    month_init(&m, WEST, 20230101);
    assert_false(quality_even(&m.month, SCALE));
    for (unsigned k = 0; k < 100; k++)
        month_add(&m, fours);
    assert_false(quality_even(&m.month, SCALE));
    month_add(&m, one); /* one element varies: its variance is that of the total */
    assert_false(quality_even(&m.month, SCALE));
}

/* The bound itself: 3 standard deviations, in integers. Two elements of 1 and 2, n = 10 in each
 * corner but for `more` pairs that were crossed. */
static void even_at_its_bound(void **state)
{
    (void)state;
    for (int64_t crossed = 0; crossed <= 50; crossed++) {
        /* 100 responses: 1-1 and 2-2 each 25 - .., 1-2 and 2-1 each 25 + crossed / 2. */
        int64_t same = 50 - crossed, other = 50 + crossed;
        const int64_t spread[4] = {50, 50, 50, 50};
        const struct quality_month m = {
            .n = 100,
            .square = (uint64_t)(same / 2 * 4 + (same - same / 2) * 16 + other * 9),
            .spread = spread,
            .spreads = 4,
        };
        if (same % 2)
            continue; /* the margins would not be whole */
        /* n (n - 1) v = 2500 each; the total's is 100 square - 300^2. */
        int64_t below = 5000 - (100 * (int64_t)m.square - 90000);
        bool far = below > 0 && below * below * 99 > 18 * (25000000 - 12500000);
        assert_int_equal(quality_even(&m, 2), far);
    }
}

/* ---- who is compared, steps ---- */

static struct directory *tree(int32_t offices)
{
    struct directory *d = directory_new();
    assert_int_equal(directory_add_office(d, 1000, "TOP", "x", 0, "WIB"), 0);
    for (int32_t k = 1; k <= offices; k++) { /* provinces of 10 */
        char code[16];
        if (k % 10 == 1) {
            (void)snprintf(code, sizeof code, "P%02d", k / 10);
            assert_int_equal(directory_add_office(d, 500 + k / 10, code, "x", 1000, "WIB"), 0);
        }
        (void)snprintf(code, sizeof code, "O%03d", k);
        assert_int_equal(directory_add_office(d, k, code, "x", 500 + (k - 1) / 10, "WIB"), 0);
    }
    fixture_instrument(d, 1, "skm-2017");
    assert_int_equal(directory_add_principal(d, "admin", "root", 0, true), 0);
    assert_int_equal(directory_add_principal(d, "office", "O001", 1, true), 0);
    assert_int_equal(directory_add_principal(d, "supervisor", "p0", 500, true), 0);
    assert_int_equal(directory_add_term(d, DIM_PERSPECTIVE, 1, "recipient", "x"), 0);
    assert_int_equal(directory_add_term(d, DIM_PERSPECTIVE, 2, "provider", "x"), 0);
    assert_int_equal(directory_seal(d, NULL), 0);
    return d;
}

static void plan(struct quality *q, struct directory *d, enum role role, const char *name,
                 const char *office)
{
    Suara__V1__Quality request = SUARA__V1__QUALITY__INIT;
    ProtobufCBinaryData code = wire_text(office);
    struct error err = {0};
    request.from = 20230101;
    request.to = 20231231;
    request.office = &code;
    request.n_office = office[0] ? 1 : 0;
    if (quality_plan(q, d, directory_principal(d, role, name), &request, &office_hours, &err) != 0)
        fail_msg("%s", err.text);
}

static void compared_with_the_nearest(void **state)
{
    (void)state;
    struct directory *d = tree(100);
    struct quality q;
    plan(&q, d, ROLE_OFFICE, "O001", "O001");
    assert_int_equal(q.scope.office_count, QUALITY_PEERS_MOST);
    for (int32_t id = 1; id <= 10; id++) { /* its province is in it whole */
        bool in = false;
        for (size_t i = 0; i < q.scope.office_count; i++)
            in = in || q.scope.offices[i] == id;
        assert_true(in);
    }
    for (size_t i = 0; i < q.scope.office_count; i++) {
        assert_int_equal(q.offices[i].asked, q.scope.offices[i] == 1);
        assert_int_equal(q.offices[i].seen, q.scope.offices[i] == 1);
        assert_int_equal(q.offices[i].office->id, q.scope.offices[i]);
    }
    quality_release(&q);
    plan(&q, d, ROLE_ADMIN, "root", "");
    assert_int_equal(q.scope.office_count, 111);
    quality_release(&q);
    directory_free(&d);
    d = tree(7); /* roots and all are fewer than peers */
    plan(&q, d, ROLE_OFFICE, "O001", "");
    assert_int_equal(q.scope.office_count, 9);
    quality_release(&q);
    directory_free(&d);
}

/* Every office's every day is in exactly one step, and no step is large when it need not be. */
static void steps_cover_all_once(void **state)
{
    (void)state;
    static const uint64_t size[] = {0, 50000, 50000, 1, 250000, 99999, 0, 100000, 1000000, 3};
    struct directory *d = tree(10);
    struct quality q;
    struct quality_step step;
    int64_t days[11] = {0};
    civil_day last[11] = {0};
    plan(&q, d, ROLE_ADMIN, "root", "");
    for (int32_t k = 1; k <= 10; k++) {
        const struct quality_month months[] = {
            {.office_id = k, .month = 20230201, .n = size[k - 1] / 2},
            {.office_id = k, .month = 20231001, .n = size[k - 1] - size[k - 1] / 2}};
        quality_add_month(&q, &months[0]);
        quality_add_month(&q, &months[1]);
    }
    unsigned steps = 0;
    while (quality_next(&q, &step)) {
        uint64_t n = 0;
        steps++;
        assert_true(step.office_count > 0 && step.step_from <= step.step_to);
        assert_true(step.step_from >= 20230101 && step.step_to <= 20231231);
        for (size_t i = 0; i < step.office_count; i++) {
            int32_t id = step.offices[i];
            if (id > 10)
                continue;
            n += size[id - 1];
            assert_true(last[id] < step.step_from);
            if (last[id])
                assert_int_equal(civil_add_days(last[id], 1), step.step_from);
            last[id] = step.step_to;
            days[id] += civil_to_days(step.step_to) - civil_to_days(step.step_from) + 1;
        }
        assert_true(n <= QUALITY_STEP || step.office_count == 1);
    }
    for (int32_t k = 1; k <= 10; k++)
        if (size[k - 1] > 1)
            assert_true(days[k] >= 28 + 31 + 30 + 31 + 30 + 31 + 31 + 30 + 31);
    assert_int_equal(steps, 1 + 1 + 3 + 1 + 1 + 10 + 1);
    quality_release(&q);
    directory_free(&d);
}

/* ---- rows ---- */

static void counts(struct quality *q, int32_t office, uint64_t n, uint64_t alike)
{
    quality_add_month(q, &(struct quality_month){.office_id = office, .month = 20230301, .n = n});
    quality_add_counts(
        q, &(struct quality_counts){.office_id = office, .n = n, .alike = alike, .timed = n});
}

static size_t read_rows(struct quality *q, struct arena *arena, Suara__V1__QualityRow *rows[],
                        size_t most)
{
    struct buf frames = {0};
    struct error err = {0};
    const Suara__V1__Reply *reply;
    size_t at = 0, n = 0;
    assert_int_equal(quality_pack(q, 9, 1 << 20, &frames, &err), 0);
    while ((reply = next_reply(&frames, &at, arena)) != NULL)
        for (size_t i = 0; i < reply->quality->n_row; i++) {
            assert_true(n < most);
            rows[n++] = reply->quality->row[i];
        }
    buf_release(&frames);
    return n;
}

/* Shares of 10, 20 .. 50 %: who may know the median of how many. */
static void usual_is_the_median(void **state)
{
    (void)state;
    static const struct {
        enum role role;
        const char *name, *office;
        int32_t with; /* offices with responses: 1 .. with */
        uint32_t compared, usual;
    } table[] = {
        {ROLE_ADMIN, "root", "", 5, 5, 3000},  {ROLE_ADMIN, "root", "", 4, 0, 0},
        {ROLE_ADMIN, "root", "", 6, 6, 3500},  {ROLE_ADMIN, "root", "O001", 5, 5, 3000},
        {ROLE_OFFICE, "O001", "", 5, 0, 0}, /* four others: told apart too easily */
        {ROLE_OFFICE, "O001", "", 6, 6, 3500}, {ROLE_SUPERVISOR, "p0", "", 10, 10, 5500},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct directory *d = tree(30);
        struct quality q;
        struct arena arena;
        Suara__V1__QualityRow *row[300];
        arena_init(&arena, 1 << 20);
        plan(&q, d, table[i].role, table[i].name, table[i].office);
        for (int32_t k = 1; k <= table[i].with; k++)
            counts(&q, k, 1000, (uint64_t)k * 100);
        size_t n = read_rows(&q, &arena, row, 300);
        assert_true(n >= SIGN_COUNT);
        assert_true(wire_is(&row[0]->office, "O001") && wire_is(&row[0]->sign, "alike"));
        assert_int_equal(row[0]->count, 100);
        assert_int_equal(row[0]->of, 1000);
        assert_int_equal(row[0]->share, 1000);
        assert_int_equal(row[0]->compared, table[i].compared);
        assert_int_equal(row[0]->usual, table[i].usual);
        assert_true(wire_is(&row[SIGN_HOURS]->sign, "hours"));
        assert_int_equal(row[SIGN_HOURS]->of, 0);
        assert_int_equal(row[SIGN_HOURS]->compared, 0);
        if (table[i].role == ROLE_OFFICE) /* nobody else's rows */
            assert_int_equal(n, SIGN_COUNT);
        arena_release(&arena);
        quality_release(&q);
        directory_free(&d);
    }
}

static void no_responses_is_a_row(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct quality q;
    struct arena arena;
    Suara__V1__QualityRow *row[64];
    arena_init(&arena, 1 << 20);
    plan(&q, d, ROLE_ADMIN, "root", "");
    counts(&q, EAST, 10, 3);
    assert_int_equal(read_rows(&q, &arena, row, 64), 3 + SIGN_COUNT);
    assert_true(wire_is(&row[0]->office, "AGENCY") && wire_is(&row[0]->sign, ""));
    assert_true(wire_is(&row[1]->office, "EAST") && wire_is(&row[1]->sign, "alike"));
    assert_int_equal(row[1]->share, 3000);
    arena_release(&arena);
    quality_release(&q);
    directory_free(&d);
}

static void shares_round_half_up(void **state)
{
    (void)state;
    assert_int_equal(quality_share(0, 7), 0);
    assert_int_equal(quality_share(7, 7), 10000);
    assert_int_equal(quality_share(1, 3), 3333);
    assert_int_equal(quality_share(2, 3), 6667);
    assert_int_equal(quality_share(1, 20000), 1);
    assert_int_equal(quality_share(1, 20001), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_as_written),          cmocka_unit_test(even_is_levelled_only),
        cmocka_unit_test(even_needs_differences),    cmocka_unit_test(even_at_its_bound),
        cmocka_unit_test(compared_with_the_nearest), cmocka_unit_test(steps_cover_all_once),
        cmocka_unit_test(usual_is_the_median),       cmocka_unit_test(no_responses_is_a_row),
        cmocka_unit_test(shares_round_half_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
