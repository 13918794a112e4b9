#include "tests/daemon/core/reporting.h"

/* Who asks, for which office, and which offices the report is of (or the refusal). */
static void scope_is_that_of_the_asker(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const struct {
        enum role role;
        const char *name, *office;
        enum error_code code;
        size_t offices;
    } table[] = {
        {ROLE_OFFICE, "WEST", NULL, ERROR_NONE, 1},
        {ROLE_OFFICE, "WEST", "WEST", ERROR_NONE, 1},
        {ROLE_OFFICE, "WEST", "EAST", ERROR_PERMISSION_DENIED, 0},
        {ROLE_OFFICE, "WEST", "PROVINCE", ERROR_PERMISSION_DENIED, 0},
        {ROLE_SUPERVISOR, "prov", NULL, ERROR_NONE, 2},
        {ROLE_SUPERVISOR, "prov", "WEST", ERROR_NONE, 1},
        {ROLE_SUPERVISOR, "prov", "EAST", ERROR_PERMISSION_DENIED, 0},
        {ROLE_ADMIN, "root", NULL, ERROR_NONE, 4},
        {ROLE_AUDITOR, "ombudsman", "EAST", ERROR_NONE, 1},
        {ROLE_ADMIN, "root", "WESR", ERROR_INVALID, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct ask a;
        ask_init(&a);
        if (table[i].office) {
            a.office[0] = a.office[1] = wire_text(table[i].office); /* twice is once */
            a.request.n_office = 2;
        }
        int rc = ask_plan(&a, d, table[i].role, table[i].name);
        assert_int_equal(rc, table[i].code ? -1 : 0);
        if (rc != 0)
            assert_int_equal(a.err.code, table[i].code);
        else
            assert_int_equal(a.report.scope.office_count, table[i].offices);
        report_release(&a.report);
    }
    directory_free(&d);
}

/* A wrong code is not answered with that of an office which the asker may not see. */
static void the_unseen_is_not_named(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct ask a;
    ask_init(&a);
    a.office[0] = wire_text("EASR");
    a.request.n_office = 1;
    assert_int_equal(ask_plan(&a, d, ROLE_OFFICE, "WEST"), -1);
    assert_int_equal(a.err.code, ERROR_INVALID);
    assert_null(strstr(a.err.text, "EAST"));
    assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), -1);
    assert_non_null(strstr(a.err.text, "EAST"));
    directory_free(&d);
}

/* However often a frame names an office: no more memory than there are offices. */
static void more_offices_than_there_are(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    ProtobufCBinaryData names[5];
    struct ask a;
    ask_init(&a);
    for (size_t i = 0; i < 5; i++)
        names[i] = wire_text("WEST");
    a.request.office = names;
    for (size_t n = 4; n <= 5; n++) {
        a.request.n_office = n;
        assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), n == 4 ? 0 : -1);
        report_release(&a.report);
    }
    assert_int_equal(a.err.code, ERROR_INVALID);
    assert_string_equal(a.err.field, "office");
    directory_free(&d);
}

static void wrong_words_name_the_nearest(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const struct {
        const char *by, *perspective, *method, *instrument, *field, *nearest;
        uint32_t from, to;
    } table[] = {
        {"servise", "", "", "", "by", "service", 20230101, 20231231},
        {"", "recipients", "", "", "perspective", "recipient", 20230101, 20231231},
        {"", "all", "", "", "perspective", "by = perspective", 20230101, 20231231},
        {"", "", "0.1112", "", "method", "0.111", 20230101, 20231231},
        {"", "", "", "skm-2018", "instrument", "skm-2017", 20230101, 20231231},
        {"", "", "", "", "from", "no day", 20230230, 20231231},
        {"", "", "", "", "to", "before", 20230101, 20221231},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct ask a;
        ask_init(&a);
        a.request.by = wire_text(table[i].by);
        a.request.perspective = wire_text(table[i].perspective);
        a.request.method = wire_text(table[i].method);
        a.request.instrument = wire_text(table[i].instrument);
        a.request.from = table[i].from;
        a.request.to = table[i].to;
        assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), -1);
        assert_int_equal(a.err.code, ERROR_INVALID);
        assert_string_equal(a.err.field, table[i].field);
        if (!strstr(a.err.text, table[i].nearest))
            fail_msg("%s: does not say %s", a.err.text, table[i].nearest);
    }
    directory_free(&d);
}

/* Axes that can be combined, filters that can be understood: which field the sentence is about,
 * and what it says. */
static const struct {
    const char *by, *by2, *dim, *value, *field, *says;
} questions[] = {
    {"office", "month", "", "", NULL, ""},
    {"sex", "age", "", "", NULL, ""},
    {"level2", "quarter", "channel", "web", NULL, ""},
    {"service", "office", "service", "UJI", NULL, ""},
    {"service", "", "sex", "", NULL, ""},
    {"perspective", "level9", "", "", NULL, ""},
    {"level10", "", "", "", "by", "the nearest is level1"},
    {"level0", "", "", "", "by", "the nearest is level"},
    {"month", "quater", "", "", "by2", "no by2 quater is known; the nearest is quarter"},
    {"", "sex", "", "", "by2", "ask with by = sex"},
    {"month", "year", "", "", "by2", "month and year are axes of one kind"},
    {"office", "level2", "", "", "by2", "office and level2"},
    {"sex", "sex", "", "", "by2", "sex and sex"},
    {"perspective", "perspective", "", "", "by2", "one kind"},
    {"", "", "sexe", "P", "filter", "no filter sexe is known; the nearest is sex"},
    {"", "", "perspective", "provider", "filter", "no filter perspective is known"},
    {"", "", "month", "2023-07", "filter", "no filter month is known"},
    {"", "", "channel", "wep", "channel", "no channel wep is known; the nearest is web"},
    {"", "", "service", "UMUN", "service", "no service UMUN is known; the nearest is UMUM"},
    {"", "", "sex", "P\x1b[2J", "sex", "no sex P\\x1b[2J is known"},
};

static void axes_and_filters(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        struct ask a;
        ask_init(&a);
        a.rules.small_cell = 0;
        ask_by(&a, questions[i].by, questions[i].by2);
        if (questions[i].dim[0])
            ask_filter(&a, questions[i].dim, questions[i].value);
        int rc = ask_plan(&a, d, ROLE_ADMIN, "root");
        assert_int_equal(rc, questions[i].field ? -1 : 0);
        if (rc != 0) {
            assert_int_equal(a.err.code, ERROR_INVALID);
            assert_string_equal(a.err.field, questions[i].field);
            if (!strstr(a.err.text, questions[i].says))
                fail_msg("%s: does not say %s", a.err.text, questions[i].says);
        }
        ask_end(&a);
    }
    directory_free(&d);
}

static void filters_are_lists_of_values(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct ask a;
    ask_init(&a);
    ask_filter(&a, "service", "UJI"); /* of each office that has it */
    ask_filter(&a, "channel", "web");
    ask_filter(&a, "channel", "");
    assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
    static const struct report_filter want[] = {
        {DIM_SERVICE, WEST_UJI}, {DIM_SERVICE, EAST_UJI}, {DIM_CHANNEL, 2}, {DIM_CHANNEL, 0}};
    assert_int_equal(a.report.filter_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(a.report.filters[i].dim, want[i].dim);
        assert_int_equal(a.report.filters[i].value, want[i].value);
    }
    a.filter[1].dimension = wire_text("service");
    assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), -1);
    assert_non_null(strstr(a.err.text, "filtered once"));
    a.request.n_filter = 1;
    a.filter[0].n_value = 0;
    assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), -1);
    assert_non_null(strstr(a.err.text, "at least one value"));
    ProtobufCBinaryData many[257];
    for (size_t i = 0; i < 257; i++)
        many[i] = wire_text("UJI");
    a.filter[0].value = many;
    a.filter[0].n_value = 257;
    assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), -1);
    assert_int_equal(a.err.code, ERROR_TOO_LARGE);
    ask_end(&a);
    directory_free(&d);
}

/* A trait of the respondents by itself is told in blocks; with anything else it is not told to
 * anybody but the office itself, of itself. */
static const struct {
    enum role role;
    const char *who, *office, *by, *by2, *dim;
    bool spread, mean, public;
    enum error_code code;
    bool blocks;
    const char *field;
} traits[] = {
    {ROLE_ADMIN, "root", NULL, "sex", "", "", 0, 0, 0, ERROR_NONE, true, ""},
    {ROLE_AUDITOR, "ombudsman", NULL, "month", "age", "", 0, 0, 0, ERROR_NONE, true, ""},
    {ROLE_SUPERVISOR, "prov", "WEST", "", "", "sex", 0, 0, 0, ERROR_NONE, true, ""},
    {ROLE_ADMIN, "root", NULL, "sex", "", "sex", 0, 0, 0, ERROR_NONE, true, ""},
    {ROLE_OFFICE, "WEST", NULL, "sex", "", "", 0, 0, 0, ERROR_NONE, false, ""},
    {ROLE_OFFICE, "WEST", NULL, "sex", "age", "channel", 1, 1, 0, ERROR_NONE, false, ""},
    {ROLE_OFFICE, "WEST", NULL, "sex", "", "", 0, 0, 1, ERROR_NONE, true, ""},
    {ROLE_OFFICE, "WEST", NULL, "sex", "age", "", 0, 0, 1, ERROR_PERMISSION_DENIED, false, "age"},
    {ROLE_OFFICE, "PROVINCE", NULL, "sex", "age", "", 0, 0, 0, ERROR_PERMISSION_DENIED, false,
     "age"},
    {ROLE_OFFICE, "PROVINCE", "WEST", "sex", "", "", 0, 0, 0, ERROR_NONE, true, ""},
    {ROLE_OFFICE, "PROVINCE", "PROVINCE", "sex", "age", "", 0, 0, 0, ERROR_NONE, false, ""},
    {ROLE_ADMIN, "root", NULL, "sex", "service", "", 0, 0, 0, ERROR_PERMISSION_DENIED, false,
     "service"},
    {ROLE_ADMIN, "root", NULL, "channel", "", "occupation", 0, 0, 0, ERROR_PERMISSION_DENIED, false,
     "channel"},
    {ROLE_ADMIN, "root", NULL, "education", "", "age", 0, 0, 0, ERROR_PERMISSION_DENIED, false,
     "education"},
    {ROLE_ADMIN, "root", NULL, "sex", "", "", 1, 0, 0, ERROR_PERMISSION_DENIED, false, "spread"},
    {ROLE_ADMIN, "root", NULL, "sex", "", "", 0, 1, 0, ERROR_INVALID, false, "mean_of_offices"},
    {ROLE_ADMIN, "root", NULL, "channel", "service", "stakeholder", 1, 1, 0, ERROR_NONE, false, ""},
};

static void traits_are_told_in_blocks(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    for (size_t i = 0; i < sizeof traits / sizeof *traits; i++) {
        struct ask a;
        ask_init(&a);
        ask_by(&a, traits[i].by, traits[i].by2);
        if (traits[i].dim[0])
            ask_filter(&a, traits[i].dim, "");
        if (traits[i].office)
            ask_office(&a, traits[i].office);
        a.request.spread = traits[i].spread;
        a.request.mean_of_offices = traits[i].mean;
        a.request.public_ = traits[i].public;
        int rc = ask_plan(&a, d, traits[i].role, traits[i].who);
        if (rc != (traits[i].code ? -1 : 0) || (rc == 0 && !a.report.blocks == traits[i].blocks))
            fail_msg("question %zu: %d %s", i, rc, rc ? a.err.text : "");
        if (rc != 0) {
            assert_int_equal(a.err.code, traits[i].code);
            assert_string_equal(a.err.field, traits[i].field);
        } else {
            assert_int_equal(a.report.small_cell, traits[i].blocks ? 5 : 0);
            assert_int_equal(report_reading(&a.report).blocks, traits[i].blocks);
        }
        a.rules.small_cell = 0; /* nothing is hidden, then */
        assert_int_equal(ask_plan(&a, d, traits[i].role, traits[i].who), 0);
        assert_null(a.report.blocks);
        ask_end(&a);
    }
    directory_free(&d);
}

static void reads_what_the_axes_need(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const struct {
        const char *by, *by2;
        enum dim dim[2];
        unsigned unit;
    } table[] = {{"", "", {DIM_ALL, DIM_ALL}, 0},
                 {"office", "semester", {DIM_ALL, DIM_ALL}, 6},
                 {"quarter", "channel", {DIM_CHANNEL, DIM_ALL}, 3},
                 {"service", "year", {DIM_SERVICE, DIM_ALL}, 12},
                 {"stakeholder", "service", {DIM_STAKEHOLDER, DIM_SERVICE}, 0},
                 {"perspective", "age", {DIM_AGE, DIM_ALL}, 0}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct ask a;
        ask_init(&a);
        ask_by(&a, table[i].by, table[i].by2);
        assert_int_equal(ask_plan(&a, d, ROLE_ADMIN, "root"), 0);
        struct report_reading reading = report_reading(&a.report);
        assert_int_equal(reading.dim[0], table[i].dim[0]);
        assert_int_equal(reading.dim[1], table[i].dim[1]);
        assert_int_equal(reading.unit, table[i].unit);
        ask_end(&a);
    }
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scope_is_that_of_the_asker),
        cmocka_unit_test(the_unseen_is_not_named),
        cmocka_unit_test(more_offices_than_there_are),
        cmocka_unit_test(wrong_words_name_the_nearest),
        cmocka_unit_test(axes_and_filters),
        cmocka_unit_test(filters_are_lists_of_values),
        cmocka_unit_test(traits_are_told_in_blocks),
        cmocka_unit_test(reads_what_the_axes_need),
    };
    return cmocka_run_group_tests_name("daemon/core/report", tests, NULL, NULL);
}
