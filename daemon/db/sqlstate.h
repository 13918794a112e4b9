/*
 * What an error of PostgreSQL means for whoever asked (its appendix A, "Error Codes").
 */
#ifndef SUARA_DAEMON_DB_SQLSTATE_H
#define SUARA_DAEMON_DB_SQLSTATE_H

#include "daemon/db/store.h"

#define SQLSTATE_SIZE        6u
#define SQLSTATE_DIVISION    "22012" /* by zero */
#define SQLSTATE_NOT_NULL    "23502"
#define SQLSTATE_UNSUPPORTED "0A000"
#define SQLSTATE_UNIQUE      "23505"

/*
 * DB_AGAIN: trouble that passes - connection (08), rollback of a deadlock or serialization (40),
 * transaction state (25), resources (53), object in use (55), operator's intervention and time-outs
 * (57), system (58), a prepared statement that is gone (26). DB_FAILED: the rest.
 */
enum db_outcome sqlstate_outcome(const char *sqlstate);

/* Should the connection be given up, because the server ends it, or is the wrong one, or is out of
 * something and wants to be left alone for a while? */
bool sqlstate_ends_connection(const char *sqlstate);

#endif
