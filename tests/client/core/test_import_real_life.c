#include "client/core/import.h"

#include "tests/client/core/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define U "u1,u2,u3,u4,u5,u6,u7,u8,u9"
#define R "1,2,3,4,1,2,3,4,1"

/* What forms and spreadsheets make of a survey: seen in files of offices. */

static void check_rows(struct reading r, const char *text, const char *said)
{
    r.settings.zone = ZONE_WIB;
    reading_run(&r, text, strlen(text));
    if (r.status != 0)
        fail_msg("%s", r.err.text);
    assert_string_equal(r.said.data, said);
    reading_release(&r);
}

static void check_fails(struct reading r, const char *text, const char *says)
{
    r.settings.zone = ZONE_WIB;
    reading_run(&r, text, strlen(text));
    assert_int_equal(r.status, -1);
    assert_int_equal(r.err.code, ERROR_USAGE);
    if (!strstr(r.err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", r.err.text, says);
    reading_release(&r);
}

static const struct reading plain;

static void knows_what_forms_call_the_time(void **state)
{
    (void)state;
    static const char *const names[] = {"Timestamp", "Stempel waktu", "Cap\xC2\xA0Waktu"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buf text = {0};
        buf_printf(&text, "%s," U "\n2019/06/30 1:05:09 PM GMT+7," R "\n", names[i]);
        check_rows(plain, text.data, "2||||||||||\n");
        buf_release(&text);
    }
}

static void refuses_a_file_with_the_month_first(void **state)
{
    (void)state;
    check_fails(plain, U ",collected_at\n" R ",6/7/2019\n" R ",6/30/2019\n",
                "6/30/2019 has the month first");
    check_rows(plain, U ",collected_at\n" R ",30/06/2019 13.05.09\n" R ",6/7/2019\n",
               "2||||||||||\n3||||||||||\n");
    struct reading filled = {.settings = {.collected_at = "6/30/2019"}};
    check_fails(filled, U "\n", "month first");
}

static void finds_the_rows_that_a_quote_swallowed(void **state)
{
    (void)state;
    check_fails(plain,
                U ",collected_at,comment\n" R ",2023-07-13,\"bagus\n" R ",2023-07-13,\n" R
                  ",2023-07-14,\"baik\"\n",
                "comment holds what looks like more rows: is a quote (\") missing on line 2?");
    check_fails(plain,
                "comment," U ",collected_at\n\"satu\ndua," R ",2023-07-13\n,3,3,3,3,3,3,3,3,3,"
                "2023-07-13\n\"tiga\"," R ",2023-07-13\n",
                "missing on line 2?");
    /* As many commas, but no ratings: only that row. */
    check_rows(plain,
               U ",collected_at,comment\n" R ",2023-07-13,\"perlu:\na,b,c,d,e,f,g,h,i,j,k\"\n" R
                 ",2023-07-14,\n",
               "2!comment holds what looks like more rows: is a quote (\") missing on line 2?\n"
               "4||||||||||\n");
    check_rows(plain, "comment," U ",collected_at\n\"satu,\ndua, tiga\n" R "\"," R ",2023-07-13\n",
               "2|||||||||satu,\ndua, tiga\n" R "|input\n");
}

static void judges_closed_lists_itself(void **state)
{
    (void)state;
    check_rows(plain,
               U ",collected_at,channel,stakeholder,perspective\n" R ",2023-07-13,kios,,\n" R
                 ",2023-07-13,,orang,\n" R ",2023-07-13,,,provder\n" R
                 ",2023-07-13,Web,MEDIA,Provider\n",
               "2!channel is not known: kios; the nearest is kiosk\n"
               "3!stakeholder is not known: orang; it is one of public, business, academia, "
               "government, ombudsman, community, media\n"
               "4!perspective is not known: provder; the nearest is provider\n"
               "5||web|media|provider||||||\n");
    struct reading filled = {.settings = {.word = {[WORD_CHANNEL] = "kios"}}};
    check_fails(filled, U ",collected_at\n", "--channel is not known: kios; the nearest is kiosk");
}

static void maps_headings_of_every_form(void **state)
{
    (void)state;
    const struct reading r = {
        .map = "\xEF\xBB\xBF[columns]\r\n"
               "Biaya = tarif? = u4 ; as they ask it\r\n"
               "[U5] Produk; hasil = u5\n"
               "[1] = -\n"
               "#2 = u1\n"
               "# a comment of its own = x\n"
               "; another\n"
               "Sistem dan\xC2\xA0prosedur = u2\n"
               "u3a=u3\n"
               "Panjang xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx = u6\n"
               "[values.channel]\n[a] = b = web\n",
    };
    check_rows(r,
               "[1],Apa?,Sistem dan prosedur,u3a,Biaya = tarif?,[U5] Produk; hasil,Panjang "
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,u7,u8,u9,"
               "collected_at,channel\n"
               "9,1,2,3,4,1,2,3,4,1,2023-07-13,[a] = b\n",
               "2||web||||||||\n");
}

static void says_what_to_do_about_a_header(void **state)
{
    (void)state;
    check_fails(plain, "Laporan survei bulan Juni\n\n" U ",collected_at\n",
                "delete the lines above them");
    check_fails(plain, "u1|u2|u3\n1|2|3\n", "separated by comma, semicolon or tab");
    struct buf text = {0};
    buf_printf(&text, U ",collected_at,Apakah%0300d\n", 0);
    struct reading r = {.settings = {.zone = ZONE_WIB}};
    reading_run(&r, text.data, text.len);
    assert_null(strstr(r.err.text, "0000000000000000000000000000000000000000000000000000000"));
    assert_non_null(strstr(r.err.text, "000..\""));
    reading_release(&r);
    buf_release(&text);
}

static void shows_the_cell_that_is_wrong(void **state)
{
    (void)state;
    check_rows(plain, U ",collected_at\n" R ",30/06/2019 13.99\n",
               "2!collected_at \"30/06/2019 13.99\" is not a date and time; write 2023-07-13 14:05 "
               "or 13/07/2023 14:05\n");
    check_rows(plain,
               U ",collected_at\n\x1b[2J,2,3,4,1,2,3,4,1,2023-07-13\n"
                 "\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97"
                 "\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5"
                 "123456789012345678901234567890xyz,2,3,4,1,2,3,4,1,2023-07-13\n",
               "2!u1 \"\\x1b[2J\" is not 1, 2, 3 or 4; a map can say what it means\n"
               "3!u1 \"\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6"
               "\x97\xA5\xE6\x97\xA5\xE6\x97\xA5\xE6\x97\xA5"
               "123456789012345678901234567890..\" is not 1, 2, 3 or 4; a map can say what it "
               "means\n");
}

/* A rejected row means the same without the options and the map that it was read with. */
static void rejects_rows_in_our_own_words(void **state)
{
    (void)state;
    struct reading r = {
        .settings = {.zone = ZONE_WIB,
                     .collected_at = "2019-06-30",
                     .word = {[WORD_PERSPECTIVE] = "provider", [WORD_CHANNEL] = "paper"}},
        .map = "[columns]\nu8 = u9\nu9 = u8\n[values.u1]\n1 = 4\n4 = 1\n[values.sex]\nPria = L\n",
    };
    static const char file[] = U ",channel,sex\n1,2,3,4,1,2,3,4,\xFF,web,Pria\n"
                                 "4,2,3,4,1,2,3,x,1,,\n";
    reading_run(&r, file, sizeof file - 1);
    assert_int_equal(r.rejected, 2);
    assert_string_equal(r.cells.data, "4,2,3,4,1,2,3,\xFF,4,,2019-06-30,,web,,provider,L,,,,,\n"
                                      "1,2,3,4,1,2,3,1,x,,2019-06-30,,paper,,provider,,,,,,\n");
    reading_release(&r);
    /* And with them, too: nothing is mapped a second time. */
    struct reading again = {
        .settings = {.zone = ZONE_WIB, .word = {[WORD_CHANNEL] = "phone"}},
        .map = "[columns]\nu8 = u9\nu9 = u8\n[values.u1]\n1 = 4\n4 = 1\n[values.u9]\nx = 2\n",
    };
    static const char corrected[] =
        "line,field,reason," U ",id,collected_at,channel\n3,u9,x,1,2,3,4,1,2,3,1,x,,"
        "2019-06-30,paper\n";
    reading_run(&again, corrected, sizeof corrected - 1);
    assert_int_equal(again.taken, 1);
    assert_memory_equal(again.row[0].ratings, ((uint8_t[]){1, 2, 3, 4, 1, 2, 3, 1, 2}), 9);
    assert_string_equal(again.said.data, "2||paper||||||||\n");
    reading_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_forms_call_the_time),
        cmocka_unit_test(refuses_a_file_with_the_month_first),
        cmocka_unit_test(finds_the_rows_that_a_quote_swallowed),
        cmocka_unit_test(judges_closed_lists_itself),
        cmocka_unit_test(maps_headings_of_every_form),
        cmocka_unit_test(says_what_to_do_about_a_header),
        cmocka_unit_test(shows_the_cell_that_is_wrong),
        cmocka_unit_test(rejects_rows_in_our_own_words),
    };
    return cmocka_run_group_tests_name("client/core/import, files of real life", tests, NULL, NULL);
}
