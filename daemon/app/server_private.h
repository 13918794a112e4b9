/*
 * What the files of this floor share: the server, and one client's session. Each file is one side
 * of the daemon: server.c builds and runs, client.c speaks with clients, client_squeeze.c shortens
 * what is said, client_limit.c bounds them, ingest.c stores, query.c reads, question.c answers what
 * was asked of the database, list.c lists the small tables, admin.c adds to them, outlived.c closes
 * whose certificate is no longer good, crowd.c makes room in a full house, lifecycle.c reloads and
 * drains, observe.c tells how it is.
 */
#ifndef SUARA_DAEMON_APP_SERVER_PRIVATE_H
#define SUARA_DAEMON_APP_SERVER_PRIVATE_H

#include "common/budget.h"
#include "common/buf.h"
#include "common/net/conn.h"
#include "common/uuid.h"
#include "daemon/app/server.h"
#include "daemon/core/actor.h"
#include "daemon/core/batcher.h"
#include "daemon/core/crowd.h"
#include "daemon/core/directory.h"
#include "daemon/core/metrics.h"
#include "daemon/core/quota.h"
#include "daemon/core/refused.h"
#include "daemon/core/session.h"
#include "daemon/core/settings.h"
#include "daemon/db/lineage.h"

#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) ((element)->lost = true)
#include <uthash.h>

struct adding;
struct client;
struct crowd_entry;
struct digest;
struct event;
struct event_base;
struct health;
struct listener;
struct question;
struct reader;
struct refusal_note;
struct squeeze;
struct store;
struct submission;

/* The round that removes comments older than [retention] says. */
struct retention {
    struct event *timer;
    struct directory *directory; /* of this round; NULL: none is under way */
    size_t at;                   /* the office under way .. */
    struct uuid last;            /* .. and its last comment that went */
    civil_day before;
    uint64_t comments; /* removed in this round */
    bool busy;         /* a step is under way */
};

/* Who may go while others wait at the door. */
struct crowding {
    struct crowd_entry *list; /* the worst first, as at the last look .. */
    size_t count, at;         /* .. of whom so many were taken */
    uint64_t looked_ms;
    unsigned parting; /* told to go: they need their place no more */
};

struct server {
    int64_t began_wall_ms; /* by both clocks, when it began */
    uint64_t began_ms;
    struct event_base *base;
    char *config;
    struct settings settings;
    SSL_CTX *tls;
    struct listener *listener;
    struct health *health;
    struct store *store;
    struct reader *reader;
    struct lineage lineage;      /* of the database, as all its connections saw it */
    struct directory *directory; /* NULL until the database was reached once */
    char directory_trouble[256]; /* why it could not be loaded; "" */
    bool directory_loading, directory_again;
    struct batcher batcher;
    struct group *groups; /* transactions under way */
    struct digest *digest;
    struct metrics metrics;
    struct budget budget;
    struct squeeze *squeeze; /* for all clients, one message at a time .. */
    struct buf squeezed;     /* .. and a frame that it made */
    struct conn_limits limits;
    struct quota quota;
    struct retention retention;
    struct crowding crowding;
    struct client *clients; /* uthash by id */
    struct client *slowed;  /* utlist, by `slowed`: HOLD_RATE */
    uint64_t last_client;
    struct adding *adding;      /* additions under way, or stored and waiting for the directory */
    struct question *questions; /* reports and the like under way */
    struct refused refused_lately;
    struct refusal_note *refusals; /* on their way into the audit .. */
    unsigned refusals_waiting;
    bool refusal_sent; /* .. the first of them is with the database */
    bool reading_paused, full, stopping, refreshing, refused;
    bool store_up, reader_up; /* as last told: coming and going is logged once */
    bool settled; /* callers are let in: the database was reached, or has had its time */
    struct event *sigterm, *sigint, *sighup; /* signals */
    struct event *away;          /* the database has been away for long enough to say so */
    struct event *refresh;       /* ingest has been idle */
    struct event *drained;       /* the drain's deadline */
    struct event *settle;        /* long enough waited for the database at the start */
    struct event *reload_tables; /* the small tables could not be loaded: once more */
    struct event *crowd;         /* full: does somebody wait, and may somebody go? */
    struct event *pump;          /* memory ran out over a group: once more */
    struct event *rate;          /* who asked too fast is read again */
    struct event *note;          /* a refusal could not be noted: once more */
    struct event *look;          /* now and then: certificates that end, metrics of others */
    uint64_t ends_told_ms;       /* when the log last told of them; monotonic, 0: not yet */
    struct event *outlived;      /* the first certificate of a client ends */
    int64_t outlived_ms;         /* when that is, by the wall clock; 0: it waits for nobody */
};

/* Why a client's frames are not read; any one of them holds it. */
enum hold { HOLD_WINDOW = 1, HOLD_OUTPUT = 2, HOLD_QUEUE = 4, HOLD_CLOSING = 8, HOLD_RATE = 16 };

struct client {
    UT_hash_handle hh;
    uint64_t id; /* the session id of the log */
    struct server *server;
    struct conn *conn;
    struct quota_account *account; /* from the handshake on */
    uint64_t slowed_us;            /* HOLD_RATE until then, monotonic .. */
    struct client *prev, *next;    /* .. in server->slowed */
    enum session_state state;
    uint64_t state_ms;         /* in it since, monotonic */
    struct crowd_pace in, out; /* while others wait at the door */
    bool parting;              /* crowded out, and told so */
    enum role role;
    char name[65];
    char who[96];                      /* role:name, also of a role that there is not */
    const Suara__V1__Request *serving; /* while its verb's function is called .. */
    enum verb verb;                    /* .. which is this */
    unsigned open;                     /* requests not answered yet */
    unsigned holds;                    /* enum hold */
    bool squeezes;                     /* messages may travel compressed, both ways */
    bool lost;                         /* could not be entered in the table */
};

/* ---- client.c ---- */

#define MSG_NO_LONGER "the certificate is no longer accepted: ask the administrator for a new one"

#define MSG_HAS_ENDED "the certificate has ended: ask the administrator for a new one"

void client_accept(evutil_socket_t fd, void *server);
struct client *client_find(struct server *server, uint64_t id); /* NULL: gone */

/* A part of an answer, whose request stays open. */
void client_tell(struct client *client, const struct buf *frames);
/* A whole answer: frames are sent, one request fewer is open. client NULL: nobody to tell. */
void client_answer(struct client *client, const struct buf *frames);
/* Frames of an answer that goes on: the request stays open. */
void client_answer_part(struct client *client, const struct buf *frames);
/* A whole answer that is an Error. retry_after_ms as in *err. */
void client_answer_error(struct client *client, uint64_t request, const struct error *err);
/* Error, then close; what is logged is the caller's matter. */
void client_end(struct client *client, uint64_t request, const struct error *err);
/* The same, logged as a refusal. */
void client_dismiss(struct client *client, uint64_t request, const struct error *err);
void client_hold(struct client *client, enum hold why, bool on);
/* Close once all is answered; what is asked meanwhile is told to come again. */
void client_leave(struct client *client);
void client_drop(struct client **client);

/* For the audit; its texts are the client's. */
struct actor client_actor(const struct client *client);

/* Who that is by the directory of this moment; NULL (and *err UNAUTHENTICATED or UNAVAILABLE). */
const struct principal *client_principal(const struct client *client, struct error *err);

/* ---- client_squeeze.c ---- */

/* At its Hello: may messages travel compressed on this connection? */
bool client_agree(struct client *client, const Suara__V1__Hello *hello);
/* The request that travelled inside, in the same arena; any other as it is. NULL and *err. */
const Suara__V1__Request *client_unfold(struct client *client, const Suara__V1__Request *request,
                                        struct arena *arena, struct error *err);
bool client_put(struct client *client, const struct buf *frames); /* as conn_send */

/* ---- client_limit.c ---- */

bool client_join(struct client *client, struct error *err); /* false: one too many of its name */
void client_spend(struct client *client);                   /* a request was read */
void client_part(struct client *client);                    /* takes up nothing any more */
void client_rate(evutil_socket_t fd, short what, void *server);
void client_count_limit(const struct client *client); /* by which its connection ended */

/* ---- refused.c ---- */

/* A refusal, for the audit; office NULL: none. The answer is another matter. */
void refused_note(struct client *client, enum verb verb, enum error_code code,
                  const struct office *office, const char *detail);
void refused_request(struct client *client, const struct error *err); /* that is being served */
void refused_stranger(struct client *client, enum verb verb);         /* not known, or not active */
void refused_pump(evutil_socket_t fd, short what, void *server);
bool refused_owed(const struct server *server); /* the database is writing one now */
void refused_forget(struct server *server);     /* at the end: what was not written is counted */

/* ---- ingest.c ---- */

/* Takes the submission over, whose arena holds the request. */
void ingest_submit(struct client *client, const struct principal *principal,
                   const Suara__V1__Request *request, struct submission *submission);
void ingest_pump(struct server *server); /* something waits, or a connection is free */
void ingest_changed(void *server);       /* db_changed_fn */
void ingest_away(evutil_socket_t fd, short what, void *server);
void ingest_pump_again(evutil_socket_t fd, short what, void *server);
void ingest_forget(struct server *server); /* at the end: the store calls nobody any more */

/* ---- query.c ---- */

typedef void serve_fn(struct client *client, const struct principal *principal,
                      const Suara__V1__Request *request);
serve_fn query_held;
void query_load_directory(struct server *server);
void query_load_again(evutil_socket_t fd, short what, void *server);
/* What is asked of the small tables may be newer than they are. */
bool query_tables_owed(const struct server *server);
void query_changed(void *server); /* db_changed_fn */
void query_tables_changed(void *server);
void query_refresh_soon(struct server *server);
void query_refresh(evutil_socket_t fd, short what, void *server);

/* ---- one file per kind of request ---- */

serve_fn report_ask, coverage_ask, quality_ask, verify_ask, rebuild_ask;
serve_fn erase_ask, purge_ask, audit_ask;

/* ---- retention.c ---- */

void retention_look(evutil_socket_t fd, short what, void *server); /* also after a reload */

/* ---- list.c ---- */

serve_fn list_answer;

/* ---- admin.c ---- */

serve_fn admin_add;
void admin_add_instrument(struct client *client, const struct principal *principal,
                          uint64_t request, const struct instrument *instrument);
void admin_forget(struct server *server);
void admin_tables_loaded(struct server *server); /* answers what waited for it */

/* ---- population.c ---- */

serve_fn population_list;

/* ---- instrument.c ---- */

serve_fn instrument_add;  /* the document of an Add */
serve_fn instrument_show; /* as Document */

/* ---- lifecycle.c ---- */

int lifecycle_start(struct server *server, struct error *err); /* signals, watchdog, notify */
void lifecycle_end(struct server *server);
int lifecycle_tls(struct server *server, const struct settings *settings, struct error *err);
void lifecycle_descriptors(struct settings *settings);
void lifecycle_limits(struct server *server);
void lifecycle_log(const struct server *server);
void lifecycle_settle(struct server *server); /* something came up: enough to let callers in? */
void lifecycle_refuse(struct server *server); /* can't serve at all: end, with EXIT_CONFIG */
void lifecycle_left(struct server *server);   /* a client is gone: is the drain done? */

/* ---- crowd.c ---- */

void crowd_cap(struct server *server); /* accept, or not, by the number of connections */
void crowd_turn(evutil_socket_t fd, short what, void *server);
void crowd_wait(void *server);            /* a long message waits for room */
void crowd_forget(struct server *server); /* at the end */

/* ---- outlived.c ---- */

/* A handshake is done: watches from here on; false: not good even now, and told so. */
bool outlived_watch(struct client *client);
void outlived_recheck(struct server *server); /* after a reload: by the new CA and list */
void outlived_look(evutil_socket_t fd, short what, void *server);

/* ---- observe.c ---- */

bool observe_ready(const char **why, void *server);
void observe_metrics(struct buf *out, void *server);
void observe_look(evutil_socket_t fd, short what, void *server);

/* The wall clock as it would be had nobody set it since the daemon began. */
int64_t server_steady_ms(const struct server *server);

/* UNAVAILABLE with the delay of the settings. */
int server_unavailable(const struct server *server, struct error *err, const char *why);

#endif
