#include "daemon/db/route.h"

#include <arpa/inet.h>

static const PQconninfoOption *option_of(const PQconninfoOption *options, const char *keyword)
{
    for (const PQconninfoOption *o = options; o && o->keyword; o++)
        if (strcmp(o->keyword, keyword) == 0)
            return o->val && o->val[0] ? o : NULL;
    return NULL;
}

/* A copy of the option's value: of the conninfo, else of libpq's environment; NULL for none. */
static char *value_of(const struct route *route, const PQconninfoOption *environment,
                      const char *keyword)
{
    const PQconninfoOption *o = option_of(route->options, keyword);
    if (!o)
        o = option_of(environment, keyword);
    return o ? strdup(o->val) : NULL;
}

/* Item n of a comma-separated list; NULL when it is empty or there is none. */
static char *item_of(const char *list, size_t n)
{
    if (!list)
        return NULL;
    for (; n > 0; n--) {
        list = strchr(list, ',');
        if (!list)
            return NULL;
        list++;
    }
    size_t size = strcspn(list, ",");
    return size > 0 ? strndup(list, size) : NULL;
}

static size_t items_of(const char *list)
{
    size_t count = list ? 1 : 0;
    for (; list && *list; list++)
        count += *list == ',';
    return count;
}

static int take_servers(struct route *route, const char *host, const char *hostaddr,
                        const char *port, struct error *err)
{
    size_t hosts = items_of(host), addresses = items_of(hostaddr), ports = items_of(port);
    size_t servers = hosts > addresses ? hosts : addresses;
    if (servers == 0)
        servers = 1;
    if (servers > ROUTE_SERVERS_MAX)
        return error_set(err, ERROR_USAGE, "conninfo", "more than %u servers", ROUTE_SERVERS_MAX);
    if ((hosts > 0 && addresses > 0 && hosts != addresses) || (ports > 1 && ports != servers))
        return error_set(err, ERROR_USAGE, "conninfo",
                         "%zu hosts, %zu hostaddrs and %zu ports do not fit together", hosts,
                         addresses, ports);
    for (size_t i = 0; i < servers; i++)
        route->server[i] = (struct route_server){.host = item_of(host, i),
                                                 .hostaddr = item_of(hostaddr, i),
                                                 .port = item_of(port, ports > 1 ? i : 0)};
    route->servers = servers;
    return 0;
}

/* Every session writes: those of reports bring roll-ups up to date. */
static int check_target(const struct route *route, struct error *err)
{
    const PQconninfoOption *target = option_of(route->options, "target_session_attrs");
    if (!target || strcmp(target->val, "read-write") == 0 || strcmp(target->val, "primary") == 0)
        return 0;
    return error_set(err, ERROR_USAGE, "conninfo",
                     "target_session_attrs=%s may lead to a standby, where nothing can be written: "
                     "say read-write, or leave it out",
                     target->val);
}

int route_init(struct route *route, const char *conninfo, struct error *err)
{
    *route = (struct route){0};
    char *wrong = NULL;
    route->options = PQconninfoParse(conninfo, &wrong);
    if (!route->options) {
        error_set(err, ERROR_USAGE, "conninfo", "%.*s", wrong ? (int)strcspn(wrong, "\n") : 13,
                  wrong ? wrong : "out of memory");
        PQfreemem(wrong);
        return -1;
    }
    if (option_of(route->options, "service")) {
        route_release(route);
        return error_set(err, ERROR_USAGE, "conninfo",
                         "service= is not supported: write its settings here");
    }
    if (check_target(route, err)) {
        route_release(route);
        return -1;
    }
    PQconninfoOption *environment = PQconndefaults();
    char *host = value_of(route, environment, "host");
    char *hostaddr = value_of(route, environment, "hostaddr");
    char *port = value_of(route, environment, "port");
    int result = take_servers(route, host, hostaddr, port, err);
    free(host);
    free(hostaddr);
    free(port);
    PQconninfoFree(environment);
    if (result)
        route_release(route);
    return result;
}

void route_release(struct route *route)
{
    route_forget_addresses(route);
    for (size_t i = 0; i < route->servers; i++) {
        free(route->server[i].host);
        free(route->server[i].hostaddr);
        free(route->server[i].port);
    }
    buf_release(&route->host);
    buf_release(&route->hostaddr);
    buf_release(&route->port);
    PQconninfoFree(route->options);
    *route = (struct route){0};
}

bool route_needs_address(const struct route_server *server)
{
    const char *host = server->host;
    unsigned char binary[sizeof(struct in6_addr)];
    return !server->hostaddr && host && host[0] != '/' && host[0] != '@' &&
           inet_pton(AF_INET, host, binary) != 1 && inet_pton(AF_INET6, host, binary) != 1;
}

int route_add_address(struct route_server *server, const char *address)
{
    if (server->addresses == ROUTE_ADDRESSES_MAX)
        return 0;
    char *copy = strdup(address);
    if (!copy)
        return -1;
    server->address[server->addresses++] = copy;
    return 0;
}

void route_forget_addresses(struct route *route)
{
    for (size_t i = 0; i < route->servers; i++) {
        for (size_t k = 0; k < route->server[i].addresses; k++)
            free(route->server[i].address[k]);
        route->server[i].addresses = 0;
    }
}

static void add_entry(struct route *route, const struct route_server *server, const char *address,
                      bool first)
{
    const char *comma = first ? "" : ",";
    buf_printf(&route->host, "%s%s", comma, server->host ? server->host : "");
    buf_printf(&route->hostaddr, "%s%s", comma, address ? address : "");
    buf_printf(&route->port, "%s%s", comma, server->port ? server->port : "");
}

/* Fills the three lists; the number of entries. */
static size_t fill_lists(struct route *route, size_t first)
{
    size_t entries = 0;
    buf_clear(&route->host);
    buf_clear(&route->hostaddr);
    buf_clear(&route->port);
    for (size_t i = 0; i < route->servers; i++) {
        const struct route_server *server = &route->server[(first + i) % route->servers];
        if (!route_needs_address(server))
            add_entry(route, server, server->hostaddr, entries++ == 0);
        for (size_t k = 0; k < server->addresses; k++)
            add_entry(route, server, server->address[k], entries++ == 0);
    }
    return entries;
}

/* A dead peer must be noticed also on a connection that only listens; and libpq looks for Kerberos
 * tickets unless told not to, which can block. A standby is passed over, also one that is alone:
 * once promoted it is found. What the conninfo says wins over these. */
static const char *const usual[][2] = {
    {"keepalives_idle", "15"}, {"keepalives_interval", "5"},           {"keepalives_count", "3"},
    {"gssencmode", "disable"}, {"target_session_attrs", "read-write"}, {"client_encoding", "UTF8"}};

static void add_param(struct route_params *params, size_t *n, const char *keyword,
                      const char *value)
{
    if (*n + 1 >= ROUTE_PARAMS_MAX)
        return;
    params->keyword[*n] = keyword;
    params->value[*n] = value;
    (*n)++;
}

int route_params(struct route *route, size_t first, const char *program,
                 struct route_params *params, struct error *err)
{
    if (fill_lists(route, first) == 0)
        return error_set(err, ERROR_UNAVAILABLE, NULL, "no address of the database is known");
    if (route->host.failed || route->hostaddr.failed || route->port.failed)
        return error_set(err, ERROR_UNAVAILABLE, NULL, "out of memory");
    *params = (struct route_params){{NULL}, {NULL}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        add_param(params, &n, usual[i][0], usual[i][1]);
    add_param(params, &n, "fallback_application_name", program);
    for (const PQconninfoOption *o = route->options; o->keyword; o++)
        if (o->val && strcmp(o->keyword, "host") != 0 && strcmp(o->keyword, "hostaddr") != 0 &&
            strcmp(o->keyword, "port") != 0)
            add_param(params, &n, o->keyword, o->val);
    add_param(params, &n, "host", route->host.data);
    add_param(params, &n, "hostaddr", route->hostaddr.data);
    add_param(params, &n, "port", route->port.data);
    return 0;
}
