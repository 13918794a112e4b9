#include "daemon/core/quality_private.h"

#include "common/error.h"
#include "common/wire.h"
#include "daemon/core/roles.h"
#include <stdlib.h>
#include <string.h>

const char *quality_sign_name(enum quality_sign sign)
{
    static const char *const name[SIGN_COUNT] = {
        [SIGN_ALIKE] = "alike", [SIGN_HIGHEST] = "highest", [SIGN_EVEN] = "even",
        [SIGN_BURST] = "burst", [SIGN_SAME] = "same",       [SIGN_HOURS] = "hours",
        [SIGN_DAY] = "day",
    };
    return sign < SIGN_COUNT ? name[sign] : "";
}

static bool two_digits(const char *at, int32_t most, int32_t *out)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *out = (at[0] - '0') * 10 + (at[1] - '0');
    return *out <= most;
}

static bool clock_of(const char *at, int32_t *minutes)
{
    int32_t hour, minute;
    if (!two_digits(at, 24, &hour) || at[2] != ':' || !two_digits(at + 3, 59, &minute))
        return false;
    *minutes = hour * 60 + minute;
    return *minutes <= 24 * 60;
}

bool quality_parse_hours(const char *text, struct quality_hours *hours)
{
    int32_t opens, closes;
    if (strlen(text) != strlen("07:30-16:30") || !clock_of(text, &opens) || text[5] != '-' ||
        !clock_of(text + 6, &closes) || closes <= opens)
        return false;
    hours->opens = opens;
    hours->closes = closes;
    return true;
}

/* ---- who is compared ------------------------------------------------------------------------ */

static int id_order(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool has(const int32_t *ids, size_t count, int32_t id)
{
    return bsearch(&id, ids, count, sizeof *ids, id_order) != NULL;
}

/* The lowest office at or above all of them; NULL: they have different roots. */
static const struct office *common_top(const struct quality *q)
{
    const struct office *top =
        q->scope.office_count ? directory_office_by_id(q->directory, q->scope.offices[0]) : NULL;
    for (size_t i = 1; top && i < q->scope.office_count; i++) {
        const struct office *office = directory_office_by_id(q->directory, q->scope.offices[i]);
        while (top && !directory_within(office, top))
            top = top->parent;
    }
    return top;
}

/* Goes up from what was asked for and takes what lies below, level by level. */
static size_t add_peers(const struct quality *q, int32_t *ids)
{
    size_t count, n = q->scope.office_count, sorted = n;
    const struct office *const *all = directory_offices(q->directory, &count);
    const struct office *top = common_top(q);
    memcpy(ids, q->scope.offices, n * sizeof *ids);
    while (n < QUALITY_PEERS) {
        for (size_t i = 0; i < count && n < QUALITY_PEERS_MOST; i++)
            if ((!top || directory_within(all[i], top)) && !has(ids, sorted, all[i]->id))
                ids[n++] = all[i]->id;
        qsort(ids, n, sizeof *ids, id_order);
        sorted = n;
        if (!top)
            break;
        top = top->parent;
    }
    return n;
}

static int plan_compared(struct quality *q, const struct principal *principal, struct error *err)
{
    size_t asked = q->scope.office_count, n = asked;
    size_t room = asked > QUALITY_PEERS_MOST ? asked : QUALITY_PEERS_MOST;
    int32_t *ids = calloc(room + 1, sizeof *ids);
    if (!ids)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    if (asked > 0 && asked < QUALITY_PEERS)
        n = add_peers(q, ids);
    else if (asked > 0)
        memcpy(ids, q->scope.offices, asked * sizeof *ids);
    q->offices = calloc(n + 1, sizeof *q->offices);
    if (!q->offices) {
        free(ids);
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the report: ask again later");
    }
    for (size_t i = 0; i < n; i++) {
        struct quality_office *o = &q->offices[i];
        o->office = directory_office_by_id(q->directory, ids[i]);
        o->asked = has(q->scope.offices, asked, ids[i]);
        o->seen = role_sees(principal, o->office);
    }
    free(q->scope.offices);
    q->scope.offices = ids;
    q->scope.office_count = n;
    return 0;
}

static int plan_perspective(struct quality *q, const Suara__V1__Quality *request, struct error *err)
{
    static const char *const names[] = {"recipient", "provider"};
    q->perspective = PERSPECTIVE_RECIPIENT;
    if (request->perspective.len == 0)
        return 0;
    const struct term *term = directory_term(q->directory, DIM_PERSPECTIVE,
                                             request->perspective.data, request->perspective.len);
    if (!term || !term->id)
        return scope_unknown(err, "perspective", request->perspective, names, 2);
    q->perspective = term->id;
    return 0;
}

int quality_plan(struct quality *q, const struct directory *directory,
                 const struct principal *principal, const Suara__V1__Quality *request,
                 const struct quality_hours *hours, struct error *err)
{
    *q = (struct quality){.directory = directory, .hours = *hours};
    if (scope_days(&q->scope, request->from, request->to, err) != 0 ||
        plan_perspective(q, request, err) != 0)
        return -1;
    q->instrument = scope_instrument(directory, request->instrument, err);
    if (!q->instrument ||
        scope_offices(&q->scope, directory, principal, request->office, request->n_office,
                      request->subtree, err) != 0 ||
        plan_compared(q, principal, err) != 0) {
        quality_release(q);
        return -1;
    }
    return 0;
}

/* ---- months --------------------------------------------------------------------------------- */

static struct quality_office *office_of(struct quality *q, int32_t id)
{
    const int32_t *at = bsearch(&id, q->scope.offices, q->scope.office_count, sizeof id, id_order);
    return at ? &q->offices[at - q->scope.offices] : NULL;
}

/* Variances times n (n - 1), which is an integer far below 2^64 for any month of an office: no
 * rounding but that of the last comparison. */
bool quality_even(const struct quality_month *m, unsigned scale)
{
    long double n = (long double)m->n, all = 0, squares = 0, total = 0;
    if (m->n < 2 || scale == 0)
        return false;
    for (size_t e = 0; e + scale <= m->spreads; e += scale) {
        long double sum = 0, square = 0;
        for (unsigned v = 1; v <= scale; v++) {
            sum += (long double)v * (long double)m->spread[e + v - 1];
            square += (long double)v * v * (long double)m->spread[e + v - 1];
        }
        long double variance = n * square - sum * sum;
        total += sum;
        all += variance;
        squares += variance * variance;
    }
    long double below = all - (n * (long double)m->square - total * total);
    return below > 0 && below * below * (n - 1) > 18 * (all * all - squares);
}

void quality_add_month(struct quality *q, const struct quality_month *month)
{
    struct quality_office *o = office_of(q, month->office_id);
    if (!o || month->n == 0)
        return;
    if (o->n == 0 || month->month < o->first)
        o->first = month->month;
    if (month->month > o->last)
        o->last = month->month;
    o->n += month->n;
    if (month->n < QUALITY_EVEN_LEAST)
        return;
    o->of[SIGN_EVEN] += month->n;
    if (quality_even(month, q->instrument->scale))
        o->count[SIGN_EVEN] += month->n;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static civil_day later(civil_day a, civil_day b)
{
    return a > b ? a : b;
}

static civil_day earlier(civil_day a, civil_day b)
{
    return a < b ? a : b;
}

/* The next part of a large office: days shared out evenly over its months. */
static void part_of_office(struct quality *q, struct quality_step *step)
{
    const struct quality_office *o = &q->offices[q->at];
    civil_day first = later(q->scope.from, o->first);
    civil_day last = earlier(q->scope.to, civil_month_end(o->last));
    int64_t days = civil_to_days(last) - civil_to_days(first) + 1;
    int64_t parts = (int64_t)((o->n + QUALITY_STEP - 1) / QUALITY_STEP);
    if (parts > days)
        parts = days;
    step->offices = &q->scope.offices[q->at];
    step->office_count = 1;
    step->step_from = civil_add_days(first, days * q->part / parts);
    step->step_to = civil_add_days(first, days * (q->part + 1) / parts - 1);
    q->part++;
    if (q->part == parts) {
        q->part = 0;
        q->at++;
    }
}

bool quality_next(struct quality *q, struct quality_step *step)
{
    uint64_t n = 0;
    size_t count = q->scope.office_count;
    *step = (struct quality_step){
        .from = q->scope.from,
        .to = q->scope.to,
        .instrument_id = q->instrument->id,
        .perspective = q->perspective,
        .hours = q->hours,
    };
    while (q->at < count && q->offices[q->at].n == 0)
        q->at++;
    if (q->at == count)
        return false;
    if (q->offices[q->at].n > QUALITY_STEP) {
        part_of_office(q, step);
        return true;
    }
    step->offices = &q->scope.offices[q->at];
    step->step_from = q->scope.to;
    step->step_to = q->scope.from;
    while (q->at < count && n + q->offices[q->at].n <= QUALITY_STEP) {
        const struct quality_office *o = &q->offices[q->at++];
        step->office_count++;
        n += o->n;
        if (o->n == 0)
            continue;
        step->step_from = earlier(step->step_from, later(q->scope.from, o->first));
        step->step_to = later(step->step_to, earlier(q->scope.to, civil_month_end(o->last)));
    }
    return true;
}

void quality_add_counts(struct quality *q, const struct quality_counts *counts)
{
    struct quality_office *o = office_of(q, counts->office_id);
    if (!o)
        return;
    o->count[SIGN_ALIKE] += counts->alike;
    o->count[SIGN_HIGHEST] += counts->highest;
    o->count[SIGN_DAY] += counts->day_only;
    o->count[SIGN_BURST] += counts->burst;
    o->count[SIGN_SAME] += counts->same;
    o->count[SIGN_HOURS] += counts->outside;
    o->of[SIGN_ALIKE] += counts->n;
    o->of[SIGN_HIGHEST] += counts->n;
    o->of[SIGN_DAY] += counts->n;
    o->of[SIGN_BURST] += counts->timed;
    o->of[SIGN_SAME] += counts->timed;
    o->of[SIGN_HOURS] += counts->counter;
}

void quality_release(struct quality *q)
{
    scope_release(&q->scope);
    free(q->offices);
    *q = (struct quality){0};
}
