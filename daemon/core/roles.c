#include "daemon/core/roles.h"

#include "common/error.h"
#include <string.h>

static const char *const role_names[ROLE_COUNT] = {"none", "office", "supervisor", "admin",
                                                   "auditor"};

#define O (1u << ROLE_OFFICE)
#define S (1u << ROLE_SUPERVISOR)
#define A (1u << ROLE_ADMIN)
#define R (1u << ROLE_AUDITOR)

static const struct {
    const char *name;
    unsigned may;
} verbs[VERB_COUNT] = {
    [VERB_HELLO] = {"hello", O | S | A | R},
    [VERB_SUBMIT] = {"submit", O},
    [VERB_HELD] = {"held", O},
    [VERB_REPORT] = {"report", O | S | A | R},
    [VERB_COVERAGE] = {"coverage", O | S | A | R},
    [VERB_QUALITY] = {"quality", O | S | A | R},
    [VERB_LIST] = {"list", O | S | A | R},
    [VERB_LIST_PEOPLE] = {"list_people", A},
    [VERB_ADD] = {"add", A},
    [VERB_VERIFY] = {"verify", A | R},
    [VERB_REBUILD] = {"rebuild", A},
    [VERB_ERASE] = {"erase", A},
    [VERB_PURGE] = {"purge", A},
    [VERB_AUDIT] = {"audit", A | R},
};

const char *verb_name(enum verb verb)
{
    return verb < VERB_COUNT ? verbs[verb].name : "unknown";
}

bool role_may(enum role role, enum verb verb)
{
    return verb < VERB_COUNT && role != ROLE_NONE && role < ROLE_COUNT &&
           (verbs[verb].may & (1u << role)) != 0;
}

bool role_sees(const struct principal *principal, const struct office *office)
{
    if (principal->role == ROLE_ADMIN || principal->role == ROLE_AUDITOR)
        return true;
    return principal->office && directory_within(office, principal->office);
}

int role_check(const struct principal *principal, enum verb verb, struct error *err)
{
    if (role_may(principal->role, verb))
        return 0;
    return error_set(err, ERROR_PERMISSION_DENIED, NULL,
                     "the role %s may not do this (%s): use a profile whose role may",
                     role_name(principal->role), verb_name(verb));
}

enum role role_parse(const char *text)
{
    for (int role = ROLE_OFFICE; role < ROLE_COUNT; role++)
        if (text && strcmp(text, role_names[role]) == 0)
            return (enum role)role;
    return ROLE_NONE;
}

const char *role_name(enum role role)
{
    return role < ROLE_COUNT ? role_names[role] : "none";
}
