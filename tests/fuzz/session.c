/*
 * The daemon between its edges: several clients, a database that is slow, away, or refuses, timers
 * and a stop, in the order that the input tells. Every request is answered exactly once, unless its
 * line was closed; receipts add up and are all that says stored; nobody stores before Hello.
 */
#include "common/digest.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "tests/fuzz/edge.h"
#include "tests/fuzz/edge_conn.h"
#include <event2/event.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utlist.h>

#define CLIENTS     4u
#define STORED_MOST 512u
#define STEPS_MOST  20000u

/* Bodies that the database of edge.h does not know. */
#define BODY_LAST SUARA__V1__REQUEST__BODY_REBUILD

struct world {
    struct server *server;
    struct conn *conn[CLIENTS];
    /* What the database holds, and how often it said that something was new. */
    struct {
        int32_t office;
        struct uuid id;
        int64_t hash;
    } stored[STORED_MOST];
    size_t stored_count;
    uint64_t receipts; /* stored, by all receipts */
    bool stopped;
};

static struct world world;

/* ---- the database -----------------------------------------------------------------------------
 */

static enum row_status store_row(const struct row *row)
{
    for (size_t i = 0; i < world.stored_count; i++)
        if (world.stored[i].office == row->office_id &&
            uuid_compare(&world.stored[i].id, &row->id) == 0)
            return world.stored[i].hash == row->hash ? ROW_DUPLICATE : ROW_CONFLICT;
    if (world.stored_count == STORED_MOST)
        return ROW_ERASED;
    world.stored[world.stored_count].office = row->office_id;
    world.stored[world.stored_count].id = row->id;
    world.stored[world.stored_count++].hash = row->hash;
    return ROW_STORED;
}

static void end_put(struct job *job, uint8_t how)
{
    static const struct error why = {.code = ERROR_UNAVAILABLE, .text = "the connection was lost"};
    struct group *g = job->group;
    struct submission *s;
    DL_FOREACH (g->submissions, s) {
        const struct client *client = client_find(world.server, s->session);
        must(!client || client->conn->welcomed);
        must(strcmp(s->principal, "office:WEST") == 0 ||
             strcmp(s->principal, "office:PROVINCE") == 0);
    }
    for (size_t i = 1; i < g->row_count; i++) /* in one order everywhere, each key once */
        must(g->rows[i - 1]->office_id < g->rows[i]->office_id ||
             (g->rows[i - 1]->office_id == g->rows[i]->office_id &&
              uuid_compare(&g->rows[i - 1]->id, &g->rows[i]->id) < 0));
    edge_store.busy--;
    if (how % 4 == 1 || how % 4 == 2) { /* AGAIN: perhaps it was committed all the same */
        for (size_t i = 0; how % 8 == 1 && i < g->row_count; i++)
            (void)store_row(g->rows[i]);
        job->done.put(g, how % 4 == 1 ? DB_AGAIN : DB_FAILED, &why, job->arg);
    } else {
        for (size_t i = 0; i < g->row_count; i++)
            g->rows[i]->status = store_row(g->rows[i]);
        for (size_t i = 0; i < g->again_count; i++)
            g->again[i]->status = store_row(g->again[i]);
        job->done.put(g, DB_DONE, NULL, job->arg);
    }
    ingest_changed(world.server);
}

static void give_figures(const struct job *job, struct fuzz_input *in)
{
    const struct figures_query *q = &job->query;
    for (size_t o = 0; o < job->count; o++)
        for (uint8_t i = 0, cells = fuzz_byte(in) % 4; i < cells; i++) {
            int64_t sums[9], spread[36] = {0}, n = 1 + fuzz_byte(in) % 40;
            for (size_t e = 0; e < 9; e++) {
                spread[4 * e + e % 4] = n;
                sums[e] = n * (int64_t)(e % 4 + 1);
            }
            const struct figures_cell cell = {
                .part = q->blocks ? i % 2u : 0,
                .office_id = job->office[o],
                .value = {q->dim[0] ? fuzz_byte(in) % 3 : 0, q->dim[1] ? fuzz_byte(in) % 3 : 0},
                .perspective = q->perspective ? q->perspective : 1 + i % 2,
                .month = q->unit || q->blocks ? q->from / 100 * 100 + 1 : 0,
                .n = n,
                .square = n * 21 * 21,
                .sums = sums,
                .elements = 9,
                .spread = q->spread ? spread : NULL,
                .spreads = q->spread ? 36 : 0,
            };
            job->row.figures(&cell, job->arg);
        }
}

static void give_rows(const struct job *job, struct fuzz_input *in)
{
    for (size_t o = 0; o < job->count; o++) {
        uint8_t n = fuzz_byte(in);
        const struct coverage_seen seen = {job->office[o], 0, n * 1000000000LL, n * 999999999LL};
        const struct coverage_people people = {
            .office_id = job->office[o], .from = job->query.from, .to = job->query.to, .people = n};
        const struct quality_counts counts = {job->office[o], n,     n / 2, n / 3, n / 4,
                                              n / 2,          n / 5, 0,     n / 6, n / 7};
        if (n % 5 == 0)
            continue;
        if (job->kind == JOB_COVERAGE)
            job->row.seen(&seen, job->arg);
        else if (job->kind == JOB_POPULATION)
            job->row.people(&people, job->arg);
        else
            job->row.counts(&counts, job->arg);
    }
}

static void give_months(const struct job *job, struct fuzz_input *in)
{
    static const struct verify_cell cell = {
        .month = 20230101, .instrument_id = 1, .perspective = 1, .figure = "n", .stored = true};
    uint8_t how = fuzz_byte(in);
    const struct verify_month month = {job->after < 20230101 ? 20230101 : 20230201, how & 2u, 3, 4};
    if (how & 4u)
        job->row.verify->cell(&cell, job->arg);
    if ((how & 1u) && job->after < 20230201)
        job->row.verify->month(&month, job->arg);
    job->row.verify->done(NULL, job->arg);
}

/* Ends the job at this place of the line; how: as it went, 3 = badly. */
static void end_job(unsigned place, uint8_t how, struct fuzz_input *in)
{
    static const struct error why = {
        .code = ERROR_UNAVAILABLE, .text = "the database is away", .retry_after_ms = 1};
    struct job **at = &edge_jobs, *job;
    while (*at && (*at)->next && place--)
        at = &(*at)->next;
    if (!(job = *at))
        return;
    *at = job->next;
    const bool failed = how % 4 == 3;
    uint32_t index[1000];
    switch (job->kind) {
    case JOB_PUT:
        end_put(job, how);
        break;
    case JOB_ADD:
        job->done.add(failed ? (how & 4u ? DB_AGAIN : DB_FAILED) : DB_DONE, failed ? &why : NULL,
                      job->arg);
        break;
    case JOB_DIRECTORY:
        job->done.directory(failed ? NULL : fixture_directory(), failed ? &why : NULL, job->arg);
        break;
    case JOB_HELD:
        must(job->count <= 1000);
        for (uint32_t i = 0; i < job->count; i++)
            index[i] = i;
        job->done.held(index, failed ? 0 : job->count, failed ? &why : NULL, job->arg);
        break;
    case JOB_REFRESH:
        job->done.refresh(failed ? -1 : how / 4 % 3, failed ? &why : NULL, job->arg);
        break;
    case JOB_VERIFY:
        if (failed)
            job->row.verify->done(&why, job->arg);
        else
            give_months(job, in);
        break;
    case JOB_FIGURES:
        give_figures(job, in);
        job->done.plain(failed ? &why : NULL, job->arg);
        break;
    case JOB_COVERAGE:
    case JOB_POPULATION:
    case JOB_QUALITY:
        give_rows(job, in);
        job->done.plain(failed ? &why : NULL, job->arg);
        break;
    }
    free(job);
}

/* ---- the peers --------------------------------------------------------------------------------
 */

static void connect_one(unsigned c, uint8_t who)
{
    static const char *const names[8][2] = {{"office", "WEST"},       {"office", "PROVINCE"},
                                            {"admin", "root"},        {"supervisor", "prov"},
                                            {"auditor", "ombudsman"}, {"office", "NOT-THERE"},
                                            {"office", "EAST"},       {"server", "suarad"}};
    if (world.conn[c] || world.stopped)
        return;
    edge_accepted = NULL;
    client_accept(-1, world.server);
    struct conn *conn = edge_accepted;
    must(conn);
    snprintf(conn->identity.role, sizeof conn->identity.role, "%s", names[who % 8][0]);
    snprintf(conn->identity.name, sizeof conn->identity.name, "%s", names[who % 8][1]);
    snprintf(conn->identity.serial, sizeof conn->identity.serial, "%02X", who);
    conn->identity.not_after_ms = who & 8u ? 1 : INT64_MAX / 2; /* it ended meanwhile */
    world.conn[c] = conn;
    conn->fn(conn, CONN_OPEN, NULL, 0, conn->arg);
}

static void close_one(unsigned c)
{
    struct conn *conn = world.conn[c];
    world.conn[c] = NULL;
    world.receipts += conn->stored;
    conn->fn(conn, CONN_CLOSED, NULL, 0, conn->arg);
}

static void send_one(struct conn *conn, const uint8_t *data, size_t size)
{
    struct arena arena;
    struct error err;
    struct asked asked = {0};
    if (size == 0 || conn->holds > 0)
        return;
    arena_init(&arena, wire_arena_cap(size));
    const Suara__V1__Request *request = wire_request(data, size, &arena, &asked.id, &err);
    bool known = !request || request->body_case <= BODY_LAST;
    asked.submit = request && request->body_case == SUARA__V1__REQUEST__BODY_SUBMIT;
    asked.responses = asked.submit ? request->submit->n_response : 0;
    arena_release(&arena);
    if (!known)
        return;
    must(conn->asked_count < ASKED_MOST);
    for (size_t i = 0; i < conn->asked_count; i++)
        conn->twice |= conn->asked[i].id == asked.id;
    conn->asked[conn->asked_count++] = asked;
    char *copy = fuzz_copy(data, size, 0);
    conn->fn(conn, CONN_FRAME, (const uint8_t *)copy, size, conn->arg);
    free(copy);
}

static void fire(uint8_t which)
{
    struct server *s = world.server;
    struct event *const timers[] = {s->away, s->refresh, s->reload_tables, s->pump,    s->rate,
                                    s->look, s->settle,  s->crowd,         s->outlived};
    event_active(timers[which % (sizeof timers / sizeof *timers)], EV_TIMEOUT, 1);
}

static void stop(void)
{
    if (!world.stopped)
        event_active(world.server->sigterm, EV_SIGNAL, 1);
    world.stopped = true;
}

static void turn_database(bool up)
{
    edge_store.up = up;
    ingest_changed(world.server);
    query_changed(world.server);
}

static void one_event(struct fuzz_input *in)
{
    uint8_t op = fuzz_byte(in);
    unsigned c = op >> 6;
    struct conn *conn = world.conn[c];
    switch (op & 15u) {
    case 0:
        connect_one(c, fuzz_byte(in));
        return;
    case 1:
        end_job(fuzz_byte(in) & 7u, fuzz_byte(in), in);
        return;
    case 2:
        fire(fuzz_byte(in));
        return;
    case 3:
        turn_database((op & 16u) == 0);
        return;
    case 4:
        query_tables_changed(world.server);
        return;
    case 5:
        if (fuzz_byte(in) == 0x55)
            stop();
        return;
    default:
        break;
    }
    if (!conn)
        return;
    if ((op & 15u) == 6) {
        close_one(c);
    } else if ((op & 15u) == 7) {
        conn->jammed = !conn->jammed;
        if (!conn->jammed && conn->owes_room) {
            conn->owes_room = false;
            conn->fn(conn, CONN_ROOM, NULL, 0, conn->arg);
        }
    } else if (conn->finished) {
        close_one(c);
    } else if ((op & 15u) == 8) {
        conn->fn(conn, op & 16u ? CONN_AGED : CONN_FAULT, NULL, 0, conn->arg);
    } else {
        size_t size = fuzz_byte(in);
        struct fuzz_input frame = fuzz_take(in, size << 8 | fuzz_byte(in));
        send_one(conn, frame.at, frame.left);
    }
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static const char *config(void)
{
    static char path[64];
    static const char text[] = "[limits]\n";
    if (!path[0]) {
        int file = memfd_create("suarad.conf", 0);
        must(file >= 0 && write(file, text, 0) == 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        edge_context = SSL_CTX_new(TLS_server_method());
        edge_ssl = SSL_new(edge_context);
        must(edge_ssl);
    }
    return path;
}

/* The database is there and does all that is asked: then nothing is left open. */
static void settle(void)
{
    struct fuzz_input none = {NULL, 0};
    unsigned steps = 0;
    turn_database(true);
    while (edge_jobs && steps++ < STEPS_MOST) {
        end_job(0, 0, &none);
        if (!edge_jobs)
            ingest_pump(world.server);
    }
    must(!edge_jobs && !world.server->groups && world.server->batcher.queued == 0);
    must(world.server->batcher.bytes == 0 && !world.server->questions && !world.server->adding);
    must(!world.server->reading_paused);
    for (unsigned c = 0; c < CLIENTS; c++) {
        if (!world.conn[c])
            continue;
        must(world.conn[c]->finished || world.conn[c]->asked_count == 0);
        close_one(c);
    }
    must(world.receipts <= world.stored_count);
    must(!world.server->clients && !world.server->slowed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct error err;
    memset(&world, 0, sizeof world);
    edge_reset();
    const char *path = config();
    world.server = server_new(path, &err);
    must(world.server);
    query_tables_changed(world.server);
    if (fuzz_byte(&in) % 8 > 0) /* else: the small tables are not there yet */
        end_job(0, 0, &in);
    turn_database(true);
    while (in.left > 0) {
        one_event(&in);
        event_base_loop(world.server->base, EVLOOP_NONBLOCK);
    }
    settle();
    server_free(&world.server);
    edge_reset();
    return 0;
}
