#include "client/core/layout.h"

#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/wire.h"

#include <jansson.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct layout_style plain = {.format = LAYOUT_TABLE};
static const struct layout_style csv = {.format = LAYOUT_CSV};
static const struct layout_style json = {.format = LAYOUT_JSON};

static const struct layout_column columns[] = {{"code", false}, {"n", true}, {"name", false}};

static void fill(struct layout_rows *rows, const char *a, const char *b, const char *c)
{
    const ProtobufCBinaryData cells[3] = {wire_text(a), wire_text(b), wire_text(c)};

    assert_int_equal(layout_rows_add(rows, cells, 3, NULL), 0);
}

static void two_rows(struct layout_rows *rows)
{
    layout_rows_init(rows);
    assert_int_equal(layout_rows_head(rows, columns, 3, NULL), 0);
    fill(rows, "SMG", "12", "BBPOM di Semarang");
    fill(rows, "KLATEN", "5", "");
}

static void table_aligns_and_leaves_no_blanks_at_ends(void **state)
{
    (void)state;
    struct layout_rows rows;
    struct buf out = {0};

    two_rows(&rows);
    layout_rows_print(&out, &rows, &plain);
    assert_false(out.failed);
    assert_string_equal(out.data, "code     n  name\n"
                                  "SMG     12  BBPOM di Semarang\n"
                                  "KLATEN   5\n");
    buf_release(&out);
    layout_rows_release(&rows);
}

static void table_obeys_nothing(void **state)
{
    (void)state;
    struct layout_rows rows;
    struct buf out = {0};

    layout_rows_init(&rows);
    assert_int_equal(layout_rows_head(&rows, columns, 3, NULL), 0);
    fill(&rows, "A\x1b[31m", "1\n2", "\xe2\x80\xae!\\x");
    layout_rows_print(&out, &rows, &plain);
    assert_non_null(strstr(out.data, "A\\x1b[31m"));
    assert_non_null(strstr(out.data, "1\\n2"));
    assert_non_null(strstr(out.data, "\\u202e!\\x"));
    assert_null(strchr(out.data, '\x1b'));
    buf_release(&out);
    layout_rows_release(&rows);
}

static void colours_and_width_only_when_asked(void **state)
{
    (void)state;
    struct layout_rows rows;
    struct buf out = {0};
    struct layout_style wide = {.width = 200, .colour = true};

    two_rows(&rows);
    layout_rows_print(&out, &rows, &wide);
    assert_string_equal(out.data, "code     n  name\n"
                                  "SMG     12  BBPOM di Semarang\n"
                                  "KLATEN   5\n");
    buf_release(&out);
    layout_rows_release(&rows);
}

static void csv_is_safe_and_quoted(void **state)
{
    (void)state;
    struct layout_rows rows;
    struct buf out = {0};

    two_rows(&rows);
    fill(&rows, "=cmd()", "-1", "a,\"b\"");
    layout_rows_print(&out, &rows, &csv);
    assert_string_equal(out.data, "code,n,name\nSMG,12,BBPOM di Semarang\nKLATEN,5,\n"
                                  "'=cmd(),-1,\"a,\"\"b\"\"\"\n");
    buf_release(&out);
    layout_rows_release(&rows);
}

static void json_has_numbers_and_nulls(void **state)
{
    (void)state;
    struct layout_rows rows;
    struct buf out = {0};

    two_rows(&rows);
    fill(&rows, "\xff", "x", "");
    layout_rows_print(&out, &rows, &json);

    json_t *array = json_loads(out.data, 0, NULL);
    assert_int_equal(json_array_size(array), 3);
    json_t *first = json_array_get(array, 0), *last = json_array_get(array, 2);
    assert_string_equal(json_string_value(json_object_get(first, "code")), "SMG");
    assert_int_equal(json_integer_value(json_object_get(first, "n")), 12);
    assert_true(json_is_null(json_object_get(json_array_get(array, 1), "name")));
    assert_string_equal(json_string_value(json_object_get(last, "code")), "\\xff");
    assert_string_equal(json_string_value(json_object_get(last, "n")), "x");
    json_decref(array);
    buf_release(&out);
    layout_rows_release(&rows);
}

static void no_rows_are_said_to_be_none(void **state)
{
    (void)state;
    struct layout_rows rows;
    struct buf out = {0};

    layout_rows_init(&rows);
    assert_int_equal(layout_rows_head(&rows, columns, 3, NULL), 0);
    layout_rows_print(&out, &rows, &plain);
    assert_string_equal(out.data, MSG_NO_ROWS "\n");
    buf_clear(&out);
    layout_rows_print(&out, &rows, &json);
    assert_string_equal(out.data, "[]\n");
    buf_clear(&out);
    layout_rows_print(&out, &rows, &csv);
    assert_string_equal(out.data, "code,n,name\n");
    buf_release(&out);
    layout_rows_release(&rows);
}

/* The parts of an answer of the daemon; only the first one brings the columns. */
static void takes_parts_of_an_answer(void **state)
{
    (void)state;
    Suara__V1__Table table = SUARA__V1__TABLE__INIT;
    Suara__V1__TableRow row = SUARA__V1__TABLE_ROW__INIT, *list[1] = {&row};
    ProtobufCBinaryData names[2] = {wire_text("a"), wire_text("b")};
    ProtobufCBinaryData cells[3] = {wire_text("1"), wire_text("2"), wire_text("3")};
    struct layout_rows rows;
    struct error err;
    struct buf out = {0};

    table.column = names;
    table.n_column = 2;
    table.row = list;
    table.n_row = 1;
    row.cell = cells;
    row.n_cell = 1;
    layout_rows_init(&rows);
    assert_int_equal(layout_rows_take(&rows, &table, &err), 0);
    table.n_column = 0;
    row.n_cell = 2;
    assert_int_equal(layout_rows_take(&rows, &table, &err), 0);
    layout_rows_print(&out, &rows, &csv);
    assert_string_equal(out.data, "a,b\n1,\n1,2\n");
    row.n_cell = 3;
    assert_int_equal(layout_rows_take(&rows, &table, &err), -1);
    assert_int_equal(err.code, ERROR_INTERNAL);
    buf_release(&out);
    layout_rows_release(&rows);

    /* Rows under no columns: nobody could look into their cells. */
    table.n_column = row.n_cell = 0;
    layout_rows_init(&rows);
    assert_int_equal(layout_rows_take(&rows, &table, &err), -1);
    assert_int_equal(err.code, ERROR_INTERNAL);
    layout_rows_release(&rows);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    enum { BIG = 1 << 20 };
    char *cell = calloc(1, BIG);
    ProtobufCBinaryData cells[1] = {{BIG, (uint8_t *)cell}};
    struct layout_rows rows;
    struct error err;
    int taken = 0;

    layout_rows_init(&rows);
    assert_int_equal(layout_rows_head(&rows, columns, 3, NULL), 0);
    while (taken < 100 && layout_rows_add(&rows, cells, 1, &err) == 0)
        taken++;
    assert_in_range(taken, 30, 64);
    assert_int_equal(err.code, ERROR_TOO_LARGE);
    assert_true(rows.arena.held <= LAYOUT_MEMORY_MAX);
    layout_rows_release(&rows);
    free(cell);
}

static const struct layout_fact facts[] = {
    {.key = "who", .title = "Who", .text = "a\x1b"},
    {.key = "office", .title = "Office"},
    {.key = "waiting", .title = "Waiting for", .kind = FACT_NUMBER, .number = 3, .note = "hurry"},
    {.key = "ready", .title = "Ready", .kind = FACT_BOOL, .number = 1},
};

static void facts_are_lines(void **state)
{
    (void)state;
    struct buf out = {0};

    layout_facts_print(&out, facts, 4, NULL, NULL, &plain);
    assert_string_equal(out.data, "Who          a\\x1b\n"
                                  "Waiting for  3 (hurry)\n"
                                  "Ready        yes\n");
    buf_release(&out);
}

static void facts_are_one_object(void **state)
{
    (void)state;
    struct layout_rows rows;
    struct buf out = {0};

    two_rows(&rows);
    layout_facts_print(&out, facts, 4, &rows, "rows", &json);

    json_t *object = json_loads(out.data, 0, NULL), *notes = json_object_get(object, "warnings");
    assert_true(json_is_null(json_object_get(object, "office")));
    assert_true(json_is_true(json_object_get(object, "ready")));
    assert_int_equal(json_integer_value(json_object_get(object, "waiting")), 3);
    assert_int_equal(json_array_size(json_object_get(object, "rows")), 2);
    assert_string_equal(json_string_value(json_array_get(notes, 0)), "hurry");
    json_decref(object);
    buf_release(&out);
    layout_rows_release(&rows);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_aligns_and_leaves_no_blanks_at_ends),
        cmocka_unit_test(table_obeys_nothing),
        cmocka_unit_test(colours_and_width_only_when_asked),
        cmocka_unit_test(csv_is_safe_and_quoted),
        cmocka_unit_test(json_has_numbers_and_nulls),
        cmocka_unit_test(no_rows_are_said_to_be_none),
        cmocka_unit_test(takes_parts_of_an_answer),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(facts_are_lines),
        cmocka_unit_test(facts_are_one_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
