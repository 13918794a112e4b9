#include "common/error.h"
#include "common/wire.h"
#include "daemon/core/scope.h"
#include "tests/daemon/core/fixture.h"

#include <string.h>

static const struct {
    enum role role;
    const char *who, *office[2];
    bool subtree;
    enum error_code code;
    int32_t scope[5]; /* 0 ends */
} asked[] = {
    {ROLE_ADMIN, "root", {"WEST"}, false, ERROR_NONE, {WEST}},
    {ROLE_ADMIN, "root", {"WEST"}, true, ERROR_NONE, {WEST}},
    {ROLE_ADMIN, "root", {"PROVINCE"}, false, ERROR_NONE, {PROVINCE}},
    {ROLE_ADMIN, "root", {"PROVINCE"}, true, ERROR_NONE, {PROVINCE, WEST}},
    {ROLE_ADMIN, "root", {"WEST", "PROVINCE"}, true, ERROR_NONE, {PROVINCE, WEST}},
    {ROLE_ADMIN, "root", {"EAST", "EAST"}, false, ERROR_NONE, {EAST}},
    {ROLE_ADMIN, "root", {"AGENCY", "WEST"}, true, ERROR_NONE, {AGENCY, PROVINCE, WEST, EAST}},
    {ROLE_ADMIN, "root", {NULL}, true, ERROR_NONE, {AGENCY, PROVINCE, WEST, EAST}},
    {ROLE_SUPERVISOR, "prov", {NULL}, false, ERROR_NONE, {PROVINCE, WEST}},
    {ROLE_SUPERVISOR, "prov", {"PROVINCE"}, true, ERROR_NONE, {PROVINCE, WEST}},
    {ROLE_SUPERVISOR, "prov", {"AGENCY"}, true, ERROR_PERMISSION_DENIED, {0}},
    {ROLE_SUPERVISOR, "prov", {"PROVINCE", "EAST"}, true, ERROR_PERMISSION_DENIED, {0}},
    {ROLE_OFFICE, "WEST", {NULL}, true, ERROR_NONE, {WEST}},
    {ROLE_OFFICE, "WEST", {"EAST"}, false, ERROR_PERMISSION_DENIED, {0}},
    {ROLE_AUDITOR, "ombudsman", {"EAST", "WEXT"}, true, ERROR_INVALID, {0}},
};

static void offices_named_and_below(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        ProtobufCBinaryData code[2];
        struct scope scope = {0};
        struct error err = {0};
        size_t codes = 0;
        while (codes < 2 && asked[i].office[codes]) {
            code[codes] = wire_text(asked[i].office[codes]);
            codes++;
        }
        int rc = scope_offices(&scope, d, directory_principal(d, asked[i].role, asked[i].who), code,
                               codes, asked[i].subtree, &err);
        assert_int_equal(rc, asked[i].code == ERROR_NONE ? 0 : -1);
        if (rc != 0) {
            assert_int_equal(err.code, asked[i].code);
            assert_string_equal(err.field, "office");
        } else {
            size_t count = 0;
            while (count < 5 && asked[i].scope[count])
                count++;
            assert_int_equal(scope.office_count, count);
            assert_memory_equal(scope.offices, asked[i].scope, count * sizeof(int32_t));
        }
        scope_release(&scope);
        assert_null(scope.offices);
    }
    directory_free(&d);
}

static void days_are_days_in_order(void **state)
{
    (void)state;
    static const struct {
        uint32_t from, to;
        const char *field;
    } days[] = {{20230101, 20231231, NULL},   {20230715, 20230715, NULL},
                {20230230, 20231231, "from"}, {0, 20231231, "from"},
                {20230101, 20230631, "to"},   {20230101, 20221231, "to"},
                {20230101, 4294967295u, "to"}};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct scope scope = {0};
        struct error err = {0};
        int rc = scope_days(&scope, days[i].from, days[i].to, &err);
        assert_int_equal(rc, days[i].field ? -1 : 0);
        if (rc != 0)
            assert_string_equal(err.field, days[i].field);
        assert_int_equal(scope.from, rc ? 0 : days[i].from);
    }
}

/* What a peer sent is shown without its control characters, and at most so long. */
static void the_unknown_is_named_safely(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct error err;
    char many[4000];
    assert_null(scope_instrument(d, wire_text("skm-2016"), &err));
    assert_string_equal(err.text, "no instrument skm-2016 is known; the nearest is skm-2017");
    assert_null(scope_instrument(d, wire_text("\x1b[2Jskm"), &err));
    assert_null(strchr(err.text, '\x1b'));
    memset(many, '\n', sizeof many);
    ProtobufCBinaryData lines = {sizeof many, (uint8_t *)many};
    assert_null(scope_instrument(d, lines, &err));
    assert_null(strchr(err.text, '\n'));
    assert_non_null(scope_instrument(d, wire_text(""), &err));
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offices_named_and_below),
        cmocka_unit_test(days_are_days_in_order),
        cmocka_unit_test(the_unknown_is_named_safely),
    };
    return cmocka_run_group_tests_name("daemon/core/scope", tests, NULL, NULL);
}
