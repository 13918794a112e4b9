#include "tests/common/instrument.h"

#include <string.h>

#define NOWHERE SIZE_MAX

static struct arena arena;
static struct buf text, again;
static struct error err;

static int start(void **state)
{
    (void)state;
    arena_init(&arena, INSTRUMENT_ARENA);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    buf_release(&text);
    buf_release(&again);
    return 0;
}

static const struct instrument *parse(const char *path)
{
    arena_clear(&arena);
    error_clear(&err);
    return instrument_parse(&arena, text.data, text.len, path, &err);
}

static void reads_all_of_it(void **state)
{
    (void)state;
    made_text(&text, NOWHERE, NULL);
    const struct instrument *in = parse(NULL);
    assert_non_null(in);
    assert_string_equal(in->code, "tiga");
    assert_string_equal(in->version, "1");
    assert_string_equal(in->name_id, "Tiga pertanyaan");
    assert_string_equal(in->name_en, "Three questions");
    assert_int_equal(in->scale, 3);
    assert_int_equal(in->elements, 2);
    assert_string_equal(in->element[0].code, "U1");
    assert_string_equal(in->column[0], "u1");
    assert_string_equal(in->element[0].name_en, "Quality");
    assert_string_equal(in->element[0].label_id[1], "Cukup; sedang");
    assert_string_equal(in->element[0].label_id[2], "Baik = sekali");
    assert_string_equal(in->element[0].label_en[2], "Good");
    assert_string_equal(in->element[1].name_en, "Waktu"); /* not said: the same */
    assert_null(in->element[1].label_id);
    assert_int_equal(in->methods, 2);
    assert_string_equal(in->method[0].name, "exact");
    assert_int_equal(in->method[1].num, 49);
    assert_int_equal(in->method[1].den, 100);
    assert_int_equal(in->bounds, 2);
    assert_string_equal(in->bound[0].grade, "A");
    assert_string_equal(in->bound[0].quality_en, "Good");
    assert_int_equal(in->bound[0].low, 8001);
    assert_int_equal(in->bound[1].low, 3333);
    assert_int_equal(in->bound[1].high, 8000);
}

static void writes_what_it_read(void **state)
{
    (void)state;
    made_text(&text, NOWHERE, NULL);
    const struct instrument *in = parse(NULL);
    assert_non_null(in);
    buf_clear(&again);
    instrument_write(in, &again);
    assert_string_equal(again.data, text.data);
}

/* The same questionnaire, as people and their editors may write it. */
static void forgives_what_means_the_same(void **state)
{
    (void)state;
    static const char other[] =
        "\xEF\xBB\xBF; made by hand\r\n"
        "[instrument]\r\n  scale=3\r\n\tname_en = Three questions \r\ncode : tiga\r\n"
        "version = 1\r\nname = Tiga pertanyaan\r\n"
        "[grade B]\r\nfrom = 33.33\r\nto = 80\r\nquality = Buruk\r\n"
        "# the others\r\n[element   U1]\r\n3_en = Good\r\n2_en = Fair\r\n1_en = Bad\r\n"
        "3 = Baik = sekali\r\n2 = Cukup; sedang\r\n1 = Buruk\r\nname = Mutu\r\n"
        "name_en = Quality\r\n[element U2]\r\nname=Waktu\r\nname_en=Waktu\r\n"
        "[method]\r\n0.49 = 0.49\r\n"
        "[grade A]\r\nfrom = 80.01\r\nto = 100\r\nquality = Baik\r\nquality_en = Good";
    buf_clear(&text);
    buf_puts(&text, other);
    const struct instrument *in = parse(NULL);
    assert_string_equal(err.text, "");
    assert_non_null(in);
    buf_clear(&again);
    instrument_write(in, &again);
    made_text(&text, NOWHERE, NULL);
    assert_string_equal(again.data, text.data);
}

static size_t line_of(const char *line)
{
    for (size_t i = 0; i < MADE_LINES; i++)
        if (strcmp(made_lines[i], line) == 0)
            return i;
    fail_msg("no line %s", line);
    return 0;
}

/* One line is another, or is left out, and what is said then. */
static const struct {
    const char *line, *instead, *field, *says;
} faults[] = {
    {"[instrument]", NULL, "code", "line 1: 'code' stands before the first [section]"},
    {"[instrument]", "[instrumen]", "instrumen", "[instrument] must be the first section"},
    {"[instrument]", "[method]", "method", "[instrument] must be the first section"},
    {"[instrument]", "[instrument] x", "instrument", "behind [instrument] the line must end"},
    {"[instrument]", "[instrument", "", "neither [section] nor name = value"},
    {"code = tiga", NULL, "code", "line 1: [instrument] lacks 'code': write code = .."},
    {"code = tiga", "code = -tiga", "code", "line 2: '-tiga' is no code: 1 to 64 letters"},
    {"code = tiga", "code = ../tiga", "code", "is no code"},
    {"code = tiga", "code =", "code", "'' is no code"},
    {"code = tiga", "kode = tiga", "kode", "no 'kode' in [instrument]; did you mean 'code'?"},
    {"code = tiga", "something else", "", "line 2: this is neither [section] nor name = value"},
    {"code = tiga", "code = a\nversion = 1", "version", "was given already on line 3"},
    {"version = 1", NULL, "version", "lacks 'version'"},
    {"version = 1", "version =", "version", "'version' is empty: write it behind the ="},
    {"name = Tiga pertanyaan", NULL, "name", "lacks 'name'"},
    {"scale = 3", NULL, "scale", "lacks 'scale'"},
    {"scale = 3", "scale = 1", "scale", "'scale = 1': must be a whole number, 2 to 100"},
    {"scale = 3", "scale = 0", "scale", "must be a whole number"},
    {"scale = 3", "scale = 101", "scale", "must be a whole number"},
    {"scale = 3", "scale = 3.0", "scale", "must be a whole number"},
    {"scale = 3", "scale = -3", "scale", "must be a whole number"},
    {"scale = 3", "scale = 4294967299", "scale", "must be a whole number"},
    {"scale = 3", "scale = tiga", "scale", "must be a whole number"},
    {"scale = 3", "scale = 2", "3", "'3' is no rating: labels are called 1 to 2"},
    {"scale = 3", "scale = 4", "U1", "line 12: [element U1] has labels, but none called 4"},
    {"[method]", "[metod]", "metod", "there is no section [metod]; did you mean [method]?"},
    {"[method]", "[method x]", "method x", "there is no section [method x]; known are"},
    {"[method]", "[instrument]", "instrument", "there is [instrument] already, on line 1"},
    {"exact = 1/2", "exact = 1/3", "exact", "line 9: exact is 1/2, for 2 elements"},
    {"exact = 1/2", "exact = 0.49", "exact", "exact is 1/2, for 2 elements: take the line out"},
    {"exact = 1/2", "0.49 = 0.49", "0.49", "line 10: '0.49' was given already on line 9"},
    {"exact = 1/2", "ex act = 1/2", "ex act", "is no name of a method"},
    {"0.49 = 49/100", "w = 0", "w", "'w = 0': the weight of one element must be a fraction"},
    {"0.49 = 49/100", "w = 0/1", "w", "must be a fraction like 1/9, or a number like 0.111"},
    {"0.49 = 49/100", "w = 1/0", "w", "must be a fraction"},
    {"0.49 = 49/100", "w = -1/2", "w", "must be a fraction"},
    {"0.49 = 49/100", "w = 1/2/3", "w", "must be a fraction"},
    {"0.49 = 49/100", "w = 0,49", "w", "must be a fraction"},
    {"0.49 = 49/100", "w = 0.", "w", "must be a fraction"},
    {"0.49 = 49/100", "w = .5", "w", "must be a fraction"},
    {"0.49 = 49/100", "w = 1e-1", "w", "must be a fraction"},
    {"0.49 = 49/100", "w = 0.4900000", "w", "must be a fraction"},
    {"0.49 = 49/100", "w = 1/2000000", "w", "must be a fraction"},
    {"0.49 = 49/100", "w = 49", "w", "49/1 for each of 2 elements makes 9800.00 of the best"},
    {"0.49 = 49/100", "w = 0.049", "w", "49/1000 for each of 2 elements makes 9.80 of"},
    {"[element U1]", "[element]", "element", "there is no section [element]"},
    {"[element U1]", "[element 1]", "element", "'1' is no code of an element: a letter, then"},
    {"[element U1]", "[element U-1]", "element", "is no code of an element"},
    {"[element U1]", "[element U1234567890123456]", "element", "underscores, 16 at most"},
    {"[element U1]", "[element u2]", "U2", "line 22: there is an element u2 already, on line 12"},
    {"[element U1]", "[element Age]", "Age", "'Age' is the name of another column of a file"},
    {"[element U1]", "[element Layanan]", "Layanan", "is the name of another column"},
    {"[element U1]", "[elemen U1]", "elemen U1", "there is no section [elemen U1]"},
    {"[element U1]", NULL, "name", "'name = Mutu': the weight of one element"},
    {"name = Mutu", NULL, "U1", "line 12: [element U1] has no name: write name = .."},
    {"name = Mutu", "nama = Mutu", "nama", "no 'nama' in [element U1]; did you mean 'name'?"},
    {"name_en = Quality", "name = Quality", "name", "line 14: 'name' was given already on line 13"},
    {"1 = Buruk", NULL, "U1", "has labels, but none called 1: give all of 1 to 3, or none"},
    {"3_en = Good", NULL, "U1", "none called 3_en: give all of 1_en to 3_en, or none"},
    {"1 = Buruk", "0 = Buruk", "0", "'0' is no rating: labels are called 1 to 3"},
    {"1 = Buruk", "01 = Buruk", "01", "is no rating"},
    {"1 = Buruk", "1_id = Buruk", "1_id", "in English 1_en to 3_en"},
    {"1 = Buruk", "99999999999 = Buruk", "99999999999", "is no rating"},
    {"1 = Buruk", "2 = Buruk", "2", "'2' was given already on line 15"},
    {"1 = Buruk", "1 =", "1", "'1' is empty"},
    {"name = Waktu", "1_en = A\n2_en = B\n3_en = C\nname = W", "U2", "has English labels only"},
    {"[grade A]", NULL, "quality", "there is no 'quality' in [element U2]"},
    {"[grade A]", "[grade]", "grade", "there is no section [grade]"},
    {"[grade A]", "[grade B]", "B", "line 31: there is a grade B already, on line 25"},
    {"[grade A]", "[grade A+]", "grade", "is no name of a grade"},
    {"quality = Baik", NULL, "A", "line 25: [grade A] lacks 'quality'"},
    {"from = 80.01", NULL, "A", "[grade A] lacks 'from'"},
    {"to = 100.00", NULL, "A", "[grade A] lacks 'to'"},
    {"to = 100.00", "to = 100.01", "to", "must be a number from 0 to 100 with at most two"},
    {"to = 100.00", "to = 100,00", "to", "must be a number from 0 to 100"},
    {"to = 100.00", "to = 99.999", "to", "must be a number from 0 to 100"},
    {"to = 100.00", "to = -1", "to", "must be a number from 0 to 100"},
    {"to = 100.00", "to = 1000", "to", "must be a number from 0 to 100"},
    {"to = 100.00", "to = 99.99", "A", "but the highest grade, A, to 99.99: let it go up to"},
    {"to = 100.00", "to = 80", "A", "[grade A] ends at 80.00, below where it begins, 80.01"},
    {"from = 80.01", "from = 80", "B", "grade B goes up to 80.00, but grade A begins at 80.00"},
    {"from = 80.01", "from = 80.02", "B", "no grade holds 80.01 to 80.01: let grade B go up to"},
    {"from = 33.33", "from = 33.34", "B", "the index begins at 33.33, all answers 1, but"},
    {"from = 33.33", "from = 90", "B", "line 34: [grade B] ends at 80.00"},
};

static void says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        made_text(&text, line_of(faults[i].line), faults[i].instead);
        if (parse(NULL))
            fail_msg("%s -> %s: taken", faults[i].line, faults[i].instead);
        if (!strstr(err.text, faults[i].says) || strcmp(err.field, faults[i].field) != 0)
            fail_msg("%s -> %s: [%s] %s", faults[i].line, faults[i].instead, err.field, err.text);
        assert_int_equal(err.code, ERROR_INVALID);
        char with_path[512 + 8];
        assert_null(parse("x.ini"));
        if (strncmp(faults[i].says, "line ", 5) == 0) {
            (void)snprintf(with_path, sizeof with_path, "x.ini:%s", faults[i].says + 5);
            assert_int_equal(strncmp(err.text, with_path, strlen(with_path)), 0);
        }
    }
}

static void refuses_what_is_no_text(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } table[] = {
        {"", 0, "there is no section [instrument]"},
        {"\n\n; nothing\n", 12, "there is no section [instrument]"},
        {"[instrument]\ncode = a\0b\n", 24, "line 2: the line contains a zero byte"},
        {"[instrument]\ncode = \xff\n", 21, "line 2: the line is not valid UTF-8"},
        {"[instrument]\nname = a\x1b[2J\n", 25, "line 2: the line "},
        {"[instrument]\rcode = a\n", 22, "line 1: the line "},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        buf_clear(&text);
        buf_add(&text, table[i].bytes, table[i].size);
        if (table[i].size == 0)
            buf_puts(&text, "");
        assert_null(parse(NULL));
        if (!strstr(err.text, table[i].says))
            fail_msg("%zu: %s", i, err.text);
    }
    assert_null(instrument_parse(&arena, NULL, 0, NULL, &err));
    buf_clear(&text);
    buf_puts(&text, "[instrument]\nname = ");
    while (text.len < 2000)
        buf_putc(&text, 'a');
    assert_null(parse(NULL));
    assert_non_null(strstr(err.text, "line 2: the line is too long"));
    while (text.len <= INSTRUMENT_TEXT_MAX)
        buf_putc(&text, '\n');
    assert_null(parse("big.ini"));
    assert_int_equal(err.code, ERROR_TOO_LARGE);
}

static void takes_the_largest(void **state)
{
    (void)state;
    for (unsigned elements = 63; elements <= 65; elements++) {
        buf_clear(&text);
        buf_puts(&text, "[instrument]\ncode = x\nversion = 1\nname = X\nscale = 100\n");
        for (unsigned e = 1; e <= elements; e++) {
            buf_printf(&text, "[element E%u]\nname = E\n", e);
            for (unsigned r = 1; e < 20 && r <= 100; r++)
                buf_printf(&text, "%u = r\n%u_en = e\n", r, r);
        }
        buf_puts(&text, "[grade G]\nquality = Q\nfrom = 0\nto = 100\n");
        const struct instrument *in = parse(NULL);
        if (elements > INSTRUMENT_ELEMENTS_MAX) {
            assert_null(in);
            assert_non_null(strstr(err.text, "there are over 64 elements"));
            continue;
        }
        assert_string_equal(err.text, "");
        assert_int_equal(in->elements, elements);
        assert_int_equal(in->method[0].den, elements);
    }
    /* Too small an arena is said to be that, and not a fault of the text. */
    made_text(&text, NOWHERE, NULL);
    for (size_t cap = 16; cap < 4096; cap += 16) {
        struct arena small;
        arena_init(&small, cap);
        if (!instrument_parse(&small, text.data, text.len, NULL, &err))
            assert_non_null(strstr(err.text, "memory ran out"));
        arena_release(&small);
    }
}

/* Whatever stands in the text: a whole instrument that can be written and read again, or a
 * sentence. */
static void try_it(unsigned *taken, unsigned *refused)
{
    const struct instrument *in = parse(NULL);
    if (!in) {
        assert_true(err.text[0] != '\0' && err.text[strlen(err.text) - 1] != '\n');
        assert_int_equal(err.code, ERROR_INVALID);
        ++*refused;
        return;
    }
    struct arena other;
    struct buf twice = {0};
    buf_clear(&again);
    instrument_write(in, &again);
    arena_init(&other, INSTRUMENT_ARENA);
    const struct instrument *second =
        instrument_parse(&other, again.data, again.len, "again", &err);
    if (!second)
        fail_msg("%s in:\n%s", err.text, again.data);
    instrument_write(second, &twice);
    assert_string_equal(twice.data, again.data);
    buf_release(&twice);
    arena_release(&other);
    ++*taken;
}

static void survives_bad_inputs(void **state)
{
    (void)state;
    static const char *const values[] = {
        "",      " ",    "0",        "-1",      "1",     "2",     "99",      "100",
        "101",   "1e9",  "1/1",      "1/2",     "0.5",   "./..",  "=",       "==",
        ":",     "[",    "]",        "[grade]", ";",     "#",     "%s%n%d",  "'",
        "\"",    "\\",   "\xC3\xA9", "80.01",   "80.00", "33.33", "9999999", "\xE2\x80\xAE",
        "a b c", "NULL", "U1",
    };
    static const char *const keys[] = {"code", "version", "name", "name_en", "scale", "exact",  "w",
                                       "1",    "3",       "3_en", "from",    "to",    "quality"};
    static const char *const titles[] = {"[instrument]", "[method]",  "[element U1]", "[element X]",
                                         "[grade A]",    "[grade C]", "[]",           "[ ]",
                                         "[element  ]",  "[[x]]",     "[grade A] ;"};
    unsigned taken = 0, refused = 0;
    char line[64];
    for (size_t place = 0; place < MADE_LINES; place++) {
        made_text(&text, place, NULL);
        try_it(&taken, &refused);
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                (void)snprintf(line, sizeof line, "%s = %s", keys[k], values[v]);
                made_text(&text, place, line);
                try_it(&taken, &refused);
            }
        for (size_t t = 0; t < sizeof titles / sizeof *titles; t++) {
            made_text(&text, place, titles[t]);
            try_it(&taken, &refused);
        }
    }
    made_text(&text, NOWHERE, NULL);
    size_t whole = text.len;
    for (size_t size = 0; size < whole; size++) { /* cut, and one byte another */
        made_text(&text, NOWHERE, NULL);
        char *byte = &text.data[size];
        static const char others[] = "\n=[];/0 \x01\xff";
        for (size_t i = 0; i < sizeof others; i++) {
            char was = *byte;
            *byte = others[i];
            try_it(&taken, &refused);
            *byte = was;
        }
        text.len = size;
        try_it(&taken, &refused);
    }
    assert_true(refused > 15000 && taken > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_of_it),
        cmocka_unit_test(writes_what_it_read),
        cmocka_unit_test(forgives_what_means_the_same),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(takes_the_largest),
        cmocka_unit_test(survives_bad_inputs),
    };
    return cmocka_run_group_tests_name("common/instrument", tests, start, end);
}
