#include "common/arena.h"
#include "common/error.h"
#include "common/wire.h"
#include "daemon/core/axis.h"
#include "tests/daemon/core/fixture.h"

static void levels_are_counted_from_the_root(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const struct {
        int32_t office;
        unsigned level;
        int32_t place;
    } table[] = {{WEST, 0, WEST},       {WEST, 1, AGENCY},   {WEST, 2, PROVINCE},
                 {WEST, 3, WEST},       {WEST, 4, WEST},     {WEST, 9, WEST},
                 {EAST, 2, EAST},       {AGENCY, 1, AGENCY}, {AGENCY, 2, AGENCY},
                 {PROVINCE, 1, AGENCY}, {99, 1, 0},          {99, 0, 0}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(axis_office(d, table[i].office, table[i].level), table[i].place);
    directory_free(&d);
}

static void periods_begin_with_their_first_month(void **state)
{
    (void)state;
    static const struct {
        civil_day day;
        int32_t month, quarter, semester, year;
    } table[] = {{20230101, 202301, 202301, 202301, 202301},
                 {20230630, 202306, 202304, 202301, 202301},
                 {20230713, 202307, 202307, 202307, 202301},
                 {20231231, 202312, 202310, 202307, 202301},
                 {20240229, 202402, 202401, 202401, 202401}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(axis_period(table[i].day, 1), table[i].month);
        assert_int_equal(axis_period(table[i].day, 3), table[i].quarter);
        assert_int_equal(axis_period(table[i].day, 6), table[i].semester);
        assert_int_equal(axis_period(table[i].day, 12), table[i].year);
    }
}

static void places_have_names(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct arena arena;
    arena_init(&arena, 65536);
    static const struct {
        const char *axis;
        int32_t place;
        const char *office, *key, *label;
    } table[] = {
        {"", 0, NULL, "", ""},
        {"office", WEST, "WEST", "WEST", "Kantor Barat"},
        {"level2", PROVINCE, NULL, "PROVINCE", "Provinsi"},
        {"office", 99, "?", "?", "?"},
        {"service", EAST_UJI, "EAST", "UJI", "Pengujian"},
        {"service", 0, NULL, "", ""},
        {"service", 99, NULL, "?", "?"},
        {"channel", 2, NULL, "web", "Web"},
        {"channel", 0, NULL, "", ""},
        {"age", 99, NULL, "?", "?"},
        {"perspective", 2, NULL, "provider", "Pemberi"},
        {"month", 202301, NULL, "2023-01", "Januari 2023"},
        {"month", 202312, NULL, "2023-12", "Desember 2023"},
        {"quarter", 202310, NULL, "2023-Q4", "Triwulan IV 2023"},
        {"semester", 202301, NULL, "2023-S1", "Semester I 2023"},
        {"year", 202301, NULL, "2023", "2023"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct axis *axis = axis_parse(wire_text(table[i].axis), "by", NULL);
        assert_non_null(axis);
        struct axis_name name = axis_name(axis, d, &arena, table[i].place);
        assert_string_equal(name.key, table[i].key);
        assert_string_equal(name.label, table[i].label);
        assert_int_equal(name.office == NULL, table[i].office == NULL);
        if (name.office)
            assert_string_equal(name.office, table[i].office);
    }
    arena_release(&arena);
    directory_free(&d);
}

static void traits_are_the_profile(void **state)
{
    (void)state;
    static const char *const traits[] = {"sex", "age", "education", "occupation"};
    static const char *const others[] = {"service", "channel", "stakeholder"};
    for (size_t i = 0; i < 4; i++)
        assert_true(axis_profile(axis_filter(wire_text(traits[i]), NULL)));
    for (size_t i = 0; i < 3; i++) {
        enum dim dim = axis_filter(wire_text(others[i]), NULL);
        assert_true(dim != DIM_ALL && !axis_profile(dim));
        assert_string_equal(axis_dim_name(dim), others[i]);
    }
    struct error err;
    assert_int_equal(axis_filter(wire_text("perspective"), &err), DIM_ALL);
    assert_int_equal(axis_filter(wire_text(""), &err), DIM_ALL);
    assert_int_equal(err.code, ERROR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_counted_from_the_root),
        cmocka_unit_test(periods_begin_with_their_first_month),
        cmocka_unit_test(places_have_names),
        cmocka_unit_test(traits_are_the_profile),
    };
    return cmocka_run_group_tests_name("daemon/core/axis", tests, NULL, NULL);
}
