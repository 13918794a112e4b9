#include "daemon/core/roles.h"

#include "common/error.h"
#include <string.h>

static const char *const role_names[ROLE_COUNT] = {"none", "office", "supervisor", "admin",
                                                   "auditor"};

static const char *const reach_names[] = {"none", "own", "below", "all"};

/* office, supervisor, admin, auditor */
#define ROLES(o, s, a, r)                                                                          \
    {                                                                                              \
        REACH_NONE, REACH_##o, REACH_##s, REACH_##a, REACH_##r                                     \
    }

static const struct {
    const char *name;
    enum reach reach[ROLE_COUNT];
} verbs[VERB_COUNT] = {
    [VERB_HELLO] = {"hello", ROLES(OWN, BELOW, ALL, ALL)},
    [VERB_SUBMIT] = {"submit", ROLES(OWN, NONE, NONE, NONE)},
    [VERB_HELD] = {"held", ROLES(OWN, NONE, NONE, NONE)},
    [VERB_REPORT] = {"report", ROLES(BELOW, BELOW, ALL, ALL)},
    [VERB_COVERAGE] = {"coverage", ROLES(BELOW, BELOW, ALL, ALL)},
    [VERB_QUALITY] = {"quality", ROLES(BELOW, BELOW, ALL, ALL)},
    [VERB_LIST] = {"list", ROLES(BELOW, BELOW, ALL, ALL)},
    [VERB_LIST_PEOPLE] = {"list_people", ROLES(NONE, NONE, ALL, NONE)},
    [VERB_ADD] = {"add", ROLES(NONE, NONE, ALL, NONE)},
    [VERB_VERIFY] = {"verify", ROLES(NONE, NONE, ALL, ALL)},
    [VERB_REBUILD] = {"rebuild", ROLES(NONE, NONE, ALL, NONE)},
    [VERB_ERASE] = {"erase", ROLES(NONE, NONE, ALL, NONE)},
    [VERB_PURGE] = {"purge", ROLES(NONE, NONE, ALL, NONE)},
    [VERB_AUDIT] = {"audit", ROLES(NONE, NONE, ALL, ALL)},
};

const char *verb_name(enum verb verb)
{
    return verb < VERB_COUNT ? verbs[verb].name : "unknown";
}

const char *reach_name(enum reach reach)
{
    return reach_names[reach];
}

enum reach role_reach(enum role role, enum verb verb)
{
    return verb < VERB_COUNT && role < ROLE_COUNT ? verbs[verb].reach[role] : REACH_NONE;
}

bool role_may(const struct principal *principal, enum verb verb, const struct office *office)
{
    enum reach reach = role_reach(principal->role, verb);
    if (reach == REACH_ALL || reach == REACH_NONE || !office)
        return reach != REACH_NONE;
    if (reach == REACH_OWN)
        return principal->office == office;
    return principal->office && directory_within(office, principal->office);
}

bool role_sees(const struct principal *principal, const struct office *office)
{
    return role_may(principal, VERB_REPORT, office);
}

int role_check(const struct principal *principal, enum verb verb, struct error *err)
{
    if (role_may(principal, verb, NULL))
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
