#include "client/app/rejected.h"
#include "client/app/submit_private.h"
#include "client/core/import.h"
#include "client/core/kept.h"
#include "client/core/pack.h"
#include "common/digest.h"
#include "common/error.h"

static_assert(OUTBOX_NAMES == IMPORT_NAMES, "the outbox keeps what the import gives");

int submit_batch(struct submission *s, struct error *err)
{
    uint32_t count = pack_count(s->pack);
    uint8_t random[10];
    if (count == 0)
        return 0;
    if (!random_bytes(random, sizeof random))
        return error_set(err, ERROR_INTERNAL, NULL, "no random numbers can be had");
    struct uuid id = uuid_v7((uint64_t)s->options->now_ms, random);
    const struct buf *payload = pack_finish(s->pack, &id);
    if (!payload || !kept_make(&s->kept, s->squeeze, payload))
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    const struct outbox_batch batch = {
        .id = id,
        .count = count,
        .payload = s->kept.data,
        .size = s->kept.len,
        .lines = pack_lines(s->pack),
        .hashes = pack_hashes(s->pack),
        .names = pack_names(s->pack),
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
    if (!s->outbox) {
        if (s->result.rejected <= SUBMIT_REASONS)
            buf_printf(&s->reasons, "line %llu: %s %s\n", (unsigned long long)row->line,
                       fault->field, fault->reason);
        return 0;
    }
    buf_clear(&s->cells);
    import_canonical_row(s->import, row, &s->cells);
    return rejected_add(s->rejected, row->line, fault->field, fault->reason, &s->cells, err);
}

/* Was it refused by the daemon, and is now mended? Its content was forgotten then. */
static int supersede(struct submission *s, const struct import_row *row, bool *found,
                     struct error *err)
{
    *found = false;
    if (!row->is_id && !s->again)
        return 0;
    return outbox_supersede(s->outbox, row->is_id ? &row->given : &row->id, found, err);
}

/*
 * Is it left out because an earlier file held it, or because the choice is still to be made? The
 * same file once more asks nothing, but what is remembered of it already is not counted twice.
 */
static int judge_repeat(struct submission *s, struct import_row *row, bool *skip, struct error *err)
{
    bool superseded;
    enum outbox_seen seen = OUTBOX_NEW;
    *skip = false;
    if (supersede(s, row, &superseded, err) != 0)
        return -1;
    if (!superseded && outbox_look(s->outbox, row->hash, row->names, &seen, err) != 0)
        return -1;
    if (s->again) {
        if (seen != OUTBOX_NEW) {
            row->hash = 0;
            memset(row->names, 0, sizeof row->names);
        }
        return 0;
    }
    s->result.repeated += seen == OUTBOX_REPEAT;
    if (seen == OUTBOX_REPEAT && s->options->repeats == REPEATS_ASK)
        s->result.ask = true;
    *skip = s->result.ask || (seen == OUTBOX_REPEAT && s->options->repeats == REPEATS_SKIP);
    return 0;
}

static int take_row(struct submission *s, struct import_row *row, struct error *err)
{
    if (!s->outbox)
        return 0;
    bool skip;
    if (judge_repeat(s, row, &skip, err) != 0)
        return -1;
    if (skip || pack_add(s->pack, row))
        return 0;
    if (submit_batch(s, err) != 0)
        return -1;
    return pack_add(s->pack, row) ? 0 : error_set(err, ERROR_INTERNAL, NULL, "a row fits nowhere");
}

int submit_row(const struct csv_row *row, void *arg, struct error *err)
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
