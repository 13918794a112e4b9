/*
 * Sending the outbox and telling about it: the part that submit and sync share.
 */
#ifndef SUARA_CLIENT_CMD_SEND_H
#define SUARA_CLIENT_CMD_SEND_H

#include <stdbool.h>
#include <stdint.h>

struct outbox;
struct profile;

#define SEND_WAIT_MS 10000u /* --wait when not given */

/*
 * Sends what waits, trying for wait_ms while the server is away or another process is sending. Says
 * what was sent and what still waits and why (front: "NAME: " or ""). saved: the sentence may begin
 * with "Saved". The exit status.
 */
int send_outbox(struct profile *profile, struct outbox *outbox, uint32_t wait_ms, const char *front,
                bool saved);

#endif
