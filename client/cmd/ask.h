/*
 * Questions to the daemon: one line, one request, the whole answer or none.
 */
#ifndef SUARA_CLIENT_CMD_ASK_H
#define SUARA_CLIENT_CMD_ASK_H

#include "client/net/uplink.h"

struct error;
struct layout_index;
struct layout_rows;
struct profile;

/*
 * Opens the line of a profile, and notes the office's time zone in the profile when the daemon told
 * another one (where that can be done). NULL and *err: not reached, or not accepted.
 */
struct uplink *ask_open(struct profile *profile, struct error *err);

/* 0 only when the last part of the answer came; until then nothing of it may be shown. */
int ask_index(struct uplink *uplink, Suara__V1__Report *report, struct layout_index *out,
              struct error *err) __attribute__((warn_unused_result));
int ask_list(struct uplink *uplink, const char *what, struct layout_rows *out, struct error *err)
    __attribute__((warn_unused_result));

/* The sentence that says what exists now; malloc'd. */
int ask_add(struct uplink *uplink, Suara__V1__Add *add, char **sentence, struct error *err)
    __attribute__((warn_unused_result));

#endif
