/*
 * Who acts, as the audit names it (sql/0013_audit.sql): an act and its entry are one transaction,
 * so this goes along with whatever is to be done.
 */
#ifndef SUARA_DAEMON_CORE_ACTOR_H
#define SUARA_DAEMON_CORE_ACTOR_H

struct actor {
    const char *principal; /* "admin:PUSAT" */
    const char *serial;    /* of the certificate it came with, hexadecimal */
};

/* An actor's texts in a place of their own, for what outlives the connection. */
struct actor_texts {
    char principal[96], serial[64];
};

#endif
