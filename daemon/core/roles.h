/*
 * Who may do what, and to which offices: one table verb x role, and one function. This is the only
 * place that decides (design: Roles); the database's own roles are a second wall. `suarad --dump`
 * prints the table, and a test asks for each cell of it over the protocol.
 */
#ifndef SUARA_DAEMON_CORE_ROLES_H
#define SUARA_DAEMON_CORE_ROLES_H

#include "daemon/core/directory.h"
#include <stdbool.h>

struct error;

enum verb {
    VERB_HELLO,
    VERB_SUBMIT,      /* for its own office, always */
    VERB_HELD,        /* ids of its own office */
    VERB_REPORT,      /* of the offices in its scope */
    VERB_COVERAGE,    /* likewise */
    VERB_QUALITY,     /* likewise */
    VERB_LIST,        /* offices, services, instruments and people served in its scope */
    VERB_LIST_PEOPLE, /* principals */
    VERB_ADD,
    VERB_VERIFY,  /* roll-ups against a recount */
    VERB_REBUILD, /* roll-ups from the responses */
    VERB_ERASE,   /* responses, on request of who gave them */
    VERB_PURGE,   /* texts of comments */
    VERB_AUDIT,   /* the record of what was done */
    VERB_COUNT
};

/* How far a right goes. */
enum reach {
    REACH_NONE,
    REACH_OWN,   /* the principal's office alone */
    REACH_BELOW, /* it and those below it */
    REACH_ALL
};

enum role role_parse(const char *text); /* ROLE_NONE: no such */
const char *role_name(enum role role);
const char *verb_name(enum verb verb);

const char *reach_name(enum reach reach);

enum reach role_reach(enum role role, enum verb verb);

/* May the principal do this to that office? office NULL: to any at all? */
bool role_may(const struct principal *principal, enum verb verb, const struct office *office);

/* The same of VERB_REPORT, which all that is seen goes by. */
bool role_sees(const struct principal *principal, const struct office *office);

/* role_may of any office, with the sentence that goes back: 0, or -1 and PERMISSION_DENIED. */
int role_check(const struct principal *principal, enum verb verb, struct error *err)
    __attribute__((warn_unused_result));

#endif
