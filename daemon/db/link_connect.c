#include "common/clock.h"
#include "common/log.h"
#include "daemon/db/link_private.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netdb.h>
#include <sys/socket.h>

/* ---- resolving: one name after the other, all under one timer ---- */

static void link_resolve_next(struct link *link);
static void link_connect(struct link *link);

void link_resolve(struct link *link)
{
    link_set_state(link, LINK_RESOLVING);
    link_start_timer(link, link->connect_ms);
    route_forget_addresses(&link->route);
    link->resolving = 0;
    if (link->dns) /* a new one reads resolv.conf and hosts again */
        evdns_base_free(link->dns, 0);
    link->dns = NULL;
    link_resolve_next(link);
}

void link_stop_resolving(struct link *link)
{
    if (link->lookup)
        evdns_getaddrinfo_cancel(link->lookup);
    link->lookup = NULL;
}

static int add_addresses(struct route_server *server, const struct evutil_addrinfo *list)
{
    char text[NI_MAXHOST];
    for (const struct evutil_addrinfo *a = list; a; a = a->ai_next)
        if (getnameinfo(a->ai_addr, (socklen_t)a->ai_addrlen, text, sizeof text, NULL, 0,
                        NI_NUMERICHOST) == 0 &&
            route_add_address(server, text))
            return -1;
    return 0;
}

static void link_on_addresses(int error, struct evutil_addrinfo *list, void *arg)
{
    struct link *link = arg;
    if (error == EVUTIL_EAI_CANCEL)
        return;
    link->lookup = NULL;
    struct route_server *server = &link->route.server[link->resolving];
    if (error)
        snprintf(link->trouble, sizeof link->trouble, "can't resolve %s: %s", server->host,
                 evutil_gai_strerror(error));
    int full = list ? add_addresses(server, list) : 0;
    if (list)
        evutil_freeaddrinfo(list);
    if (full) {
        link_lose(link, "out of memory");
        return;
    }
    link->resolving++;
    link_resolve_next(link);
}

static struct evdns_base *open_dns(struct event_base *base)
{
    struct evdns_base *dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (dns) /* without it, /etc/hosts still works */
        evdns_base_resolv_conf_parse(dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
    return dns;
}

static void link_resolve_next(struct link *link)
{
    struct route *route = &link->route;
    while (link->resolving < route->servers &&
           !route_needs_address(&route->server[link->resolving]))
        link->resolving++;
    if (link->resolving == route->servers) {
        link_connect(link);
        return;
    }
    if (!link->dns)
        link->dns = open_dns(link->base);
    if (!link->dns) {
        link_lose(link, "the resolver could not be set up");
        return;
    }
    struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    size_t now = link->resolving;
    struct evdns_getaddrinfo_request *lookup = evdns_getaddrinfo(
        link->dns, route->server[now].host, NULL, &hints, link_on_addresses, link);
    /* It may have called back already, and that may have begun the next. */
    if (lookup && link->state == LINK_RESOLVING && link->resolving == now)
        link->lookup = lookup;
}

/* ---- connecting ---- */

static void link_connect(struct link *link)
{
    struct route_params params;
    struct error err;
    if (route_params(&link->route, link->attempts, link->program, &params, &err)) {
        link_lose(link, link->trouble[0] ? link->trouble : err.text);
        return;
    }
    link_set_state(link, LINK_CONNECTING);
    link_start_timer(link, link->connect_ms);
    link->conn = PQconnectStartParams(params.keyword, params.value, 0);
    if (!link->conn || PQstatus(link->conn) == CONNECTION_BAD) {
        link_lose(link, link->conn ? PQerrorMessage(link->conn) : "out of memory");
        return;
    }
    link_watch(link); /* as if the first poll had said: writing */
    event_del(link->read);
    event_add(link->write, NULL);
}

static void link_prepare(struct link *link);

/* libpq's text is not translated: the daemon sets no locale. */
static void link_refused(struct link *link)
{
    char text[sizeof link->trouble];
    const char *said = PQerrorMessage(link->conn);
    bool standby = strstr(said, "session is read-only") || strstr(said, "hot standby mode");
    snprintf(text, sizeof text, "%s%s",
             standby ? "a standby, or read-only; suarad needs a server that takes writes: " : "",
             said);
    link_lose(link, text);
}

void link_connect_step(struct link *link)
{
    event_del(link->read);
    event_del(link->write);
    switch (PQconnectPoll(link->conn)) {
    case PGRES_POLLING_READING:
        link_watch(link);
        return;
    case PGRES_POLLING_WRITING:
        link_watch(link);
        event_del(link->read);
        event_add(link->write, NULL);
        return;
    case PGRES_POLLING_OK:
        link_prepare(link);
        return;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE:
        link_refused(link);
        return;
    }
}

/* ---- preparing: the session's settings, statements and channel, in one pipeline ---- */

static void link_on_notice(void *arg, const PGresult *notice)
{
    link_note_warning(arg, notice);
}

static void link_prepared(struct link *link, const struct link_answer *answer, void *arg)
{
    (void)arg;
    if (answer->lost)
        return;
    if (answer->outcome != DB_DONE) {
        link_lose(link, answer->err.text);
        return;
    }
    link->ready_ms = clock_monotonic_ms();
    link->timeline = link->lineage->timeline;
    link->old_told = false;
    if (link->spec->channel)
        link->event(link, LINK_HEARD, link->arg);
    link_set_state(link, LINK_IDLE);
}

#define SET_SQL "SELECT pg_catalog.set_config($1, $2, false)"

/* The first query of a session; fails on a standby. */
#define LINEAGE_SQL                                                                                \
    "SELECT system_identifier::text,"                                                              \
    " pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_insert_lsn())"                          \
    " FROM pg_catalog.pg_control_system()"

static void link_on_lineage(size_t query, const PGresult *result, void *arg)
{
    struct link *link = arg;
    struct link_answer *answer = &link->task.answer;
    if (query > 0 || PQntuples(result) != 1 || PQnfields(result) != 2 ||
        lineage_follow(link->lineage, PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1),
                       &answer->err) == 0)
        return;
    answer->outcome = DB_AGAIN;
    LOG(link->old_told ? LOG_DEBUG : LOG_ERROR, "db.old_primary", log_s("pool", link->spec->pool),
        log_u("link", link->number), log_s("server", PQhost(link->conn)),
        log_s("port", PQport(link->conn)), log_s("reason", answer->err.text));
    link->old_told = true;
}

/* Settings that every session has. A backend must not keep its locks for a daemon that is gone or
 * stands still: it looks for a closed socket while it works, and ends a transaction left idle. */
static size_t common_settings(uint32_t statement_ms, char text[static 2][16],
                              struct link_setting out[static 6])
{
    snprintf(text[0], 16, "%u", statement_ms);
    snprintf(text[1], 16, "%u", statement_ms + LINK_MARGIN_MS);
    out[0] = (struct link_setting){"statement_timeout", text[0]};
    out[1] = (struct link_setting){"idle_in_transaction_session_timeout", text[1]};
    out[2] = (struct link_setting){"client_connection_check_interval", "2000"};
    out[3] = (struct link_setting){"tcp_keepalives_idle", "15"};
    out[4] = (struct link_setting){"tcp_user_timeout", "30000"};
    out[5] = (struct link_setting){"search_path", "pg_catalog"};
    return 6;
}

static void link_prepare(struct link *link)
{
    const struct link_spec *spec = link->spec;
    struct link_query query[LINK_QUERIES_MAX];
    struct link_setting common[6];
    const char *pair[LINK_QUERIES_MAX][2];
    char text[2][16], listen[80];
    size_t n = 0, commons = common_settings(link->statement_ms, text, common);

    query[n++] = (struct link_query){.sql = LINEAGE_SQL, .text = true};
    for (size_t i = 0; i < commons || spec->settings[i - commons].name; i++) {
        const struct link_setting *s = i < commons ? &common[i] : &spec->settings[i - commons];
        pair[n][0] = s->name;
        pair[n][1] = s->value;
        query[n] = (struct link_query){.sql = SET_SQL, .params = 2, .values = pair[n]};
        n++;
    }
    for (const struct link_statement *s = spec->statements; s->name; s++)
        query[n++] = (struct link_query){.name = s->name, .sql = s->sql};
    if (spec->channel) {
        snprintf(listen, sizeof listen, "LISTEN %s", spec->channel);
        query[n++] = (struct link_query){.sql = listen};
    }
    PQsetnonblocking(link->conn, 1);
    PQsetNoticeReceiver(link->conn, link_on_notice, link);
    link_watch(link);
    link_set_state(link, LINK_PREPARING);
    struct link_task task = {.work = WORK_RUN,
                             .result = link_on_lineage,
                             .done = link_prepared,
                             .arg = link,
                             .count = n};
    link_begin_task(link, &task, link->connect_ms);
    link_send_queries(link, query, n);
}
