/*
 * An administrator's addition to the small tables: one call of a function of the schema and the
 * entry in the audit, in a transaction of their own.
 */
#ifndef SUARA_DAEMON_DB_ADD_H
#define SUARA_DAEMON_DB_ADD_H

#include "common/buf.h"
#include "daemon/db/job.h"

/* SU001 of the database becomes DB_FAILED and INVALID with its sentence and field. */
void add_push(struct jobs *jobs, const struct addition *addition, store_add_fn *done, void *arg);

/* instrument_id: digits. */
void add_push_use(struct jobs *jobs, const char *instrument_id, store_add_fn *done, void *arg);

void add_push_note(struct jobs *jobs, const struct store_entry *entry, store_add_fn *done,
                   void *arg);

/* Appends the argument of suara.instrument_add (add_instrument.c). */
void add_instrument_json(struct buf *out, const struct instrument *instrument);

#endif
