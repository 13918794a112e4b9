#include "daemon/core/session.h"

static const char *const state_names[SESSION_STATES] = {"opening", "greeting", "ready",
                                                        "leaving", "closing",  "over"};

#define WELCOME                                                                                    \
    {                                                                                              \
        ACT_WELCOME, ERROR_NONE, ""                                                                \
    }
#define SERVE                                                                                      \
    {                                                                                              \
        ACT_SERVE, ERROR_NONE, ""                                                                  \
    }
#define IGNORE                                                                                     \
    {                                                                                              \
        ACT_IGNORE, ERROR_NONE, ""                                                                 \
    }
#define FIRST                                                                                      \
    {                                                                                              \
        ACT_DISMISS, ERROR_INVALID, "the first request of a connection is Hello"                   \
    }
#define TWICE                                                                                      \
    {                                                                                              \
        ACT_REFUSE, ERROR_INVALID, "Hello was said already"                                        \
    }
#define LEAVING                                                                                    \
    {                                                                                              \
        ACT_REFUSE, ERROR_UNAVAILABLE, "this connection ends: connect again"                       \
    }

#define ALL_VERBS(hello, other)                                                                    \
    {                                                                                              \
        [VERB_HELLO] = hello, [VERB_SUBMIT] = other, [VERB_HELD] = other, [VERB_REPORT] = other,   \
        [VERB_COVERAGE] = other, [VERB_QUALITY] = other, [VERB_LIST] = other,                      \
        [VERB_LIST_PEOPLE] = other, [VERB_ADD] = other, [VERB_VERIFY] = other,                     \
        [VERB_REBUILD] = other, [VERB_ERASE] = other, [VERB_PURGE] = other, [VERB_AUDIT] = other   \
    }

static const struct session_step steps[SESSION_STATES][VERB_COUNT] = {
    [SESSION_OPENING] = ALL_VERBS(IGNORE, IGNORE), [SESSION_GREETING] = ALL_VERBS(WELCOME, FIRST),
    [SESSION_READY] = ALL_VERBS(TWICE, SERVE),     [SESSION_LEAVING] = ALL_VERBS(LEAVING, LEAVING),
    [SESSION_CLOSING] = ALL_VERBS(IGNORE, IGNORE), [SESSION_OVER] = ALL_VERBS(IGNORE, IGNORE),
};

const char *session_state_name(enum session_state state)
{
    return state < SESSION_STATES ? state_names[state] : "unknown";
}

bool session_is_open(enum session_state state)
{
    return state == SESSION_GREETING || state == SESSION_READY;
}

bool session_outlived(int64_t not_after_ms, int64_t now_ms)
{
    return now_ms >= not_after_ms;
}

bool session_verb(const Suara__V1__Request *request, enum verb *verb)
{
    static const struct {
        Suara__V1__Request__BodyCase body;
        enum verb verb;
    } table[] = {
        {SUARA__V1__REQUEST__BODY_HELLO, VERB_HELLO},
        {SUARA__V1__REQUEST__BODY_SUBMIT, VERB_SUBMIT},
        {SUARA__V1__REQUEST__BODY_HELD, VERB_HELD},
        {SUARA__V1__REQUEST__BODY_REPORT, VERB_REPORT},
        {SUARA__V1__REQUEST__BODY_LIST, VERB_LIST},
        {SUARA__V1__REQUEST__BODY_ADD, VERB_ADD},
        {SUARA__V1__REQUEST__BODY_COVERAGE, VERB_COVERAGE},
        {SUARA__V1__REQUEST__BODY_QUALITY, VERB_QUALITY},
        {SUARA__V1__REQUEST__BODY_VERIFY, VERB_VERIFY},
        {SUARA__V1__REQUEST__BODY_REBUILD, VERB_REBUILD},
        {SUARA__V1__REQUEST__BODY_ERASE, VERB_ERASE},
        {SUARA__V1__REQUEST__BODY_PURGE, VERB_PURGE},
        {SUARA__V1__REQUEST__BODY_AUDIT, VERB_AUDIT},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].body == request->body_case) {
            *verb = table[i].verb;
            return true;
        }
    return false;
}

struct session_step session_step(enum session_state state, enum verb verb)
{
    if (state >= SESSION_STATES || verb >= VERB_COUNT)
        return (struct session_step)IGNORE;
    return steps[state][verb];
}
