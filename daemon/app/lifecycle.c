#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/net/service.h"
#include "common/net/tls.h"
#include "daemon/app/server_private.h"
#include "daemon/net/listener.h"
#include <event2/event.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define DESCRIPTORS_ASIDE 32 /* besides the database's: HTTP, files, systemd */
#define SETTLE_MS         2000
#define LIFECYCLE_EVENTS  15u

/* ---- what a reload may change --------------------------------------------------------------- */

int lifecycle_tls(struct server *server, const struct settings *settings, struct error *err)
{
    struct tls_files files = {settings->certificate, settings->key, settings->ca, settings->crl};
    SSL_CTX *context = tls_server_context(&files, err);
    if (!context)
        return -1;
    SSL_CTX_free(server->tls);
    server->tls = context;
    return 0;
}

void lifecycle_limits(struct server *server)
{
    const struct settings *s = &server->settings;
    server->limits = (struct conn_limits){
        .max_frame = (uint32_t)s->max_frame,
        .connect_ms = (uint32_t)s->handshake_timeout,
        .first_ms = (uint32_t)s->hello_timeout,
        .frame_ms = (uint32_t)s->frame_timeout,
        .idle_ms = (uint32_t)s->idle_timeout,
        .age_ms = (uint32_t)s->age_timeout,
        .user_timeout_ms = (uint32_t)s->frame_timeout,
        .budget = &server->budget,
    };
    server->batcher.group_responses = (size_t)s->group_responses;
    server->batcher.most_bytes = (size_t)s->queue_bytes;
}

/* The soft limit of descriptors goes up to the hard one; the cap on clients stays below it. */
void lifecycle_descriptors(struct settings *settings)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    int64_t most = (int64_t)limit.rlim_cur - DESCRIPTORS_ASIDE - settings->ingest_connections -
                   settings->report_connections;
    if (most < 1 || settings->connections <= most)
        return;
    LOG(LOG_WARN, "connections.capped", log_i("connections", most),
        log_s("reason", "limit of open files: raise LimitNOFILE"));
    settings->connections = most;
}

/* Build the new, check it, swap; on any fault the old stays. */
static int reload(struct server *server, struct error *err)
{
    struct settings fresh;
    char fixed[64];
    if (settings_load(&fresh, server->config, err) != 0)
        return -1;
    if (conf_fixed_change(settings_table, settings_count, &server->settings, &fresh, fixed)) {
        settings_release(&fresh);
        return error_set(err, ERROR_USAGE, fixed, "%s changes only with a restart", fixed);
    }
    if (lifecycle_tls(server, &fresh, err) != 0) {
        settings_release(&fresh);
        return -1;
    }
    settings_release(&server->settings);
    server->settings = fresh;
    lifecycle_log(server);
    lifecycle_descriptors(&server->settings);
    lifecycle_limits(server);
    outlived_recheck(server);
    crowd_cap(server);
    query_load_directory(server);
    return 0;
}

static void on_sighup(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    struct error err;
    (void)fd;
    (void)what;
    if (server->stopping)
        return;
    service_reloading();
    if (reload(server, &err) == 0) {
        metric_add(&server->metrics, METRIC_RELOADS, 1);
        LOG(LOG_INFO, "reload.done", log_s("config", server->config ? server->config : "defaults"));
        observe_look(-1, 0, server);
        retention_look(-1, 0, server);
        service_ready("serving");
    } else {
        metric_add(&server->metrics, METRIC_RELOADS_REFUSED, 1);
        LOG(LOG_ERROR, "reload.refused", log_s("field", err.field), log_s("reason", err.text));
        service_ready("serving with the settings from before: the reload was refused, see the log");
    }
}

/* Where and how much is logged. Under systemd stderr is the journal, which wants its own form. */
void lifecycle_log(const struct server *server)
{
    static const enum log_level levels[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};
    enum { AUTO, STDERR, JOURNAL };
    bool journal = server->settings.log_target == JOURNAL ||
                   (server->settings.log_target == AUTO && getenv("JOURNAL_STREAM"));
    log_open(journal ? LOG_JOURNAL : LOG_STDERR, levels[server->settings.log_level]);
}

/*
 * Callers of the first moments wait in the kernel's queue until the database was reached, instead
 * of being told that it is away. If it really is, they are told so after SETTLE_MS.
 */
static void let_in(struct server *server)
{
    server->settled = true;
    evtimer_del(server->settle);
    crowd_cap(server);
    service_ready(observe_ready(NULL, server) ? "serving" : "serving, the database is away");
}

void lifecycle_settle(struct server *server)
{
    if (!server->settled && observe_ready(NULL, server))
        let_in(server);
}

static void on_settle(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    let_in(arg);
}

void lifecycle_refuse(struct server *server)
{
    server->refused = true;
    event_base_loopbreak(server->base);
}

/* ---- stopping ------------------------------------------------------------------------------- */

void lifecycle_left(struct server *server)
{
    crowd_cap(server);
    if (server->stopping && HASH_COUNT(server->clients) == 0 && !refused_owed(server)) {
        LOG(LOG_INFO, "stop.drained", log_u("queued", server->batcher.queued));
        event_base_loopbreak(server->base);
    }
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    (void)fd;
    (void)what;
    LOG(LOG_WARN, "stop.deadline", log_u("sessions", HASH_COUNT(server->clients)));
    event_base_loopbreak(server->base);
}

/*
 * Accept no more, answer what is open, close each client when it has its answers; until all are
 * gone or the deadline has come. A second signal does not wait.
 */
static void on_sigterm(evutil_socket_t signal, short what, void *arg)
{
    struct server *server = arg;
    struct client *client, *next;
    int64_t ms = server->settings.drain_timeout;
    struct timeval wait = {ms / 1000, (ms % 1000) * 1000};
    (void)what;
    if (server->stopping) {
        LOG(LOG_WARN, "stop.now", log_i("signal", signal));
        event_base_loopbreak(server->base);
        return;
    }
    server->stopping = true;
    service_stopping("answering what is open");
    LOG(LOG_INFO, "stop.begin", log_i("signal", signal),
        log_u("sessions", HASH_COUNT(server->clients)));
    listener_free(&server->listener);
    evtimer_del(server->refresh);
    evtimer_add(server->drained, &wait);
    HASH_ITER (hh, server->clients, client, next)
        client_leave(client);
    lifecycle_left(server);
}

/* ---- start and end -------------------------------------------------------------------------- */

static void events_of(struct server *server, struct event **all[LIFECYCLE_EVENTS])
{
    struct event **list[LIFECYCLE_EVENTS] = {&server->sigterm,       &server->sigint,
                                             &server->sighup,        &server->away,
                                             &server->refresh,       &server->drained,
                                             &server->settle,        &server->look,
                                             &server->crowd,         &server->pump,
                                             &server->reload_tables, &server->rate,
                                             &server->outlived,      &server->retention.timer,
                                             &server->note};
    memcpy(all, list, sizeof list);
}

int lifecycle_start(struct server *server, struct error *err)
{
    const struct timeval settle = {SETTLE_MS / 1000, 0};
    server->sigterm = evsignal_new(server->base, SIGTERM, on_sigterm, server);
    server->sigint = evsignal_new(server->base, SIGINT, on_sigterm, server);
    server->sighup = evsignal_new(server->base, SIGHUP, on_sighup, server);
    server->away = evtimer_new(server->base, ingest_away, server);
    server->refresh = evtimer_new(server->base, query_refresh, server);
    server->drained = evtimer_new(server->base, on_deadline, server);
    server->settle = evtimer_new(server->base, on_settle, server);
    server->reload_tables = evtimer_new(server->base, query_load_again, server);
    server->crowd = evtimer_new(server->base, crowd_turn, server);
    server->pump = evtimer_new(server->base, ingest_pump_again, server);
    server->rate = evtimer_new(server->base, client_rate, server);
    server->outlived = evtimer_new(server->base, outlived_look, server);
    server->note = evtimer_new(server->base, refused_pump, server);
    server->look = evtimer_new(server->base, observe_look, server);
    server->retention.timer = evtimer_new(server->base, retention_look, server);
    struct event **all[LIFECYCLE_EVENTS];
    size_t made = 0;
    events_of(server, all);
    for (size_t i = 0; i < LIFECYCLE_EVENTS; i++)
        made += *all[i] != NULL;
    if (made < LIFECYCLE_EVENTS || event_add(server->sigterm, NULL) != 0 ||
        event_add(server->sigint, NULL) != 0 || event_add(server->sighup, NULL) != 0 ||
        evtimer_add(server->settle, &settle) != 0)
        return error_set(err, ERROR_INTERNAL, NULL, "the event loop could not be set up");
    return 0;
}

void lifecycle_end(struct server *server)
{
    struct event **all[LIFECYCLE_EVENTS];
    events_of(server, all);
    for (size_t i = 0; i < LIFECYCLE_EVENTS; i++)
        if (*all[i]) {
            event_free(*all[i]);
            *all[i] = NULL;
        }
}
