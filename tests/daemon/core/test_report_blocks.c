#include "daemon/core/hide.h"
#include "daemon/core/report_private.h"
#include "tests/common/generate.h"
#include "tests/daemon/core/reporting.h"
#include "tests/daemon/core/span.h"

/*
 * Brute force: for made-up years of one office, all reports an outsider can ask for are made, each
 * row is read as a sum over the atoms (month x value), and no small cell may follow from them. The
 * questionnaire has an element for each atom, rated by its responses alone, so that the sums of a
 * row say which atoms are in it.
 */

enum { VALUES = 5, ATOMS = 12 * VALUES, ATOMIC = 9 };

struct year {
    uint64_t n[12][VALUES];
};

static unsigned atom(unsigned month, unsigned value)
{
    return month * VALUES + value;
}

static struct directory *atomic_directory(void)
{
    struct directory *d = fixture_directory();
    assert_int_equal(directory_add_instrument(d, ATOMIC, "atoms", "1", "Atom", "Atoms", 4, true),
                     0);
    for (int e = 0; e < ATOMS; e++) {
        char code[16];
        (void)snprintf(code, sizeof code, "A%d", e);
        assert_int_equal(directory_add_element(d, ATOMIC, code, "", ""), 0);
    }
    assert_int_equal(directory_add_method(d, ATOMIC, "exact", 1, ATOMS), 0);
    assert_int_equal(directory_add_bound(d, ATOMIC, "A", "Baik", "Good", 0, 10000), 0);
    for (int16_t value = 3; value < VALUES; value++) {
        char code[16];
        (void)snprintf(code, sizeof code, "V%d", value);
        assert_int_equal(directory_add_term(d, DIM_AGE, value, code, code), 0);
    }
    assert_int_equal(directory_seal(d, NULL), 0);
    return d;
}

static civil_day month_day(unsigned month, unsigned day)
{
    return civil_make(2023, month + 1, day);
}

/* The cells that the database gives for it: months by value, then the totals by period. */
static void add_cells(struct ask *a, const struct year *year)
{
    unsigned unit = report_reading(&a->report).unit;
    uint64_t total[12] = {0};
    for (unsigned m = 0; m < 12; m++)
        for (unsigned v = 0; v < VALUES; v++) {
            int64_t sums[ATOMS] = {0};
            sums[atom(m, v)] = 1;
            struct report_cell cell = {.office_id = WEST,
                                       .value = {(int32_t)v},
                                       .perspective = 1,
                                       .month = month_day(m, 1),
                                       .n = (int64_t)year->n[m][v],
                                       .sums = sums,
                                       .elements = ATOMS};
            report_add(&a->report, &cell);
            civil_day end = civil_month_end(cell.month);
            if (a->report.scope.from <= cell.month && end <= a->report.scope.to)
                total[unit ? m - m % unit : 0] += year->n[m][v];
        }
    for (unsigned m = 0; m < 12; m++) {
        struct report_cell cell = {.part = 1,
                                   .office_id = WEST,
                                   .perspective = 1,
                                   .month = unit ? month_day(m, 1) : 0,
                                   .n = (int64_t)total[m]};
        report_add(&a->report, &cell);
    }
}

static void plan_atoms(struct ask *a, struct directory *d, const char *by2, unsigned from,
                       unsigned to)
{
    a->request.instrument = wire_text("atoms");
    a->request.from = month_day(from, 1);
    a->request.to = civil_month_end(month_day(to, 1));
    ask_by(a, "age", by2);
    assert_int_equal(ask_plan(a, d, ROLE_ADMIN, "root"), 0);
    assert_int_equal(a->report.small_cell, 5);
}

/* A row has no sums of atoms without responses; whoever reads it does not know that they have
 * none, and they count as in it when its blocks lie over them. */
static void add_empty_atoms(const struct report *r, const struct report_row *row,
                            const struct year *year, unsigned unit, int64_t sum[ATOMS])
{
    unsigned v = (unsigned)row->key.place[0];
    for (unsigned m = 0; unit && m < 12; m++) {
        civil_day first = month_day(m - m % unit, 1);
        civil_day last = civil_month_end(first + (unit - 1) * 100);
        bool inside = r->scope.from <= first && last <= r->scope.to;
        if (r->axis[1]->kind == AXIS_TIME)
            inside &= axis_period(first, r->axis[1]->unit) == row->key.place[1];
        if (inside && year->n[m][v] == 0)
            sum[atom(m, v)] = 1;
    }
}

/* Adds all rows of one report. What is hidden is what the totals have beyond the rows. */
static void learn_report(struct span *span, struct directory *d, const struct year *year,
                         unsigned unit, const char *by2, unsigned from, unsigned to)
{
    struct ask a;
    struct report_row *row, *next;
    uint64_t all = 0;
    ask_init(&a);
    plan_atoms(&a, d, by2, from, to);
    add_cells(&a, year);
    report_fold_end(&a.report);
    HASH_ITER (hh, a.report.rows, row, next) {
        int64_t sum[ATOMS];
        uint64_t n = 0;
        all += row->n;
        for (unsigned i = 0; i < ATOMS; i++) {
            sum[i] = (int64_t)row->figure[i];
            n += row->figure[i] * year->n[i / VALUES][i % VALUES];
            assert_true(row->figure[i] <= 1 &&
                        (!sum[i] || (i / VALUES >= from && i / VALUES <= to)));
        }
        if (row->key.hidden)
            continue;
        assert_int_equal(n, row->n);
        assert_true(n == 0 || n >= 5);
        add_empty_atoms(&a.report, row, year, unit, sum);
        span_add(span, sum);
    }
    for (unsigned i = from * VALUES; i < (to + 1) * VALUES; i++)
        all -= year->n[i / VALUES][i % VALUES];
    assert_int_equal(all, 0); /* told and hidden together are everybody */
    ask_end(&a);
}

/* Whoever knows the rule knows more: where a value that is told, or a whole month, has nobody. */
static void learn_zeros(struct span *span, const struct year *year,
                        const struct hide_value value[VALUES], unsigned unit)
{
    for (unsigned m = 0; m < 12; m++) {
        uint64_t total = 0;
        for (unsigned v = 0; v < VALUES; v++)
            total += year->n[m][v];
        for (unsigned v = 0; v < VALUES; v++) {
            int64_t one[ATOMS] = {0};
            uint64_t block = 0;
            for (unsigned k = 0; unit && k < unit; k++)
                block += year->n[m - m % unit + k][v];
            one[atom(m, v)] = 1;
            if (total == 0 || (unit && !value[v].hidden && block == 0))
                span_add(span, one);
        }
    }
}

/* All say nothing in these months: then that is known of each of them, and is no secret. */
static bool nobody_said(const struct year *year, unsigned from, unsigned months)
{
    for (unsigned m = from; m < from + months; m++)
        for (unsigned v = 1; v < VALUES; v++)
            if (year->n[m][v])
                return false;
    return true;
}

/* No cell of a month, quarter, semester or the year that is small, or of a hidden value. */
static unsigned leaks(const struct span *span, const struct year *year,
                      const struct hide_value value[VALUES], unsigned unit)
{
    static const unsigned units[] = {1, 3, 6, 12};
    unsigned found = 0;
    for (unsigned u = 0; u < 4; u++)
        for (unsigned from = 0; from < 12; from += units[u])
            for (unsigned v = 0; v < VALUES; v++) {
                int64_t cell[ATOMS] = {0};
                uint64_t n = 0;
                for (unsigned m = from; m < from + units[u]; m++) {
                    cell[atom(m, v)] = 1;
                    n += year->n[m][v];
                }
                unsigned first = unit > units[u] ? from - from % unit : from;
                unsigned months = unit > units[u] ? unit : units[u];
                if (n == 0 || (n >= 5 && !value[v].hidden))
                    continue;
                if (v == 0 && nobody_said(year, first, months))
                    continue;
                found += span_tells(span, cell);
            }
    return found;
}

static struct year make_year(uint64_t *seed)
{
    struct year year = {{{0}}};
    size_t months = 1 + generate_below(seed, 12), values = 1 + generate_below(seed, VALUES);
    size_t most = 2 + generate_below(seed, generate_below(seed, 2) ? 6 : 40);
    size_t gaps = generate_below(seed, 4);
    for (unsigned m = 0; m < 12; m++)
        for (unsigned v = 0; v < VALUES; v++)
            if (generate_below(seed, 12) < months && generate_below(seed, VALUES) < values &&
                generate_below(seed, 4) >= gaps)
                year.n[m][v] = generate_below(seed, most) >> generate_below(seed, 3);
    return year;
}

static unsigned hide(const struct year *year, struct hide_value value[VALUES])
{
    size_t count = 0;
    struct hide_value some[VALUES];
    for (unsigned v = 0; v < VALUES; v++) {
        value[v] = (struct hide_value){.value = (int32_t)v};
        for (unsigned m = 0; m < 12; m++)
            value[v].n[m] = year->n[m][v];
        some[count++] = value[v];
    }
    unsigned unit = hide_year(some, count, 5);
    memcpy(value, some, sizeof some);
    return unit;
}

static void no_small_cell_can_be_worked_out(void **state)
{
    (void)state;
    static const char *const by2[] = {"", "month", "quarter", "semester", "year"};
    struct directory *d = atomic_directory();
    uint64_t seed = 2023;
    unsigned told[13] = {0};
    for (int i = 0; i < 400; i++) {
        struct year year = make_year(&seed);
        struct hide_value value[VALUES];
        unsigned unit = hide(&year, value);
        struct span span = {.width = ATOMS};
        told[unit]++;
        for (unsigned m = 0; m < 12; m++) { /* the totals, of which none is hidden */
            int64_t total[ATOMS] = {0};
            for (unsigned v = 0; v < VALUES; v++)
                total[atom(m, v)] = 1;
            span_add(&span, total);
        }
        for (unsigned from = 0; from < 12; from++)
            for (unsigned to = from; to < 12; to++)
                for (size_t b = 0; b < sizeof by2 / sizeof *by2; b++)
                    learn_report(&span, d, &year, unit, by2[b], from, to);
        learn_zeros(&span, &year, value, unit);
        if (leaks(&span, &year, value, unit))
            fail_msg("year %d, told by %u: %u small cells", i, unit,
                     leaks(&span, &year, value, unit));
    }
    /* All ways of telling a year came up. */
    assert_true(told[0] && told[1] && told[3] && told[6] && told[12]);
    directory_free(&d);
}

/* ---- one table by hand ----------------------------------------------------------------------- */

/* Months by age for WEST: 2 is small in all, and takes 1 along. */
static const struct year by_hand = {{{9, 2, 1, 0, 0}, {9, 3, 2, 0, 0}, {9, 2, 0, 0, 9}}};

static void a_table_by_hand(void **state)
{
    (void)state;
    struct directory *d = atomic_directory();
    static const struct {
        const char *by2, *filter;
        unsigned from, to;
        struct {
            const char *key, *key2;
            uint64_t n;
            bool hidden;
        } row[5];
        size_t rows;
    } table[] = {
        {"", "", 0, 11, {{"", "", 27, 0}, {"V4", "", 9, 0}, {"", "", 10, 1}}, 3},
        {"quarter",
         "",
         0,
         11,
         {{"", "2023-Q1", 27, 0}, {"V4", "2023-Q1", 9, 0}, {"", "2023-Q1", 10, 1}},
         3},
        {"", "", 0, 2, {{"", "", 27, 0}, {"V4", "", 9, 0}, {"", "", 10, 1}}, 3},
        {"", "", 0, 1, {{"", "", 26, 1}}, 1},
        {"month",
         "",
         0,
         2,
         {{"", "2023-01", 12, 1}, {"", "2023-02", 14, 1}, {"", "2023-03", 20, 1}},
         3},
        {"", "V4", 0, 11, {{"V4", "", 9, 0}, {"", "", 10, 1}}, 2},
        {"", "<=20", 0, 11, {{"", "", 10, 1}}, 1},
        {"", "", 6, 11, {{"", "", 0, 0}}, 0},
    };
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        struct ask a;
        ask_init(&a);
        if (table[t].filter[0])
            ask_filter(&a, "age", table[t].filter);
        plan_atoms(&a, d, table[t].by2, table[t].from, table[t].to);
        add_cells(&a, &by_hand);
        ask_rows(&a);
        assert_int_equal(a.small_cell, 5);
        if (a.rows != table[t].rows)
            fail_msg("table %zu: %zu rows", t, a.rows);
        for (size_t r = 0; r < a.rows; r++)
            if (!bytes_are(a.row[r]->key, table[t].row[r].key) ||
                !bytes_are(a.row[r]->key2, table[t].row[r].key2) ||
                a.row[r]->n != table[t].row[r].n || a.row[r]->hidden != table[t].row[r].hidden ||
                (a.row[r]->hidden && (a.row[r]->n_sum || a.row[r]->index || a.row[r]->square)))
                fail_msg("table %zu row %zu: n %u", t, r, (unsigned)a.row[r]->n);
        ask_end(&a);
    }
    directory_free(&d);
}

/* A filter without an axis: one row of what is told, one of what is hidden; never "nobody" beside
 * a hidden one. */
static void filters_choose_among_blocks(void **state)
{
    (void)state;
    struct directory *d = atomic_directory();
    static const struct {
        const char *value;
        uint64_t n;
        size_t rows;
    } table[] = {{"V4", 9, 2}, {"<=20", 0, 1}, {"", 27, 2}};
    for (size_t t = 0; t < 3; t++) {
        struct ask a;
        ask_init(&a);
        ask_filter(&a, "age", table[t].value);
        plan_atoms(&a, d, "", 0, 11);
        ask_by(&a, "", "");
        assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
        add_cells(&a, &by_hand);
        ask_rows(&a);
        assert_int_equal(a.rows, table[t].rows);
        assert_int_equal(a.row[a.rows - 1]->n, 10);
        assert_true(a.row[a.rows - 1]->hidden);
        if (a.rows > 1)
            assert_int_equal(a.row[0]->n, table[t].n);
        ask_end(&a);
    }
    directory_free(&d);
}

/* A year that has not ended is told as far as it goes; one that has ended, only whole. */
static void the_present_is_open(void **state)
{
    (void)state;
    struct directory *d = atomic_directory();
    for (int open = 0; open < 2; open++) {
        struct ask a;
        ask_init(&a);
        a.rules.today = open ? 20230331 : 20230401;
        plan_atoms(&a, d, "year", 0, 2);
        assert_int_equal(a.report.scope.to, open ? 20231231 : 20230331);
        add_cells(&a, &by_hand);
        ask_rows(&a);
        assert_int_equal(a.rows, 3); /* by quarters either way */
        ask_end(&a);
    }
    directory_free(&d);
}

/* What the database must not give: no memory is touched for it, and no report is made of it. */
static void odd_cells_make_no_report(void **state)
{
    (void)state;
    struct directory *d = atomic_directory();
    static const civil_day odd[] = {0, 20230001, 20231301};
    for (size_t i = 0; i < 3; i++) {
        struct ask a;
        ask_init(&a);
        plan_atoms(&a, d, "", 0, 11);
        int64_t sums[ATOMS] = {0};
        report_add(
            &a.report,
            &(struct report_cell){
                .office_id = WEST, .month = odd[i], .n = 1, .sums = sums, .elements = ATOMS});
        assert_int_equal(report_pack(&a.report, 5, 1 << 20, &a.frames, &a.err), -1);
        ask_end(&a);
    }
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_small_cell_can_be_worked_out), cmocka_unit_test(a_table_by_hand),
        cmocka_unit_test(filters_choose_among_blocks),     cmocka_unit_test(the_present_is_open),
        cmocka_unit_test(odd_cells_make_no_report),
    };
    return cmocka_run_group_tests_name("daemon/core/report_blocks", tests, NULL, NULL);
}
