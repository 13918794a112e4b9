/*
 * What one principal may take up of the daemon: connections open at once, and requests a second.
 * Nobody who is let in can crowd out the others. Time is an argument, in microseconds, monotonic.
 */
#ifndef SUARA_DAEMON_CORE_QUOTA_H
#define SUARA_DAEMON_CORE_QUOTA_H

#include "common/budget.h"
#include "daemon/core/directory.h"
#include <stdint.h>

struct quota_account;

/* Zeroed: empty. Its accounts are few: only names that the CA has signed come this far. */
struct quota {
    struct quota_account *accounts; /* uthash by role and name */
};

enum quota_join { QUOTA_JOINED, QUOTA_FULL, QUOTA_NO_MEMORY };

/* One more connection of that principal, of which `most` may be open. JOINED: *account is set, and
 * wants one quota_leave. */
enum quota_join quota_join(struct quota *quota, enum role role, const char *name, unsigned most,
                           uint64_t now_us, struct quota_account **account)
    __attribute__((warn_unused_result));
/* Takes NULL, clears the caller's pointer. */
void quota_leave(struct quota *quota, struct quota_account **account, uint64_t now_us);

/*
 * A request was read. How long to wait before the next one of this principal is: 0 for as long as
 * it has had fewer than `per_second` in the last second (generic cell rate algorithm, with a burst
 * of one second). per_second 0: no limit.
 */
uint64_t quota_spend(struct quota_account *account, unsigned per_second, uint64_t now_us);

/* What its long messages hold while they come in. */
struct budget_share *quota_share(struct quota_account *account);
unsigned quota_connections(const struct quota_account *account);
unsigned quota_count(const struct quota *quota); /* accounts that are kept */
void quota_release(struct quota *quota);

#endif
