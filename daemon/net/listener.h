/*
 * Accepts connections. Out of descriptors it pauses and tries again on a timer instead of spinning;
 * above the cap it leaves callers in the kernel's queue.
 */
#ifndef SUARA_DAEMON_NET_LISTENER_H
#define SUARA_DAEMON_NET_LISTENER_H

#include <event2/util.h>
#include <stdbool.h>
#include <stddef.h>

struct error;
struct event_base;
struct listener;

/* fd is the callee's from now on. */
typedef void listener_fn(evutil_socket_t fd, void *arg);

/*
 * Listens on `addresses` ("0.0.0.0:7827, [::]:7827"; port 0 = a free one), or on the service
 * manager's sockets when it passed any. SO_REUSEPORT, so that several daemons share a port.
 */
struct listener *listener_new(struct event_base *base, const char *addresses, listener_fn *fn,
                              void *arg, struct error *err);
void listener_free(struct listener **listener); /* closes the sockets */

void listener_pause(struct listener *listener);
void listener_resume(struct listener *listener);

/* Does somebody wait in the kernel's queue? */
bool listener_called(const struct listener *listener);

/* The first bound address, "127.0.0.1:40123", for logs and tests. */
const char *listener_address(const struct listener *listener);

#endif
