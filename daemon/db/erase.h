/*
 * Erasing responses and purging comments (sql/0014_erase.sql): one call of a function of the
 * schema, in a transaction of its own. All of what is given is copied.
 */
#ifndef SUARA_DAEMON_DB_ERASE_H
#define SUARA_DAEMON_DB_ERASE_H

#include "daemon/db/job.h"

void erase_push(struct jobs *jobs, const struct erasure *erasure, store_erase_fn *done, void *arg);
void purge_push(struct jobs *jobs, const struct purge *purge, store_purge_fn *done, void *arg);

#endif
