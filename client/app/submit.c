#include "client/app/rejected.h"
#include "client/app/source.h"
#include "client/app/submit_private.h"
#include "client/core/import.h"
#include "client/core/import_map.h"
#include "client/core/instrument.h"
#include "client/core/pack.h"
#include "client/store/path.h"
#include "client/store/profile.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/squeeze.h"
#include <sys/stat.h>

#define MAP_MAX ((size_t)1024 * 1024)

static int read_rows(struct submission *s, struct error *err)
{
    const char *data;
    size_t size;
    int status;
    while ((status = source_next(s->source, &data, &size, err)) == 1) {
        if (csv_reader_feed(s->csv, data, size, err) != 0)
            return -1;
        if (s->options->progress)
            s->options->progress(source_done(s->source), source_size(s->source), s->result.rows,
                                 s->options->arg);
        if (s->options->stopped && s->options->stopped())
            return error_set(err, ERROR_UNAVAILABLE, NULL, "stopped");
    }
    if (status != 0 || csv_reader_finish(s->csv, err) != 0)
        return -1;
    if (!s->header)
        return error_set(err, ERROR_USAGE, NULL, "it is empty; its first line must name columns");
    if (!s->outbox || s->result.ask)
        return 0;
    return submit_batch(s, err) != 0 ? -1 : rejected_sync(s->rejected, err);
}

/* ---- one file ------------------------------------------------------------------------------- */

/* What the hashes do not see, as where another map gives the answers another meaning. */
static void count_all(struct submission *s)
{
    if (s->result.ask && s->result.repeated == 0)
        s->result.repeated = s->result.rows - s->result.rejected;
}

/* While nobody else can save: of two processes with the same file one finds it known. */
static int recognize(struct submission *s, struct error *err)
{
    int64_t other_ms;
    int known = outbox_file_known(s->outbox, &s->file, true, &s->result.known_ms, err);
    int other = known < 0 ? -1 : outbox_file_known(s->outbox, &s->file, false, &other_ms, err);
    if (other < 0)
        return -1;
    s->result.known = known == 1;
    s->again = known == 1 && s->options->repeats != REPEATS_SKIP;
    /* Other options mean other ids, and perhaps other answers: whatever the rows look like. */
    s->result.ask = other == 1 && !s->again && s->options->repeats == REPEATS_ASK;
    return 0;
}

static int save(struct submission *s, struct error *err)
{
    if (!s->outbox)
        return read_rows(s, err);
    if (outbox_save_begin(s->outbox, &s->file, s->options->now_ms, err) != 0)
        return -1;
    if (recognize(s, err) != 0 || read_rows(s, err) != 0) {
        outbox_save_rollback(s->outbox);
        return -1;
    }
    count_all(s);
    if (s->result.ask || s->result.saved == 0) {
        outbox_save_rollback(s->outbox);
        s->result.saved = 0;
        return 0;
    }
    return outbox_save_commit(s->outbox, err);
}

/*
 * What is filled in, and the zone: the same file with the same of these gives the same ids. With
 * --cumulative rows are left out, so that such a file can't simply be sent again: it never counts
 * as the same.
 */
static bool digest_options(struct submission *s, struct digest *digest)
{
    const struct submit_options *o = s->options;
    const char *given[] = {s->instrument->code, o->service,      o->channel,   o->stakeholder,
                           o->perspective,      o->collected_at, o->id_column, s->map_text};
    uint8_t flags[2] = {(uint8_t)s->profile->zone, o->repeats == REPEATS_SKIP};
    bool ok = digest_start(digest) && digest_add(digest, flags, sizeof flags);
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        ok = ok && digest_add(digest, given[i] ? "+" : "-", 1);
        if (given[i])
            ok = ok && digest_add(digest, given[i], strlen(given[i]) + 1);
    }
    return ok && digest_end(digest, s->file.options);
}

static int name_options(struct submission *s, struct error *err)
{
    struct digest *digest = digest_new();
    bool ok = digest && digest_options(s, digest);
    digest_free(&digest);
    return ok ? 0 : error_set(err, ERROR_IO, NULL, "memory ran out");
}

/* The errors of a map name it themselves, and not the file of responses. */
static int read_map(struct submission *s, struct error *err)
{
    const char *path = s->options->map;
    struct stat there;
    if (!path)
        return 0;
    if (stat(path, &there) == 0 && S_ISDIR(there.st_mode))
        return error_set(err, ERROR_USAGE, "map", "%s is a folder; name the file of the map", path);
    s->map_text = path_read(path, MAP_MAX, err);
    s->map = s->map_text ? import_map_parse(s->map_text, path, err) : NULL;
    if (!s->map && !err->field[0])
        snprintf(err->field, sizeof err->field, "map");
    return s->map ? 0 : -1;
}

static int prepare_import(struct submission *s, struct error *err)
{
    const struct submit_options *o = s->options;
    struct import_settings settings = {
        .instrument = s->instrument,
        .office = s->profile->principal,
        .zone = s->profile->zone,
        .word = {[WORD_SERVICE] = o->service,
                 [WORD_CHANNEL] = o->channel,
                 [WORD_STAKEHOLDER] = o->stakeholder,
                 [WORD_PERSPECTIVE] = o->perspective},
        .collected_at = o->collected_at,
        .id_column = o->id_column,
        .map = s->map,
        .now_ms = o->now_ms,
    };
    if (!s->outbox && settings.zone == ZONE_NONE)
        settings.zone = ZONE_WIB; /* a check only asks whether it is a time */
    memcpy(settings.digest, s->file.digest, sizeof settings.digest);
    s->import = import_new(&settings, err);
    return s->import ? 0 : -1;
}

static int prepare(struct submission *s, const char *path, struct error *err)
{
    const struct submit_options *o = s->options;
    s->instrument = o->instrument ? o->instrument : instrument_find(NULL, err);
    if (read_map(s, err) != 0)
        return -1;
    s->source = source_open(path, s->file.digest, err);
    if (!s->source)
        return -1;
    s->file.path = source_path(s->source);
    if (name_options(s, err) != 0 || prepare_import(s, err) != 0)
        return -1;
    const char *slash = s->profile->outbox ? strrchr(s->profile->outbox, '/') : NULL;
    s->folder = slash ? strndup(s->profile->outbox, (size_t)(slash - s->profile->outbox)) : NULL;
    s->csv = csv_reader_new(submit_row, s);
    s->pack = pack_new(s->instrument->code, o->batch_responses);
    s->rejected = rejected_new(s->file.path, s->folder, s->instrument);
    s->squeeze = squeeze_new();
    if (!s->csv || !s->pack || !s->squeeze || !s->rejected)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    return 0;
}

static void release(struct submission *s)
{
    source_close(&s->source);
    csv_reader_free(&s->csv);
    pack_free(&s->pack);
    squeeze_free(&s->squeeze);
    import_free(&s->import);
    import_map_free(&s->map);
    rejected_free(&s->rejected);
    buf_release(&s->kept);
    buf_release(&s->cells);
    buf_release(&s->reasons);
    free(s->map_text);
    free(s->folder);
}

static bool begins_with(const char *text, const char *path)
{
    size_t n = path ? strlen(path) : 0;
    return n > 0 && strncmp(text, path, n) == 0 && (text[n] == ':' || text[n] == ' ');
}

/* "FILE: what is wrong", "FILE: line 12: .."; the outbox and the map name themselves. */
static void name_file(const struct submission *s, const char *path, struct error *err)
{
    char text[sizeof err->text];
    if (strcmp(err->field, "map") == 0 || err->code == ERROR_IO || begins_with(err->text, path) ||
        begins_with(err->text, s->file.path))
        return;
    snprintf(text, sizeof text, "%s", err->text);
    error_set(err, err->code, err->field, "%.300s: %s", path, text);
}

int submit_file(const struct profile *profile, struct outbox *outbox, const char *path,
                const struct submit_options *options, struct submit_result *out, struct error *err)
{
    struct error mine; /* always there: its text is worked on */
    error_clear(&mine);
    struct submission s = {.profile = profile, .outbox = outbox, .options = options};
    int status = 0;
    if (outbox && strcmp(profile->role, "office") != 0)
        status = error_set(&mine, ERROR_PERMISSION_DENIED, NULL,
                           "profile %s is of role %s; only an office submits", profile->name,
                           profile->role);
    if (status == 0 && (prepare(&s, path, &mine) != 0 || save(&s, &mine) != 0))
        status = -1;
    if (status != 0)
        name_file(&s, path, &mine);
    if (status == 0 && !s.result.ask)
        s.result.rejected_file = rejected_publish(s.rejected);
    if (status == 0 && s.reasons.len > 0) {
        s.result.reasons = s.reasons.data;
        s.reasons = (struct buf){0};
    }
    release(&s);
    if (status != 0 && err)
        *err = mine;
    if (status == 0)
        *out = s.result;
    return status;
}

void submit_result_release(struct submit_result *result)
{
    free(result->rejected_file);
    free(result->reasons);
    result->rejected_file = result->reasons = NULL;
}
