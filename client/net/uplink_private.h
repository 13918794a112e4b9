/*
 * What uplink.c (the line) and uplink_ask.c (requests and replies) share.
 */
#ifndef SUARA_CLIENT_NET_UPLINK_PRIVATE_H
#define SUARA_CLIENT_NET_UPLINK_PRIVATE_H

#include "client/net/uplink.h"
#include "common/arena.h"
#include "common/buf.h"
#include "common/net/conn.h"

#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) ((element)->lost = true)
#include <uthash.h>

struct event;
struct squeeze;

struct request {
    uint64_t id;
    uplink_fn *fn;
    void *arg;
    bool lost; /* could not be entered in the table */
    UT_hash_handle hh;
};

struct uplink {
    struct event_base *base;
    struct conn *conn;
    char *server;
    uint32_t connect_ms, reply_ms;
    struct event *silence;
    struct event *stop; /* NULL: nobody stops it */
    bool (*stopped)(void);
    uint64_t heard_ms;        /* the last frame, or the first request after a pause */
    struct request *requests; /* open ones, in the order of their ids */
    uint64_t last_id;
    struct arena greeting;             /* holds welcome */
    const Suara__V1__Welcome *welcome; /* NULL until it came */
    struct buf out, squeezed;
    struct squeeze *squeeze;
    bool squeezes; /* the daemon takes compressed messages, and may send some */
    bool broken;
    struct error error;
};

void uplink_break(struct uplink *uplink, const struct error *cause);

/*
 * The same for what we found wrong with the bytes that came. INVALID and TOO_LARGE would say that
 * the daemon refused what was sent; that is not known, so it becomes UNAVAILABLE.
 */
void uplink_break_unread(struct uplink *uplink, const struct error *cause);
void uplink_listen(struct uplink *uplink, uint32_t ms); /* look at the silence again after ms */
void uplink_turn(struct uplink *uplink);

void uplink_greet(struct uplink *uplink);
void uplink_take(struct uplink *uplink, const uint8_t *data, size_t size);
void uplink_forget(struct uplink *uplink); /* all open requests, without a word */

#endif
