/*
 * Many clients in one process, each submitting single responses (made up) over its own connection,
 * for tests/bench. Light, because it shares the machine with what it measures: one loop, no outbox.
 *
 *   load -c CLIENTS -t SECONDS [-w WARM_MS] [-r RATE [-p]] PROFILE..
 *
 * The profiles ($SUARA_HOME) are taken in turn. Without a rate each client waits for its receipt
 * and goes on at once (closed loop). With one, responses are due along a Poisson process, as those
 * of `pgbench -R`; a client that has its receipt takes the next one, and the time counts from the
 * moment it was due. -p: it takes the next one without waiting (more than the daemon can do).
 *
 * Prints "ready" when all were welcomed, "begin" and "end" of the time that counts, and one line of
 * JSON; times are us. Exits with 1 when a line broke, or something was not stored (but with -p).
 */
#include "client/store/profile.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/net/address.h"
#include "common/net/conn.h"
#include "common/net/tls.h"
#include "common/uuid.h"
#include "common/wire.h"
#include <err.h>
#include <event2/event.h>
#include <math.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MOST 1048576u
#define DRAIN_US   20000000u /* for the receipts that are still to come */

struct caller {
    struct load *load;
    struct conn *conn;
    bool welcomed, busy; /* waits for its receipt; or, with -p, for room */
};

enum phase { CALLING, WARMING, COUNTING, DRAINING };

struct load {
    struct event_base *base;
    struct event *timer;
    struct caller *caller;
    size_t callers, welcomed, turn;
    bool flood;
    double rate;
    uint64_t seconds_us, warm_us;
    enum phase phase;
    uint64_t begin_us, end_us;
    double due_us;    /* of the next response, where there is a rate */
    uint64_t last_id; /* the id of a request is the time when it was due */
    size_t open, sent, receipts, refused;
    uint32_t *taken_us;
    size_t taken, taken_cap;
    uint64_t random;
    uint64_t cpu_us;
    struct arena arena;
    struct buf out;
};

static uint64_t next_random(struct load *load) /* splitmix64 */
{
    uint64_t z = load->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t cpu_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_nsec / 1000u;
}

static void wake_at(struct load *load, double at_us)
{
    double wait = fmax(at_us - (double)clock_monotonic_us(), 0);
    const struct timeval time = {.tv_sec = (time_t)(wait / 1e6),
                                 .tv_usec = (suseconds_t)fmod(wait, 1e6)};
    event_add(load->timer, &time);
}

/* ---- one response ---------------------------------------------------------------------------- */

static void pack(struct load *load, const Suara__V1__Request *request)
{
    struct error error;
    buf_clear(&load->out);
    if (wire_pack(&load->out, &request->base, FRAME_MOST, &error))
        errx(1, "%s", error.text);
}

static struct uuid new_id(struct load *load)
{
    uint8_t random[10];
    uint64_t part[2] = {next_random(load), next_random(load)};
    memcpy(random, part, sizeof random);
    return uuid_v7((uint64_t)clock_wall_ms(), random);
}

static void submit(struct caller *caller, uint64_t due_us)
{
    struct load *load = caller->load;
    struct uuid batch_id = new_id(load), id = new_id(load);
    uint8_t ratings[9];
    ProtobufCBinaryData words[] = {wire_text("UMUM"), wire_text("kiosk"), wire_text("public"),
                                   wire_text("L"), wire_text("31-40")};
    Suara__V1__Response response = SUARA__V1__RESPONSE__INIT, *responses[] = {&response};
    Suara__V1__SubmitBatch batch = SUARA__V1__SUBMIT_BATCH__INIT;
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;

    for (size_t i = 0; i < sizeof ratings; i++)
        ratings[i] = (uint8_t)(1 + next_random(load) % 4);
    response.id = (ProtobufCBinaryData){sizeof id.byte, id.byte};
    response.collected = uuid_ms(&id);
    response.ratings = (ProtobufCBinaryData){sizeof ratings, ratings};
    response.service = 1;
    response.channel = 2;
    response.stakeholder = 3;
    response.sex = 4;
    response.age = 5;
    batch.batch = (ProtobufCBinaryData){sizeof batch_id.byte, batch_id.byte};
    batch.instrument = wire_text("skm-2017");
    batch.n_word = sizeof words / sizeof *words;
    batch.word = words;
    batch.n_response = 1;
    batch.response = responses;
    load->last_id = due_us > load->last_id ? due_us : load->last_id + 1;
    request.id = load->last_id;
    request.body_case = SUARA__V1__REQUEST__BODY_SUBMIT;
    request.submit = &batch;
    pack(load, &request);
    load->sent++;
    load->open++;
    caller->busy = !conn_send(caller->conn, &load->out) || !load->flood;
}

static struct caller *free_caller(struct load *load)
{
    for (size_t i = 0; i < load->callers; i++) {
        struct caller *caller = &load->caller[load->turn++ % load->callers];
        if (!caller->busy)
            return caller;
    }
    return NULL;
}

/* All that is due and finds somebody to send it; also after the end, what came due before. */
static void send_due(struct load *load)
{
    struct caller *caller;
    double until_us = (double)clock_monotonic_us();
    if (load->phase == DRAINING && !load->flood)
        until_us = (double)load->end_us;
    while (load->due_us <= until_us && (caller = free_caller(load))) {
        submit(caller, (uint64_t)load->due_us);
        double chance = ((double)(next_random(load) >> 11) + 1) / 9007199254740992.0;
        load->due_us -= log(chance) * 1e6 / load->rate;
    }
}

/* ---- receipts -------------------------------------------------------------------------------- */

static void keep_time(struct load *load, uint64_t taken_us)
{
    if (load->taken == load->taken_cap) {
        load->taken_cap = load->taken_cap ? load->taken_cap * 2 : 65536;
        load->taken_us = realloc(load->taken_us, load->taken_cap * sizeof *load->taken_us);
        if (!load->taken_us)
            errx(1, "no memory");
    }
    load->taken_us[load->taken++] = taken_us < UINT32_MAX ? (uint32_t)taken_us : UINT32_MAX;
}

/* With a rate those count that were due in the time, whenever they were answered: what comes late
 * must not be left out. */
static void take_receipt(struct load *load, uint64_t due_us, uint64_t now_us)
{
    uint64_t when_us = load->rate > 0 ? due_us : now_us;
    if (now_us >= load->begin_us && now_us < load->end_us)
        load->receipts++;
    if (when_us >= load->begin_us && when_us < load->end_us && !load->flood)
        keep_time(load, now_us - due_us);
}

static void start(struct load *load)
{
    printf("ready\n");
    fflush(stdout);
    load->phase = WARMING;
    load->begin_us = clock_monotonic_us() + load->warm_us;
    load->end_us = load->begin_us + load->seconds_us;
    load->due_us = (double)clock_monotonic_us();
    for (size_t i = 0; load->rate <= 0 && i < load->callers; i++)
        submit(&load->caller[i], clock_monotonic_us());
    wake_at(load, 0);
}

static void take_frame(struct caller *caller, const uint8_t *data, size_t size)
{
    struct load *load = caller->load;
    struct error error;
    uint64_t now_us = clock_monotonic_us();
    arena_clear(&load->arena);
    const Suara__V1__Reply *reply = wire_reply(data, size, &load->arena, &error);
    if (!reply)
        errx(1, "%s", error.text);
    if (!caller->welcomed) {
        if (reply->body_case != SUARA__V1__REPLY__BODY_WELCOME)
            errx(1, "not welcomed");
        caller->welcomed = true;
        if (++load->welcomed == load->callers)
            start(load);
        return;
    }
    load->open--;
    if (reply->body_case == SUARA__V1__REPLY__BODY_RECEIPT && reply->receipt->stored == 1)
        take_receipt(load, reply->id, now_us);
    else
        load->refused++;
    if (load->flood)
        return;
    caller->busy = false;
    if (load->rate > 0)
        send_due(load);
    else if (load->phase != DRAINING)
        submit(caller, now_us);
    if (load->phase == DRAINING && load->open == 0)
        event_base_loopbreak(load->base);
}

static void on_conn(struct conn *conn, enum conn_event event, const uint8_t *data, size_t size,
                    void *arg)
{
    struct caller *caller = arg;
    Suara__V1__Hello hello = SUARA__V1__HELLO__INIT;
    Suara__V1__Request request = SUARA__V1__REQUEST__INIT;
    switch (event) {
    case CONN_OPEN:
        hello.program = wire_text("load");
        request.id = 1;
        request.body_case = SUARA__V1__REQUEST__BODY_HELLO;
        request.hello = &hello;
        pack(caller->load, &request);
        conn_send(conn, &caller->load->out);
        break;
    case CONN_FRAME:
        take_frame(caller, data, size);
        break;
    case CONN_ROOM:
        if (caller->load->flood)
            caller->busy = false;
        break;
    case CONN_AGED:
    case CONN_FAULT:
    case CONN_CLOSED:
        errx(1, "%s", conn_error(conn)->text);
    }
}

/* ---- time ------------------------------------------------------------------------------------ */

static void enter(struct load *load, enum phase phase, const char *word)
{
    load->phase = phase;
    load->cpu_us = cpu_us() - load->cpu_us;
    printf("%s\n", word);
    fflush(stdout);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct load *load = arg;
    uint64_t now_us = clock_monotonic_us();
    if (load->phase == WARMING && now_us >= load->begin_us)
        enter(load, COUNTING, "begin");
    if (load->phase == COUNTING && now_us >= load->end_us)
        enter(load, DRAINING, "end");
    if (load->rate > 0)
        send_due(load);
    if (load->phase == DRAINING) {
        if (load->open == 0 || load->flood || now_us >= load->end_us + DRAIN_US)
            event_base_loopbreak(load->base);
        else
            wake_at(load, (double)(load->end_us + DRAIN_US));
        return;
    }
    double next_us = (double)(load->phase == WARMING ? load->begin_us : load->end_us);
    if (load->rate > 0) {
        /* Where all are busy the next receipt sends, or, with -p, the next look does. */
        double soon_us = load->due_us > (double)now_us ? load->due_us : (double)now_us + 1000;
        next_us = fmin(next_us, soon_us);
    }
    wake_at(load, next_us);
}

/* ---- start and end --------------------------------------------------------------------------- */

static void call(struct load *load, char *const profile[], size_t profiles)
{
    const struct conn_limits limits = {.max_frame = FRAME_MOST, .connect_ms = 60000};
    struct error error;
    for (size_t k = 0; k < profiles && k < load->callers; k++) {
        struct profile who;
        char host[ADDRESS_HOST];
        uint16_t port;
        if (profile_load(profile[k], &who, &error) ||
            address_split(who.server, host, &port, &error))
            errx(1, "%s", error.text);
        const struct tls_files files = {who.certificate, who.key, who.ca, NULL};
        SSL_CTX *context = tls_client_context(&files, &error);
        if (!context)
            errx(1, "%s", error.text);
        for (size_t i = k; i < load->callers; i += profiles) {
            struct caller *caller = &load->caller[i];
            caller->load = load;
            caller->conn =
                conn_connect(load->base, context, host, port, &limits, on_conn, caller, &error);
            if (!caller->conn)
                errx(1, "%s", error.text);
        }
        SSL_CTX_free(context);
        profile_release(&who);
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t percentile(const struct load *load, double share)
{
    size_t place = (size_t)((double)load->taken * share);
    return load->taken ? load->taken_us[place < load->taken ? place : load->taken - 1] : 0;
}

static int report(struct load *load)
{
    if (load->taken)
        qsort(load->taken_us, load->taken, sizeof *load->taken_us, compare);
    printf("{\"clients\": %zu, \"sent\": %zu, \"receipts\": %zu, \"rate\": %.1f, \"timed\": %zu, "
           "\"p50\": %u, \"p99\": %u, \"p999\": %u, \"most\": %u, \"refused\": %zu, "
           "\"open\": %zu, \"cpu\": %.6f}\n",
           load->callers, load->sent, load->receipts,
           (double)load->receipts * 1e6 / (double)load->seconds_us, load->taken,
           percentile(load, 0.5), percentile(load, 0.99), percentile(load, 0.999),
           percentile(load, 1), load->refused, load->open, (double)load->cpu_us / 1e6);
    return !load->flood && load->open + load->refused > 0;
}

static void options(struct load *load, int argc, char **argv)
{
    int option;
    double seconds = 0, warm_ms = 500, clients = 1;
    while ((option = getopt(argc, argv, "c:t:w:r:p")) != -1) {
        if (option == 'p')
            load->flood = true;
        else if (option == 'c')
            clients = strtod(optarg, NULL);
        else if (option == 'w')
            warm_ms = strtod(optarg, NULL);
        else if (option == 'r')
            load->rate = strtod(optarg, NULL);
        else
            seconds = option == 't' ? strtod(optarg, NULL) : 0;
    }
    if (!(seconds > 0) || !(clients >= 1) || optind >= argc || (load->flood && !(load->rate > 0)))
        errx(64, "usage: load -c CLIENTS -t SECONDS [-w WARM_MS] [-r RATE [-p]] PROFILE..");
    load->callers = (size_t)clients;
    load->seconds_us = (uint64_t)(seconds * 1e6);
    load->warm_us = (uint64_t)(warm_ms * 1e3);
}

int main(int argc, char **argv)
{
    static struct load load;
    options(&load, argc, argv);
    struct event_config *config = event_config_new();
    /* Else a timer is up to a ms late, which the response would be charged for. */
    if (config && event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
        load.base = event_base_new_with_config(config);
    load.caller = calloc(load.callers, sizeof *load.caller);
    load.timer = load.base ? event_new(load.base, -1, 0, on_timer, &load) : NULL;
    if (!load.timer || !load.caller)
        errx(1, "no memory");
    event_config_free(config);
    arena_init(&load.arena, wire_arena_cap(FRAME_MOST));
    load.random = (uint64_t)clock_wall_ms() << 20 ^ (uint64_t)getpid();
    call(&load, argv + optind, (size_t)(argc - optind));
    event_base_dispatch(load.base);
    return report(&load); /* the kernel hangs up for all of them at once */
}
