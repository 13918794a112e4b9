#include "common/clock.h"
#include "common/net/conn_private.h"
#include <ctype.h>
#include <errno.h>
#include <event2/dns.h>
#include <event2/util.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESSES 8

/*
 * From a name to a connected socket, one address after the other. On its own heap storage, since
 * libevent tells of a cancelled look-up only later, when the connection may be gone.
 */
struct dial {
    struct conn *conn; /* NULL: given up */
    struct evdns_base *dns;
    struct evdns_getaddrinfo_request *request;
    struct sockaddr_storage address[ADDRESSES];
    socklen_t size[ADDRESSES];
    unsigned count, next;
    evutil_socket_t fd;
    int code; /* of the look-up; then errno of the newest failure */
    uint16_t port;
};

static void dial_free(struct dial *dial)
{
    if (dial->dns)
        evdns_base_free(dial->dns, 1);
    free(dial);
}

static void hang_up(struct conn *conn)
{
    if (conn->raw)
        event_free(conn->raw);
    conn->raw = NULL;
    if (conn->dial->fd >= 0)
        evutil_closesocket(conn->dial->fd);
    conn->dial->fd = -1;
}

void conn_dial_stop(struct conn *conn)
{
    struct dial *dial = conn->dial;
    if (!dial)
        return;
    hang_up(conn);
    conn->dial = NULL;
    dial->conn = NULL;
    if (dial->request)
        evdns_getaddrinfo_cancel(dial->request); /* on_addresses frees it */
    else
        dial_free(dial);
}

static void unreachable(struct conn *conn)
{
    const char *brackets = strchr(conn->host, ':') ? "[]" : "";
    const char *why = strerror(conn->dial->code);
    conn_fail(
        conn, ERROR_UNAVAILABLE, "network",
        "the server %.1s%s%s:%u can't be reached (%c%s). Nothing is lost; if this lasts, tell "
        "the administrator",
        brackets, conn->host, *brackets ? brackets + 1 : "", conn->dial->port,
        tolower((unsigned char)*why), why + 1);
    conn_over(conn);
}

static void connected(struct conn *conn)
{
    evutil_socket_t fd = conn->dial->fd;
    conn->dial->fd = -1;
    conn->due[CONN_DUE_DIAL] = 0;
    hang_up(conn);
    conn_dial_stop(conn);
    conn_start_tls(conn, fd);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct conn *conn = arg;
    int code = 0;
    socklen_t size = sizeof code;
    conn_enter(conn);
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
        code = errno;
    if (code == 0) {
        connected(conn);
    } else {
        conn->dial->code = code;
        conn_dial_next(conn);
    }
    conn_leave(conn);
}

/* 0: connected or on the way. */
static int try_address(struct conn *conn, unsigned which)
{
    struct dial *dial = conn->dial;
    const struct sockaddr *address = (const struct sockaddr *)&dial->address[which];
    address_format(address, conn->peer);
    dial->fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (dial->fd < 0)
        return errno;
    if (connect(dial->fd, address, dial->size[which]) != 0 && errno != EINPROGRESS)
        return errno;
    conn->raw = event_new(conn->base, dial->fd, EV_WRITE, on_writable, conn);
    return conn->raw && event_add(conn->raw, NULL) == 0 ? 0 : ENOMEM;
}

void conn_dial_next(struct conn *conn)
{
    struct dial *dial = conn->dial;
    for (;;) {
        hang_up(conn);
        if (dial->next == dial->count) {
            unreachable(conn);
            return;
        }
        int code = try_address(conn, dial->next++);
        if (code == 0)
            break;
        dial->code = code;
    }
    /* What is left of the time is shared by the addresses: one may be a black hole. */
    unsigned left = dial->count - dial->next;
    uint64_t now = clock_monotonic_ms(), end = conn->due[CONN_DUE_CONNECT];
    dial->code = ETIMEDOUT;
    conn->due[CONN_DUE_DIAL] = 0;
    if (left > 0 && end > now)
        conn_due_in(conn, CONN_DUE_DIAL, (uint32_t)((end - now) / (left + 1)) + 1);
}

static void take_addresses(struct dial *dial, const struct evutil_addrinfo *list)
{
    for (; list && dial->count < ADDRESSES; list = list->ai_next) {
        if (list->ai_addrlen > sizeof dial->address[0])
            continue;
        memcpy(&dial->address[dial->count], list->ai_addr, list->ai_addrlen);
        dial->size[dial->count++] = (socklen_t)list->ai_addrlen;
    }
}

static void on_addresses(int result, struct evutil_addrinfo *list, void *arg)
{
    struct dial *dial = arg;
    dial->request = NULL;
    if (dial->conn)
        take_addresses(dial, list);
    if (list)
        evutil_freeaddrinfo(list);
    if (!dial->conn) {
        dial_free(dial);
        return;
    }
    /* Not from here: the look-up must not be freed under the feet of its own callback, and it may
     * have called back at once, out of /etc/hosts. */
    dial->code = result;
    conn_wake(dial->conn);
}

void conn_dial_resolved(struct conn *conn)
{
    struct dial *dial = conn->dial;
    if (dial->count == 0) {
        conn_fail(
            conn, ERROR_UNAVAILABLE, "network",
            "the server's name %s can't be found: is this computer on the network, and is the "
            "name right?",
            conn->host);
        conn_over(conn);
        return;
    }
    conn_set_state(conn, CONN_STATE_DIAL);
    conn_dial_next(conn);
}

static int resolve(struct conn *conn, struct error *err)
{
    struct dial *dial = conn->dial;
    char port[8];
    const struct evutil_addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
    snprintf(port, sizeof port, "%u", dial->port);
    dial->dns = evdns_base_new(conn->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (!dial->dns)
        return error_set(err, ERROR_OVERLOADED, "memory", "no memory to look up %s", conn->host);
    /* Without the file it takes the defaults of the system; /etc/hosts is read in any case. */
    evdns_base_resolv_conf_parse(dial->dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
    struct evdns_getaddrinfo_request *request =
        evdns_getaddrinfo(dial->dns, conn->host, port, &hints, on_addresses, dial);
    /* NULL: on_addresses was called already, and `dial` may be gone. */
    if (request)
        dial->request = request;
    return 0;
}

/* The certificate must name what was dialled; the CN is never looked at. */
static bool expect_host(struct conn *conn, bool numeric)
{
    X509_VERIFY_PARAM *want = SSL_get0_param(conn->ssl);
    X509_VERIFY_PARAM_set_hostflags(want, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                              X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (numeric)
        return X509_VERIFY_PARAM_set1_ip_asc(want, conn->host) == 1;
    return X509_VERIFY_PARAM_set1_host(want, conn->host, 0) == 1 &&
           SSL_set_tlsext_host_name(conn->ssl, conn->host) == 1;
}

int conn_dial(struct conn *conn, const char *host, uint16_t port, struct error *err)
{
    struct dial *dial = calloc(1, sizeof *dial);
    conn->host = strdup(host);
    if (!dial || !conn->host) {
        free(dial);
        return error_set(err, ERROR_OVERLOADED, "memory", "no memory for a connection");
    }
    dial->conn = conn;
    dial->port = port;
    dial->fd = -1;
    conn->dial = dial;
    snprintf(conn->peer, sizeof conn->peer, "%.50s:%u", host, port);
    bool numeric = address_numeric(host, port, &dial->address[0], &dial->size[0]);
    if (!expect_host(conn, numeric))
        return error_set(err, ERROR_USAGE, NULL, "%s is no host name", host);
    if (!numeric)
        return resolve(conn, err);
    dial->count = 1;
    conn_set_state(conn, CONN_STATE_DIAL);
    conn_dial_next(conn);
    return 0;
}
