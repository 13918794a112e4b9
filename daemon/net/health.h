/*
 * GET /healthz, /readyz and /metrics on a loopback address, for the person who keeps the service
 * running. Header and body limits and short time-outs are set (evhttp has none by default).
 */
#ifndef SUARA_DAEMON_NET_HEALTH_H
#define SUARA_DAEMON_NET_HEALTH_H

#include <stdbool.h>

struct buf;
struct error;
struct event_base;
struct health;

struct health_source {
    /* Ready to take submissions; else why not, in a few words. */
    bool (*ready)(const char **why, void *arg);
    void (*metrics)(struct buf *out, void *arg); /* Prometheus text format 0.0.4 */
    void *arg;
};

/* address "127.0.0.1:9464" (port 0 = a free one; anything but loopback is refused); "" = none: an
 * object that listens nowhere. */
struct health *health_new(struct event_base *base, const char *address,
                          const struct health_source *source, struct error *err);
void health_free(struct health **health);
const char *health_address(const struct health *health);

#endif
