/*
 * What a published report is asked for: many questions on one line, whose answers must belong
 * together.
 */
#ifndef SUARA_CLIENT_CMD_PUBLISH_H
#define SUARA_CLIENT_CMD_PUBLISH_H

struct error;
struct instrument;
struct profile;
struct publication;
struct scope;

/*
 * Fills p, whose office, days and language are there; the instrument must live as long. Small cells
 * are hidden whoever asks. When responses come in between two answers, all is asked again, a few
 * times. -1: what went wrong; that there are no responses is USAGE.
 */
int publish_ask(struct publication *p, const struct instrument *instrument, struct profile *profile,
                const struct scope *scope, struct error *err) __attribute__((warn_unused_result));

#endif
