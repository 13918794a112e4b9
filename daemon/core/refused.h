/*
 * Which refusals become entries of the audit: one a minute for each principal and verb, so that
 * whoever keeps knocking fills the log of the daemon and not the database. The next entry says how
 * many were left out in between.
 */
#ifndef SUARA_DAEMON_CORE_REFUSED_H
#define SUARA_DAEMON_CORE_REFUSED_H

#include "daemon/core/roles.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REFUSED_EVERY_MS 60000u
#define REFUSED_MOST     512u /* principals and verbs that are remembered: entries of a minute */

struct refused_one {
    char who[96]; /* role:name; "" = free */
    enum verb verb;
    uint64_t at_ms;    /* of its last entry */
    uint64_t left_out; /* since then */
};

struct refused {
    struct refused_one one[REFUSED_MOST];
    uint64_t left_out; /* all that became no entry */
};

/* `now_ms` monotonic. True: this one is written, and *again were left out since the last. False:
 * left out and counted, also when more principals and verbs were refused in the last minute than
 * are remembered. */
bool refused_take(struct refused *refused, const char *who, enum verb verb, uint64_t now_ms,
                  uint64_t *again);

#endif
