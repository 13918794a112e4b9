#include "client/core/plan.h"
#include "client/core/publish.h"
#include "common/error.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <string.h>

static int read_text(struct publication *p, const char *text, struct error *err)
{
    publication_init(p);
    p->to = 20230713;
    error_clear(err);
    return plan_read(p, "plan.csv", text, strlen(text), err);
}

static void indonesian_file(void **state)
{
    (void)state;
    struct publication p;
    struct error err;
    size_t done;

    assert_int_equal(
        read_text(&p,
                  "No;Prioritas Unsur;Program/Kegiatan;Waktu;Penanggung Jawab;Status\n"
                  "1;U8;Kotak pengaduan daring;TW II 2023;Ketua tim layanan;Selesai\n"
                  "2;U3;\"Hasil uji; lewat surel\";2023-Q3;Ketua tim pengujian;berjalan\n"
                  "3;U9;Kursi tunggu;Triwulan 1 2023;Bagian umum;\n",
                  &err),
        0);
    assert_int_equal(publication_items(&p, true, &done), 2);
    assert_int_equal(done, 1);
    assert_int_equal(publication_items(&p, false, &done), 1);
    assert_int_equal(done, 0);
    const struct publish_item *second = p.item->next;
    assert_string_equal(second->activity, "Hasil uji; lewat surel");
    assert_int_equal(second->state, PUBLISH_RUNNING);
    assert_false(second->last);
    assert_int_equal(second->next->state, PUBLISH_OPEN);
    publication_release(&p);
}

static void english_file_in_another_order(void **state)
{
    (void)state;
    struct publication p;
    struct error err;

    assert_int_equal(read_text(&p,
                               "Activity,Quarter,Responsible,Priority Element,State\n"
                               "More seats,2023-12,Head,U9,not started\n",
                               &err),
                     0);
    assert_string_equal(p.item->number, "");
    assert_string_equal(p.item->priority, "U9");
    publication_release(&p);
}

static void times_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        civil_day from, to;
    } good[] = {
        {"2023-Q4", 20231001, 20231231},           {"TW IV 2023", 20231001, 20231231},
        {"Triwulan III/2023", 20230701, 20230930}, {"2023 TW1", 20230101, 20230331},
        {"Q2 2023", 20230401, 20230630},           {"2023", 20230101, 20231231},
        {"2023-11", 20231101, 20231130},
    };
    static const char *const bad[] = {"", "soon", "TW V 2023", "TW II", "Q2 23", "2023 maybe"};
    civil_day from, to;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(plan_time(good[i].text, &from, &to));
        assert_int_equal(from, good[i].from);
        assert_int_equal(to, good[i].to);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(plan_time(bad[i], &from, &to));
}

static void faults_are_named(void **state)
{
    (void)state;
    static const char head[] =
        "No,Prioritas Unsur,Program/Kegiatan,Waktu,Penanggung Jawab,Status\n";
    static const struct {
        const char *rows, *said;
    } cases[] = {
        {"1,U1,a,2023-Q9,b,selesai\n", "plan.csv, line 2: the time is no quarter"},
        {"1,U1,a,2023-Q1,b,selesa\n", "did you mean selesai"},
        {"1,U1,,2023-Q1,b,selesai\n", "plan.csv, line 2: nothing is given"},
        {"1,U1,a\x01,2023-Q1,b,selesai\n", "plan.csv, line 2: a field is too long or is not text"},
    };
    struct publication p;
    struct error err;
    char text[400];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "%s%s", head, cases[i].rows);
        assert_int_equal(read_text(&p, text, &err), -1);
        assert_int_equal(err.code, ERROR_USAGE);
        if (!strstr(err.text, cases[i].said))
            fail_msg("'%s' does not say '%s'", err.text, cases[i].said);
        assert_null(p.item);
        assert_false(p.plan_given);
        publication_release(&p);
    }
    assert_int_equal(read_text(&p, "No,Waktuu\n", &err), -1);
    assert_non_null(strstr(err.text, "'Waktuu' that plans do not have; did you mean waktu?"));
    publication_release(&p);
    assert_int_equal(read_text(&p, "No,Waktu\n", &err), -1);
    assert_non_null(strstr(err.text, "has no column prioritasunsur"));
    publication_release(&p);
    assert_int_equal(read_text(&p, "", &err), -1);
    publication_release(&p);
}

static void as_many_as_it_takes(void **state)
{
    (void)state;
    static char text[64 * (PLAN_ITEMS_MAX + 2)];
    struct publication p;
    struct error err;
    size_t at = (size_t)snprintf(text, sizeof text,
                                 "Prioritas Unsur,Program/Kegiatan,Waktu,Penanggung Jawab\n");

    for (unsigned i = 0; i < PLAN_ITEMS_MAX; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "U1,a,2023-Q1,b\n");
    assert_int_equal(read_text(&p, text, &err), 0);
    publication_release(&p);
    snprintf(text + at, sizeof text - at, "U1,a,2023-Q1,b\n");
    assert_int_equal(read_text(&p, text, &err), -1);
    assert_non_null(strstr(err.text, "more than 500 rows"));
    publication_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indonesian_file),
        cmocka_unit_test(english_file_in_another_order),
        cmocka_unit_test(times_as_people_write_them),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(as_many_as_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
