#include "client/core/periods.h"

#include "client/core/layout_index.h"
#include "common/error.h"
#include "common/wire.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void units_fit_the_length(void **state)
{
    (void)state;
    assert_string_equal(periods_unit(20230101, 20230713), "month");
    assert_string_equal(periods_unit(20230101, 20231231), "month");
    assert_string_equal(periods_unit(20221201, 20231231), "quarter");
    assert_string_equal(periods_unit(20210101, 20231231), "quarter");
    assert_string_equal(periods_unit(20180101, 20231231), "semester");
    assert_string_equal(periods_unit(20171201, 20231231), "year");
}

static void keys_and_next_days(void **state)
{
    (void)state;
    static const struct {
        civil_day day, next;
        const char *unit, *key;
    } vectors[] = {
        {20230713, 20230801, "month", "2023-07"},    {20231231, 20240101, "month", "2023-12"},
        {20230713, 20231001, "quarter", "2023-Q3"},  {20231001, 20240101, "quarter", "2023-Q4"},
        {20230101, 20230401, "quarter", "2023-Q1"},  {20230630, 20230701, "semester", "2023-S1"},
        {20230701, 20240101, "semester", "2023-S2"}, {20230713, 20240101, "year", "2023"},
    };
    char key[16];

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        periods_key(vectors[i].day, vectors[i].unit, key);
        assert_string_equal(key, vectors[i].key);
        assert_int_equal(periods_next(vectors[i].day, vectors[i].unit), vectors[i].next);
    }
}

/* Two quarters in the wrong order, of five that were asked for; the last is in the future. */
static void gaps_are_filled_in_order(void **state)
{
    (void)state;
    static const char *const wanted[] = {"2022-Q4", "2023-Q1", "2023-Q2", "2023-Q3"};
    static const uint64_t n[] = {0, 4, 0, 7};
    Suara__V1__Rows rows = SUARA__V1__ROWS__INIT;
    Suara__V1__Row row[2] = {SUARA__V1__ROW__INIT, SUARA__V1__ROW__INIT};
    Suara__V1__Row *list[2] = {&row[0], &row[1]};
    ProtobufCBinaryData element = wire_text("U1");
    uint64_t sum[2] = {21, 12};
    struct layout_index index;

    rows.element = &element;
    rows.n_element = 1;
    rows.scale = 4;
    row[0].sum = &sum[0];
    row[1].sum = &sum[1];
    row[0].n_sum = row[1].n_sum = 1;
    row[0].key = wire_text("2023-Q3");
    row[1].key = wire_text("2023-Q1");
    row[0].n = 7;
    row[1].n = 4;
    row[0].office = row[1].office = wire_text("BBPOM-SMG");
    rows.row = list;
    rows.n_row = 2;
    layout_index_init(&index);
    assert_int_equal(layout_index_take(&index, &rows, NULL), 0);
    assert_int_equal(periods_fill(&index, "quarter", 20221115, 20231231, 20230930, NULL), 0);
    assert_int_equal(index.count, 4);
    const struct layout_index_row *at = index.first;
    for (size_t i = 0; i < 4; i++, at = at->next) {
        assert_string_equal(at->key[0], wanted[i]);
        assert_string_equal(at->office, "BBPOM-SMG");
        assert_int_equal(at->n, n[i]);
    }
    assert_null(at);
    layout_index_release(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_fit_the_length),
        cmocka_unit_test(keys_and_next_days),
        cmocka_unit_test(gaps_are_filled_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
