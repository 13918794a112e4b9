#include "client/cmd/scope.h"

#include "client/cmd/cmd.h"
#include "client/store/profile.h"
#include "common/error.h"
#include "common/wire.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define WORDS_MAX 24

/* Takes "report index .." apart and reads its scope; the call's strings are static. */
static int read_scope(const char *options, struct scope *scope, struct error *err)
{
    static char text[512], *argv[WORDS_MAX + 1];
    struct profile profile = {.zone = ZONE_WIB};
    struct cmd_call call;
    int argc = 0;

    snprintf(text, sizeof text, "suara report index %s", options);
    for (char *at = text; *at && argc < WORDS_MAX;) {
        argv[argc++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    argv[argc] = NULL;
    error_clear(err);
    assert_int_equal(cmd_parse(&call, argc, argv, err), 0);
    int rc = scope_read(&call, &profile, scope_axes, scope, err);
    cmd_call_release(&call);
    return rc;
}

static void fills_a_whole_request(void **state)
{
    (void)state;
    Suara__V1__Report report = SUARA__V1__REPORT__INIT;
    struct scope scope;
    struct error err;

    assert_int_equal(
        read_scope("--period 2019-S1 --office A --office B --subtree --by month --by sex "
                   "--channel web --channel kiosk --sex P --method 0.11 "
                   "--mean-of-offices",
                   &scope, &err),
        0);
    scope_report(&scope, &report);
    assert_int_equal(report.from, 20190101);
    assert_int_equal(report.to, 20190630);
    assert_int_equal(report.n_office, 2);
    assert_true(wire_is(&report.office[1], "B"));
    assert_true(report.subtree && report.mean_of_offices);
    assert_true(wire_is(&report.by, "month") && wire_is(&report.by2, "sex"));
    assert_true(wire_is(&report.perspective, "recipient") && wire_is(&report.method, "0.11"));
    assert_true(wire_is(&report.instrument, ""));
    assert_int_equal(report.n_filter, 2);
    assert_true(wire_is(&report.filter[0]->dimension, "channel"));
    assert_int_equal(report.filter[0]->n_value, 2);
    assert_true(wire_is(&report.filter[0]->value[1], "kiosk"));
    assert_string_equal(scope.ask.only, "channel web or kiosk, sex P");
    assert_null(scope.ask.office);
    scope_release(&scope);
}

static void perspectives_are_shown_apart(void **state)
{
    (void)state;
    struct scope scope;
    struct error err;

    assert_int_equal(read_scope("--by month --by perspective", &scope, &err), 0);
    assert_string_equal(scope.ask.perspective, "all");
    scope_release(&scope);
    assert_int_equal(read_scope("--office A --perspective provider", &scope, &err), 0);
    assert_string_equal(scope.ask.perspective, "provider");
    assert_string_equal(scope.ask.office, "A");
    assert_null(scope.ask.only);
    scope_release(&scope);
    assert_int_equal(read_scope("--perspective all", &scope, &err), -1);
    assert_int_equal(err.code, ERROR_USAGE);
    scope_release(&scope);
}

static void wrong_words_are_told(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"--by mnth", "month"},
        {"--by sex --by chanel", "channel"},
        {"--by sex --by age --by month", "twice"},
        {"--subtree", "--office"},
        {"--perspective provder", "provider"},
        {"--period 2023-Q5", "2023-Q5"},
    };
    struct scope scope;
    struct error err;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(read_scope(wrong[i][0], &scope, &err), -1);
        assert_int_equal(err.code, ERROR_USAGE);
        assert_non_null(strstr(err.text, wrong[i][1]));
        scope_release(&scope);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_a_whole_request),
        cmocka_unit_test(perspectives_are_shown_apart),
        cmocka_unit_test(wrong_words_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
