#include "common/error.h"
#include "daemon/core/roles.h"
#include "daemon/core/session.h"
#include "tests/daemon/core/fixture.h"

#include <string.h>

/* Every cell of the table of the design, written out once more, for office, supervisor, admin and
 * auditor: o(wn), b(elow), a(ll), -. */
static const struct {
    enum verb verb;
    const char *reach;
} table[VERB_COUNT] = {
    {VERB_HELLO, "obaa"},  {VERB_SUBMIT, "o---"},      {VERB_HELD, "o---"},
    {VERB_REPORT, "bbaa"}, {VERB_COVERAGE, "bbaa"},    {VERB_QUALITY, "bbaa"},
    {VERB_LIST, "bbaa"},   {VERB_LIST_PEOPLE, "--a-"}, {VERB_ADD, "--a-"},
    {VERB_VERIFY, "--aa"}, {VERB_REBUILD, "--a-"},     {VERB_ERASE, "--a-"},
    {VERB_PURGE, "--a-"},  {VERB_AUDIT, "--aa"},
};

static void each_cell_is_as_designed(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    const struct office *own = directory_office_by_id(d, PROVINCE),
                        *child = directory_office_by_id(d, WEST),
                        *other = directory_office_by_id(d, EAST);
    for (size_t v = 0; v < VERB_COUNT; v++)
        for (int role = ROLE_OFFICE; role < ROLE_COUNT; role++) {
            char reach = table[v].reach[role - ROLE_OFFICE];
            enum verb verb = table[v].verb;
            struct principal p = {.role = (enum role)role, .name = "x"};
            struct error err;
            if (role == ROLE_OFFICE || role == ROLE_SUPERVISOR)
                p.office = own;
            assert_int_equal(reach_name(role_reach(p.role, verb))[0], reach == '-' ? 'n' : reach);
            assert_int_equal(role_may(&p, verb, NULL), reach != '-');
            assert_int_equal(role_may(&p, verb, own), reach != '-');
            assert_int_equal(role_may(&p, verb, child), reach == 'b' || reach == 'a');
            assert_int_equal(role_may(&p, verb, other), reach == 'a');
            assert_int_equal(role_check(&p, verb, &err), reach != '-' ? 0 : -1);
            if (reach == '-')
                assert_int_equal(err.code, ERROR_PERMISSION_DENIED);
        }
    const struct principal nobody = {.role = ROLE_NONE}, admin = {.role = ROLE_ADMIN};
    for (int v = 0; v < VERB_COUNT; v++)
        assert_false(role_may(&nobody, (enum verb)v, NULL));
    assert_false(role_may(&admin, VERB_COUNT, NULL));
    assert_int_equal(role_reach(ROLE_COUNT, VERB_HELLO), REACH_NONE);
    directory_free(&d);
}

static void sees_its_own_part_of_the_tree(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const struct {
        enum role role;
        const char *name;
        int32_t sees[4]; /* 0 ends */
    } scopes[] = {
        {ROLE_OFFICE, "WEST", {WEST}},
        {ROLE_SUPERVISOR, "prov", {PROVINCE, WEST}},
        {ROLE_ADMIN, "root", {AGENCY, PROVINCE, WEST, EAST}},
        {ROLE_AUDITOR, "ombudsman", {AGENCY, PROVINCE, WEST, EAST}},
    };
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
        const struct principal *p = directory_principal(d, scopes[i].role, scopes[i].name);
        for (int32_t id = AGENCY; id <= EAST; id++) {
            bool sees = false;
            for (size_t k = 0; k < 4; k++)
                sees |= scopes[i].sees[k] == id;
            assert_int_equal(role_sees(p, directory_office_by_id(d, id)), sees);
        }
    }
    directory_free(&d);
}

/* Each state x verb of a session. */
static void sessions_step_as_designed(void **state)
{
    (void)state;
    for (int s = SESSION_OPENING; s < SESSION_STATES; s++)
        for (int v = VERB_HELLO; v < VERB_COUNT; v++) {
            struct session_step step = session_step((enum session_state)s, (enum verb)v);
            enum session_act want = ACT_IGNORE;
            if (s == SESSION_GREETING)
                want = v == VERB_HELLO ? ACT_WELCOME : ACT_DISMISS;
            if (s == SESSION_READY)
                want = v == VERB_HELLO ? ACT_REFUSE : ACT_SERVE;
            if (s == SESSION_LEAVING)
                want = ACT_REFUSE;
            assert_int_equal(step.act, want);
            if (want == ACT_REFUSE || want == ACT_DISMISS)
                assert_true(step.code != ERROR_NONE && step.text[0]);
        }
    assert_int_equal(session_step(SESSION_STATES, VERB_HELLO).act, ACT_IGNORE);
    /* While it stops, what a client hears makes it keep its batch and come back. */
    assert_int_equal(session_step(SESSION_LEAVING, VERB_SUBMIT).code, ERROR_UNAVAILABLE);
}

static void names_are_read_back(void **state)
{
    (void)state;
    for (int role = ROLE_OFFICE; role < ROLE_COUNT; role++)
        assert_int_equal(role_parse(role_name((enum role)role)), role);
    assert_int_equal(role_parse("none"), ROLE_NONE);
    assert_int_equal(role_parse(NULL), ROLE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cell_is_as_designed),
        cmocka_unit_test(sees_its_own_part_of_the_tree),
        cmocka_unit_test(sessions_step_as_designed),
        cmocka_unit_test(names_are_read_back),
    };
    return cmocka_run_group_tests_name("daemon/core/roles", tests, NULL, NULL);
}
