/*
 * A question on its way to the database: whom to answer, the directory it was asked with, and
 * what is filled meanwhile. The asker may be gone when the answer comes; nobody is told then.
 */
#ifndef SUARA_DAEMON_APP_QUESTION_H
#define SUARA_DAEMON_APP_QUESTION_H

#include "daemon/core/actor.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct client;
struct directory;
struct error;
struct server;

struct question {
    struct server *server;
    uint64_t session, request;
    struct actor_texts asker;    /* the asker may be gone, but what was done is its act */
    uint64_t asked_us;           /* monotonic: how long it took is logged */
    struct directory *directory; /* held: the tables may be swapped while it is on its way */
    void *body;                  /* the kind's own, zero at first */
    void (*release)(void *body); /* of what is in the body, which may be half filled */
    struct question *next, *prev;
};

/*
 * A question of this client's request, with a body of `size` bytes; release may be NULL. NULL: no
 * memory, and the client has been told.
 */
struct question *question_new(struct client *client, uint64_t request, size_t size,
                              void (*release)(void *body));

struct actor question_actor(const struct question *q); /* its texts are the question's */

/* Framed replies that are not the last. False: the asker is gone; end it, or go on. */
bool question_part(struct question *q, const struct buf *frames);

/* Both end the question and clear the caller's pointer: whole framed replies, or one Error. A long
 * answer becomes OVERLOADED while too much waits for clients that do not take it. */
void question_answer(struct question **q, const struct buf *frames);
void question_fail(struct question **q, const struct error *why);

void question_forget(struct server *server); /* at the end: nobody is answered any more */

#endif
