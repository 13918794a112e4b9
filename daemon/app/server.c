#include "daemon/app/server.h"

#include "common/clock.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/net/service.h"
#include "common/squeeze.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/db/reader.h"
#include "daemon/db/store.h"
#include "daemon/net/health.h"
#include "daemon/net/listener.h"
#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdlib.h>

int server_unavailable(const struct server *server, struct error *err, const char *why)
{
    int rc = error_set(err, ERROR_UNAVAILABLE, NULL, "%s: try again later", why);
    err->retry_after_ms = (uint32_t)server->settings.retry_after;
    return rc;
}

static int check_conninfo(const char *option, const char *conninfo, struct error *err)
{
    struct error why;
    if (db_conninfo_check(conninfo, &why) == 0)
        return 0;
    return error_set(err, why.code, "database", "database.%s: %s", option, why.text);
}

int server_check(const struct settings *settings, struct error *err)
{
    return check_conninfo("ingest", settings->ingest, err) ||
                   check_conninfo("report", settings->report, err)
               ? -1
               : 0;
}

static int start_database(struct server *server, struct error *err)
{
    const struct settings *s = &server->settings;
    struct db_settings ingest = {s->ingest, (unsigned)s->ingest_connections,
                                 (uint32_t)s->connect_timeout, (uint32_t)s->statement_timeout,
                                 &server->lineage};
    struct db_settings report = {s->report, (unsigned)s->report_connections,
                                 (uint32_t)s->connect_timeout, (uint32_t)s->statement_timeout,
                                 &server->lineage};
    if (server_check(s, err) != 0)
        return -1;
    server->store = store_new(server->base, &ingest, ingest_changed, server, err);
    if (!server->store)
        return -1;
    server->reader =
        reader_new(server->base, &report, query_changed, query_tables_changed, server, err);
    return server->reader ? 0 : -1;
}

static int start_network(struct server *server, struct error *err)
{
    struct health_source source = {observe_ready, observe_metrics, server};
    server->health = health_new(server->base, server->settings.http_listen, &source, err);
    if (!server->health)
        return -1;
    server->listener =
        listener_new(server->base, server->settings.listen, client_accept, server, err);
    if (!server->listener)
        return -1;
    crowd_cap(server);
    return 0;
}

int64_t server_steady_ms(const struct server *server)
{
    return server->began_wall_ms + (int64_t)(clock_monotonic_ms() - server->began_ms);
}

static int build(struct server *server, struct error *err)
{
    if (settings_load(&server->settings, server->config, err) != 0)
        return -1;
    lifecycle_log(server);
    server->began_wall_ms = clock_wall_ms();
    server->began_ms = clock_monotonic_ms();
    lifecycle_descriptors(&server->settings);
    server->base = event_base_new();
    server->digest = digest_new();
    server->squeeze = squeeze_new();
    if (!server->base || !server->digest || !server->squeeze)
        return error_set(err, ERROR_INTERNAL, NULL, "no memory to start with");
    budget_init(&server->budget, (size_t)server->settings.receive_bytes);
    server->budget.on_wait = crowd_wait;
    server->budget.arg = server;
    batcher_init(&server->batcher, (size_t)server->settings.group_responses,
                 (size_t)server->settings.queue_bytes);
    lifecycle_limits(server);
    if (lifecycle_start(server, err) != 0 || lifecycle_tls(server, &server->settings, err) != 0 ||
        start_database(server, err) != 0 || start_network(server, err) != 0)
        return -1;
    return 0;
}

struct server *server_new(const char *config, struct error *err)
{
    struct server *server = calloc(1, sizeof *server);
    if (server && config)
        server->config = strdup(config);
    if (!server || (config && !server->config)) {
        free(server);
        (void)error_set(err, ERROR_INTERNAL, NULL, "no memory to start with");
        return NULL;
    }
    if (build(server, err) != 0)
        server_free(&server);
    return server;
}

int server_run(struct server *server)
{
    LOG(LOG_INFO, "start", log_s("version", SUARA_VERSION),
        log_s("listen", listener_address(server->listener)),
        log_s("http", health_address(server->health)));
    observe_look(-1, 0, server);
    retention_look(-1, 0, server);
    service_watchdog_start(server->base);
    int rc = event_base_dispatch(server->base);
    service_watchdog_stop();
    LOG(rc < 0 ? LOG_ERROR : LOG_INFO, "stop.end", log_u("queued", server->batcher.queued),
        log_u("sessions", HASH_COUNT(server->clients)));
    if (server->refused)
        return SERVER_REFUSED;
    return rc < 0 ? -1 : 0;
}

void server_free(struct server **serverp)
{
    struct server *server = *serverp;
    struct client *client, *next;
    if (!server)
        return;
    *serverp = NULL;
    HASH_ITER (hh, server->clients, client, next)
        client_drop(&client);
    listener_free(&server->listener);
    health_free(&server->health);
    reader_free(&server->reader);
    store_free(&server->store);
    ingest_forget(server);
    refused_forget(server);
    question_forget(server);
    crowd_forget(server);
    admin_forget(server);
    directory_free(&server->directory);
    directory_free(&server->retention.directory);
    quota_release(&server->quota);
    lifecycle_end(server);
    if (server->base) {
        /* Connections free their storage on the next turn of the loop: give them that turn. */
        (void)event_base_loop(server->base, EVLOOP_NONBLOCK);
        event_base_free(server->base);
    }
    SSL_CTX_free(server->tls);
    digest_free(&server->digest);
    squeeze_free(&server->squeeze);
    buf_release(&server->squeezed);
    settings_release(&server->settings);
    free(server->config);
    free(server);
}
