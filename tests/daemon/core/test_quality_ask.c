/* Asking for quality, and the replies that only say how far an answer is. */
#include "common/buf.h"
#include "common/error.h"
#include "daemon/core/quality.h"
#include "daemon/core/verify.h"
#include "tests/daemon/core/replies.h"

#include <stdlib.h>
#include <string.h>

static void replies_that_say_how_far_it_is(void **state)
{
    const struct verify_count count = {
        .compared = 7, .differing = 2, .responses = 90, .left_out = 1};
    struct arena arena;
    struct error err;
    struct buf out = {0};
    size_t at = 0;

    (void)state;
    arena_init(&arena, 1 << 20);
    assert_int_equal(verify_count_pack(&count, 9, true, 1 << 20, &out, &err), 0);
    const Suara__V1__Reply *reply = next_reply(&out, &at, &arena);
    if (!reply)
        abort();
    assert_int_equal(reply->body_case, SUARA__V1__REPLY__BODY_VERIFIED);
    const Suara__V1__Verified *verified = reply->verified;
    assert_int_equal(verified->compared, 7);
    assert_int_equal(verified->differing, 2);
    assert_int_equal(verified->responses, 90);
    assert_int_equal(verified->left_out, 1);
    buf_clear(&out);
    assert_int_equal(quality_pack_waiting(9, 1 << 20, &out, &err), 0);
    reply =
        wire_reply((const uint8_t *)out.data + FRAME_HEADER, out.len - FRAME_HEADER, &arena, &err);
    if (!reply)
        abort();
    assert_int_equal(reply->id, 9);
    assert_false(reply->last);
    buf_release(&out);
    arena_release(&arena);
}

static void quality_of_a_perspective(void **state)
{
    static const struct {
        const char *perspective, *instrument;
        uint32_t to;
        enum error_code code;
    } table[] = {
        {"", "", 20231231, ERROR_NONE},
        {"provider", "skm-2017", 20231231, ERROR_NONE},
        {"recipient", "", 20231231, ERROR_NONE},
        {"recipeint", "", 20231231, ERROR_INVALID},
        {"", "skm-2018", 20231231, ERROR_INVALID},
        {"", "", 20221231, ERROR_INVALID},
    };
    static const struct quality_hours hours = {450, 990, 5};
    struct directory *d = fixture_directory();

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        Suara__V1__Quality request = SUARA__V1__QUALITY__INIT;
        struct quality q;
        struct error err;
        error_clear(&err);
        request.from = 20230101;
        request.to = table[i].to;
        request.perspective = wire_text(table[i].perspective);
        request.instrument = wire_text(table[i].instrument);
        int rc =
            quality_plan(&q, d, directory_principal(d, ROLE_ADMIN, "root"), &request, &hours, &err);
        if (rc != (table[i].code ? -1 : 0) || err.code != table[i].code)
            fail_msg("row %zu: %s", i, err.text);
        if (rc != 0)
            continue;
        assert_int_equal(q.perspective, strcmp(table[i].perspective, "provider") == 0
                                            ? PERSPECTIVE_PROVIDER
                                            : PERSPECTIVE_RECIPIENT);
        /* Who is not among the offices is passed over. */
        const struct quality_month stray = {.office_id = 999, .month = 20230101, .n = 5};
        const struct quality_counts counts = {.office_id = 999, .n = 5};
        quality_add_month(&q, &stray);
        quality_add_counts(&q, &counts);
        struct quality_step step;
        assert_false(quality_next(&q, &step) && step.office_count == 0);
        quality_release(&q);
    }
    assert_string_equal(quality_sign_name(SIGN_COUNT), "");
    directory_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_that_say_how_far_it_is),
        cmocka_unit_test(quality_of_a_perspective),
    };
    return cmocka_run_group_tests_name("daemon/core/quality_ask", tests, NULL, NULL);
}
