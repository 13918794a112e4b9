/*
 * Addresses as text: "192.0.2.7:7827", "[2001:db8::7]:7827", "suara.example.org:7827".
 */
#ifndef SUARA_COMMON_NET_ADDRESS_H
#define SUARA_COMMON_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct error;

#define ADDRESS_TEXT 64u  /* of a numeric address and port, with brackets and the zero */
#define ADDRESS_HOST 256u /* of a host name, with the zero */

/* Takes "host:port" apart; the brackets of an IPv6 address go. USAGE says what is wrong. */
int address_split(const char *text, char host[ADDRESS_HOST], uint16_t *port, struct error *err)
    __attribute__((warn_unused_result));

/* Is the host a numeric address? Then it is in *out, with the port, and *size is its size. */
bool address_numeric(const char *host, uint16_t port, struct sockaddr_storage *out,
                     socklen_t *size);

/* IPv4 addresses mapped into IPv6 are shown as IPv4. "local" for anything but the two. */
void address_format(const struct sockaddr *address, char out[ADDRESS_TEXT]);

/* Does the address stay on this machine? */
bool address_is_loopback(const struct sockaddr *address);

#endif
