/*
 * The client's line to the daemon: connect, greet, ask, and match replies to requests. Requests may
 * be pipelined. Only an application reply counts as accepted; everything else is an error with a
 * sentence that says what is wrong and what to do.
 */
#ifndef SUARA_CLIENT_NET_UPLINK_H
#define SUARA_CLIENT_NET_UPLINK_H

#include "common/error.h"
#include "proto/suara.pb-c.h"
#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct uplink;

struct uplink_settings {
    const char *server;                 /* "host:port" */
    const char *certificate, *key, *ca; /* files */
    uint32_t connect_ms;                /* TCP, TLS and Welcome; 0: no limit, here and below */
    uint32_t reply_ms;                  /* the longest silence while a request is open */
    bool (*stopped)(void); /* asked ten times a second: true breaks the line; NULL: never */
};

/*
 * What came for a request: each reply (one at least unless it failed), valid during the call; or
 * reply NULL and *err when the line broke or the daemon answered with an Error. After `last` or an
 * error the request is done. INVALID and TOO_LARGE are always the daemon's own word about what was
 * sent; an answer that can't be read is UNAVAILABLE: whether the request was carried out is not
 * known.
 */
typedef void uplink_fn(const Suara__V1__Reply *reply, const struct error *err, void *arg);

/*
 * Blocks until the daemon has welcomed us (or not: NULL and *err; ERROR_UNAVAILABLE = it can't be
 * reached or is not ready, worth another try; anything else is for a person to mend).
 */
struct uplink *uplink_open(const struct uplink_settings *settings, struct error *err);
void uplink_close(struct uplink **uplink);

/* Valid until uplink_close. */
const Suara__V1__Welcome *uplink_welcome(const struct uplink *uplink);

/* When the certificate that the daemon shows ends, ms since 1970. */
int64_t uplink_server_ends_ms(const struct uplink *uplink);

/*
 * Sends a request (its id is filled in here) and returns at once; fn is called from uplink_run, and
 * may send more, but not run, ask or close.
 * -1 only when it can't be packed (TOO_LARGE) or the line is down.
 */
int uplink_send(struct uplink *uplink, Suara__V1__Request *request, uplink_fn *fn, void *arg,
                struct error *err) __attribute__((warn_unused_result));

/* The same for a batch as the outbox keeps it (client/core/kept.h). */
int uplink_send_batch(struct uplink *uplink, const void *kept, size_t size, uplink_fn *fn,
                      void *arg, struct error *err) __attribute__((warn_unused_result));

/* Runs the loop until fewer than `open` requests are open (1: all are answered) or the line broke
 * (then every open request got its error, and -1). */
int uplink_run(struct uplink *uplink, unsigned open, struct error *err)
    __attribute__((warn_unused_result));

/* One request, one conversation: send, run, hand over. Also -1 when the daemon answered an Error.
 */
int uplink_ask(struct uplink *uplink, Suara__V1__Request *request, uplink_fn *fn, void *arg,
               struct error *err) __attribute__((warn_unused_result));

#endif
