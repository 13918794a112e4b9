/*
 * Inside of a link, shared by its phases: link.c (states, end), link_connect.c (names, connecting,
 * session), link_run.c and link_copy.c (tasks).
 */
#ifndef SUARA_DAEMON_DB_LINK_PRIVATE_H
#define SUARA_DAEMON_DB_LINK_PRIVATE_H

#include "common/backoff.h"
#include "common/buf.h"
#include "daemon/db/lineage.h"
#include "daemon/db/link.h"
#include "daemon/db/route.h"

struct event;
struct evdns_base;
struct evdns_getaddrinfo_request;

#define LINK_MARGIN_MS 2000u /* what the server gets beyond its own statement_timeout */

enum link_state {
    LINK_BACKOFF, /* waits for its timer to begin again */
    LINK_RESOLVING,
    LINK_CONNECTING,
    LINK_PREPARING, /* a task of the link's own */
    LINK_IDLE,
    LINK_BUSY,
    LINK_STATES
};

enum link_work { WORK_NONE, WORK_RUN, WORK_COPY };

struct link_task {
    enum link_work work;
    link_result_fn *result;
    link_done_fn *done;
    void *arg;
    size_t count, ended; /* queries, and how many of them have no more results */
    struct link_answer answer;
    const char *data; /* COPY: what is left to hand over */
    size_t size;
    bool copying, fed; /* COPY: the server wants data; it has all of it */
    bool broken;       /* could not be sent: the next turn ends the link */
};

struct link {
    const struct link_spec *spec;
    unsigned number;
    struct event_base *base;
    uint32_t connect_ms, statement_ms;
    struct route route;
    enum link_state state;
    PGconn *conn;
    struct event *read, *write, *timer;
    struct evdns_base *dns;
    struct evdns_getaddrinfo_request *lookup;
    size_t resolving; /* server whose name is looked up */
    size_t attempts;  /* connections tried: the next begins with another server */
    struct backoff backoff;
    uint64_t ready_ms; /* when the session was ready */
    struct lineage *lineage, own_lineage;
    uint32_t timeline; /* that of this session */
    bool old_told;     /* a server of an older timeline was logged since the last good session */
    struct link_task task;
    link_event_fn *event;
    void *arg;
    char program[64];
    char trouble[256];
};

/* ---- link.c ---- */

/* The one place where a state changes; logs both names. */
void link_set_state(struct link *link, enum link_state state);

/* Ends the connection and any task, waits, begins again. Nothing of the link may be touched after
 * it: the task's owner was told, and may have freed it. text may end in a newline. */
void link_lose(struct link *link, const char *text);

void link_start_timer(struct link *link, uint32_t ms);
void link_watch(struct link *link); /* read for ever, on the socket as it is now */

/* ---- link_connect.c: the phases until idle ---- */

void link_resolve(struct link *link); /* begins it all */
void link_stop_resolving(struct link *link);
void link_connect_step(struct link *link); /* the socket is ready for the next poll */

/* ---- link_run.c, link_copy.c: tasks ---- */

void link_begin_task(struct link *link, const struct link_task *task, uint32_t ms);
void link_finish_task(struct link *link); /* calls done; touch nothing after it */
void link_send_queries(struct link *link, const struct link_query *queries, size_t count);
void link_send_rest(struct link *link); /* after a PQsend: what the socket takes now, then later */
void link_break(struct link *link); /* nothing could be sent: the next loop turn ends the link */

/* The socket has something, takes something; both may end in the task's done. */
void link_readable(struct link *link);
void link_writable(struct link *link);
void link_copy_turn(struct link *link);

/* Sends what libpq holds. False when the link was lost over it. */
bool link_flush(struct link *link);

/* Notes an error result in the task's answer, where the first one counts; a notice, if it is a
 * warning; the notifications that came. */
void link_note_error(struct link *link, const PGresult *result);
void link_note_warning(struct link *link, const PGresult *notice);
void link_hear(struct link *link);

#endif
