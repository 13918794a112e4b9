#include "common/error.h"
#include "daemon/core/session.h"
#include "tests/daemon/core/fixture.h"

#include <string.h>

/* Each body of the protocol is a verb of its own; none is left without one, but the one that holds
 * another request. */
static void every_body_is_a_verb(void **state)
{
    const ProtobufCMessageDescriptor *d = &suara__v1__request__descriptor;
    bool seen[VERB_COUNT] = {false};
    unsigned bodies = 0;

    (void)state;
    for (unsigned i = 0; i < d->n_fields; i++) {
        if (!(d->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
        enum verb verb = VERB_COUNT;
        request.body_case = (Suara__V1__Request__BodyCase)d->fields[i].id;
        if (request.body_case == SUARA__V1__REQUEST__BODY_ZSTD) {
            assert_false(session_verb(&request, &verb));
            continue;
        }
        if (!session_verb(&request, &verb) || verb >= VERB_COUNT || seen[verb])
            fail_msg("%s is no verb of its own", d->fields[i].name);
        seen[verb] = true;
        bodies++;
    }
    assert_true(bodies >= 13);
    Suara__V1__Request newer = SUARA__V1__REQUEST__INIT;
    enum verb verb;
    assert_false(session_verb(&newer, &verb));
    newer.body_case = (Suara__V1__Request__BodyCase)999;
    assert_false(session_verb(&newer, &verb));
}

static void states_have_names(void **state)
{
    (void)state;
    for (int s = SESSION_OPENING; s < SESSION_STATES; s++) {
        const char *name = session_state_name((enum session_state)s);
        assert_true(name && name[0]);
        for (int k = SESSION_OPENING; k < s; k++)
            assert_string_not_equal(name, session_state_name((enum session_state)k));
    }
    assert_string_equal(session_state_name(SESSION_STATES), "unknown");
    assert_int_equal(session_step(SESSION_READY, VERB_COUNT).act, ACT_IGNORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_body_is_a_verb),
        cmocka_unit_test(states_have_names),
    };
    return cmocka_run_group_tests_name("daemon/core/session", tests, NULL, NULL);
}
