#include "daemon/db/lineage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMELINE_DIGITS 8u /* hexadecimal, in front of the name of a WAL file */

static uint32_t timeline_of(const char *wal_file)
{
    char digits[TIMELINE_DIGITS + 1] = "";
    if (strspn(wal_file, "0123456789ABCDEF") != 3 * TIMELINE_DIGITS)
        return 0;
    memcpy(digits, wal_file, TIMELINE_DIGITS);
    return (uint32_t)strtoul(digits, NULL, 16);
}

int lineage_follow(struct lineage *lineage, const char *system, const char *wal_file,
                   struct error *err)
{
    uint32_t timeline = timeline_of(wal_file);
    if (timeline == 0 || strlen(system) >= sizeof lineage->system)
        return error_set(err, ERROR_UNAVAILABLE, NULL,
                         "the server does not say which timeline it is on");
    if (strcmp(lineage->system, system) == 0 && timeline < lineage->timeline)
        return error_set(err, ERROR_UNAVAILABLE, NULL,
                         "an old primary, on timeline %u while the database is on %u: nothing is "
                         "stored there; stop that server",
                         timeline, lineage->timeline);
    snprintf(lineage->system, sizeof lineage->system, "%s", system);
    lineage->timeline = timeline;
    return 0;
}
