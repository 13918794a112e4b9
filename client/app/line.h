/*
 * The line of a profile to its daemon: the one place that turns a profile into a connection.
 */
#ifndef SUARA_CLIENT_APP_LINE_H
#define SUARA_CLIENT_APP_LINE_H

#include "client/net/uplink.h"

struct error;
struct profile;

/*
 * Opens it, and notes the office's time zone in the profile when the daemon told another one; where
 * that can't be written (a read-only disk) it holds for this run. Where somebody has enrolled anew
 * since the profile was read, the new certificate is taken. reply_ms: the longest silence
 * while a request is open; stopped as in uplink_settings. NULL and *err: not reached, or not
 * accepted.
 */
struct uplink *line_open(struct profile *profile, uint32_t reply_ms, bool (*stopped)(void),
                         struct error *err);

#endif
