#include "client/cmd/ask.h"
#include "client/cmd/publish.h"
#include "client/cmd/scope.h"
#include "client/core/layout_coverage.h"
#include "client/core/message.h"
#include "client/core/publish_take.h"
#include "client/store/profile.h"
#include "common/error.h"
#include "common/wire.h"

#define ROUNDS 3u

struct asking {
    struct publication *p;
    struct profile *profile;
    const struct scope *scope;
    struct uplink *uplink;
    struct publish_sample sample;
};

/* One report of the office as everybody may see it; by "": one row. */
static int ask_rows(struct asking *a, const char *by, bool spread, struct layout_index *out,
                    struct error *err)
{
    Suara__V1__Report report = SUARA__V1__REPORT__INIT;

    scope_report(a->scope, &report);
    report.by = wire_text(by);
    report.spread = spread;
    report.public_ = true;
    report.perspective = wire_text(strcmp(by, "perspective") == 0 ? "all" : "recipient");
    layout_index_init(out);
    return ask_index(a->uplink, &report, out, err);
}

static int ask_total(struct asking *a, struct error *err)
{
    struct layout_index answer;
    int rc = ask_rows(a, "", true, &answer, err);

    if (rc == 0)
        rc = publish_take_total(a->p, &answer, &a->sample, err);
    layout_index_release(&answer);
    return rc;
}

static int ask_trend(struct asking *a, struct error *err)
{
    Suara__V1__Report report = SUARA__V1__REPORT__INIT;
    struct layout_index answer;
    civil_day before;
    const char *axis = publish_trend_axis(a->p->from, a->p->to, &before);

    layout_index_init(&answer);
    scope_report(a->scope, &report);
    report.by = wire_text(axis);
    report.from = CIVIL_FIRST;
    report.to = before;
    int rc = before < CIVIL_FIRST ? 0 : ask_index(a->uplink, &report, &answer, err);
    if (rc == 0)
        rc = publish_take_trend(a->p, &answer, &a->sample, err);
    layout_index_release(&answer);
    return rc;
}

static int ask_groups(struct asking *a, struct error *err)
{
    int rc = 0;

    for (enum publish_axis axis = 0; axis < PUBLISH_AXES && rc == 0; axis++) {
        struct layout_index answer;
        rc = ask_rows(a, publish_axis_code(axis), false, &answer, err);
        if (rc == 0)
            rc = publish_take_group(a->p, axis, &answer, err);
        layout_index_release(&answer);
    }
    return rc;
}

static int ask_views(struct asking *a, struct error *err)
{
    struct layout_index answer;
    int rc = ask_rows(a, "perspective", true, &answer, err);

    if (rc == 0)
        rc = publish_take_views(a->p, &answer, err);
    layout_index_release(&answer);
    return rc;
}

static int ask_sample(struct asking *a, struct error *err)
{
    Suara__V1__Coverage coverage = SUARA__V1__COVERAGE__INIT;
    enum zone zone = a->profile->zone == ZONE_NONE ? ZONE_WIB : a->profile->zone;
    struct layout_coverage answer;

    layout_coverage_init(&answer);
    scope_coverage(a->scope, &coverage);
    int rc = ask_coverage(a->uplink, &coverage, &answer, err);
    if (rc == 0)
        publish_take_coverage(a->p, &answer, zone);
    layout_coverage_release(&answer);
    return rc;
}

/* The name of the office; its code, should the list not have it. */
static int ask_name(struct asking *a, struct error *err)
{
    struct layout_rows rows;
    const struct layout_row *row;

    layout_rows_init(&rows);
    int rc = ask_list(a->uplink, "office", &rows, err);
    size_t code = 0, name = 0;
    for (size_t i = 0; rc == 0 && i < rows.column_count; i++) {
        code = strcmp(rows.columns[i].name, "code") == 0 ? i : code;
        name = strcmp(rows.columns[i].name, "name") == 0 ? i : name;
    }
    a->p->office_name = a->p->office;
    for (row = rc == 0 ? rows.first : NULL; row; row = row->next) {
        const ProtobufCBinaryData *is = &row->cell[code], *called = &row->cell[name];
        if (is->len != strlen(a->p->office) || memcmp(is->data, a->p->office, is->len) != 0 ||
            called->len == 0)
            continue;
        a->p->office_name = arena_strndup(&a->p->arena, called->data, called->len);
        if (!a->p->office_name)
            rc = error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
        break;
    }
    layout_rows_release(&rows);
    return rc;
}

/* Everything once; then the total again. 1: something came in between. */
static int ask_all(struct asking *a, struct error *err)
{
    struct layout_index again;

    if (ask_total(a, err) < 0 || ask_trend(a, err) < 0 || ask_groups(a, err) < 0 ||
        ask_views(a, err) < 0 || ask_sample(a, err) < 0)
        return -1;
    int rc = ask_rows(a, "", false, &again, err);
    if (rc == 0)
        rc = publish_same_total(a->p, &a->sample, &again) ? 0 : 1;
    layout_index_release(&again);
    return rc;
}

int publish_ask(struct publication *p, const struct instrument *instrument, struct profile *profile,
                const struct scope *scope, struct error *err)
{
    struct asking a = {.p = p, .profile = profile, .scope = scope};

    if (publish_take_instrument(p, instrument, scope->method, &a.sample, err) < 0)
        return -1;
    a.uplink = ask_open(profile, err);
    int rc = a.uplink ? ask_name(&a, err) : -1;
    int moved = rc == 0 ? 1 : 0;
    for (unsigned round = 0; round < ROUNDS && moved == 1; round++)
        moved = ask_all(&a, err);
    uplink_close(&a.uplink);
    if (rc < 0 || moved < 0)
        return -1;
    return moved == 0 ? 0 : error_set(err, ERROR_UNAVAILABLE, NULL, MSG_PUBLISH_MOVES);
}
