/*
 * The service manager: sockets it hands over, and what it is told (sd_notify(3)). Without one all
 * of it does nothing.
 */
#ifndef SUARA_COMMON_NET_SERVICE_H
#define SUARA_COMMON_NET_SERVICE_H

#include <stddef.h>

struct event_base;

/* Listening sockets passed in (socket activation), made non-blocking; how many, at most `most`. */
size_t service_sockets(int *fds, size_t most);

void service_ready(const char *status);
void service_reloading(void); /* follow with service_ready, also when the reload was refused */
void service_stopping(const char *status);
void service_status(const char *status);

/* Starts telling the watchdog from the loop at half its interval: a hung loop stops telling. */
void service_watchdog_start(struct event_base *base);
void service_watchdog_stop(void);

#endif
