#include "daemon/core/verify.h"

#include "common/buf.h"
#include "common/error.h"
#include "common/frame.h"
#include "common/wire.h"
#include "tests/daemon/core/fixture.h"

#define FRAME 1048576u

static const struct verify_cell whole = {.month = 20230301,
                                         .instrument_id = 1,
                                         .perspective = 1,
                                         .figure = "n",
                                         .stored = true,
                                         .counted = true,
                                         .stored_is = 12,
                                         .counted_is = 13};

/* The cells of the last row that would be sent, between bars. */
static const char *row_of(const struct verify_cell *cell)
{
    static char text[400];
    struct directory *d = fixture_directory();
    struct verify_list list;
    verify_list_init(&list, d);
    assert_true(verify_list_add(&list, directory_office_by_id(d, WEST), cell));
    assert_int_equal(list.count, 1);
    text[0] = '\0';
    for (size_t i = 0; i < list.row[0].n_cell; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%.*s", i ? "|" : "",
                 (int)list.row[0].cell[i].len, (const char *)list.row[0].cell[i].data);
    }
    verify_list_release(&list);
    directory_free(&d);
    return text;
}

static void names_what_differs(void **state)
{
    (void)state;
    struct verify_cell cell = whole;
    assert_string_equal(row_of(&cell), "WEST|2023-03|skm-2017|recipient|all||n|12|13");
    cell.dim = DIM_SERVICE;
    cell.value = WEST_UJI;
    cell.figure = "sum";
    cell.place = 3;
    assert_string_equal(row_of(&cell), "WEST|2023-03|skm-2017|recipient|service|UJI|U3|12|13");
    cell.dim = DIM_CHANNEL;
    cell.value = 2;
    cell.figure = "spread";
    cell.place = 8;
    assert_string_equal(row_of(&cell), "WEST|2023-03|skm-2017|recipient|channel|web|U2=4|12|13");
    cell.place = 37; /* the array is longer than it should be */
    cell.counted = false;
    assert_string_equal(row_of(&cell), "WEST|2023-03|skm-2017|recipient|channel|web|spread 37|12|");
}

/* Damage need not make sense: what nobody knows is a number. */
static void numbers_what_it_does_not_know(void **state)
{
    (void)state;
    struct verify_cell cell = whole;
    cell.month = 20230317;
    cell.instrument_id = 7;
    cell.perspective = 9;
    cell.dim = (enum dim)40;
    cell.value = 70000;
    cell.stored = false;
    assert_string_equal(row_of(&cell), "WEST|2023-03-17|7|9|40|70000|n||13");
    cell.dim = (enum dim)9;
    cell.value = 31;
    assert_string_equal(row_of(&cell), "WEST|2023-03-17|7|9|day|31|n||13");
    cell.dim = DIM_SERVICE;
    cell.value = -5;
    assert_string_equal(row_of(&cell), "WEST|2023-03-17|7|9|service|-5|n||13");
    cell.month = 0;
    cell.dim = (enum dim) - 1;
    assert_string_equal(row_of(&cell), "WEST|?|7|9|-1|-5|n||13");
}

static void fills_one_reply_after_the_other(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct verify_list list;
    struct buf out = {0};
    struct error err;
    verify_list_init(&list, d);
    for (int round = 0; round < 40; round++) {
        while (list.count < VERIFY_ROWS)
            assert_true(verify_list_add(&list, directory_office_by_id(d, EAST), &whole));
        buf_clear(&out);
        assert_int_equal(verify_list_pack(&list, 7, FRAME, &out, &err), 0);
        assert_int_equal(list.count, 0);
    }
    assert_int_equal(list.named, 40 * VERIFY_ROWS);

    struct arena arena;
    arena_init(&arena, FRAME);
    Suara__V1__Reply *reply =
        wire_reply((const uint8_t *)out.data + FRAME_HEADER, out.len - FRAME_HEADER, &arena, &err);
    assert_non_null(reply);
    assert_int_equal(reply->id, 7);
    assert_false(reply->last);
    assert_int_equal(reply->body_case, SUARA__V1__REPLY__BODY_TABLE);
    assert_int_equal(reply->table->n_row, VERIFY_ROWS);
    assert_int_equal(reply->table->n_column, reply->table->row[0]->n_cell);
    arena_release(&arena);
    verify_list_release(&list);
    buf_release(&out);
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_differs),
        cmocka_unit_test(numbers_what_it_does_not_know),
        cmocka_unit_test(fills_one_reply_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
