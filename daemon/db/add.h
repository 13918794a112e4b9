/*
 * An administrator's addition to the small tables: one call of a function of the schema, in a
 * transaction of its own.
 */
#ifndef SUARA_DAEMON_DB_ADD_H
#define SUARA_DAEMON_DB_ADD_H

#include "daemon/db/job.h"

/* SU001 of the database becomes DB_FAILED and INVALID with its sentence and field. */
void add_push(struct jobs *jobs, const struct addition *addition, store_add_fn *done, void *arg);

#endif
