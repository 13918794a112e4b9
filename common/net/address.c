#include "common/net/address.h"
#include "common/error.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_port(const char *text, uint16_t *port)
{
    unsigned value = 0;
    size_t digits = 0;
    for (; text[digits] >= '0' && text[digits] <= '9' && digits < 6; digits++)
        value = value * 10 + (unsigned)(text[digits] - '0');
    if (digits == 0 || text[digits] != '\0' || value > UINT16_MAX)
        return false;
    *port = (uint16_t)value;
    return true;
}

int address_split(const char *text, char host[ADDRESS_HOST], uint16_t *port, struct error *err)
{
    const char *start = text, *end = strrchr(text, ':');
    if (!end)
        return error_set(err, ERROR_USAGE, NULL, "\"%s\" has no port: write host:port", text);
    const char *number = end + 1;
    if (*start == '[' && end > start + 1 && end[-1] == ']') {
        start++;
        end--;
    } else if (memchr(start, ':', (size_t)(end - start)) ||
               memchr(start, '[', (size_t)(end - start))) {
        return error_set(err, ERROR_USAGE, NULL,
                         "\"%s\" is no address: an IPv6 address wants brackets, [::1]:7827", text);
    }
    size_t size = (size_t)(end - start);
    if (size == 0 || size >= ADDRESS_HOST)
        return error_set(err, ERROR_USAGE, NULL, "\"%s\" has no host that could be used", text);
    if (!read_port(number, port))
        return error_set(err, ERROR_USAGE, NULL, "\"%s\" is no port: 0 to 65535", number);
    memcpy(host, start, size);
    host[size] = '\0';
    return 0;
}

bool address_numeric(const char *host, uint16_t port, struct sockaddr_storage *out, socklen_t *size)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
        memcpy(out, &v4, sizeof v4);
        *size = sizeof v4;
        return true;
    }
    if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
        memcpy(out, &v6, sizeof v6);
        *size = sizeof v6;
        return true;
    }
    return false;
}

/* The IPv4 address inside a mapped one, or the address as it is. */
static int plain_family(const struct sockaddr *address, struct in_addr *v4, struct sockaddr_in6 *v6,
                        unsigned *port)
{
    struct sockaddr_in in;
    switch (address->sa_family) {
    case AF_INET:
        memcpy(&in, address, sizeof in);
        *v4 = in.sin_addr;
        *port = ntohs(in.sin_port);
        return AF_INET;
    case AF_INET6:
        memcpy(v6, address, sizeof *v6);
        *port = ntohs(v6->sin6_port);
        if (!IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
            return AF_INET6;
        memcpy(v4, v6->sin6_addr.s6_addr + 12, sizeof *v4);
        return AF_INET;
    default:
        return AF_UNSPEC;
    }
}

void address_format(const struct sockaddr *address, char out[ADDRESS_TEXT])
{
    struct in_addr v4;
    struct sockaddr_in6 v6;
    unsigned port = 0;
    char host[INET6_ADDRSTRLEN];
    switch (plain_family(address, &v4, &v6, &port)) {
    case AF_INET:
        inet_ntop(AF_INET, &v4, host, sizeof host);
        snprintf(out, ADDRESS_TEXT, "%s:%u", host, port);
        break;
    case AF_INET6:
        inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
        snprintf(out, ADDRESS_TEXT, "[%s]:%u", host, port);
        break;
    default:
        snprintf(out, ADDRESS_TEXT, "local");
    }
}

bool address_is_loopback(const struct sockaddr *address)
{
    struct in_addr v4;
    struct sockaddr_in6 v6;
    unsigned port;
    switch (plain_family(address, &v4, &v6, &port)) {
    case AF_INET:
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    case AF_INET6:
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
    default:
        return false;
    }
}
