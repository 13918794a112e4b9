#include "client/app/line.h"
#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/cmd/publish.h"
#include "client/cmd/questionnaire.h"
#include "client/cmd/scope.h"
#include "client/core/message.h"
#include "client/core/plan.h"
#include "client/core/publish.h"
#include "client/store/path.h"
#include "client/store/profile.h"
#include "client/store/workbook.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/error.h"
#include <sys/stat.h>

#define PLAN_BYTES_MAX (1u << 20)

enum kind { KIND_HTML, KIND_XLSX, KIND_JSON };

/* ---- the file ------------------------------------------------------------------------------ */

/* Before anything is asked: a mistyped name costs no waiting. */
static int read_output(const struct cmd_call *call, const char **path, enum kind *kind,
                       struct error *err)
{
    static const char *const ends[] = {".html", ".xlsx", ".json"};
    struct stat there;

    *path = cmd_value(call, "output");
    if (!*path || (*path)[0] == '\0')
        return error_set(err, ERROR_USAGE, NULL, MSG_PUBLISH_NEEDS);
    const char *end = strrchr(*path, '.');
    for (size_t i = 0; end && i < sizeof ends / sizeof *ends; i++) {
        if (strcasecmp(end, ends[i]) != 0)
            continue;
        *kind = (enum kind)i;
        if (stat(*path, &there) == 0 && !S_ISREG(there.st_mode))
            return error_set(err, ERROR_USAGE, NULL, MSG_PUBLISH_PLACE, *path);
        return 0;
    }
    return error_set(err, ERROR_USAGE, NULL, MSG_PUBLISH_FILE, *path);
}

static int write_text(const char *path, const struct publication *p,
                      void (*print)(struct buf *, const struct publication *), struct error *err)
{
    struct buf text = {0};
    int rc;

    print(&text, p);
    rc = text.failed ? error_set(err, ERROR_IO, NULL, MSG_MEMORY)
                     : path_write(path, text.data, text.len, 0644, err);
    buf_release(&text);
    return rc;
}

static int write_report(const char *path, enum kind kind, const struct publication *p,
                        struct error *err)
{
    switch (kind) {
    case KIND_HTML:
        return write_text(path, p, publish_html, err);
    case KIND_JSON:
        return write_text(path, p, publish_json, err);
    case KIND_XLSX:
        break;
    }
    return workbook_write(path, p, err);
}

static void say_published(const struct publication *p, const char *path)
{
    char index[PUBLISH_NUMBER], n[PUBLISH_NUMBER], period[PUBLISH_RANGE];
    struct publication english = *p;

    english.language = PUBLISH_EN; /* as the commands speak */
    publish_period(&english, period);
    publish_index(p->total.index, index);
    publish_count(p->total.n, n);
    say(MSG_PUBLISHED, p->office_name, period, index, p->total.grade, n, path);
}

/* ---- what it is about ---------------------------------------------------------------------- */

static int read_plan(const struct cmd_call *call, struct publication *p, struct error *err)
{
    const char *path = cmd_value(call, "plan");
    char *text;

    if (!path)
        return 0;
    text = path_read(path, PLAN_BYTES_MAX, err);
    if (!text)
        return -1;
    int rc = plan_read(p, path, text, strlen(text), err);
    free(text);
    return rc;
}

/* An office publishes itself unless it names another one. */
static int read_office(const struct profile *profile, struct scope *scope, struct publication *p,
                       struct error *err)
{
    if (scope->office_count == 0 && strcmp(profile->role, "office") == 0) {
        scope->office[scope->office_count++] =
            (ProtobufCBinaryData){strlen(profile->principal), (uint8_t *)profile->principal};
        scope->ask.office = profile->principal;
    }
    if (scope->office_count != 1)
        return error_set(err, ERROR_USAGE, NULL, MSG_PUBLISH_WHICH);
    p->office = scope->ask.office;
    p->subtree = scope->ask.subtree;
    p->from = scope->ask.from;
    p->to = scope->ask.to;
    return 0;
}

static int prepare(const struct cmd_call *call, const struct profile *profile, struct scope *scope,
                   struct publication *p, struct error *err)
{
    static const char *const languages[] = {"id", "en", NULL};
    enum zone zone = profile->zone == ZONE_NONE ? ZONE_WIB : profile->zone;
    int language = cmd_choice(call, "lang", languages, "id", err);

    if (language < 0)
        return -1;
    p->language = (enum publish_language)language;
    p->note = cmd_value(call, "note");
    p->program = "suara " SUARA_VERSION;
    p->made = civil_day_of_ms(clock_wall_ms(), zone);
    if (read_office(profile, scope, p, err) < 0)
        return -1;
    return read_plan(call, p, err);
}

/* Reads the command line, asks the server. */
static int make(const struct cmd_call *call, struct profile *profile,
                struct instruments *instruments, struct scope *scope, struct publication *p,
                struct error *err)
{
    const char *code = cmd_value(call, "instrument");
    const struct instrument *instrument;

    if (!instruments)
        return error_set(err, ERROR_IO, NULL, MSG_MEMORY);
    if (scope_read(call, profile, NULL, scope, err) < 0 ||
        prepare(call, profile, scope, p, err) < 0)
        return -1;
    instrument = questionnaire(instruments, profile, code, true, err);
    return instrument ? publish_ask(p, instrument, profile, scope, err) : -1;
}

static int exec(struct cmd_call *call)
{
    struct publication p;
    struct profile profile;
    struct instruments *instruments;
    struct scope scope = {0};
    struct error err;
    const char *path;
    enum kind kind = KIND_HTML;
    int status;

    error_clear(&err);
    if (read_output(call, &path, &kind, &err) < 0 ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    publication_init(&p);
    instruments = instruments_open(&profile);
    if (make(call, &profile, instruments, &scope, &p, &err) < 0 ||
        write_report(path, kind, &p, &err) < 0) {
        status = fail(&err);
    } else {
        say_published(&p, path);
        status = output_end();
    }
    publication_release(&p);
    instruments_close(&instruments);
    scope_release(&scope);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"office", "CODE", "the office (default: that of an office's own profile)", false},
    {"subtree", NULL, "with the offices below it, all respondents together", false},
    {"period", "PERIOD", "2023, 2023-S1, 2023-Q3, 2023-07 or 2023-07-13", false},
    {"from", "DATE", "first day (default: 1 January of the year of the last day)", false},
    {"to", "DATE", "last day (default: today)", false},
    {"output", "FILE", "what to write, also -o FILE: .html, .xlsx or .json", false},
    {"lang", "LANG", "id (Indonesian, default) or en (English)", false},
    {"plan", "FILE", "CSV file of the follow-up plan", false},
    {"note", "TEXT", "a sentence at the top, such as: draft", false},
    {"instrument", "CODE", "questionnaire (default: skm-2017)", false},
    {"method", "NAME", "exact (default), 0.11, 0.111 or 0.1111", false},
    {0},
};

const struct cmd cmd_report_publish = {
    .name = "report publish",
    .usage = "report publish --office CODE --period PERIOD -o FILE.html|.xlsx|.json [options]",
    .help = "A report to be published: page, workbook or data",
    .options = options,
    .exec = exec,
};
