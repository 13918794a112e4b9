/*
 * A session as decisions: in which state, on which request, what is done. One table says it all;
 * the network and the database are elsewhere.
 */
#ifndef SUARA_DAEMON_CORE_SESSION_H
#define SUARA_DAEMON_CORE_SESSION_H

#include "common/error.h"
#include "daemon/core/roles.h"
#include "proto/suara.pb-c.h"
#include <stdbool.h>
#include <stdint.h>

enum session_state {
    SESSION_OPENING,  /* TLS handshake */
    SESSION_GREETING, /* waits for Hello */
    SESSION_READY,    /* takes requests */
    SESSION_LEAVING,  /* the daemon stops: open requests are answered, new ones refused */
    SESSION_CLOSING,  /* the last answer is on its way out */
    SESSION_OVER,
    SESSION_STATES
};

enum session_act {
    ACT_WELCOME, /* answer the Hello */
    ACT_SERVE,   /* hand to the verb's handler */
    ACT_REFUSE,  /* answer the error, go on */
    ACT_DISMISS, /* answer the error, then close */
    ACT_IGNORE,  /* closing already */
};

struct session_step {
    enum session_act act;
    enum error_code code; /* REFUSE, DISMISS */
    const char *text;
};

const char *session_state_name(enum session_state state);

/* The verb a request asks for; false: this version knows no such body. */
bool session_verb(const Suara__V1__Request *request, enum verb *verb);

struct session_step session_step(enum session_state state, enum verb verb);

/* Does it speak or will it: handshake done, and not on its way out? */
bool session_is_open(enum session_state state);

/* Has the certificate ended under it? Both in ms since 1970. It is no longer good from the end on,
 * as in a handshake (X509_cmp_time). */
bool session_outlived(int64_t not_after_ms, int64_t now_ms);

#define SESSION_WINDOW 16u /* requests open at once; more are not read until some are answered */

#endif
