/*
 * Where a conninfo leads: its servers in order, each with the name, address and port that libpq
 * wants, and the whole as parameters for PQconnectStartParams. libpq would resolve names itself,
 * but in a blocking way; so the caller resolves them and hands the addresses over.
 */
#ifndef SUARA_DAEMON_DB_ROUTE_H
#define SUARA_DAEMON_DB_ROUTE_H

#include "common/buf.h"
#include "common/error.h"
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#define ROUTE_SERVERS_MAX   8u
#define ROUTE_ADDRESSES_MAX 4u  /* of one name; the others are not tried */
#define ROUTE_PARAMS_MAX    64u /* keywords of libpq 15: 41 */

struct route_server {
    char *host, *hostaddr, *port; /* NULL: libpq's default */
    char *address[ROUTE_ADDRESSES_MAX];
    size_t addresses; /* what the name was resolved to */
};

struct route {
    PQconninfoOption *options; /* as parsed */
    struct route_server server[ROUTE_SERVERS_MAX];
    size_t servers;
    struct buf host, hostaddr, port; /* lists for libpq, of the last route_params */
};

/* USAGE when the conninfo is wrong, names a service file, may lead to a standby, or when its lists
 * do not fit together. */
int route_init(struct route *route, const char *conninfo, struct error *err);
void route_release(struct route *route);

/* Does this server have a name that must be resolved before libpq may see it? */
bool route_needs_address(const struct route_server *server);

/* Adds a numeric address to a server; what goes beyond ROUTE_ADDRESSES_MAX is dropped. */
int route_add_address(struct route_server *server, const char *address);
void route_forget_addresses(struct route *route);

struct route_params {
    const char *keyword[ROUTE_PARAMS_MAX], *value[ROUTE_PARAMS_MAX]; /* ended by NULL */
};

/*
 * The parameters, servers in turn beginning with number `first` (modulo their count): libpq keeps
 * no time-out for one server on an asynchronous connection, so a server that swallows packets
 * would hide those behind it for ever. Valid until the next call. -1 when memory is out or no
 * server has an address (err: UNAVAILABLE).
 */
int route_params(struct route *route, size_t first, const char *program,
                 struct route_params *params, struct error *err);

#endif
