/*
 * Who makes room in a full house while others wait at the door. Whoever is closed here loses
 * nothing: what it has not got a receipt for stays in its outbox, and it comes again. Time is an
 * argument, in ms, monotonic.
 */
#ifndef SUARA_DAEMON_CORE_CROWD_H
#define SUARA_DAEMON_CORE_CROWD_H

#include "daemon/core/session.h"
#include <stdbool.h>
#include <stdint.h>

#define CROWD_DOOR_MS  2000  /* for a handshake, and then for Hello */
#define CROWD_STALL_MS 4000  /* behind what the slowest honest line does */
#define CROWD_RATE     1024  /* .. which is this, in bytes a second: an eighth of 64 kbit/s */
#define CROWD_IDLE_MS  10000 /* idle, of all connections of a name together */

/* How bytes that are due come, or go. Zeroed: not looked at yet. */
struct crowd_pace {
    uint64_t since_ms; /* when they began to be due; 0: none are */
    uint64_t bytes;    /* since then, at the last look */
    uint64_t paid_ms;  /* until when CROWD_RATE asks for no more than that */
};

/* A look at the bytes since then. What came before a look is no credit for after it. */
void crowd_look(struct crowd_pace *pace, uint64_t since_ms, uint64_t bytes, uint64_t now_ms);

/* Worst last. */
enum crowd_why {
    CROWD_STAYS,
    CROWD_IDLE,   /* nothing asked, nothing owed */
    CROWD_WAITS,  /* for room to send a long message, which is not read yet */
    CROWD_DEAF,   /* takes no replies */
    CROWD_SLOW,   /* half a message, and hardly more coming */
    CROWD_SILENT, /* still in its handshake, or no Hello */
};

struct crowd_guest {
    enum session_state state;
    uint64_t state_ms;         /* in it since */
    uint64_t quiet_ms;         /* the last message or reply */
    unsigned open;             /* requests not answered yet */
    unsigned of_name;          /* connections of its name, at least 1 */
    uint64_t waits_ms;         /* for room since; 0: it does not */
    bool held;                 /* it is not read: what does not come is not its fault */
    struct crowd_pace in, out; /* as looked at now */
};

struct crowd_verdict {
    enum crowd_why why;
    uint64_t weight; /* among those of one kind: the largest goes first */
};

/* Is it behind the slowest honest line? */
bool crowd_behind(const struct crowd_pace *pace, uint64_t now_ms);

/* Who waits for an answer and takes what it is sent always stays. */
struct crowd_verdict crowd_judge(const struct crowd_guest *guest, uint64_t now_ms);

/* For sorting: those who go first come first. */
int crowd_order(const struct crowd_verdict *a, const struct crowd_verdict *b);

const char *crowd_why_text(enum crowd_why why);

#endif
