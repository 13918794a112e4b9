#include "common/error.h"
#include "tests/daemon/core/fixture.h"

#include <string.h>

static void finds_what_it_was_given(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    const struct office *west = directory_office(d, "WEST", 4);
    assert_non_null(west);
    assert_int_equal(west->id, WEST);
    assert_ptr_equal(directory_office_by_id(d, WEST), west);
    assert_string_equal(west->parent->code, "PROVINCE");
    assert_int_equal(west->zone, ZONE_WIB);
    /* Codes are bytes of a given length: no prefix, no zero behind them. */
    assert_null(directory_office(d, "WES", 3));
    assert_null(directory_office(d, "WEST\0", 5));
    assert_null(directory_office(d, "", 0));
    /* Equal codes of services, two offices. */
    assert_int_equal(directory_service(d, WEST, "UJI", 3)->id, WEST_UJI);
    assert_int_equal(directory_service(d, EAST, "UJI", 3)->id, EAST_UJI);
    assert_null(directory_service(d, AGENCY, "UJI", 3));
    assert_int_equal(directory_term(d, DIM_CHANNEL, "web", 3)->id, 2);
    assert_null(directory_term(d, DIM_SEX, "web", 3));
    assert_string_equal(directory_term_by_id(d, DIM_CHANNEL, 1)->code, "kiosk");
    assert_string_equal(directory_principal(d, ROLE_SUPERVISOR, "prov")->office->code, "PROVINCE");
    assert_null(directory_principal(d, ROLE_ADMIN, "prov"));
    char longer[300];
    memset(longer, 'A', sizeof longer);
    assert_null(directory_office(d, longer, sizeof longer));
    directory_free(&d);
    directory_free(&d); /* takes NULL */
}

static void knows_the_tree(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const struct {
        int32_t office, top;
        bool within;
    } table[] = {
        {WEST, WEST, true},      {WEST, PROVINCE, true},  {WEST, AGENCY, true}, {WEST, EAST, false},
        {PROVINCE, WEST, false}, {EAST, PROVINCE, false}, {EAST, AGENCY, true},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(directory_within(directory_office_by_id(d, table[i].office),
                                          directory_office_by_id(d, table[i].top)),
                         table[i].within);
    directory_free(&d);
}

static void lists_by_code(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    size_t count;
    const struct office *const *offices = directory_offices(d, &count);
    assert_int_equal(count, 4);
    for (size_t i = 1; i < count; i++)
        assert_true(strcmp(offices[i - 1]->code, offices[i]->code) < 0);
    (void)directory_services(d, &count);
    assert_int_equal(count, 4);
    (void)directory_principals(d, &count);
    assert_int_equal(count, 6);
    (void)directory_instruments(d, &count);
    assert_int_equal(count, 1);
    directory_free(&d);
}

static void refuses_what_does_not_fit(void **state)
{
    (void)state;
    struct error err;
    struct directory *d = directory_new();
    assert_int_equal(directory_add_office(d, 1, "A", "", 2, "WIB"), 0);
    assert_int_equal(directory_add_office(d, 1, "B", "", 2, "WIB"), -1); /* id twice */
    directory_free(&d);

    d = directory_new(); /* a loop of parents */
    assert_int_equal(directory_add_office(d, 1, "A", "", 2, "WIB"), 0);
    assert_int_equal(directory_add_office(d, 2, "B", "", 1, "WIB"), 0);
    assert_int_equal(directory_seal(d, &err), -1);
    assert_int_equal(err.code, ERROR_INTERNAL);
    directory_free(&d);

    d = directory_new(); /* no zone */
    assert_int_equal(directory_add_office(d, 1, "A", "", 0, "UTC"), 0);
    assert_int_equal(directory_seal(d, &err), -1);
    directory_free(&d);

    d = directory_new(); /* an office's principal without office */
    assert_int_equal(directory_add_principal(d, "office", "A", 0, true), 0);
    assert_int_equal(directory_add_principal(d, "king", "A", 0, true), -1);
    assert_int_equal(directory_seal(d, &err), -1);
    directory_free(&d);

    d = directory_new(); /* an instrument that is not whole */
    assert_int_equal(directory_add_instrument(d, 1, "x", "", "", "", 4, false), 0);
    assert_int_equal(directory_seal(d, &err), -1);
    directory_free(&d);

    d = directory_new(); /* an element with one label of four */
    fixture_instrument(d, 1, "x");
    assert_int_equal(directory_add_label(d, 1, 9, 4, "Ya", "Yes"), 0);
    assert_int_equal(directory_add_label(d, 1, 9, 5, "Ya", "Yes"), -1);
    assert_int_equal(directory_add_label(d, 1, 10, 1, "Ya", "Yes"), -1);
    assert_int_equal(directory_add_label(d, 2, 1, 1, "Ya", "Yes"), -1);
    assert_int_equal(directory_seal(d, &err), -1);
    directory_free(&d);
}

static void directories_refuse_what_is_too_much(void **state)
{
    struct error err;
    struct directory *d = directory_new();
    char code[16];
    int rc = 0, elements = 0;

    (void)state;
    assert_int_equal(directory_add_instrument(d, 1, "x", "1", "", "", 4, true), 0);
    assert_int_equal(directory_add_instrument(d, 1, "y", "1", "", "", 4, true), -1);
    assert_int_equal(directory_add_instrument(d, 2, "x", "1", "", "", 4, true), -1);
    assert_int_equal(directory_add_element(d, 3, "U1", "", ""), -1);
    assert_int_equal(directory_add_method(d, 3, "exact", 1, 1), -1);
    assert_int_equal(directory_add_bound(d, 3, "A", "", "", 0, 10000), -1);
    assert_int_equal(directory_add_method(d, 1, "none", 0, 1), -1);
    assert_int_equal(directory_add_method(d, 1, "none", 1, 0), -1);
    for (; rc == 0; elements++) {
        (void)snprintf(code, sizeof code, "u%d", elements);
        rc = directory_add_element(d, 1, code, "", "");
    }
    assert_int_equal(elements - 1, INSTRUMENT_ELEMENTS_MAX);
    assert_int_equal(directory_add_label(d, 1, 0, 1, "", ""), -1);
    assert_int_equal(directory_add_label(d, 1, 1, 0, "", ""), -1);
    for (unsigned i = 0; i < INSTRUMENT_METHODS_MAX; i++)
        assert_int_equal(directory_add_method(d, 1, "m", 1, 9), 0);
    assert_int_equal(directory_add_method(d, 1, "m", 1, 9), -1);
    for (unsigned i = 0; i < INSTRUMENT_GRADES_MAX; i++)
        assert_int_equal(directory_add_bound(d, 1, "A", "", "", 0, 1), 0);
    assert_int_equal(directory_add_bound(d, 1, "A", "", "", 0, 1), -1);
    assert_int_equal(directory_add_office(d, 1, "A", "", 0, "WIB"), 0);
    assert_int_equal(directory_add_service(d, 1, 1, "S", ""), 0);
    assert_int_equal(directory_add_service(d, 2, 1, "S", ""), -1);
    assert_int_equal(directory_add_service(d, 1, 1, "T", ""), -1);
    assert_int_equal(directory_add_term(d, DIM_SEX, 1, "L", NULL), 0);
    assert_int_equal(directory_add_term(d, DIM_SEX, 2, "L", NULL), -1);
    assert_int_equal(directory_add_office(d, 2, "B", "", 77, "WIB"), 0);
    assert_int_equal(directory_seal(d, &err), -1);
    assert_string_equal(err.text, "office B has an unknown parent");
    directory_free(&d);
}

/* A report keeps the directory it was planned with, whatever is swapped in meanwhile. */
static void lives_as_long_as_its_holders(void **state)
{
    (void)state;
    struct directory *d = fixture_directory(), *held = directory_ref(d);
    const struct office *west = directory_office(d, "WEST", 4);
    directory_free(&d);
    assert_null(d);
    assert_string_equal(west->name, "Kantor Barat");
    directory_free(&held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_it_was_given),
        cmocka_unit_test(knows_the_tree),
        cmocka_unit_test(lists_by_code),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(directories_refuse_what_is_too_much),
        cmocka_unit_test(lives_as_long_as_its_holders),
    };
    return cmocka_run_group_tests_name("daemon/core/directory", tests, NULL, NULL);
}
