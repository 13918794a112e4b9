/*
 * Which history of a database the daemon follows. A standby that is promoted begins a new timeline,
 * with a higher number; an old primary that comes back, because nobody told it, still has the old
 * one, and takes writes. Whoever has seen the new one must not go back: what is stored there is not
 * in the database any more. Where the system identifier differs, it is another database (one that
 * was restored from a dump), and counts anew.
 */
#ifndef SUARA_DAEMON_DB_LINEAGE_H
#define SUARA_DAEMON_DB_LINEAGE_H

#include "common/error.h"
#include <stdint.h>

struct lineage {
    char system[24]; /* the identifier, decimal; "" before the first server */
    uint32_t timeline;
};

/* Takes what a primary says of itself: its system identifier and the name of the WAL file it
 * writes, of which the first 8 digits are the timeline. -1, UNAVAILABLE: it is of an older timeline
 * than one before it, or its answer can't be read; the lineage is as it was. */
int lineage_follow(struct lineage *lineage, const char *system, const char *wal_file,
                   struct error *err);

#endif
