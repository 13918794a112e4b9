#include "client/cmd/scope.h"

#include "client/cmd/cmd.h"
#include "client/cmd/period.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/wire.h"

const char *const scope_axes[] = {"office",  "service",  "channel",   "stakeholder", "perspective",
                                  "sex",     "age",      "education", "occupation",  "month",
                                  "quarter", "semester", "year",      "level1",      "level2",
                                  "level3",  "level4",   "level5",    "level6",      "level7",
                                  "level8",  "level9",   NULL};
static const char *const dimensions[] = {"service", "channel",   "stakeholder", "sex",
                                         "age",     "education", "occupation"};
#define OF_RESPONDENT 3u /* from here on they are about the respondent */
#define DIMENSIONS    (sizeof dimensions / sizeof *dimensions)

static bool takes(const struct cmd_call *call, const char *name)
{
    const struct cmd_option *option = call->cmd->options;

    while (option && option->name && strcmp(option->name, name) != 0)
        option++;
    return option && option->name;
}

static size_t times(const struct cmd_call *call, const char *name)
{
    return takes(call, name) ? cmd_times(call, name) : 0;
}

static const char *value_or_empty(const struct cmd_call *call, const char *name)
{
    const char *value = takes(call, name) ? cmd_value(call, name) : NULL;

    return value ? value : "";
}

static int no_memory(struct error *err)
{
    return error_set(err, ERROR_IO, NULL, MSG_MEMORY);
}

/* ---- reading ------------------------------------------------------------------------------- */

static int read_days(const struct cmd_call *call, const struct profile *profile,
                     struct scope *scope, struct error *err)
{
    struct period period = {.from = cmd_value(call, "from"),
                            .to = cmd_value(call, "to"),
                            .period = cmd_value(call, "period")};
    enum zone zone = profile->zone == ZONE_NONE ? ZONE_WIB : profile->zone;

    scope->today = civil_day_of_ms(clock_wall_ms(), zone);
    scope->ask.period = period.period;
    return period_read(&period, scope->today, &scope->ask.from, &scope->ask.to, err);
}

static int read_offices(const struct cmd_call *call, struct scope *scope, struct error *err)
{
    size_t count = cmd_times(call, "office");

    scope->ask.office = count == 1 ? cmd_value(call, "office") : NULL;
    scope->ask.subtree = cmd_flag(call, "subtree");
    if (scope->ask.subtree && count == 0)
        return error_set(err, ERROR_USAGE, NULL, MSG_SUBTREE_OF);
    scope->office = calloc(count + 1, sizeof *scope->office);
    if (!scope->office)
        return no_memory(err);
    for (size_t i = 0; i < count; i++)
        scope->office[scope->office_count++] = wire_text(cmd_nth(call, "office", i));
    return 0;
}

static int read_axes(const struct cmd_call *call, const char *const *axes, struct layout_ask *ask,
                     struct error *err)
{
    size_t count = axes ? cmd_times(call, "by") : 0;

    if (count > LAYOUT_AXES)
        return error_set(err, ERROR_USAGE, NULL, MSG_BY_MOST);
    for (size_t i = 0; i < count; i++) {
        int choice = cmd_choice_of("by", cmd_nth(call, "by", i), axes, err);
        if (choice < 0)
            return -1;
        ask->by[i] = axes[choice];
    }
    return 0;
}

/* By perspective both are shown unless one is named; they are never added up. */
static int read_perspective(const struct cmd_call *call, struct layout_ask *ask, struct error *err)
{
    static const char *const all[] = {"recipient", "provider", "all", NULL};
    bool by = strcmp(ask->by[0], "perspective") == 0 || strcmp(ask->by[1], "perspective") == 0;

    ask->perspective = by ? "all" : "recipient";
    if (!takes(call, "perspective"))
        return 0;
    int choice = cmd_choice(call, "perspective", all, ask->perspective, err);
    if (choice < 0)
        return -1;
    ask->perspective = all[choice];
    if (strcmp(ask->perspective, "all") == 0 && !by)
        return error_set(err, ERROR_USAGE, NULL, MSG_ALL_NEEDS_BY);
    return 0;
}

static int read_filter(const struct cmd_call *call, const char *dimension, struct scope *scope,
                       struct buf *only, struct error *err)
{
    size_t count = times(call, dimension);
    Suara__V1__Filter *filter = &scope->filter[scope->filter_count];

    if (count == 0)
        return 0;
    suara__v1__filter__init(filter);
    filter->value = calloc(count, sizeof *filter->value);
    if (!filter->value)
        return no_memory(err);
    scope->filter_list[scope->filter_count++] = filter;
    filter->dimension = wire_text(dimension);
    buf_printf(only, "%s%s ", only->len > 0 ? ", " : "", dimension);
    for (size_t i = 0; i < count; i++) {
        const char *value = cmd_nth(call, dimension, i);
        filter->value[filter->n_value++] = wire_text(value);
        buf_printf(only, "%s%s", i > 0 ? " or " : "", value[0] ? value : MSG_NOT_GIVEN);
    }
    return 0;
}

static int read_filters(const struct cmd_call *call, struct scope *scope, struct error *err)
{
    struct buf only = {0};
    int rc = 0;

    scope->filter = calloc(DIMENSIONS, sizeof *scope->filter);
    scope->filter_list = calloc(DIMENSIONS, sizeof(Suara__V1__Filter *));
    if (!scope->filter || !scope->filter_list)
        return no_memory(err);
    for (size_t i = 0; i < DIMENSIONS && rc == 0; i++) {
        rc = read_filter(call, dimensions[i], scope, &only, err);
        scope->profiled = scope->profiled || (i >= OF_RESPONDENT && times(call, dimensions[i]) > 0);
    }
    if (rc == 0 && only.failed)
        rc = no_memory(err);
    if (rc < 0) {
        buf_release(&only);
        return -1;
    }
    scope->ask.only = only.data;
    return 0;
}

int scope_read(const struct cmd_call *call, const struct profile *profile, const char *const *axes,
               struct scope *scope, struct error *err)
{
    *scope = (struct scope){.ask.by = {"", ""}};
    scope->instrument = value_or_empty(call, "instrument");
    scope->method = value_or_empty(call, "method");
    scope->ask.mean_of_offices = times(call, "mean-of-offices") > 0;
    if (read_axes(call, axes, &scope->ask, err) < 0 || read_days(call, profile, scope, err) < 0 ||
        read_perspective(call, &scope->ask, err) < 0 || read_offices(call, scope, err) < 0)
        return -1;
    return read_filters(call, scope, err);
}

void scope_release(struct scope *scope)
{
    for (size_t i = 0; i < scope->filter_count; i++)
        free(scope->filter[i].value);
    free(scope->filter);
    free(scope->filter_list);
    free(scope->office);
    free(scope->ask.only);
    *scope = (struct scope){0};
}

/* ---- filling ------------------------------------------------------------------------------- */

void scope_report(const struct scope *scope, Suara__V1__Report *report)
{
    report->from = scope->ask.from;
    report->to = scope->ask.to;
    report->office = scope->office;
    report->n_office = scope->office_count;
    report->subtree = scope->ask.subtree;
    report->by = wire_text(scope->ask.by[0]);
    report->by2 = wire_text(scope->ask.by[1]);
    report->instrument = wire_text(scope->instrument);
    report->perspective = wire_text(scope->ask.perspective);
    report->method = wire_text(scope->method);
    report->filter = scope->filter_list;
    report->n_filter = scope->filter_count;
    report->mean_of_offices = scope->ask.mean_of_offices;
}

void scope_coverage(const struct scope *scope, Suara__V1__Coverage *coverage)
{
    coverage->from = scope->ask.from;
    coverage->to = scope->ask.to;
    coverage->office = scope->office;
    coverage->n_office = scope->office_count;
    coverage->subtree = scope->ask.subtree;
    coverage->instrument = wire_text(scope->instrument);
}

void scope_quality(const struct scope *scope, Suara__V1__Quality *quality)
{
    quality->from = scope->ask.from;
    quality->to = scope->ask.to;
    quality->office = scope->office;
    quality->n_office = scope->office_count;
    quality->subtree = scope->ask.subtree;
    quality->instrument = wire_text(scope->instrument);
    quality->perspective = wire_text(scope->ask.perspective);
}
