#include "common/error.h"
#include "common/frame.h"
#include "common/wire.h"
#include "daemon/core/report.h"
#include "tests/common/generate.h"
#include "tests/daemon/core/fixture.h"

#include <string.h>

struct ask {
    Suara__V1__Report request;
    ProtobufCBinaryData office[4];
    struct report report;
    struct error err;
};

static void ask_init(struct ask *a)
{
    memset(a, 0, sizeof *a);
    suara__v1__report__init(&a->request);
    a->request.from = 20230101;
    a->request.to = 20231231;
    a->request.office = a->office;
}

static int plan(struct ask *a, struct directory *d, enum role role, const char *name)
{
    return report_plan(&a->report, d, directory_principal(d, role, name), &a->request, &a->err);
}

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
        int rc = plan(&a, d, table[i].role, table[i].name);
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
    assert_int_equal(plan(&a, d, ROLE_OFFICE, "WEST"), -1);
    assert_int_equal(a.err.code, ERROR_INVALID);
    assert_null(strstr(a.err.text, "EAST"));
    assert_int_equal(plan(&a, d, ROLE_ADMIN, "root"), -1);
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
        assert_int_equal(plan(&a, d, ROLE_ADMIN, "root"), n == 4 ? 0 : -1);
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
        assert_int_equal(plan(&a, d, ROLE_ADMIN, "root"), -1);
        assert_int_equal(a.err.code, ERROR_INVALID);
        assert_string_equal(a.err.field, table[i].field);
        if (!strstr(a.err.text, table[i].nearest))
            fail_msg("%s: does not say %s", a.err.text, table[i].nearest);
    }
    directory_free(&d);
}

/* Unpacks all replies and hands the rows to `each`; returns how many there were. */
static size_t read_rows(const struct buf *frames, struct arena *arena, Suara__V1__Row *rows[],
                        size_t most)
{
    size_t at = 0, n = 0;
    bool last = false;
    while (at < frames->len) {
        uint32_t length;
        const uint8_t *data = (const uint8_t *)frames->data + at;
        assert_int_equal(frame_length(data, 1 << 20, &length, NULL), 0);
        const Suara__V1__Reply *reply = wire_reply(data + FRAME_HEADER, length, arena, NULL);
        assert_non_null(reply);
        assert_false(last);
        last = reply->last;
        for (size_t i = 0; i < reply->rows->n_row; i++) {
            assert_true(n < most);
            rows[n++] = reply->rows->row[i];
        }
        at += FRAME_HEADER + length;
    }
    assert_true(last);
    return n;
}

static bool bytes_are(ProtobufCBinaryData bytes, const char *text)
{
    return wire_is(&bytes, text);
}

/* Cells of one office and month each, folded by every dimension; sums are exact. */
static void folds_cells_into_rows(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    static const struct {
        const char *by;
        size_t rows;
    } table[] = {{"", 1}, {"office", 4}, {"month", 12}, {"year", 1}};
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        struct ask a;
        struct buf frames = {0};
        struct arena arena;
        Suara__V1__Row *rows[64];
        uint64_t seed = 31, n = 0, sums[9] = {0};
        ask_init(&a);
        a.request.by = wire_text(table[t].by);
        assert_int_equal(plan(&a, d, ROLE_ADMIN, "root"), 0);
        for (int32_t office = WEST; office <= EAST; office++)
            for (civil_day month = 20230101; month <= 20231201; month += 100) {
                int64_t sum[9];
                struct report_cell cell = {
                    .office_id = office, .month = month, .sums = sum, .elements = 9};
                cell.n = 1 + (int64_t)generate_below(&seed, 50);
                n += (uint64_t)cell.n;
                for (int e = 0; e < 9; e++) {
                    sum[e] = cell.n * (1 + (int64_t)generate_below(&seed, 4));
                    sums[e] += (uint64_t)sum[e];
                }
                report_add(&a.report, &cell);
            }
        assert_int_equal(report_pack(&a.report, 5, 1 << 20, &frames, &a.err), 0);
        arena_init(&arena, 1 << 22);
        assert_int_equal(read_rows(&frames, &arena, rows, 64), table[t].rows);
        for (size_t r = 0; r < table[t].rows; r++) {
            n -= rows[r]->n;
            for (int e = 0; e < 9; e++)
                sums[e] -= rows[r]->sum[e];
            if (rows[r]->n) {
                assert_true(rows[r]->index >= 2500 && rows[r]->index <= 10000);
                assert_int_equal(rows[r]->grade.len, 1);
            } else {
                assert_int_equal(rows[r]->grade.len, 0);
            }
        }
        assert_int_equal(n, 0);
        for (int e = 0; e < 9; e++)
            assert_int_equal(sums[e], 0);
        if (strcmp(table[t].by, "") == 0) {
            assert_int_equal(rows[0]->offices, 2);
            assert_int_equal(rows[0]->office.len, 0); /* of several: named none */
        }
        if (strcmp(table[t].by, "month") == 0)
            assert_true(bytes_are(rows[6]->key, "2023-07"));
        arena_release(&arena);
        buf_release(&frames);
        report_release(&a.report);
    }
    directory_free(&d);
}

/* Services of equal code stay apart: each row says whose it is. */
static void equal_codes_of_services_stay_apart(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct ask a;
    struct buf frames = {0};
    struct arena arena;
    Suara__V1__Row *rows[4];
    static const int64_t threes[9] = {3, 3, 3, 3, 3, 3, 3, 3, 3},
                         fours[9] = {4, 4, 4, 4, 4, 4, 4, 4, 4};
    ask_init(&a);
    a.request.by = wire_text("service");
    assert_int_equal(plan(&a, d, ROLE_ADMIN, "root"), 0);
    report_add(&a.report, &(struct report_cell){WEST, WEST_UJI, 1, 0, 1, threes, 9});
    report_add(&a.report, &(struct report_cell){EAST, EAST_UJI, 1, 0, 1, fours, 9});
    assert_int_equal(report_pack(&a.report, 5, 1 << 20, &frames, &a.err), 0);
    arena_init(&arena, 1 << 20);
    assert_int_equal(read_rows(&frames, &arena, rows, 4), 2);
    assert_true(bytes_are(rows[0]->office, "EAST") && bytes_are(rows[0]->key, "UJI"));
    assert_int_equal(rows[0]->index, 10000);
    assert_true(bytes_are(rows[1]->office, "WEST") && bytes_are(rows[1]->key, "UJI"));
    assert_int_equal(rows[1]->index, 7500);
    arena_release(&arena);
    buf_release(&frames);
    report_release(&a.report);
    directory_free(&d);
}

/* Nothing stored: one row that says so, no index, and the only office by name. */
static void nothing_is_said_as_nothing(void **state)
{
    (void)state;
    struct directory *d = fixture_directory();
    struct ask a;
    struct buf frames = {0};
    struct arena arena;
    Suara__V1__Row *rows[4];
    ask_init(&a);
    assert_int_equal(plan(&a, d, ROLE_OFFICE, "WEST"), 0);
    assert_int_equal(report_pack(&a.report, 5, 1 << 20, &frames, &a.err), 0);
    arena_init(&arena, 1 << 20);
    assert_int_equal(read_rows(&frames, &arena, rows, 4), 1);
    assert_int_equal(rows[0]->n, 0);
    assert_int_equal(rows[0]->index, 0);
    assert_int_equal(rows[0]->grade.len, 0);
    assert_true(bytes_are(rows[0]->office, "WEST"));
    arena_release(&arena);
    buf_release(&frames);
    report_release(&a.report);
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scope_is_that_of_the_asker),
        cmocka_unit_test(the_unseen_is_not_named),
        cmocka_unit_test(more_offices_than_there_are),
        cmocka_unit_test(wrong_words_name_the_nearest),
        cmocka_unit_test(folds_cells_into_rows),
        cmocka_unit_test(equal_codes_of_services_stay_apart),
        cmocka_unit_test(nothing_is_said_as_nothing),
    };
    return cmocka_run_group_tests_name("daemon/core/report", tests, NULL, NULL);
}
