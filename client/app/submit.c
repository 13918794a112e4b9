#include "client/app/submit.h"

#include "client/app/rejected.h"
#include "client/app/source.h"
#include "client/core/import.h"
#include "client/core/import_map.h"
#include "client/core/instrument.h"
#include "client/core/pack.h"
#include "client/store/outbox.h"
#include "client/store/path.h"
#include "client/store/profile.h"
#include "common/digest.h"
#include "common/error.h"
#include <errno.h>

#define MAP_MAX ((size_t)1024 * 1024)

struct submission {
    const struct profile *profile;
    struct outbox *outbox; /* NULL: only a check */
    const struct submit_options *options;
    struct submit_result result;
    struct outbox_file file;
    char *folder; /* of the outbox, where rejected files go when they must */
    char *map_text;
    struct import_map *map;
    const struct instrument *instrument;
    struct import *import;
    struct csv_reader *csv;
    struct pack *pack;
    struct rejected *rejected;
    struct buf cells;
    struct source *source;
    bool header; /* has been read */
    bool again;  /* the very same file, whose ids the daemon knows: no question of repeats */
};

/* ---- rows ----------------------------------------------------------------------------------- */

static int save_batch(struct submission *s, struct error *err)
{
    uint32_t count = pack_count(s->pack);
    uint8_t random[10];
    if (count == 0)
        return 0;
    if (!random_bytes(random, sizeof random))
        return error_set(err, ERROR_INTERNAL, NULL, "no random numbers can be had");
    struct uuid id = uuid_v7((uint64_t)s->options->now_ms, random);
    const struct buf *payload = pack_finish(s->pack, &id);
    if (!payload)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    const struct outbox_batch batch = {
        .id = id,
        .count = count,
        .payload = payload->data,
        .size = payload->len,
        .lines = pack_lines(s->pack),
        .hashes = s->again ? NULL : pack_hashes(s->pack),
    };
    if (outbox_save_batch(s->outbox, &batch, err) != 0)
        return -1;
    s->result.saved += count;
    pack_clear(s->pack);
    return 0;
}

static int reject(struct submission *s, const struct csv_row *row, const struct rules_fault *fault,
                  struct error *err)
{
    s->result.rejected++;
    buf_clear(&s->cells);
    import_canonical_row(s->import, row, &s->cells);
    return rejected_add(s->rejected, row->line, fault->field, fault->reason, &s->cells, err);
}

/* Is it left out because an earlier file held it, or because the choice is still to be made? */
static int judge_repeat(struct submission *s, const struct import_row *row, bool *skip,
                        struct error *err)
{
    *skip = false;
    if (row->named || s->again)
        return 0;
    bool repeats;
    if (outbox_repeats(s->outbox, row->hash, &repeats, err) != 0)
        return -1;
    s->result.repeated += repeats;
    if (repeats && s->options->repeats == REPEATS_ASK)
        s->result.ask = true;
    *skip = s->result.ask || (repeats && s->options->repeats == REPEATS_SKIP);
    return 0;
}

static int take_row(struct submission *s, const struct import_row *row, struct error *err)
{
    if (!s->outbox)
        return 0;
    bool skip;
    if (judge_repeat(s, row, &skip, err) != 0)
        return -1;
    if (skip || pack_add(s->pack, row))
        return 0;
    if (save_batch(s, err) != 0)
        return -1;
    return pack_add(s->pack, row) ? 0 : error_set(err, ERROR_INTERNAL, NULL, "a row fits nowhere");
}

static int on_row(const struct csv_row *row, void *arg, struct error *err)
{
    struct submission *s = arg;
    if (!s->header) {
        s->header = true;
        return import_header(s->import, row, err);
    }
    struct import_row response;
    struct rules_fault fault;
    enum import_status status = import_row(s->import, row, &response, &fault, err);
    if (status == IMPORT_BLANK)
        return 0;
    if (status == IMPORT_FAILED) {
        char text[sizeof err->text];
        snprintf(text, sizeof text, "%s", err->text);
        return error_set(err, err->code, err->field, "line %llu: %s", (unsigned long long)row->line,
                         text);
    }
    s->result.rows++;
    if (status == IMPORT_REJECTED)
        return reject(s, row, &fault, err);
    return take_row(s, &response, err);
}

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
        return error_set(err, ERROR_INVALID, NULL, "it is empty; its first line must name columns");
    if (s->outbox && !s->result.ask && save_batch(s, err) != 0)
        return -1;
    return rejected_sync(s->rejected, err);
}

/* ---- one file ------------------------------------------------------------------------------- */

static int save(struct submission *s, struct error *err)
{
    if (!s->outbox)
        return read_rows(s, err);
    if (outbox_save_begin(s->outbox, &s->file, s->options->now_ms, err) != 0)
        return -1;
    if (read_rows(s, err) != 0) {
        outbox_save_rollback(s->outbox);
        return -1;
    }
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

static int recognize(struct submission *s, struct error *err)
{
    struct digest *digest = digest_new();
    bool ok = digest && digest_options(s, digest);
    digest_free(&digest);
    if (!ok)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    if (!s->outbox)
        return 0;
    int known = outbox_file_known(s->outbox, &s->file, &s->result.known_ms, err);
    s->result.known = known == 1;
    s->again = known == 1 && s->options->repeats != REPEATS_SKIP;
    return known < 0 ? -1 : 0;
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
    s->instrument = instrument_find(o->instrument, err);
    if (!s->instrument)
        return -1;
    if (o->map) {
        s->map_text = path_read(o->map, MAP_MAX, err);
        s->map = s->map_text ? import_map_parse(s->map_text, o->map, err) : NULL;
        if (!s->map)
            return -1;
    }
    s->source = source_open(path, s->file.digest, err);
    if (!s->source)
        return -1;
    s->file.path = source_path(s->source);
    if (recognize(s, err) != 0 || prepare_import(s, err) != 0)
        return -1;
    const char *slash = s->profile->outbox ? strrchr(s->profile->outbox, '/') : NULL;
    s->folder = slash ? strndup(s->profile->outbox, (size_t)(slash - s->profile->outbox)) : NULL;
    s->csv = csv_reader_new(on_row, s);
    s->pack = pack_new(s->instrument->code, o->batch_responses);
    s->rejected = rejected_new(s->file.path, s->folder, s->instrument);
    if (!s->csv || !s->pack || !s->rejected)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    return 0;
}

static void release(struct submission *s)
{
    source_close(&s->source);
    csv_reader_free(&s->csv);
    pack_free(&s->pack);
    import_free(&s->import);
    import_map_free(&s->map);
    rejected_free(&s->rejected);
    buf_release(&s->cells);
    free(s->map_text);
    free(s->folder);
}

/* "FILE: what is wrong", "FILE: line 12: .."; the outbox and the map name themselves. */
static void name_file(const char *path, struct error *err)
{
    char text[sizeof err->text];
    if (strcmp(err->field, "map") == 0 || err->code == ERROR_IO || strstr(err->text, path))
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
    /* After the commit: what is saved stays saved, and the rows can be had by submitting again. */
    if (status == 0 && !s.result.ask &&
        rejected_publish(s.rejected, &s.result.rejected_file, &mine) != 0)
        s.result.rejected_fault = strdup(mine.text);
    if (status != 0)
        name_file(path, &mine);
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
    free(result->rejected_fault);
    result->rejected_file = result->rejected_fault = NULL;
}
