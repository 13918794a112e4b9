/*
 * The daemon as a whole: built from its settings, run until it is told to stop.
 */
#ifndef SUARA_DAEMON_APP_SERVER_H
#define SUARA_DAEMON_APP_SERVER_H

struct error;
struct server;
struct settings;

/* What settings_load can't know: whether a connection to the database could be made with these. */
int server_check(const struct settings *settings, struct error *err);

/* config: path of the configuration file, NULL = defaults. NULL and *err when it can't start. */
struct server *server_new(const char *config, struct error *err);

#define SERVER_REFUSED (-2)

/* Until SIGTERM or SIGINT and the drain (0), or a fatal fault (-1, logged), or SERVER_REFUSED: the
 * database has another schema version than this daemon (logged). */
int server_run(struct server *server);

void server_free(struct server **server);

#endif
