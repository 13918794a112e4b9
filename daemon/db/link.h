/*
 * One connection to PostgreSQL that never blocks the loop and comes back for ever: it resolves
 * names, connects, prepares its session, and then runs what its owner gives it, one task at a time.
 * Each phase waits for one thing and has one timer; whatever looks odd ends the connection, because
 * a new one costs milliseconds and a guess may cost a response.
 */
#ifndef SUARA_DAEMON_DB_LINK_H
#define SUARA_DAEMON_DB_LINK_H

#include "common/error.h"
#include "daemon/db/sqlstate.h"
#include "daemon/db/store.h"
#include <libpq-fe.h>

struct link;

struct link_setting {
    const char *name, *value;
};

struct link_statement {
    const char *name, *sql;
};

struct link_spec {
    const char *pool;                        /* "store": for logs and application_name */
    const struct link_setting *settings;     /* of the session; ended by a NULL name */
    const struct link_statement *statements; /* to prepare; ended by a NULL name */
    const char *channel;                     /* to LISTEN on, or NULL */
};

/* Told at once, so do no more than note it: the link is in the middle of something. */
enum link_event {
    LINK_READY, /* idle: take it if you like */
    LINK_LOST,  /* was usable and is no more */
    LINK_HEARD  /* a notification came, or may have been missed before this connection */
};
typedef void link_event_fn(struct link *link, enum link_event event, void *arg);

/* Begins to connect on the next loop turn. */
struct link *link_new(struct event_base *base, const struct db_settings *settings,
                      const struct link_spec *spec, unsigned number, link_event_fn *event,
                      void *arg, struct error *err);
void link_free(struct link **link); /* also from its own callbacks; an open task is not told */

unsigned link_number(const struct link *link);
bool link_idle(const struct link *link);
bool link_connected(const struct link *link); /* idle or busy */
bool link_outdated(const struct link *link);  /* another connection has seen a newer timeline */
const char *link_trouble(const struct link *link); /* why it is not connected; "" if it is */

/* Idle -> busy: from now on the owner may run tasks, one after the other .. */
void link_take(struct link *link);
/* .. until it gives the link back. One that was lost meanwhile needs no giving back, but it does no
 * harm. A transaction that is still open is rolled back before the link is idle again. */
void link_release(struct link *link);

/* Closes the connection (if there is one), with the reason; no task may be open. */
__attribute__((format(printf, 2, 3))) void link_drop(struct link *link, const char *format, ...);

#define LINK_QUERIES_MAX 32u
#define LINK_RETRY_MS    1000u /* what a peer is told when the database is in trouble */

struct link_query {
    const char *name; /* run this prepared statement; with sql: prepare it */
    const char *sql;  /* without name: run this */
    int params;
    const char *const *values;
    const int *lengths, *formats; /* NULL: text */
    bool text;                    /* results as text; else binary */
    bool by_row;                  /* each row as a result of its own; only when it is alone */
};

struct link_answer {
    enum db_outcome outcome;      /* DB_DONE: every statement succeeded */
    bool lost;                    /* the connection is gone, and nothing can be rolled back */
    bool warned;                  /* a WARNING came with it */
    char sqlstate[SQLSTATE_SIZE]; /* of the first error; "" when it is not the server's */
    struct error err;             /* UNAVAILABLE for DB_AGAIN, INTERNAL for DB_FAILED */
};

/* A successful result of query number `query`; cleared afterwards. */
typedef void link_result_fn(size_t query, const PGresult *result, void *arg);
typedef void link_done_fn(struct link *link, const struct link_answer *answer, void *arg);

/*
 * Runs the queries in one pipeline, all of them sent at once; an error skips those behind it.
 * Without BEGIN among them they are one transaction, committed with the last - but then the results
 * come before the commit. Everything is copied. `result` may be NULL; `done` is called later, never
 * from in here.
 */
void link_run(struct link *link, const struct link_query *queries, size_t count,
              link_result_fn *result, link_done_fn *done, void *arg);

/*
 * COPY .. FROM STDIN of size bytes, which must live until done. Not in a pipeline: with libpq 15
 * COPY there never ends. The result is told to `result` as that of query 0.
 */
void link_copy(struct link *link, const char *sql, const char *data, size_t size,
               link_result_fn *result, link_done_fn *done, void *arg);

/* Whether this is the result of a COMMIT that committed: one of a failed transaction is also a
 * success to libpq, with the tag ROLLBACK. Look at answer.warned, too. */
bool link_committed(const PGresult *result);

#endif
