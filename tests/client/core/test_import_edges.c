/* What people's files and maps hold at the ends of what is allowed. */
#include "client/core/import.h"

#include "tests/client/core/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define U "u1,u2,u3,u4,u5,u6,u7,u8,u9"
#define R "1,2,3,4,1,2,3,4,1"

static void check(struct reading r, const char *text, const char *said)
{
    r.settings.zone = ZONE_WIB;
    reading_run(&r, text, strlen(text));
    if (r.status != 0)
        fail_msg("\"%s\": %s", text, r.err.text);
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

/* Two questions, rated from 1 to a scale of two or three digits. */
static struct instrument wide(uint8_t scale)
{
    static const struct element element[] = {{.code = "A1"}, {.code = "A2"}};
    static const char *const column[] = {"a1", "a2"};
    struct instrument in = *instrument_find(NULL, NULL);

    in.code = "lebar";
    in.scale = scale;
    in.elements = 2;
    in.element = element;
    in.column = column;
    return in;
}

static void ratings_of_every_scale(void **state)
{
    static const struct {
        uint8_t scale;
        const char *rating; /* the first of two */
        const char *said;   /* NULL: taken */
    } table[] = {
        {12, "12", NULL},
        {12, "9", NULL},
        {12, "13", "a1 \"13\" is not a whole number from 1 to 12"},
        {12, "0", "a1 \"0\" is not a whole number from 1 to 12"},
        {12, "1x", "a1 \"1x\" is not a whole number from 1 to 12; a map can say what it means"},
        {12, "1/", "a1 \"1/\" is not a whole number from 1 to 12; a map can say what it means"},
        {12, "x1", "a1 \"x1\" is not a whole number from 1 to 12; a map can say what it means"},
        {12, "/1", "a1 \"/1\" is not a whole number from 1 to 12; a map can say what it means"},
        {12, "/", "a1 \"/\" is not a whole number from 1 to 12; a map can say what it means"},
        {100, "100", NULL},
        {100, "99", NULL},
        {100, "101", "a1 \"101\" is not a whole number from 1 to 100"},
        {100, "1000", "a1 \"1000\" is not a whole number from 1 to 100"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct instrument in = wide(table[i].scale);
        struct reading r = {.settings = {.instrument = &in}};
        struct buf text = {0}, said = {0};
        buf_printf(&text, "a1,a2,collected_at\n%s,1,2023-07-13\n", table[i].rating);
        buf_printf(&said, table[i].said ? "2!%s\n" : "2||||||||||\n", table[i].said);
        check(r, text.data, said.data);
        buf_release(&text);
        buf_release(&said);
    }
}

/* Blanks of every kind around cells and headings, and inside headings, mean nothing. */
static void blanks_mean_nothing(void **state)
{
    (void)state;
    check((struct reading){0},
          U ",collected\xC2\xA0"
            "at,\"jenis\nkelamin\"\n1,\t2,\"3\n\",4\t,1,2,3,4,1,"
            "2023-07-13,\" P\r\"\n",
          "3|||||P|||||\n");
    /* Half of a no-break space is none. */
    check_fails((struct reading){0}, U ",collected_at,sex\xC2\n" R ",2023-07-13,P\n", "column 11");
    check_fails((struct reading){0}, U ",collected_at,\xC2sex\n" R ",2023-07-13,P\n", "column 11");
}

static void map_lines(void **state)
{
    static const struct {
        const char *map;
        const char *head; /* of the eleventh column; P under it */
        const char *said; /* NULL: the map is refused */
    } table[] = {
        {"[columns]\nkelamin = sex\n", "kelamin", "2|||||P|||||\n"},
        {"; a word of ours\n\n[columns]\n \tkelamin\t=\tsex\t;ours\n", "kelamin", "2|||||P|||||\n"},
        {"[columns]\nkelamin = sex;\n", "kelamin", NULL},
        {"[columns]\nkelamin = ; passed over\n", "kelamin", "2||||||||||\n"},
        {"[columns]\nkelamin = -\n", "kelamin", "2||||||||||\n"},
        {"[columns]\na=b = sex\n", "a=b", "2|||||P|||||\n"},
        {"[columns]\na = b=sex\n", "a = b", NULL}, /* the one with blanks around parts it */
        {"[columns]\na=b=sex\n", "a=b", "2|||||P|||||\n"},
        {"[columns]\na= b=sex\n", "a= b", "2|||||P|||||\n"},
        {"[columns]\nx\t=\n", "x", "2||||||||||\n"},
        {"[columns]\n#11 = sex\n", "who knows", "2|||||P|||||\n"},
        {"[columns]\n# 11 = sex\nkelamin = sex\n", "kelamin", "2|||||P|||||\n"},
        {"[columns]\n#11x = sex\nkelamin = sex\n", "kelamin", "2|||||P|||||\n"},
        {"[columns]\n#/ = sex\nkelamin = sex\n", "kelamin", "2|||||P|||||\n"},
        {"[columns]\n# = sex\n", "#", "2|||||P|||||\n"},
        {"[columns]\n#99999999999999999999 = sex\nkelamin = sex\n", "kelamin", "2|||||P|||||\n"},
        {"[columns]\n[kelamin = sex\n", "[kelamin", "2|||||P|||||\n"},
        {"[columns]\n[kelamin] = sex\n", "[kelamin]", "2|||||P|||||\n"},
        {"[columns]\n[values.sex]\nX = L\n", "sex", "2|||||P|||||\n"},
        {"[values.sex]\nP = L\n", "sex", "2|||||L|||||\n"},
        {"[values.]\nP = L\n", "sex", NULL},
        {"[value.sex]\nP = L\n", "sex", NULL},
        {"[columnz]\nkelamin = sex\n", "kelamin", NULL},
        {"[]\nkelamin = sex\n", "kelamin", NULL},
        {"kelamin = sex\n", "kelamin", NULL},
        {"[columns]\nkelamin\n", "kelamin", NULL},
        {"[columns]\n = sex\n", "kelamin", NULL},
        {"[columns]\nkelamin = sex\nKelamin = age\n", "kelamin", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct reading r = {.map = table[i].map};
        struct buf text = {0};
        buf_printf(&text, U ",collected_at,%s\n" R ",2023-07-13,P\n", table[i].head);
        if (table[i].said)
            check(r, text.data, table[i].said);
        else
            check_fails(r, text.data, "");
        buf_release(&text);
    }
}

/* A row inside a text is told, and so are the cells of a row that are too many. */
static void rows_that_are_too_long(void **state)
{
    (void)state;
    check((struct reading){0},
          "u1;u2;u3;u4;u5;u6;u7;u8;u9;collected_at\n1;2;3;4;1;2;3;4;1;"
          "2023-07-13;\n1;2;3;4;1;2;3;4;1;2023-07-13;x\n",
          "2||||||||||\n3!row has 11 fields where the header has 10: is a semicolon in a text "
          "without quotes?\n");
    check((struct reading){0},
          "u1\tu2\tu3\tu4\tu5\tu6\tu7\tu8\tu9\tcollected_at\n1\t2\t3\t4\t1\t2\t3\t4\t1\t2023-07-13"
          "\tx\n",
          "2!row has 11 fields where the header has 10: is a tab in a text without quotes?\n");
}

static void canonical_columns(void **state)
{
    struct buf out = {0};
    const struct instrument in = wide(10);

    (void)state;
    import_canonical_header(&in, &out);
    assert_string_equal(out.data, "a1,a2,id,collected_at,service,channel,stakeholder,perspective,"
                                  "sex,age,education,occupation,comment,comment_kind");
    buf_release(&out);
}

static void settings_that_are_wrong(void **state)
{
    (void)state;
    check_fails((struct reading){.settings = {.word = {[WORD_CHANNEL] = "a\x07"}}}, U "\n",
                "--channel contains a control character");
    check_fails((struct reading){.settings = {.word = {[WORD_PERSPECTIVE] = "citizen"}}}, U "\n",
                "--perspective");
}

static void instruments_are_found_by_code(void **state)
{
    struct error err;

    (void)state;
    assert_ptr_equal(instrument_find("skm-2017", &err), instrument_find(NULL, NULL));
    assert_null(instrument_find("skm-2018", &err));
    assert_int_equal(err.code, ERROR_USAGE);
    assert_string_equal(err.text, "there is no instrument skm-2018; did you mean skm-2017?");
    assert_null(instrument_find("zzz", &err));
    assert_string_equal(err.text, "there is no instrument zzz; did you mean skm-2017?");
}

static void kinds_of_comments(void **state)
{
    (void)state;
    for (int kind = 1; kind <= 4; kind++) {
        const char *name = import_comment_kind_name(kind);
        assert_int_equal(import_comment_kind(name, strlen(name)), kind);
    }
    assert_string_equal(import_comment_kind_name(0), "");
    assert_string_equal(import_comment_kind_name(5), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratings_of_every_scale),
        cmocka_unit_test(blanks_mean_nothing),
        cmocka_unit_test(map_lines),
        cmocka_unit_test(rows_that_are_too_long),
        cmocka_unit_test(canonical_columns),
        cmocka_unit_test(settings_that_are_wrong),
        cmocka_unit_test(instruments_are_found_by_code),
        cmocka_unit_test(kinds_of_comments),
    };
    return cmocka_run_group_tests_name("client/core/import_edges", tests, NULL, NULL);
}
