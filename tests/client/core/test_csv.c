#include "client/core/csv.h"

#include "common/buf.h"
#include "common/error.h"
#include "tests/common/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Each row as "line:[a][b]" and a newline; a field that was too long as [!]. */
static int note(const struct csv_row *row, void *arg, struct error *err)
{
    (void)err;
    struct buf *out = arg;
    buf_printf(out, "%llu:", (unsigned long long)row->line);
    for (size_t i = 0; i < row->count && i < CSV_COUNT_MAX; i++) {
        buf_putc(out, '[');
        buf_add(out, row->field[i].text, row->field[i].size);
        buf_puts(out, row->field[i].too_long ? "!]" : "]");
    }
    buf_putc(out, '\n');
    return 0;
}

/* Reads data in pieces of `step` bytes. */
static int read_in(const char *data, size_t size, size_t step, bool plain, struct buf *out,
                   struct error *err)
{
    struct csv_reader *reader = csv_reader_new(note, out);
    assert_non_null(reader);
    if (plain)
        csv_reader_plain(reader);
    int status = 0;
    for (size_t at = 0; at < size && status == 0; at += step) {
        /* A copy of its own, so that ASan sees a step over its end. */
        size_t n = size - at < step ? size - at : step;
        char *piece = malloc(n);
        memcpy(piece, data + at, n);
        status = csv_reader_feed(reader, piece, n, err);
        free(piece);
    }
    if (status == 0)
        status = csv_reader_finish(reader, err);
    csv_reader_free(&reader);
    assert_null(reader);
    return status;
}

static const struct {
    const char *text, *rows;
} oddities[] = {
    {"", ""},
    {"\n\n", ""},
    {"a", "1:[a]\n"},
    {"a,b\n1,2\n", "1:[a][b]\n2:[1][2]\n"},
    {"a,b\n1,2", "1:[a][b]\n2:[1][2]\n"},
    {"a,b\r\n1,2\r\n", "1:[a][b]\n2:[1][2]\n"},
    {"a,b\r1,2\r3,4", "1:[a][b]\n2:[1][2]\n3:[3][4]\n"},
    {"\xEF\xBB\xBF"
     "a,b\n1,2\n",
     "1:[a][b]\n2:[1][2]\n"},
    {"\xEF\xBB\xBF", ""},
    {"\xEF\xBB", "1:[\xEF\xBB]\n"},
    {"a;b\n1,5;2\n", "1:[a][b]\n2:[1,5][2]\n"},
    {"a\tb\n1\t\t2\n", "1:[a][b]\n2:[1][][2]\n"},
    {"\"a,x,y\";b\n1;2\n", "1:[a,x,y][b]\n2:[1][2]\n"},
    {"sep=;\na,x;b\n", "2:[a,x][b]\n"},
    {"\n  \na,b\n\n\n1,2\n \n3,4\n", "3:[a][b]\n6:[1][2]\n8:[3][4]\n"},
    {" a , b\t\n", "1:[a][b]\n"},
    {"a,b\n\"satu\ndua\r\ntiga\",x\n1,2\n", "1:[a][b]\n2:[satu\ndua\r\ntiga][x]\n5:[1][2]\n"},
    {"a,b\n\"s \"\"x\"\" t\",\"\"\n", "1:[a][b]\n2:[s \"x\" t][]\n"},
    {"a,b\nit's 5\" long,2\n", "1:[a][b]\n2:[it's 5\" long][2]\n"},
    {"a,b\n1\n1,2,3\n,\n", "1:[a][b]\n2:[1]\n3:[1][2][3]\n4:[][]\n"},
    {"a,b\n\"x\"", "1:[a][b]\n2:[x]\n"},
    {"a,b\n\"x\ny\"\"z\",", "1:[a][b]\n2:[x\ny\"z][]\n"},
    {"a,b\n\"1\n2\"\r\r\n3,4\r\n", "1:[a][b]\n2:[1\n2]\n5:[3][4]\n"},
};

/* However the bytes come, and whoever splits the lines. */
static void reads_what_people_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof oddities / sizeof *oddities; i++) {
        const char *text = oddities[i].text;
        for (size_t step = 1; step <= strlen(text) + 1; step++) {
            for (int plain = 0; plain < 2; plain++) {
                struct buf out = {0};
                struct error err;
                buf_puts(&out, "");
                assert_int_equal(read_in(text, strlen(text), step, plain, &out, &err), 0);
                assert_string_equal(out.data, oddities[i].rows);
                buf_release(&out);
            }
        }
    }
}

static void keeps_zero_bytes(void **state)
{
    (void)state;
    static const char text[] = "a,b\n1\0x,\"2\0\"\n", rows[] = "1:[a][b]\n2:[1\0x][2\0]\n";
    struct buf out = {0};
    struct error err;
    assert_int_equal(read_in(text, sizeof text - 1, 5, false, &out, &err), 0);
    assert_int_equal(out.len, sizeof rows - 1);
    assert_memory_equal(out.data, rows, out.len);
    buf_release(&out);
}

static void refuses_what_is_no_csv(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *says;
    } bad[] = {
        {"\xFF\xFE"
         "a\0,\0",
         6, "UTF-16"},
        {"\xFE\xFF\0a", 4, "UTF-16"},
        {"a,b\n1,2\n\"3,4\n5,6\n", 18, "line 3"},
        {"a,b\n1,2\n3,\"4\"\"\n5,6\n", 20, "line 3"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        for (size_t step = 1; step <= bad[i].size; step++) {
            struct buf out = {0};
            struct error err;
            error_clear(&err);
            assert_int_equal(read_in(bad[i].text, bad[i].size, step, false, &out, &err), -1);
            assert_int_equal(err.code, ERROR_USAGE);
            assert_non_null(strstr(err.text, bad[i].says));
            buf_release(&out);
        }
    }
}

/* Lines of random pieces: splitting in place and libcsv must agree, wherever the cuts are. */
static void agrees_with_libcsv(void **state)
{
    (void)state;
    static const char *const pieces[] = {"1",   "22",       " ",    "\t",  ",",  ",",
                                         ";",   "\n",       "\r\n", "\r",  "\"", "\"\"",
                                         "abc", "\xC3\xA9", "'",    "\n\n"};
    uint64_t seed = 7;
    for (unsigned round = 0; round < 20000; round++) {
        struct buf text = {0}, fast = {0}, plain = {0};
        struct error err;
        buf_puts(&fast, "");
        buf_puts(&plain, "");
        buf_puts(&text, "a,b\n");
        for (size_t n = generate_below(&seed, 40); n > 0; n--)
            buf_puts(&text, pieces[generate_below(&seed, sizeof pieces / sizeof *pieces)]);
        size_t step = 1 + generate_below(&seed, text.len);
        int a = read_in(text.data, text.len, step, false, &fast, &err);
        int b = read_in(text.data, text.len, text.len, true, &plain, &err);
        assert_int_equal(a, b);
        assert_string_equal(fast.data, plain.data);
        buf_release(&text);
        buf_release(&fast);
        buf_release(&plain);
    }
}

/* head, `size` times x, tail: what becomes of the row, and of the one behind it? */
static void check_long(const char *head, size_t size, const char *tail, const char *rows)
{
    for (size_t step = 1000; step <= 1000000; step *= 10) {
        struct buf text = {0}, out = {0};
        struct error err;
        buf_puts(&text, head);
        memset(buf_reserve(&text, size), 'x', size);
        text.len += size;
        buf_puts(&text, tail);
        assert_false(text.failed);
        assert_int_equal(read_in(text.data, text.len, step, false, &out, &err), 0);
        assert_string_equal(out.data, rows);
        buf_release(&text);
        buf_release(&out);
    }
}

static void loses_only_the_text_that_is_too_long(void **state)
{
    (void)state;
    const char *rows = "1:[a][b]\n2:[1][!]\n3:[3][4]\n";
    static const size_t sizes[] = {CSV_FIELD_MAX + 1, 100000, 5000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_long("a,b\n1,", sizes[i], "\n3,4\n", rows);
        check_long("a,b\n1,", sizes[i], "   \r\n3,4\n", rows);
        check_long("a,b\n1,\"", sizes[i], "\"\n3,4\n", rows);
        check_long("a,b\n1,\"", sizes[i], "\"\"\"\"\"\"\"  \n3,4\n", rows);
    }
    check_long("a,b\n\"", 200000, "\n\n\",9\n7,8\n", "1:[a][b]\n2:[!][9]\n5:[7][8]\n");
}

static int stop_at_three(const struct csv_row *row, void *arg, struct error *err)
{
    unsigned *rows = arg;
    ++*rows;
    return row->number == 2 ? error_set(err, ERROR_USAGE, "u1", "enough") : 0;
}

static void stops_when_told(void **state)
{
    (void)state;
    unsigned rows = 0;
    struct error err;
    struct csv_reader *reader = csv_reader_new(stop_at_three, &rows);
    assert_int_equal(csv_reader_feed(reader, "a\n1\n2\n3\n4\n", 10, &err), -1);
    assert_int_equal(err.code, ERROR_USAGE);
    assert_int_equal(rows, 3);
    assert_int_equal(csv_reader_feed(reader, "5\n", 2, &err), -1);
    assert_int_equal(csv_reader_finish(reader, &err), -1);
    assert_int_equal(rows, 3);
    csv_reader_free(&reader);
}

static int most_fields(const struct csv_row *row, void *arg, struct error *err)
{
    (void)err;
    *(size_t *)arg = row->count;
    return 0;
}

static void counts_fields_it_does_not_keep(void **state)
{
    (void)state;
    size_t count = 0, size = 3 * CSV_COUNT_MAX;
    struct error err;
    char *text = malloc(size);
    memset(text, ',', size);
    for (int plain = 0; plain < 2; plain++) {
        struct csv_reader *reader = csv_reader_new(most_fields, &count);
        if (plain)
            csv_reader_plain(reader);
        assert_int_equal(csv_reader_feed(reader, text, size, &err), 0);
        assert_int_equal(csv_reader_finish(reader, &err), 0);
        assert_int_equal(count, size + 1);
        csv_reader_free(&reader);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_people_write),
        cmocka_unit_test(keeps_zero_bytes),
        cmocka_unit_test(refuses_what_is_no_csv),
        cmocka_unit_test(agrees_with_libcsv),
        cmocka_unit_test(loses_only_the_text_that_is_too_long),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(counts_fields_it_does_not_keep),
    };
    return cmocka_run_group_tests_name("client/core/csv", tests, NULL, NULL);
}
