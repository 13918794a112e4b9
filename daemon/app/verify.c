#include "daemon/core/verify.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/log.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/core/scope.h"
#include "daemon/db/reader.h"
#include <string.h>

#define TRIES   3u /* to find a month at rest that others write to */
#define TELL_MS 1000u

/*
 * Office by office: all months; those that were left out, because they changed, are made fresh and
 * compared once more, a few times. What is held does not grow with what is stored, and each step is
 * one short statement between those of reports.
 */
struct verifying {
    struct scope scope;
    size_t at;        /* the office under way .. */
    civil_day after;  /* .. its last month that was looked at; 0: none */
    bool all;         /* .. no more of its months are to come */
    struct buf left;  /* civil_day[], its months that were left out .. */
    struct buf again; /* .. and those of them that are looked at once more */
    size_t again_at;  /* .. the next of which is this */
    unsigned tries;   /* .. rounds over them so far */
    int steps;        /* .. of refresh, that may still be taken; 0: not begun */
    unsigned months;  /* of the step under way */
    struct verify_count count;
    struct verify_list list; /* differences that were not sent yet .. */
    struct buf out;          /* .. before which these frames go */
    uint64_t told_ms;
    bool begun, failed;
};

static void release(void *body)
{
    struct verifying *v = body;
    scope_release(&v->scope);
    if (v->begun)
        verify_list_release(&v->list);
    buf_release(&v->left);
    buf_release(&v->again);
    buf_release(&v->out);
}

static size_t months_in(const struct buf *months)
{
    return months->len / sizeof(civil_day);
}

static civil_day month_at(const struct buf *months, size_t i)
{
    civil_day day;
    memcpy(&day, months->data + i * sizeof day, sizeof day);
    return day;
}

static int32_t office_id(const struct verifying *v)
{
    return v->scope.offices[v->at];
}

/* ---- what is told meanwhile ---- */

static void pack_list(struct question *q)
{
    struct verifying *v = q->body;
    struct error err;
    if (verify_list_pack(&v->list, q->request, q->server->limits.max_frame, &v->out, &err) != 0)
        v->failed = true;
}

/* Differences as they are found, and now and then how far it is: nobody waits in silence. */
static void tell(struct question *q, struct client *client)
{
    struct verifying *v = q->body;
    struct error err;
    uint64_t now = clock_monotonic_ms();
    if (v->list.count > 0)
        pack_list(q);
    if (v->out.len == 0 && now - v->told_ms < TELL_MS)
        return;
    if (verify_count_pack(&v->count, q->request, false, q->server->limits.max_frame, &v->out,
                          &err) != 0)
        v->failed = true;
    client_tell(client, &v->out);
    buf_clear(&v->out);
    v->told_ms = now;
}

/* ---- steps ---- */

static void next(struct question *q);

static void on_cell(const struct verify_cell *cell, void *arg)
{
    struct question *q = arg;
    struct verifying *v = q->body;
    const struct office *office = directory_office_by_id(q->directory, office_id(v));
    v->count.differing++;
    if (v->list.named >= VERIFY_NAMED_MOST || !office)
        return;
    if (v->list.count == VERIFY_ROWS)
        pack_list(q);
    v->failed = !verify_list_add(&v->list, office, cell) || v->failed;
}

static void on_month(const struct verify_month *month, void *arg)
{
    struct question *q = arg;
    struct verifying *v = q->body;
    v->months++;
    v->count.compared += (uint64_t)month->cells;
    v->count.responses += (uint64_t)month->responses;
    if (month->left_out && month->month)
        buf_add(&v->left, &month->month, sizeof month->month);
    v->failed = v->failed || v->left.failed;
    if (!v->all)
        v->after = month->month;
}

static void on_step(const struct error *err, void *arg)
{
    struct question *q = arg;
    struct verifying *v = q->body;
    if (err) {
        question_fail(&q, err);
        return;
    }
    if (v->all)
        v->again_at++;
    else if (v->months == 0 || v->after == 0)
        v->all = true;
    next(q);
}

static void step(struct question *q, civil_day after, civil_day until)
{
    static const struct verify_calls calls = {on_cell, on_month, on_step};
    struct verifying *v = q->body;
    v->months = 0;
    reader_verify(q->server->reader, office_id(v), after, until, &calls, q);
}

static void refresh(struct question *q);

static void on_refresh(int left, const struct error *err, void *arg)
{
    struct question *q = arg;
    struct verifying *v = q->body;
    if (left < 0) {
        question_fail(&q, err);
        return;
    }
    v->steps = v->steps ? v->steps - 1 : left; /* as many as the first count asks for */
    if (left > 0 && v->steps > 0)
        refresh(q);
    else {
        v->steps = 0;
        next(q);
    }
}

static void refresh(struct question *q)
{
    struct verifying *v = q->body;
    civil_day last = month_at(&v->again, months_in(&v->again) - 1);
    reader_refresh_office(q->server->reader, office_id(v), month_at(&v->again, 0),
                          civil_month_end(last), on_refresh, q);
}

/* Months that were left out become those to look at again. False when there are none, or when that
 * was tried often enough. */
static bool turn(struct verifying *v)
{
    struct buf empty = v->again;
    if (months_in(&v->left) == 0 || v->tries == TRIES)
        return false;
    v->tries++;
    v->again = v->left;
    v->again_at = 0;
    v->left = empty;
    buf_clear(&v->left);
    return true;
}

static void next_office(struct verifying *v)
{
    v->count.left_out += months_in(&v->left);
    buf_clear(&v->left);
    buf_clear(&v->again);
    v->at++;
    v->after = 0;
    v->all = false;
    v->again_at = 0;
    v->tries = 0;
}

static void finish(struct question *q)
{
    struct verifying *v = q->body;
    struct error err;
    LOG(LOG_INFO, "verify.end", log_u("session", q->session), log_u("compared", v->count.compared),
        log_u("differing", v->count.differing), log_u("responses", v->count.responses),
        log_u("left_out", v->count.left_out));
    pack_list(q); /* the columns' names, too, when nothing differs */
    if (v->failed ||
        verify_count_pack(&v->count, q->request, true, q->server->limits.max_frame, &v->out, &err))
        (void)error_set(&err, ERROR_OVERLOADED, NULL, "no memory: ask again later");
    else {
        question_answer(&q, &v->out);
        return;
    }
    question_fail(&q, &err);
}

static void next(struct question *q)
{
    struct verifying *v = q->body;
    struct client *client = client_find(q->server, q->session);
    struct error err;
    tell(q, client);
    if (!client || q->server->stopping || v->failed) {
        (void)error_set(&err, v->failed ? ERROR_OVERLOADED : ERROR_UNAVAILABLE, NULL,
                        v->failed ? "no memory: ask again later" : "the daemon is stopping");
        question_fail(&q, &err);
        return;
    }
    while (v->at < v->scope.office_count) {
        if (!v->all) {
            step(q, v->after, 0);
            return;
        }
        if (v->again_at < months_in(&v->again)) {
            civil_day month = month_at(&v->again, v->again_at);
            step(q, civil_add_days(month, -1), month);
            return;
        }
        if (turn(v)) {
            refresh(q);
            return;
        }
        next_office(v);
    }
    finish(q);
}

void verify_ask(struct client *client, const struct principal *principal,
                const Suara__V1__Request *request)
{
    const Suara__V1__Verify *asked = request->verify;
    struct error err;
    struct question *q = question_new(client, request->id, sizeof(struct verifying), release);
    if (!q)
        return;
    struct verifying *v = q->body;
    if (scope_offices(&v->scope, q->directory, principal, asked->office, asked->n_office,
                      asked->subtree, &err) != 0) {
        question_fail(&q, &err);
        return;
    }
    LOG(LOG_INFO, "verify.begin", log_u("session", client->id), log_s("by", principal->name),
        log_u("offices", v->scope.office_count));
    v->begun = true;
    verify_list_init(&v->list, q->directory);
    v->told_ms = clock_monotonic_ms();
    next(q);
}
