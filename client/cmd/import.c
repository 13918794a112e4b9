#include "client/cmd/import.h"

#include "client/cmd/cmd.h"
#include "client/cmd/interrupt.h"
#include "client/cmd/output.h"
#include "client/cmd/progress.h"
#include "client/cmd/questionnaire.h"
#include "client/core/csv.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/clock.h"
#include "common/error.h"

#define REASONS_SHOWN 3u

static const char *const channels[] = {"kiosk", "web", "paper", "phone", "forum", NULL};
static const char *const stakeholders[] = {"public",    "business",  "academia", "government",
                                           "ombudsman", "community", "media",    NULL};
static const char *const perspectives[] = {"recipient", "provider", NULL};

/* A word of a list that both sides know: wrong ones are told before the file is read. */
static int read_word(const struct cmd_call *call, const char *name, const char *const *list,
                     const char **out, struct error *err)
{
    *out = NULL;
    if (!cmd_flag(call, name))
        return 0;
    int choice = cmd_choice(call, name, list, "", err);
    if (choice >= 0)
        *out = list[choice];
    return choice < 0 ? -1 : 0;
}

/* That of the file's other words only the server or the file itself can judge. */
static int check_given(const struct cmd_call *call, const struct submit_options *options,
                       enum zone zone, struct error *err)
{
    static const char *const names[] = {"service", "collected-at", "instrument", "id-column",
                                        "map"};
    int64_t ms;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (cmd_flag(call, names[i]) && !*cmd_value(call, names[i]))
            return error_set(err, ERROR_USAGE, NULL, MSG_EMPTY, names[i]);
    /* Where the zone is not known, the easternmost: its hours come first. */
    zone = zone == ZONE_NONE ? ZONE_WIT : zone;
    if (options->collected_at && civil_parse_time(options->collected_at, zone, &ms) &&
        ms > options->now_ms)
        return error_set(err, ERROR_USAGE, NULL, MSG_FUTURE, "collected-at", options->collected_at);
    return 0;
}

int import_options(const struct cmd_call *call, struct profile *profile,
                   struct instruments *instruments, bool may_ask, struct submit_options *out)
{
    struct error err;

    error_clear(&err);
    *out = (struct submit_options){
        .service = cmd_value(call, "service"),
        .collected_at = cmd_value(call, "collected-at"),
        .id_column = cmd_value(call, "id-column"),
        .map = cmd_value(call, "map"),
        .now_ms = clock_wall_ms(),
        .stopped = interrupt_came,
    };
    if (read_word(call, "channel", channels, &out->channel, &err) < 0 ||
        read_word(call, "stakeholder", stakeholders, &out->stakeholder, &err) < 0 ||
        read_word(call, "perspective", perspectives, &out->perspective, &err) < 0 ||
        check_given(call, out, profile->zone, &err) < 0)
        return fail(&err);
    if (!instruments)
        error_set(&err, ERROR_IO, NULL, MSG_MEMORY);
    else
        out->instrument =
            questionnaire(instruments, profile, cmd_value(call, "instrument"), may_ask, &err);
    return out->instrument ? CMD_DONE : fail(&err);
}

int import_profile(const char *name, struct profile *out)
{
    struct error err;

    error_clear(&err);
    if (profile_load(name, out, &err) < 0)
        return fail(&err);
    if (strcmp(out->role, "office") == 0)
        return CMD_DONE;
    warn(MSG_NOT_OFFICE, out->name, out->role);
    profile_release(out);
    return CMD_NOT_ALLOWED;
}

int import_run(const struct profile *profile, struct outbox *outbox, const char *path,
               const struct submit_options *options, struct submit_result *out, struct error *err)
{
    const char *slash = strrchr(path, '/');
    struct progress progress;

    *out = (struct submit_result){0};
    error_clear(err);
    progress_start(&progress, slash ? slash + 1 : path);
    struct submit_options mine = *options;
    mine.progress = progress_file;
    mine.arg = &progress;
    int rc = submit_file(profile, outbox, path, &mine, out, err);
    progress_end(&progress);
    return rc;
}

/* A row of the rejected file: line, field, reason come first. After a few, enough. */
static int on_rejected(const struct csv_row *row, void *arg, struct error *err)
{
    unsigned *shown = arg;
    const struct csv_field *f = row->field;

    if (row->number == 0 || row->count < 3)
        return 0;
    say(MSG_REJECTED_ROW, (int)f[0].size, f[0].text, (int)f[1].size, f[1].text, (int)f[2].size,
        f[2].text);
    return ++*shown < REASONS_SHOWN ? 0 : error_set(err, ERROR_NONE, NULL, "enough");
}

static void tell_reasons(const char *path)
{
    FILE *file = fopen(path, "re");
    unsigned shown = 0;
    struct csv_reader *reader = csv_reader_new(on_rejected, &shown);
    char piece[4096];
    size_t size;
    int rc = 0;

    while (file && reader && rc == 0 && (size = fread(piece, 1, sizeof piece, file)) > 0)
        rc = csv_reader_feed(reader, piece, size, NULL);
    if (reader && rc == 0)
        (void)!csv_reader_finish(reader, NULL);
    csv_reader_free(&reader);
    if (file)
        fclose(file);
}

int import_tell_reasons(const struct submit_result *result)
{
    uint64_t shown = 0;

    for (const char *line = result->reasons; line && *line;) {
        size_t size = strcspn(line, "\n");
        say("  %.*s", (int)size, line);
        line += size + (line[size] == '\n');
        shown++;
    }
    if (result->rejected > shown)
        say(MSG_REJECTED_MORE, result->rejected - shown);
    return result->rejected > 0 ? CMD_REJECTED : CMD_DONE;
}

int import_tell_rejected(const char *path, const struct submit_result *result)
{
    if (result->rejected == 0)
        return CMD_DONE;
    if (!result->rejected_file) {
        warn(MSG_REJECTED_LOST, MSG_COUNTED(result->rejected), path);
        return CMD_NOT_SAVED;
    }
    bool one = result->rejected == 1;
    say(MSG_REJECTED, MSG_COUNTED(result->rejected), path, one ? "is" : "are", one ? "was" : "were",
        one ? "it" : "them", result->rejected_file, result->rejected_file);
    tell_reasons(result->rejected_file);
    if (result->rejected > REASONS_SHOWN)
        say(MSG_REJECTED_MORE, result->rejected - REASONS_SHOWN);
    return CMD_REJECTED;
}
