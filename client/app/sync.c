#include "client/app/sync.h"

#include "client/app/line.h"
#include "client/app/receipt.h"
#include "client/net/uplink.h"
#include "client/store/outbox.h"
#include "client/store/profile.h"
#include "common/backoff.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/error.h"
#include <errno.h>
#include <time.h>

#define WINDOW       4u
#define WINDOW_MAX   64u
#define REPLY_MS     60000u
#define BACKOFF_MS   250u
#define BACKOFF_MOST 30000u

enum slot_state { SLOT_FREE, SLOT_SENT, SLOT_FAILED /* the daemon refused the batch whole */ };

struct slot { /* a batch on its way */
    struct run *run;
    enum slot_state state;
    struct outbox_batch batch; /* seq, id, count; its pointers are stale */
    struct error error;
};

struct run {
    struct profile *profile;
    struct outbox *outbox;
    const struct sync_options *options;
    struct sync_result *out;
    unsigned window;
    uint64_t waiting;     /* when the run began */
    uint64_t progress_ms; /* monotonic: when the daemon last took something */
    struct backoff backoff;
    bool stop;          /* the rest of this connection is of no use: *error says why */
    bool reconnect;     /* at once: the line broke over a batch, and that one is dealt with */
    bool held_back;     /* a batch was left waiting (INTERNAL), error says the first such */
    struct error error; /* of `stop` */
    struct error held;
    struct slot slot[WINDOW_MAX];
};

/* ---- answers -------------------------------------------------------------------------------- */

static void stop(struct run *run, const struct error *why)
{
    if (!run->stop)
        run->error = *why;
    run->stop = true;
}

/* It stays in the outbox with a note; the others go on. */
static void hold_back(struct run *run, const struct slot *slot, const struct error *why)
{
    struct error err;
    if (!run->held_back)
        run->held = *why;
    run->held_back = true;
    if (outbox_note(run->outbox, slot->batch.seq, why->text, clock_wall_ms(), &err) != 0)
        stop(run, &err);
}

static void report(const struct run *run)
{
    const struct sync_result *out = run->out;
    if (run->options->progress)
        run->options->progress(out->stored + out->duplicates + out->erased + out->rejected,
                               run->waiting, run->options->arg);
}

static void on_receipt(struct slot *slot, const Suara__V1__Receipt *receipt)
{
    struct run *run = slot->run;
    struct error err;
    if (receipt_take(run->profile, run->outbox, &slot->batch, receipt, run->out, &err) != 0) {
        if (err.code == ERROR_INTERNAL)
            hold_back(run, slot, &err);
        else
            stop(run, &err);
        return;
    }
    run->progress_ms = clock_monotonic_ms();
    backoff_reset(&run->backoff);
    report(run);
}

static void on_reply(const Suara__V1__Reply *reply, const struct error *err, void *arg)
{
    struct slot *slot = arg;
    if (!reply) {
        slot->state = SLOT_FAILED;
        slot->error = *err;
        return;
    }
    if (reply->last)
        slot->state = SLOT_FREE;
    if (reply->body_case == SUARA__V1__REPLY__BODY_RECEIPT) {
        on_receipt(slot, reply->receipt);
        return;
    }
    struct error odd;
    error_set(&odd, ERROR_INTERNAL, NULL, "the daemon answered something else than a receipt");
    hold_back(slot->run, slot, &odd);
}

/* ---- batches that were refused whole
 * --------------------------------------------------------------
 */

/* One bad response never holds up the others: halves, down to the one that is bad. */
static int narrow(struct run *run, struct slot *slot, struct error *err)
{
    if (slot->batch.count > 1)
        return receipt_halve(run->outbox, &slot->batch, err);
    return receipt_refuse(run->profile, run->outbox, &slot->batch, &slot->error, run->out, err);
}

static void judge_failure(struct run *run, struct slot *slot)
{
    struct error err;
    slot->state = SLOT_FREE;
    switch (slot->error.code) {
    case ERROR_INVALID:
    case ERROR_TOO_LARGE:
        if (narrow(run, slot, &err) == 0)
            break;
        if (err.code == ERROR_INTERNAL) /* it is damaged: the others go on */
            hold_back(run, slot, &err);
        else
            stop(run, &err);
        break;
    case ERROR_INTERNAL:
        hold_back(run, slot, &slot->error);
        break;
    case ERROR_NONE:
    case ERROR_UNAUTHENTICATED:
    case ERROR_PERMISSION_DENIED:
    case ERROR_OVERLOADED:
    case ERROR_UNAVAILABLE:
    case ERROR_UNSUPPORTED:
    case ERROR_USAGE:
    case ERROR_IO:
    default:
        stop(run, &slot->error);
        break;
    }
}

/*
 * The line broke. Whatever was open is sent again, all of it. But when the daemon closed it because
 * of a frame (TOO_LARGE, INVALID), which one was it? From now on one at a time, so that it can be
 * told.
 */
static void judge_break(struct run *run, const struct error *why)
{
    unsigned open = 0;
    struct slot *last = NULL;
    for (unsigned i = 0; i < WINDOW_MAX; i++) {
        if (run->slot[i].state == SLOT_FREE)
            continue;
        open++;
        last = &run->slot[i];
        last->state = SLOT_FREE;
    }
    if (why->code != ERROR_TOO_LARGE && why->code != ERROR_INVALID) {
        stop(run, why);
        return;
    }
    struct error err;
    error_set(&err, ERROR_UNAVAILABLE, NULL, "%s", why->text);
    run->window = 1;
    if (open == 1) {
        last->error = *why;
        judge_failure(run, last);
    }
    run->reconnect = open > 0 && !run->stop;
    stop(run, &err);
}

/* ---- a connection --------------------------------------------------------------------------- */

static struct slot *free_slot(struct run *run)
{
    for (unsigned i = 0; i < run->window; i++)
        if (run->slot[i].state == SLOT_FREE)
            return &run->slot[i];
    return NULL;
}

static void judge_failures(struct run *run)
{
    for (unsigned i = 0; i < WINDOW_MAX; i++)
        if (run->slot[i].state == SLOT_FAILED)
            judge_failure(run, &run->slot[i]);
}

/* Waits until fewer than `open` batches are on their way. */
static void await(struct run *run, struct uplink *uplink, unsigned open)
{
    struct error err;
    if (uplink_run(uplink, open, &err) == 0)
        judge_failures(run);
    else
        judge_break(run, &err);
}

/* The next waiting batch: 1 sent, 0 none, -1 stopped. */
static int send_next(struct run *run, struct uplink *uplink, int64_t *after)
{
    struct error err;
    struct slot *slot = free_slot(run);
    struct outbox_batch batch;
    int found = outbox_next(run->outbox, *after, &batch, &err);
    if (found <= 0 || !slot) {
        if (found < 0)
            stop(run, &err);
        return found < 0 ? -1 : 0;
    }
    *after = batch.seq;
    slot->run = run;
    slot->batch = batch;
    slot->state = SLOT_SENT;
    if (uplink_send_batch(uplink, batch.payload, batch.size, on_reply, slot, &err) == 0)
        return 1;
    slot->error = err;
    judge_failure(run, slot);
    return run->stop ? -1 : 1;
}

/* All that waits, over one connection. Halves are behind the others and get their turn. */
static void send_all(struct run *run, struct uplink *uplink)
{
    int64_t after = 0;
    unsigned open = run->window;
    while (!run->stop) {
        int sent = send_next(run, uplink, &after);
        if (sent < 0)
            break;
        if (sent == 0 && open == 1)
            break;
        open = sent ? run->window : 1;
        await(run, uplink, open);
    }
    /* What is still on its way may have been stored: its receipt saves sending it again. */
    struct error err;
    if (run->stop && uplink_run(uplink, 1, &err) != 0)
        error_clear(&err);
    for (unsigned i = 0; i < WINDOW_MAX; i++)
        run->slot[i].state = SLOT_FREE;
}

static void connect_and_send(struct run *run)
{
    run->stop = run->reconnect = run->held_back = false;
    struct error err;
    struct uplink *uplink = line_open(run->profile, REPLY_MS, run->options->stopped, &err);
    if (!uplink) {
        stop(run, &err);
        return;
    }
    run->out->daemon_ms = (int64_t)uplink_welcome(uplink)->now - clock_wall_ms();
    send_all(run, uplink);
    uplink_close(&uplink);
}

/* ---- a run ---------------------------------------------------------------------------------- */

static bool is_stopped(const struct run *run)
{
    return run->options->stopped && run->options->stopped();
}

static void pause_ms(const struct run *run, uint32_t ms)
{
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    while (!is_stopped(run) && nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* Worth another try, and is there time for one? Then waits for its moment. */
static bool again(struct run *run)
{
    if (is_stopped(run))
        return false;
    if (run->reconnect)
        return true; /* ends: each time a batch gets smaller, or there is one less */
    if (run->error.code != ERROR_UNAVAILABLE && run->error.code != ERROR_OVERLOADED)
        return false;
    uint32_t wait = backoff_next(&run->backoff);
    if (wait < run->error.retry_after_ms)
        wait = run->error.retry_after_ms;
    if (clock_monotonic_ms() + wait > run->progress_ms + run->options->patience_ms)
        return false;
    pause_ms(run, wait);
    return !is_stopped(run);
}

/* 0: nothing waits, or what waits was tried; -1: run->error. */
static int send_waiting(struct run *run)
{
    uint64_t seed = 1;
    if (!random_bytes(&seed, sizeof seed) || seed == 0)
        seed = 1;
    backoff_init(&run->backoff, BACKOFF_MS, BACKOFF_MOST, seed);
    run->progress_ms = clock_monotonic_ms();
    do
        connect_and_send(run);
    while (run->stop && again(run));
    return run->stop ? -1 : 0;
}

static int send_locked(struct run *run, struct error *err)
{
    struct outbox_counts counts;
    if (outbox_counts(run->outbox, &counts, err) != 0)
        return -1;
    run->waiting = run->out->waiting = counts.waiting;
    if (counts.waiting_batches == 0)
        return 0;
    int status = send_waiting(run);
    if (status != 0 && err)
        *err = run->error;
    struct error *later = status == 0 ? err : NULL;
    if (outbox_counts(run->outbox, &counts, later) != 0)
        return -1;
    run->out->waiting = counts.waiting;
    if (status != 0 || counts.waiting_batches == 0)
        return status;
    if (run->held_back && err)
        *err = run->held;
    if (run->held_back)
        return -1;
    return error_set(err, ERROR_UNAVAILABLE, NULL,
                     "more was saved while sending; run `suara sync` again");
}

void sync_result_release(struct sync_result *result)
{
    free(result->refused.file);
    free(result->refused.fault);
    result->refused = (struct sync_refused){0};
}

int sync_run(struct profile *profile, struct outbox *outbox, const struct sync_options *options,
             struct sync_result *out, struct error *err)
{
    *out = (struct sync_result){0};
    int mine = outbox_lock(outbox, err);
    if (mine <= 0) {
        struct outbox_counts counts;
        out->busy = mine == 0;
        if (outbox_counts(outbox, &counts, mine == 0 ? err : NULL) != 0)
            return -1;
        out->waiting = counts.waiting;
        return mine;
    }
    struct run *run = calloc(1, sizeof *run);
    int status = run ? 0 : error_set(err, ERROR_IO, NULL, "memory ran out");
    if (run) {
        unsigned window = options->window ? options->window : WINDOW;
        run->profile = profile;
        run->outbox = outbox;
        run->options = options;
        run->out = out;
        run->window = window < WINDOW_MAX ? window : WINDOW_MAX;
        status = send_locked(run, err);
    }
    free(run);
    if (out->waiting == 0 && out->stored + out->duplicates + out->erased > 0)
        outbox_tidy(outbox);
    outbox_unlock(outbox);
    return status;
}
