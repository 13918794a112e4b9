/*
 * What the tests of daemon/db share: a private database (the script `cluster`), a second, blocking
 * connection to look at it and to hurt it, and an event loop that runs until something is so.
 */
#ifndef SUARA_TESTS_DAEMON_DB_FIXTURE_H
#define SUARA_TESTS_DAEMON_DB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/log.h"
#include "daemon/db/store.h"
#include <arpa/inet.h>
#include <event2/event.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000u

struct cluster {
    pid_t pid;
    FILE *say, *hear;
    char dir[256], port[8];
    PGconn *super;
};

static struct cluster cluster;

static inline void cluster_hear(char *line, size_t size)
{
    if (!fgets(line, (int)size, cluster.hear))
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
}

static inline void cluster_say(const char *command, const char *answer)
{
    char line[300];
    fprintf(cluster.say, "%s\n", command);
    fflush(cluster.say);
    cluster_hear(line, sizeof line);
    assert_string_equal(line, answer);
}

static inline const char *conninfo(const char *user, const char *database)
{
    static char text[4][512];
    static unsigned turn;
    char *at = text[turn++ % 4];
    snprintf(at, sizeof text[0], "host=%s port=%s user=%s dbname=%s", cluster.dir, cluster.port,
             user, database);
    return at;
}

/* Anew: whatever a failed test left open is rolled back. It never waits for a standby. */
static inline void super_connect(void)
{
    char text[600];
    PQfinish(cluster.super);
    snprintf(text, sizeof text, "%s options='-c synchronous_commit=local'",
             conninfo("postgres", "suara"));
    cluster.super = PQconnectdb(text);
    assert_int_equal(PQstatus(cluster.super), CONNECTION_OK);
}

/* A port that nobody has at the moment. */
static inline void choose_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bind(fd, (struct sockaddr *)&address, size);
    getsockname(fd, (struct sockaddr *)&address, &size);
    close(fd);
    snprintf(cluster.port, sizeof cluster.port, "%u", ntohs(address.sin_port));
}

/* False when there is no PostgreSQL here; then says so. */
static inline bool cluster_open(void)
{
    int to[2], from[2];
    char line[300];
    if (pipe(to) || pipe(from))
        return false;
    signal(SIGPIPE, SIG_IGN);
    choose_port();
    cluster.pid = fork();
    if (cluster.pid == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[0]), close(to[1]), close(from[0]), close(from[1]);
        execl("tests/daemon/db/cluster", "cluster", cluster.port, (char *)NULL);
        _exit(127);
    }
    close(to[0]), close(from[1]);
    cluster.say = fdopen(to[1], "w");
    cluster.hear = fdopen(from[0], "r");
    cluster_hear(line, sizeof line);
    if (sscanf(line, "ready %255s", cluster.dir) != 1) {
        fprintf(stderr, "skipped: %s\n", line[0] ? line : "the test database did not start");
        return false;
    }
    super_connect();
    return true;
}

static inline void cluster_close(void)
{
    PQfinish(cluster.super);
    fclose(cluster.say);
    fclose(cluster.hear);
    waitpid(cluster.pid, NULL, 0);
}

/* Runs SQL as the superuser; the first value of the first row, "" for none. */
static inline const char *sql(const char *text)
{
    static char value[4][256];
    static unsigned turn;
    char *at = value[turn++ % 4];
    PGresult *result = PQexec(cluster.super, text);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", text, PQerrorMessage(cluster.super));
    at[0] = '\0';
    if (PQntuples(result) > 0)
        snprintf(at, sizeof value[0], "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    return at;
}

/* Is it so? Inside a transaction the server would show the sessions as it saw them first. */
static inline bool holds(const char *condition)
{
    sql("SELECT pg_stat_clear_snapshot()");
    return strcmp(sql(condition), "t") == 0;
}

static inline long number(const char *text)
{
    return strtol(sql(text), NULL, 10);
}

static inline void loop_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg;
}

/* Turns the loop until *flag (or, if given, until the SQL says "t"); fails when patience ends. */
static inline void loop_until(struct event_base *base, const bool *flag, const char *condition)
{
    struct event *tick = event_new(base, -1, EV_PERSIST, loop_tick, NULL);
    struct timeval time = {0, 5000};
    uint64_t end = clock_monotonic_ms() + PATIENCE_MS;
    event_add(tick, &time);
    while (!(flag && *flag) && !(condition && holds(condition))) {
        if (clock_monotonic_ms() > end)
            fail_msg("waited in vain%s%s", condition ? " for " : "", condition ? condition : "");
        event_base_loop(base, EVLOOP_ONCE);
    }
    event_free(tick);
}

#endif
