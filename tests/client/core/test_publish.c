#include "common/buf.h"
#include "tests/client/core/sample.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <jansson.h>
#include <string.h>

static char *made(void (*write)(struct buf *, const struct publication *),
                  const struct publication *p)
{
    struct buf out = {0};

    write(&out, p);
    assert_false(out.failed);
    return out.data;
}

static char *page(const struct publication *p)
{
    return made(publish_html, p);
}

/* How often a piece is in a text. */
static size_t times(const char *text, const char *piece)
{
    size_t n = 0;

    for (const char *at = strstr(text, piece); at; at = strstr(at + 1, piece))
        n++;
    return n;
}

static void figures_as_text(void **state)
{
    (void)state;
    char out[PUBLISH_NUMBER];

    publish_index(9400, out);
    assert_string_equal(out, "94.00");
    publish_index(10000, out);
    assert_string_equal(out, "100.00");
    publish_count(9999, out);
    assert_string_equal(out, "9999");
    publish_count(1234567, out);
    assert_string_equal(out, "1\xe2\x80\xaf"
                             "234\xe2\x80\xaf"
                             "567");
    publish_count(UINT64_MAX, out);
    publish_signed(-18, 2, out);
    assert_string_equal(out, "\xe2\x88\x92"
                             "0.18");
    publish_signed(1249, 3, out);
    assert_string_equal(out, "+1.249");
    publish_signed(0, 2, out);
    assert_string_equal(out, "0.00");
    publish_share(1, 3, out);
    assert_string_equal(out, "33.3%");
    publish_share(1, 2000, out); /* half up */
    assert_string_equal(out, "0.1%");
}

/* sums 138 139 .. of 49 respondents: data/sekadau-2019-s1.csv */
static void nrr_and_weighted(void **state)
{
    (void)state;
    struct publication p;
    char out[PUBLISH_NUMBER];

    sample_publication(&p, PUBLISH_ID);
    p.total.n = 49;
    p.element[0].sum = 138;
    publish_nrr(138, 49, out);
    assert_string_equal(out, "2.816");
    publish_weighted(&p, &p.element[0], out);
    assert_string_equal(out, "0.313");
    p.weight_num = 11;
    p.weight_den = 100;
    publish_weighted(&p, &p.element[0], out);
    assert_string_equal(out, "0.310");
    publication_release(&p);
}

static void periods(void **state)
{
    (void)state;
    static const struct {
        civil_day from, to;
        const char *id, *en;
    } cases[] = {
        {20230101, 20230713, "1 Januari \xe2\x80\x93 13 Juli 2023",
         "1 January \xe2\x80\x93 13 July 2023"},
        {20230701, 20230731, "1 \xe2\x80\x93 31 Juli 2023", "1 \xe2\x80\x93 31 July 2023"},
        {20221201, 20230131, "1 Desember 2022 \xe2\x80\x93 31 Januari 2023",
         "1 December 2022 \xe2\x80\x93 31 January 2023"},
        {20230713, 20230713, "13 Juli 2023", "13 July 2023"},
    };
    char out[PUBLISH_RANGE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct publication p = {.from = cases[i].from, .to = cases[i].to, .language = PUBLISH_ID};
        publish_period(&p, out);
        assert_string_equal(out, cases[i].id);
        p.language = PUBLISH_EN;
        publish_period(&p, out);
        assert_string_equal(out, cases[i].en);
    }
}

static void summary_says_what_came_out(void **state)
{
    (void)state;
    struct publication p;
    struct buf out = {0};

    sample_publication(&p, PUBLISH_EN);
    publish_summary(&out, &p);
    assert_string_equal(
        out.data,
        "In the period 1 January \xe2\x80\x93 13 July 2023, 217 respondents rated the service of "
        "Balai Contoh di Kota X. The index is 94.00, grade A (Very good). That is 0.18 less "
        "than in 2022, within what chance explains. Strongest element: Cost. Most in need "
        "of improvement: Handling of complaints, suggestions and input.");
    p.trends = 1; /* nothing to compare with, nothing said */
    for (size_t i = 0; i < p.elements; i++)
        p.element[i].sum = 800; /* and no element is the strongest */
    buf_clear(&out);
    publish_summary(&out, &p);
    assert_null(strstr(out.data, "less"));
    assert_null(strstr(out.data, "Strongest"));
    assert_null(publication_extreme(&p, true));
    buf_release(&out);
    publication_release(&p);
}

static void ranks_are_shared(void **state)
{
    (void)state;
    struct publication p;

    sample_publication(&p, PUBLISH_ID);
    static const uint64_t sum[9] = {5, 7, 7, 3, 9, 3, 1, 3, 2};
    static const unsigned rank[9] = {4, 2, 2, 5, 1, 5, 9, 5, 8};
    for (size_t i = 0; i < 9; i++)
        p.element[i].sum = sum[i];
    publication_rank(&p);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(p.element[i].rank, rank[i]);
    publication_release(&p);
}

static void page_in_both_languages(void **state)
{
    (void)state;
    static const char *const wanted[PUBLISH_LANGUAGES][5] = {
        {"<html lang=\"id\">", "Perkembangan", "Belum mulai", "1 dari 2 kegiatan selesai",
         "Perempuan"},
        {"<html lang=\"en\">", "Trend", "Not started", "1 of 2 activities are done", "Female"},
    };

    for (enum publish_language language = 0; language < PUBLISH_LANGUAGES; language++) {
        struct publication p;
        sample_publication(&p, language);
        char *text = page(&p);
        for (size_t i = 0; i < 5; i++)
            assert_non_null(strstr(text, wanted[language][i]));
        assert_non_null(strstr(text, ">91.80</text>"));
        assert_non_null(strstr(text, ">94.18</text>"));
        assert_null(strstr(text, "{1}"));
        assert_null(strstr(text, "<script"));
        assert_int_equal(times(text, "<svg "), times(text, "<title id="));
        assert_int_equal(times(text, "<table>"), times(text, "<caption>"));
        free(text);
        publication_release(&p);
    }
}

static void names_are_obeyed_by_nobody(void **state)
{
    (void)state;
    struct publication p;

    sample_publication(&p, PUBLISH_ID);
    p.office_name = "<script>alert(\"x\")</script> & 'y'\x1b[31m \xe2\x80\xae evil";
    p.note = "<script>";
    p.item->activity = "</td></table><img src=x onerror=y>";
    p.group[PUBLISH_SERVICE].row[0].name[PUBLISH_ID] = "</text></svg><style>*{}";
    char *text = page(&p);
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "<img"));
    assert_int_equal(times(text, "<style>"), 1);
    assert_non_null(
        strstr(text, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;"));
    assert_non_null(strstr(text, "\\x1b[31m \\u202e evil"));
    assert_null(strchr(text, '\x1b'));
    free(text);
    p.group[PUBLISH_SERVICE].row[0].name[PUBLISH_ID] = "Pengujian";
    p.item->activity = "Kotak pengaduan daring";
    publication_release(&p);
}

static void what_is_not_there_is_said(void **state)
{
    (void)state;
    struct publication p;

    sample_publication(&p, PUBLISH_EN);
    p.provider_n = 0;
    p.population_known = false;
    p.plan_given = false;
    p.trends = 1;
    p.trend[0] = p.total;
    p.total.low = p.total.high = p.trend[0].low = p.trend[0].high = 0;
    for (unsigned axis = 0; axis < PUBLISH_AXES; axis++)
        p.group[axis] = (struct publish_group){0};
    char *text = page(&p);
    assert_non_null(strstr(text, "There are no self-assessments by the provider in this period"));
    assert_null(strstr(text, "grafik-kesenjangan"));
    assert_non_null(strstr(text, "the number of people served is not on record"));
    assert_int_equal(times(text, "No follow-up plan was attached."), 2);
    assert_non_null(strstr(text, "This is the first period that has responses."));
    free(text);
    publication_release(&p);
}

/* Other questionnaires: more answers, more elements, and none of the sizes is taken for granted. */
static void other_scales(void **state)
{
    (void)state;
    static const unsigned scales[] = {2, 5, 10, 100};
    static uint64_t spread[100];

    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++) {
        struct publication p;
        sample_publication(&p, PUBLISH_ID);
        p.scale = scales[i];
        for (size_t e = 0; e < p.elements; e++) {
            memset(spread, 0, sizeof spread);
            spread[scales[i] - 1] = p.total.n;
            p.element[e].spread = spread;
            p.element[e].sum = p.total.n * scales[i];
            p.element[e].provider_sum = p.provider_n;
            p.element[e].label[0] = p.element[e].label[1] = NULL;
        }
        char *text = page(&p);
        assert_non_null(strstr(text, "</html>"));
        assert_null(strstr(text, "nan%"));
        assert_null(strstr(text, "\"-"));
        free(text);
        publication_release(&p);
    }
}

static void json_has_the_same(void **state)
{
    (void)state;
    struct publication p;
    json_error_t error;

    sample_publication(&p, PUBLISH_EN);
    char *text = made(publish_json, &p);
    json_t *root = json_loads(text, 0, &error);
    assert_non_null(root);
    const char *index, *change, *minus, *nrr;
    int n, hidden, done;
    assert_int_equal(json_unpack(root, "{s:{s:s}, s:[{},{},{s:s}], s:{s:{s:i}}}", "total", "index",
                                 &index, "trend", "change", &change, "gap", "provider", "n", &n),
                     0);
    assert_string_equal(index, "94.00");
    assert_string_equal(change, "-0.18");
    assert_int_equal(n, 12);
    json_t *last = json_array_get(json_object_get(json_object_get(root, "gap"), "elements"), 8);
    assert_int_equal(json_unpack(last, "{s:s}", "difference", &minus), 0);
    assert_string_equal(minus, "-0.362");
    json_t *age = json_array_get(json_object_get(json_object_get(root, "groups"), "age"), 3);
    assert_int_equal(json_unpack(age, "{s:b}", "hidden", &hidden), 0);
    assert_true(hidden);
    assert_true(json_is_null(json_object_get(age, "index")));
    assert_true(json_is_null(json_object_get(age, "key")));
    assert_int_equal(json_unpack(root, "{s:[{s:s}]}", "elements", "nrr", &nrr), 0);
    assert_string_equal(nrr, "3.756");
    done = (int)json_array_size(json_object_get(root, "last_plan"));
    assert_int_equal(done, 2);
    json_decref(root);
    free(text);
    p.plan_given = false;
    p.provider_n = 0;
    text = made(publish_json, &p);
    assert_non_null(strstr(text, "\"gap\": null"));
    assert_non_null(strstr(text, "\"plan\": null"));
    free(text);
    publication_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_as_text),
        cmocka_unit_test(nrr_and_weighted),
        cmocka_unit_test(periods),
        cmocka_unit_test(summary_says_what_came_out),
        cmocka_unit_test(ranks_are_shared),
        cmocka_unit_test(page_in_both_languages),
        cmocka_unit_test(names_are_obeyed_by_nobody),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(other_scales),
        cmocka_unit_test(json_has_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
