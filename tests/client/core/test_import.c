#include "client/core/import.h"

#include "tests/client/core/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define U "u1,u2,u3,u4,u5,u6,u7,u8,u9"
#define R "1,2,3,4,1,2,3,4,1"

static void run(struct reading *r, const char *text)
{
    reading_run(r, text, strlen(text));
}

/* A file whose zone is known, and what is said of its rows. */
static void check_rows(const char *text, const char *said)
{
    struct reading r = {.settings = {.zone = ZONE_WIB}};
    run(&r, text);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.said.data, said);
    reading_release(&r);
}

static void check_fails(struct reading r, const char *text, enum error_code code, const char *says)
{
    run(&r, text);
    assert_int_equal(r.status, -1);
    assert_int_equal(r.err.code, code);
    if (!strstr(r.err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", r.err.text, says);
    reading_release(&r);
}

static void knows_its_columns(void **state)
{
    (void)state;
    check_rows(U ",collected_at,service,channel,stakeholder,perspective,sex,age,education,"
                 "occupation,comment,comment_kind\n" R
                 ",2023-07-13,UJI,web,public,provider,P,<=20,SMA,Swasta,baik,praise\n",
               "2|UJI|web|public|provider|P|<=20|SMA|Swasta|baik|praise\n");
    check_rows("Occupation,COMMENT,Collected At,U9,U8,U7,U6,U5,U4,U3,U2,U1\n"
               "TNI,lama,13/07/2023 10:00," R "\n",
               "2||||||||TNI|lama|input\n");
    check_rows(U ",Tanggal,Layanan,Kanal,Jenis-Kelamin,Umur,Pendidikan,Pekerjaan,Komentar\n" R
                 ",2023-07-13,UJI,web,L,21-30,S1,TNI,x\n",
               "2|UJI|web|||L|21-30|S1|TNI|x|input\n");
    check_rows("line,field,reason," U ",collected_at\n3,u1,is missing," R ",2023-07-13\n",
               "2||||||||||\n");
}

static void says_what_is_wrong_with_columns(void **state)
{
    (void)state;
    static const struct reading none = {.settings = {.zone = ZONE_WIB}};
    const struct reading when = {.settings = {.zone = ZONE_WIB, .collected_at = "2023-07-13"}};
    const struct reading id = {.settings = {.zone = ZONE_WIB, .id_column = "Stempel"}};
    check_fails(none, U ",collected_at,servise\n", ERROR_USAGE, "did you mean service");
    check_fails(none, U ",collected_at,servise\n", ERROR_USAGE, "column 11 ");
    check_fails(none, U ",collected_at,xyzzy\n", ERROR_USAGE, "\"xyzzy\"");
    check_fails(none, U ",collected_at,\x1b[2J\n", ERROR_USAGE, "\\x1b[2J");
    check_fails(none, U ",collected_at,a\xFF\n", ERROR_USAGE, "column 11");
    check_fails(none, U ",collected_at,u1\n", ERROR_USAGE,
                "columns 1 \"u1\" and 11 \"u1\" are both u1");
    check_fails(none, U ",collected_at,tanggal\n", ERROR_USAGE, "`tanggal = -`");
    check_fails(none, U ",collected_at,,service\n", ERROR_USAGE,
                "column 11, after \"collected_at\" and before \"service\", has no name");
    check_fails(none, "u1,u2,u3,u4,u5,u6,u7,collected_at\n", ERROR_USAGE, "lacks columns u8, u9");
    check_fails(none, U "\n", ERROR_USAGE, "--collected-at");
    check_fails(when, "u1,u2,u3,u4,u5,u6,u7,u9\n", ERROR_USAGE, "lacks column u8;");
    check_fails(id, U ",collected_at\n", ERROR_USAGE, "no column \"Stempel\"");
}

static void rejects_rows_by_field_and_reason(void **state)
{
    (void)state;
    static const struct {
        const char *row, *said;
    } rows[] = {
        {"0,2,3,4,1,2,3,4,1,2023-07-13,,", "u1 \"0\" is not 1, 2, 3 or 4"},
        {"1,5,3,4,1,2,3,4,1,2023-07-13,,", "u2 \"5\" is not 1, 2, 3 or 4"},
        {"1,2,,4,1,2,3,4,1,2023-07-13,,", "u3 is missing"},
        {"1,2,3,4.0,1,2,3,4,1,2023-07-13,,",
         "u4 \"4.0\" is not 1, 2, 3 or 4; a map can say what it means"},
        {"1,2,3,4,-1,2,3,4,1,2023-07-13,,",
         "u5 \"-1\" is not 1, 2, 3 or 4; a map can say what it means"},
        {"1,2,3,4,1,Baik,3,4,1,2023-07-13,,",
         "u6 \"Baik\" is not 1, 2, 3 or 4; a map can say what it means"},
        {"1,2,3,4,1,2,260,4,1,2023-07-13,,", "u7 \"260\" is not 1, 2, 3 or 4"},
        {"1,2,3,4,1,2,3,04,1,2023-07-13,,", "u8 \"04\" is not 1, 2, 3 or 4"},
        {R ",,,", "collected_at is missing"},
        {R ",2023-02-31,,", "collected_at \"2023-02-31\" is not a date and time; write 2023-07-13 "
                            "14:05 or 13/07/2023 14:05"},
        {R ",2033-07-13,,",
         "collected_at is in the future: this computer's clock says 2023-11-15 05:13"},
        {R ",1899-12-30,,", "collected_at is before the year 2000"},
        {R ",1999-12-31,,", "collected_at is before the year 2000"},
        {R ",2023-07-13,a\xC3(b,", "comment is not valid UTF-8"},
        {R ",2023-07-13,baik,pujian",
         "comment_kind \"pujian\" is not input, suggestion, complaint or praise"},
        {R ",2023-07-13,x", "row has 11 fields where the header has 12"},
        {R ",2023-07-13,x,praise,y",
         "row has 13 fields where the header has 12: is a comma in a text without quotes?"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reading r = {.settings = {.zone = ZONE_WIB}};
        struct buf text = {0}, said = {0};
        buf_printf(&text, U ",collected_at,comment,comment_kind\n%s\n" R ",2023-07-13,,\n",
                   rows[i].row);
        buf_printf(&said, "2!%s\n3||||||||||\n", rows[i].said);
        run(&r, text.data);
        assert_int_equal(r.status, 0);
        assert_string_equal(r.said.data, said.data);
        assert_int_equal(r.taken, 1);
        buf_release(&text);
        buf_release(&said);
        reading_release(&r);
    }
}

static void takes_texts_as_they_are(void **state)
{
    (void)state;
    check_rows(U ",collected_at,service,comment\n" R ",2023-07-13, \"UJI\" ,\"'; DROP TABLE\r\n"
                 "=1+1 %n\"\n",
               "2|UJI||||||||'; DROP TABLE\n=1+1 %n|input\n");
    struct buf text = {0};
    buf_printf(&text, U ",collected_at,service\n" R ",2023-07-13,%065d\n", 1);
    check_rows(text.data, "2!service is longer than 64 bytes\n");
    buf_clear(&text);
    buf_puts(&text, U ",collected_at,service\n" R ",2023-07-13,a\x07\n");
    check_rows(text.data, "2!service contains a control character\n");
    buf_clear(&text);
    buf_printf(&text, U ",collected_at,comment\n" R ",2023-07-13,%04001d\n", 1);
    check_rows(text.data, "2!comment is longer than 4000 bytes\n");
    buf_clear(&text);
    buf_printf(&text, U ",collected_at,comment\n" R ",2023-07-13,%070000d\n", 1);
    check_rows(text.data,
               "2!comment is longer than 65536 bytes: is a quote (\") missing on line 2?\n");
    buf_release(&text);
}

static void passes_over_empty_rows_and_cells(void **state)
{
    (void)state;
    check_rows(U ",collected_at,,\n,,,,,,,,,,,\n" R ",2023-07-13,,\n" R ",2023-07-13,,,,\n",
               "3||||||||||\n4||||||||||\n");
    check_rows(
        U ",collected_at,,\n" R ",2023-07-13,,x\n",
        "2!row has 12 fields where the header has 10: is a comma in a text without quotes?\n");
}

static void fills_what_the_file_lacks(void **state)
{
    (void)state;
    struct reading r = {.settings = {.zone = ZONE_WITA, .collected_at = "2019-06-30"}};
    r.settings.word[WORD_SERVICE] = "UJI";
    r.settings.word[WORD_CHANNEL] = "paper";
    run(&r, U ",channel,collected_at\n" R ",web,\n" R ",,2019-07-01 00:00\n");
    assert_int_equal(r.status, 0);
    assert_string_equal(r.said.data, "2|UJI|web||||||||\n3|UJI|paper||||||||\n");
    assert_int_equal(r.row[0].collected, 1561824000000); /* 2019-06-29T16:00Z */
    assert_int_equal(r.row[1].collected, 1561824000000 + 86400000);
    reading_release(&r);
}

static void needs_a_zone_for_local_times_only(void **state)
{
    (void)state;
    const struct reading none = {.settings = {.zone = ZONE_NONE}};
    check_fails(none, U ",collected_at\n" R ",2023-07-13\n", ERROR_USAGE, "suara status");
    struct reading r = none;
    run(&r, U ",collected_at\n" R ",2023-07-13T00:00:00+07:00\n");
    assert_int_equal(r.status, 0);
    assert_int_equal(r.taken, 1);
    reading_release(&r);
    struct reading filled = {.settings = {.zone = ZONE_NONE, .collected_at = "2023-07-13"}};
    check_fails(filled, U "\n", ERROR_USAGE, "suara status");
    struct reading wrong = {.settings = {.zone = ZONE_WIB, .collected_at = "13 Juli"}};
    check_fails(wrong, U "\n", ERROR_USAGE, "--collected-at 13 Juli");
}

static void maps_names_and_values(void **state)
{
    (void)state;
    struct reading r = {
        .settings = {.zone = ZONE_WIB},
        .map = "[columns]\nWaktu pengisian: = collected_at\nU1. Persyaratan = u1\nNama = -\n"
               "[values.u1]\nSangat sesuai = 4\nKurang sesuai=2\n[values.sex]\nLaki-laki = L\n"
               "[values.comment_kind]\nPujian = praise\n",
    };
    run(&r, "waktu  pengisian:,U1.Persyaratan,u2,u3,u4,u5,u6,u7,u8,u9,NAMA,sex,comment,"
            "comment_kind\n"
            "2023-07-13,sangat sesuai,2,3,4,1,2,3,4,1,Rahasia,laki-laki,x,pujian\n"
            "2023-07-13,Kurang Sesuai,2,3,4,1,2,3,4,1,,P,,pujian\n"
            "2023-07-13,Entah,2,3,4,1,2,3,4,1,,P,,\n");
    assert_int_equal(r.status, 0);
    assert_string_equal(r.said.data, "2|||||L||||x|praise\n3|||||P|||||\n4!u1 \"Entah\" is not 1, "
                                     "2, 3 or 4; a map can say what it means\n");
    assert_int_equal(r.row[0].ratings[0], 4);
    assert_int_equal(r.row[1].ratings[0], 2);
    /* Rejected rows are in our words where there are any, without the columns that are left out. */
    assert_null(strstr(r.cells.data, "Rahasia"));
    assert_non_null(strstr(r.cells.data, "Entah,2,3,4,1,2,3,4,1,,2023-07-13,,"));
    reading_release(&r);
}

static void refuses_a_wrong_map(void **state)
{
    (void)state;
    static const struct {
        const char *map, *says;
    } maps[] = {
        {"[columns]\nNama = namaku\n", "\"namaku\""},
        {"[columns]\nNama = -\nnama = sex\n", "peta.ini:3"},
        {"[kolom]\nNama = -\n", "peta.ini:1"},
        {"[columns]\nNama\n", "peta.ini:2"},
        {"[values.u10]\nBaik = 3\n", "values.u10"},
        {"[columns]\n#12 = -\n", "names column #12, but the file has 11 columns"},
        {"[columns]\n#x = -\n = u1\n", "peta.ini:3"},
    };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        const struct reading r = {.settings = {.zone = ZONE_WIB}, .map = maps[i].map};
        check_fails(r, U ",collected_at,nama\n", ERROR_USAGE, maps[i].says);
    }
}

/* A cell that was guarded against spreadsheets comes back as it was, but only in such a file. */
static void takes_a_corrected_file_back(void **state)
{
    (void)state;
    check_rows("line,field,reason," U ",collected_at,comment\n2,u1,is missing," R
               ",2023-07-13,'- kotor\n",
               "2|||||||||- kotor|input\n");
    check_rows("line,field,reason," U ",collected_at,comment\n2,u1,is missing," R
               ",2023-07-13,''- kotor\n",
               "2|||||||||'- kotor|input\n");
    check_rows(U ",collected_at,comment\n" R ",2023-07-13,'- kotor\n",
               "2|||||||||'- kotor|input\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_its_columns),
        cmocka_unit_test(says_what_is_wrong_with_columns),
        cmocka_unit_test(rejects_rows_by_field_and_reason),
        cmocka_unit_test(takes_texts_as_they_are),
        cmocka_unit_test(passes_over_empty_rows_and_cells),
        cmocka_unit_test(fills_what_the_file_lacks),
        cmocka_unit_test(needs_a_zone_for_local_times_only),
        cmocka_unit_test(maps_names_and_values),
        cmocka_unit_test(refuses_a_wrong_map),
        cmocka_unit_test(takes_a_corrected_file_back),
    };
    return cmocka_run_group_tests_name("client/core/import", tests, NULL, NULL);
}
