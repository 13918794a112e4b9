/*
 * The questionnaire that a command is about: from this computer, or else from the server.
 */
#ifndef SUARA_CLIENT_CMD_QUESTIONNAIRE_H
#define SUARA_CLIENT_CMD_QUESTIONNAIRE_H

#include "client/store/instruments.h"
#include <stdbool.h>

struct profile;
struct uplink;

/*
 * code NULL: the default. may_ask: the server may be asked where it is not here. NULL and *err:
 * what is wrong and what to do; UNAVAILABLE when the server would know and can't be reached.
 */
const struct instrument *questionnaire(struct instruments *instruments, struct profile *profile,
                                       const char *code, bool may_ask, struct error *err);

#endif
