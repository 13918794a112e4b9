#include "daemon/db/sqlstate.h"

static bool in_class(const char *sqlstate, const char *const *classes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(sqlstate, classes[i], strlen(classes[i])) == 0)
            return true;
    return false;
}

enum db_outcome sqlstate_outcome(const char *sqlstate)
{
    static const char *const passing[] = {"08", "25", "26", "40", "53", "55", "57", "58"};
    if (in_class(sqlstate, passing, sizeof passing / sizeof passing[0]))
        return DB_AGAIN;
    return DB_FAILED;
}

bool sqlstate_ends_connection(const char *sqlstate)
{
    /* 25006: read-only, a standby; another server of the conninfo may have been promoted. */
    static const char *const ending[] = {"08", "25006", "26", "53", "57P0", "58", "XX"};
    return in_class(sqlstate, ending, sizeof ending / sizeof ending[0]);
}
