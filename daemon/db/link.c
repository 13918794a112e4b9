#include "common/clock.h"
#include "common/digest.h"
#include "common/log.h"
#include "daemon/db/link_private.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <stdarg.h>

#define BACKOFF_BASE_MS 100u
#define BACKOFF_CAP_MS  5000u

static const char *const state_names[LINK_STATES] = {
    "backoff", "resolving", "connecting", "preparing", "idle", "busy",
};

static bool is_usable(enum link_state state)
{
    return state == LINK_IDLE || state == LINK_BUSY;
}

void link_set_state(struct link *link, enum link_state state)
{
    LOG(LOG_DEBUG, "db.state", log_s("pool", link->spec->pool), log_u("link", link->number),
        log_s("from", state_names[link->state]), log_s("to", state_names[state]));
    bool was_usable = is_usable(link->state);
    link->state = state;
    if (state == LINK_IDLE) {
        link->trouble[0] = '\0';
        link->event(link, LINK_READY, link->arg);
    } else if (was_usable && !is_usable(state)) {
        link->event(link, LINK_LOST, link->arg);
    }
}

void link_start_timer(struct link *link, uint32_t ms)
{
    struct timeval time = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    evtimer_add(link->timer, &time);
}

/* ---- events: one of each kind, its meaning decided by the state ---- */

static void link_on_read(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct link *link = arg;
    if (link->state == LINK_CONNECTING)
        link_connect_step(link);
    else
        link_readable(link);
}

static void link_on_write(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct link *link = arg;
    if (link->state == LINK_CONNECTING)
        link_connect_step(link);
    else
        link_writable(link);
}

static void link_on_time(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct link *link = arg;
    switch (link->state) {
    case LINK_BACKOFF:
        link_resolve(link);
        return;
    case LINK_RESOLVING:
        link_lose(link, "the name of the database server was not resolved in time");
        return;
    case LINK_CONNECTING:
        link_lose(link, "the database did not take the connection in time");
        return;
    case LINK_PREPARING:
    case LINK_BUSY:
        link_lose(link, link->task.broken ? PQerrorMessage(link->conn)
                                          : "the database did not answer in time");
        return;
    case LINK_IDLE:
    case LINK_STATES:
        return;
    }
}

void link_watch(struct link *link)
{
    int fd = PQsocket(link->conn);
    event_del(link->read);
    event_del(link->write);
    event_assign(link->read, link->base, fd, EV_READ | EV_PERSIST, link_on_read, link);
    event_assign(link->write, link->base, fd, EV_WRITE, link_on_write, link);
    event_add(link->read, NULL);
}

/* ---- its life ---- */

static int link_make_events(struct link *link)
{
    link->read = event_new(link->base, -1, EV_READ, link_on_read, link);
    link->write = event_new(link->base, -1, EV_WRITE, link_on_write, link);
    link->timer = evtimer_new(link->base, link_on_time, link);
    return link->read && link->write && link->timer ? 0 : -1;
}

struct link *link_new(struct event_base *base, const struct db_settings *settings,
                      const struct link_spec *spec, unsigned number, link_event_fn *event,
                      void *arg, struct error *err)
{
    struct link *link = calloc(1, sizeof *link);
    if (!link) {
        error_set(err, ERROR_INTERNAL, NULL, "out of memory");
        return NULL;
    }
    link->base = base;
    link->spec = spec;
    link->number = number;
    link->connect_ms = settings->connect_ms;
    link->statement_ms = settings->statement_ms;
    link->lineage = settings->lineage ? settings->lineage : &link->own_lineage;
    link->event = event;
    link->arg = arg;
    snprintf(link->program, sizeof link->program, "suarad %s %u", spec->pool, number);
    snprintf(link->trouble, sizeof link->trouble, "not connected yet");
    uint64_t seed = 0;
    random_bytes(&seed, sizeof seed);
    backoff_init(&link->backoff, BACKOFF_BASE_MS, BACKOFF_CAP_MS, seed | 1);
    if (route_init(&link->route, settings->conninfo, err)) {
        link_free(&link);
        return NULL;
    }
    if (link_make_events(link)) {
        error_set(err, ERROR_INTERNAL, NULL, "out of memory");
        link_free(&link);
        return NULL;
    }
    link_start_timer(link, 0);
    return link;
}

/* Drops the connection and everything that waits for it. */
static void link_tear_down(struct link *link)
{
    if (link->timer)
        event_del(link->timer);
    if (link->read)
        event_del(link->read);
    if (link->write)
        event_del(link->write);
    link_stop_resolving(link);
    PQfinish(link->conn);
    link->conn = NULL;
}

void link_free(struct link **slot)
{
    struct link *link = *slot;
    if (!link)
        return;
    *slot = NULL;
    link_tear_down(link);
    if (link->dns)
        evdns_base_free(link->dns, 0);
    if (link->read)
        event_free(link->read);
    if (link->write)
        event_free(link->write);
    if (link->timer)
        event_free(link->timer);
    route_release(&link->route);
    free(link);
}

unsigned link_number(const struct link *link)
{
    return link->number;
}

bool link_idle(const struct link *link)
{
    return link->state == LINK_IDLE;
}

bool link_connected(const struct link *link)
{
    return is_usable(link->state);
}

bool link_outdated(const struct link *link)
{
    return link->timeline < link->lineage->timeline;
}

const char *link_trouble(const struct link *link)
{
    return link->trouble;
}

void link_take(struct link *link)
{
    link_set_state(link, LINK_BUSY);
}

static void link_rolled_back(struct link *link, const struct link_answer *answer, void *arg)
{
    (void)arg;
    if (answer->lost)
        return;
    if (PQtransactionStatus(link->conn) == PQTRANS_IDLE)
        link_set_state(link, LINK_IDLE);
    else
        link_lose(link, "a transaction could not be rolled back");
}

void link_release(struct link *link)
{
    static const struct link_query rollback = {.sql = "ROLLBACK"};
    if (link->state != LINK_BUSY)
        return;
    switch (PQtransactionStatus(link->conn)) {
    case PQTRANS_IDLE:
        backoff_reset(&link->backoff);
        link_set_state(link, LINK_IDLE);
        return;
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR:
        link_run(link, &rollback, 1, NULL, link_rolled_back, NULL);
        return;
    case PQTRANS_ACTIVE:
    case PQTRANS_UNKNOWN:
        link_lose(link, "the connection was given back in the middle of something");
        return;
    }
}

void link_drop(struct link *link, const char *format, ...)
{
    char text[256];
    va_list args;
    if (!link->conn)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    link_lose(link, text);
}

/* As one line: libpq's messages have several. Its advice, which a tab begins, is left out. */
static void link_set_trouble(struct link *link, const char *text)
{
    size_t n = 0;
    while (*text && n + 1 < sizeof link->trouble) {
        size_t line = strcspn(text, "\n");
        for (size_t i = 0; text[0] != '\t' && i < line && n + 2 < sizeof link->trouble; i++)
            link->trouble[n++] = text[i];
        text += line;
        text += strspn(text, "\n");
        if (*text && *text != '\t')
            link->trouble[n++] = ' ';
    }
    link->trouble[n] = '\0';
}

void link_lose(struct link *link, const char *text)
{
    struct link_task task = link->task;
    bool worth_a_line = is_usable(link->state) || link->backoff.tries == 0;
    /* A server that takes connections and loses them at once is waited for ever longer; one that
     * went away after a while is asked again soon. */
    if (is_usable(link->state) && clock_monotonic_ms() - link->ready_ms > BACKOFF_CAP_MS)
        backoff_reset(&link->backoff);
    link_set_trouble(link, task.answer.err.text[0] ? task.answer.err.text : text);
    link_tear_down(link);
    link->task = (struct link_task){.work = WORK_NONE};
    link->attempts++;
    uint32_t wait = backoff_next(&link->backoff);
    LOG(worth_a_line ? LOG_WARN : LOG_DEBUG, "db.lost", log_s("pool", link->spec->pool),
        log_u("link", link->number), log_s("reason", link->trouble), log_u("again_ms", wait));
    link_start_timer(link, wait);
    link_set_state(link, LINK_BACKOFF);
    if (task.work == WORK_NONE)
        return;
    task.answer.lost = true;
    if (task.answer.outcome == DB_DONE || task.answer.sqlstate[0] == '\0') {
        task.answer.outcome = DB_AGAIN;
        error_set(&task.answer.err, ERROR_UNAVAILABLE, NULL, "%s", link->trouble);
    }
    task.answer.err.retry_after_ms = LINK_RETRY_MS;
    task.done(link, &task.answer, task.arg);
}
