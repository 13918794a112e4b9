#include "client/cmd/import.h"

#include "client/cmd/cmd.h"
#include "client/cmd/output.h"
#include "client/cmd/progress.h"
#include "client/core/csv.h"
#include "client/core/message.h"
#include "client/store/profile.h"
#include "common/clock.h"
#include "common/error.h"

#define REASONS_SHOWN 3u

void import_options(const struct cmd_call *call, struct submit_options *out)
{
    *out = (struct submit_options){
        .instrument = cmd_value(call, "instrument"),
        .service = cmd_value(call, "service"),
        .channel = cmd_value(call, "channel"),
        .stakeholder = cmd_value(call, "stakeholder"),
        .perspective = cmd_value(call, "perspective"),
        .collected_at = cmd_value(call, "collected-at"),
        .id_column = cmd_value(call, "id-column"),
        .map = cmd_value(call, "map"),
        .now_ms = clock_wall_ms(),
    };
}

int import_profile(const char *name, struct profile *out)
{
    struct error err;

    error_clear(&err);
    if (profile_load(name, out, &err) < 0)
        return fail(&err, false);
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

int import_tell_rejected(const char *path, const struct submit_result *result)
{
    if (result->rejected == 0)
        return CMD_DONE;
    if (!result->rejected_file) {
        warn(MSG_REJECTED_LOST, MSG_COUNTED(result->rejected), path,
             result->rejected_fault ? result->rejected_fault : "");
        return CMD_NOT_SAVED;
    }
    say(MSG_REJECTED, MSG_COUNTED(result->rejected), path, result->rejected_file);
    tell_reasons(result->rejected_file);
    if (result->rejected > REASONS_SHOWN)
        say(MSG_REJECTED_MORE, result->rejected - REASONS_SHOWN);
    return CMD_REJECTED;
}
