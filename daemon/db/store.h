/*
 * Writing: groups of submissions, one transaction each, exactly once; and the small tables. As the
 * role suara_ingest, on connections of its own that reconnect for ever.
 */
#ifndef SUARA_DAEMON_DB_STORE_H
#define SUARA_DAEMON_DB_STORE_H

#include "common/civil.h"
#include "common/error.h"
#include "common/uuid.h"
#include "daemon/core/actor.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct group;
struct lineage;
struct store;

struct db_settings {
    const char *conninfo; /* libpq's; a host name is resolved without blocking the loop */
    unsigned connections;
    uint32_t connect_ms, statement_ms;
    struct lineage *lineage; /* what all who connect to this database have seen of it; NULL: each
                                connection by itself */
};

/* USAGE, saying what is wrong, when no connection could ever be made with it. */
int db_conninfo_check(const char *conninfo, struct error *err);

enum db_outcome {
    DB_DONE,  /* COMMIT is proved: command tag COMMIT, no warning with it */
    DB_AGAIN, /* not committed, or not known: run the same again. *err says why */
    DB_FAILED /* the database refuses it and will again; nothing was committed. *err says why */
};

/* Look again: connections became ready or were lost, or work of another kind had its turn. Called
 * from the loop, perhaps more often than anything changed. */
typedef void db_changed_fn(void *arg);

struct store *store_new(struct event_base *base, const struct db_settings *settings,
                        db_changed_fn *changed, void *arg, struct error *err);
void store_free(struct store **store); /* closes at once; open callbacks are not called */

unsigned store_idle(struct store *store);             /* connections ready to take work now */
unsigned store_connected(const struct store *store);  /* ready or busy */
const char *store_trouble(const struct store *store); /* why not connected, in words; "" if fine */

/*
 * Stores the group. On DB_DONE each row's status is set: STORED, DUPLICATE, CONFLICT, ERASED (also
 * of those in group->again, against what is stored). The batch rows are written, or their `seen` is
 * raised, in the same transaction, also when every row was a duplicate, so that a receipt always
 * rests on WAL that was written. Marks are inserted for office-months in which something was
 * stored. The group stays the caller's and must live until done is called. Needs an idle connection
 * (asserts it).
 */
typedef void store_done_fn(struct group *group, enum db_outcome outcome, const struct error *err,
                           void *arg);
void store_put(struct store *store, struct group *group, store_done_fn *done, void *arg);

/* An administrator's addition (sql/: office_add, service_add, principal_add, instrument_add,
 * population_add). All of it is copied. */
struct addition {
    const char *what; /* office service principal instrument population */
    const char *code, *name, *office, *zone, *role; /* "" where it does not apply */
    const char *from, *to, *people;                 /* likewise; 2023-07-13, digits */
    const struct instrument *instrument;            /* of that kind; else NULL */
    struct actor by;                                /* for the audit, in the same transaction */
};
typedef void store_add_fn(enum db_outcome outcome, const struct error *err, void *arg);
void store_add(struct store *store, const struct addition *addition, store_add_fn *done, void *arg);

/* An entry of the audit that stands for itself: a refusal. FAILED: it is of no form that an entry
 * has. */
struct store_entry {
    int32_t office_id; /* 0: none */
    struct actor by;
    const char *verb, *outcome, *detail; /* copied */
};
void store_note(struct store *store, const struct store_entry *entry, store_add_fn *done,
                void *arg);

/* From now on this instrument can't be replaced: somebody may use it. FAILED: it was already. */
void store_use_instrument(struct store *store, int16_t instrument_id, store_add_fn *done,
                          void *arg);

/* ---- personal data (sql/0014_erase.sql) ---------------------------------------------------- */

#define ERASE_MOST 1000u /* ids at a time: storing waits meanwhile */

struct erasure {
    int32_t office_id;
    const struct uuid *ids; /* each counts once */
    size_t count;
    struct actor actor;
};

struct erased {
    uint32_t responses, comments, already, unknown;
};

/*
 * Erases responses with their comments for ever, in one transaction; ids that are not held are not
 * taken later, either. UNAVAILABLE also when responses under way would hold it up for long, or when
 * it is not known whether it was done; it can be run again. May be told before it returns.
 */
typedef void store_erase_fn(const struct erased *erased, const struct error *err, void *arg);
void store_erase(struct store *store, const struct erasure *erasure, store_erase_fn *done,
                 void *arg);

struct purge {
    int32_t office_id;
    civil_day before;  /* comments collected before this day of the office .. */
    struct uuid after; /* .. behind this id; zero: all .. */
    int32_t most;      /* .. but not more than these; 0: only count them (with after zero) */
    struct actor actor;
};

struct purged {
    uint64_t comments; /* removed or counted; 0: there are no more */
    struct uuid last;  /* go on after this one */
};

/* Removes comments' texts, one bounded step in one transaction. Errors as of store_erase. */
typedef void store_purge_fn(const struct purged *purged, const struct error *err, void *arg);
void store_purge(struct store *store, const struct purge *purge, store_purge_fn *done, void *arg);

#endif
