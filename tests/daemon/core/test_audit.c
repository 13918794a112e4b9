#include "daemon/core/audit.h"

#include "common/error.h"
#include "tests/daemon/core/replies.h"

#define FRAME 1048576u

static struct error err;

static int plan_of(const Suara__V1__Audit *asked, struct audit_plan *plan)
{
    struct directory *d = fixture_directory();
    const struct principal *p = directory_principal(d, ROLE_AUDITOR, "OMBUDSMAN");
    const struct principal made = {.role = ROLE_AUDITOR, .name = "A", .active = true};
    *plan = (struct audit_plan){0};
    error_clear(&err);
    int rc = audit_plan(plan, d, p ? p : &made, asked, &err);
    directory_free(&d);
    return rc;
}

static void plans(void **state)
{
    (void)state;
    Suara__V1__Audit asked = SUARA__V1__AUDIT__INIT;
    ProtobufCBinaryData office = wire_text("WEST");
    struct audit_plan plan;
    assert_int_equal(plan_of(&asked, &plan), 0);
    assert_null(plan.scope.offices);
    assert_int_equal(plan.most, AUDIT_LIST_USUAL);
    asked.from = 20230101;
    asked.to = 20231231;
    asked.limit = AUDIT_LIST_MOST;
    asked.office = &office;
    asked.n_office = 1;
    assert_int_equal(plan_of(&asked, &plan), 0);
    assert_int_equal(plan.scope.office_count, 1);
    assert_int_equal(plan.scope.offices[0], WEST);
    assert_int_equal(plan.scope.from, 20230101);
    assert_int_equal(plan.scope.to, 20231231);
    assert_int_equal(plan.most, AUDIT_LIST_MOST);
    scope_release(&plan.scope);
}

static void refuses(void **state)
{
    (void)state;
    ProtobufCBinaryData office = wire_text("WESD");
    static const struct {
        uint32_t from, to, limit;
        bool verify, office;
        const char *field;
    } wrong[] = {
        {20230230, 0, 0, false, false, "from"},
        {0, 20231301, 0, false, false, "to"},
        {20230202, 20230201, 0, false, false, "to"},
        {0, 0, AUDIT_LIST_MOST + 1, false, false, "limit"},
        {20230101, 0, 0, true, false, "from"},
        {0, 0, 0, true, true, "office"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Suara__V1__Audit asked = SUARA__V1__AUDIT__INIT;
        struct audit_plan plan;
        asked.from = wrong[i].from;
        asked.to = wrong[i].to;
        asked.limit = wrong[i].limit;
        asked.verify = wrong[i].verify;
        asked.office = &office;
        asked.n_office = wrong[i].office;
        assert_int_equal(plan_of(&asked, &plan), -1);
        assert_int_equal(err.code, ERROR_INVALID);
        assert_string_equal(err.field, wrong[i].field);
    }
}

static Suara__V1__Reply taken(const struct buf *frames, size_t *at, struct arena *arena)
{
    const Suara__V1__Reply none = SUARA__V1__REPLY__INIT;
    const Suara__V1__Reply *reply = next_reply(frames, at, arena);
    assert_non_null(reply);
    return reply ? *reply : none;
}

static void answers(void **state)
{
    (void)state;
    static const char hex[] = "00ff10203040506070809010a0b0c0d0e0f0112131415161718191a1b1c1d1e1";
    static const char *const cell[] = {"WEST", "2-3", "missing"};
    struct audit_end end = {.entries = 7, .faults = 1, .chains = 2, .more = true};
    struct audit_page *page = calloc(1, sizeof *page);
    struct buf frames = {0};
    struct arena arena;
    size_t at = 0;
    assert_non_null(page);
    assert_false(audit_end_digest(&end, "00ff"));
    assert_false(
        audit_end_digest(&end, "00Ff10203040506070809010a0b0c0d0e0f0112131415161718191a1b1c1d1e1"));
    assert_false(end.has_digest);
    assert_true(audit_end_digest(&end, hex));
    arena_init(&arena, FRAME);
    audit_page_init(page, true);
    assert_true(audit_page_add(page, cell));
    assert_int_equal(audit_page_pack(page, 9, FRAME, &frames, &err), 0);
    assert_int_equal(page->count, 0);
    assert_int_equal(audit_end_pack(&end, 9, true, FRAME, &frames, &err), 0);
    Suara__V1__Reply reply = taken(&frames, &at, &arena);
    assert_int_equal(reply.table->n_column, 3);
    assert_true(wire_is(&reply.table->column[2], "fault"));
    assert_int_equal(reply.table->n_row, 1);
    assert_true(wire_is(&reply.table->row[0]->cell[1], "2-3"));
    reply = taken(&frames, &at, &arena);
    assert_int_equal(reply.audited->entries, 7);
    assert_int_equal(reply.audited->faults, 1);
    assert_int_equal(reply.audited->chains, 2);
    assert_true(reply.audited->more);
    assert_int_equal(reply.audited->digest.len, 32);
    assert_memory_equal(reply.audited->digest.data, end.digest, 32);
    assert_int_equal(end.digest[1], 0xff);
    assert_null(next_reply(&frames, &at, &arena));
    audit_page_release(page);
    free(page);
    arena_release(&arena);
    buf_release(&frames);
}

/* What one page holds is bounded, whatever the rows are. */
static void bounded(void **state)
{
    (void)state;
    static char wide[3000];
    const char *const cell[] = {wide, wide, wide, wide, wide, wide, wide, wide};
    struct audit_page *page = calloc(1, sizeof *page);
    assert_non_null(page);
    memset(wide, 'x', sizeof wide - 1);
    audit_page_init(page, false);
    while (page->count < AUDIT_ROWS && audit_page_add(page, cell))
        ;
    assert_true(page->count < AUDIT_ROWS);
    audit_page_release(page);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),
        cmocka_unit_test(refuses),
        cmocka_unit_test(answers),
        cmocka_unit_test(bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
