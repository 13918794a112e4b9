/*
 * What the four commands of the outbox share.
 */
#ifndef SUARA_CLIENT_CMD_OUTBOX_COMMON_H
#define SUARA_CLIENT_CMD_OUTBOX_COMMON_H

#include "client/store/outbox.h"
#include "client/store/profile.h"

struct cmd_call;
struct error;

extern const char *const outbox_states[]; /* in the order of enum outbox_state, NULL at the end */

/* The profile and its outbox; -1 and *err, with nothing left open. */
int outbox_of(const struct cmd_call *call, struct profile *profile, struct outbox **outbox,
              struct error *err) __attribute__((warn_unused_result));

/* The same only to look: *outbox is NULL where there is none yet. */
int outbox_peek_of(const struct cmd_call *call, struct profile *profile, struct outbox **outbox,
                   struct error *err) __attribute__((warn_unused_result));

/* A moment in the office's zone: "2019-06-30T13:05:09.123+07:00", "" for 0. */
void outbox_time(const struct profile *profile, int64_t ms, char out[40]);

#endif
