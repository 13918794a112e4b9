#include "daemon/core/index.h"

#include "tests/daemon/core/fixture.h"

struct vector {
    uint64_t n, total;
    const char *method;
    uint32_t hundredths;
    const char *grade;
};

/* Vectors of the rules of the survey; grades where the published vectors name them. */
static const struct vector vectors[] = {
    {19, 604, "exact", 8830, "B"},
    {19, 604, "0.11", 8742, "B"},
    {19, 604, "0.111", 8822, "B"},
    {43, 1367, "exact", 8831, "A"},
    {43, 1367, "0.11", 8742, "B"},
    {43, 1367, "0.111", 8822, "B"},
    {52, 1653, "exact", 8830, "B"},
    {52, 1653, "0.11", 8742, "B"},
    {52, 1653, "0.111", 8821, "B"},
    {19, 524, "exact", 7661, "B"},
    {19, 524, "0.11", 7584, "C"},
    {19, 524, "0.111", 7653, "C"},
    {26, 717, "exact", 7660, "C"},
    {26, 717, "0.11", 7584, "C"},
    {26, 717, "0.111", 7653, "C"},
    {45, 1241, "exact", 7660, "C"},
    {45, 1241, "0.11", 7584, "C"},
    {45, 1241, "0.111", 7653, "C"},
    {58, 1357, "exact", 6499, "D"},
    {58, 1357, "0.11", 6434, "D"},
    {58, 1357, "0.111", 6493, "D"},
    {29, 955, "0.11", 9056, "A"},
    {29, 955, "exact", 9148, "A"},
    {29, 955, "0.111", 9138, "A"},
    {49, 1389, "exact", 7874, "B"},
    {49, 1389, "0.11", 7795, "B"},
    {49, 1389, "0.111", 7866, "B"},
    {1, 36, "exact", 10000, "A"},
    {1, 36, "0.11", 9900, "A"},
    {1, 36, "0.111", 9990, "A"},
    {19, 604, "0.1111", 8830, "B"},
    {43, 1367, "0.1111", 8830, "B"},
    {52, 1653, "0.1111", 8829, "B"},
    {19, 524, "0.1111", 7660, "C"},
    {26, 717, "0.1111", 7659, "C"},
    {45, 1241, "0.1111", 7660, "C"},
    {58, 1357, "0.1111", 6498, "D"},
    {1, 36, "0.1111", 9999, "A"},
    {1, 9, "exact", 2500, "D"},
    {1, 9, "0.11", 2475, "D"},
    {4294967296, 4294967296 * 36, "exact", 10000, "A"},
};

static void gives_the_published_figures(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    const struct instrument *skm = directory_instrument(d, "skm-2017", 8);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct vector *v = &vectors[i];
        const struct method *m = index_method(skm, v->method, strlen(v->method));
        assert_non_null(m);
        struct figure f = index_figure(skm, m, &(struct figure_sample){v->n, v->total, 0});
        assert_true(f.present);
        if (f.hundredths != v->hundredths)
            fail_msg("n %llu total %llu %s: %u, not %u", (unsigned long long)v->n,
                     (unsigned long long)v->total, v->method, f.hundredths, v->hundredths);
        assert_string_equal(f.grade->grade, v->grade);
    }
    directory_free(&d);
}

/* Every hundredth from 25.00 to 100.00 has one grade, and they change where the bounds say. */
static void grades_without_gaps(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    const struct instrument *skm = directory_instrument(d, "skm-2017", 8);
    for (uint32_t k = 2500; k <= 10000; k++) {
        /* n = 10000 makes each hundredth: total = k x 36 x 10000 / 10000 = 36 k. */
        struct figure f =
            index_figure(skm, &skm->method[0], &(struct figure_sample){10000, 36 * (uint64_t)k, 0});
        assert_int_equal(f.hundredths, k);
        const char *grade = k >= 8831 ? "A" : k >= 7661 ? "B" : k >= 6500 ? "C" : "D";
        assert_string_equal(f.grade->grade, grade);
    }
    directory_free(&d);
}

static void has_no_figure_without_responses(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    const struct instrument *skm = directory_instrument(d, "skm-2017", 8);
    struct figure f = index_figure(skm, &skm->method[0], &(struct figure_sample){0, 0, 0});
    assert_false(f.present);
    assert_null(f.grade);
    assert_null(index_method(skm, "0.12", 4));
    assert_ptr_equal(index_method(skm, "", 0), &skm->method[0]);
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_figures),
        cmocka_unit_test(grades_without_gaps),
        cmocka_unit_test(has_no_figure_without_responses),
    };
    return cmocka_run_group_tests_name("daemon/core/index", tests, NULL, NULL);
}
