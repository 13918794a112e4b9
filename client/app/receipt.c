#include "client/app/receipt.h"

#include "client/app/rejected.h"
#include "client/app/sync.h"
#include "client/core/message.h"
#include "client/core/pack_part.h"
#include "client/store/instruments.h"
#include "client/store/outbox.h"
#include "client/store/profile.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/text.h"
#include "common/wire.h"

#define REASON_MAX 512u /* bytes of a daemon's sentence that are kept */

/* The refused responses of one batch, being put together. */
struct refusals {
    struct outbox_batch batch; /* as it is in the outbox */
    struct pack_view *view;
    char *file;    /* path, for FILE.rejected.csv */
    uint32_t line; /* of the first refused one: the lines of the batch end with the next call */
    struct outbox_refused *refused;
    size_t count, cap;
    struct buf *text; /* three for each: payload, field, reason */
    struct buf cells, lines;
};

/* ---- is it a receipt for this batch?
 * -------------------------------------------------------------
 */

static const char *status_name(Suara__V1__Verdict__Status status)
{
    switch ((int)status) {
    case SUARA__V1__VERDICT__STATUS__CONFLICT:
        return "CONFLICT";
    case SUARA__V1__VERDICT__STATUS__PERMISSION_DENIED:
        return "PERMISSION_DENIED";
    default: /* INVALID; of a newer daemon: refused, whatever it is called */
        return "INVALID";
    }
}

/* What it says of all but the stored ones. Erased on request is an end, too: nobody can correct it,
 * and nothing of it must be kept. */
struct tally {
    uint64_t duplicates, erased, refused;
};

/* Every response once: stored ones by their number, the others by index. */
static bool accounts(const struct outbox_batch *batch, const Suara__V1__Receipt *receipt,
                     uint8_t *named, struct tally *tally)
{
    uint64_t others = 0;
    *tally = (struct tally){0};
    for (size_t i = 0; i < receipt->n_verdict; i++) {
        const Suara__V1__Verdict *verdict = receipt->verdict[i];
        if (verdict->status == SUARA__V1__VERDICT__STATUS__STORED)
            return false;
        for (size_t k = 0; k < verdict->n_index; k++) {
            uint32_t at = verdict->index[k];
            if (at >= batch->count || named[at])
                return false;
            named[at] = 1;
            others++;
        }
        if (verdict->status == SUARA__V1__VERDICT__STATUS__DUPLICATE)
            tally->duplicates += verdict->n_index;
        else if (verdict->status == SUARA__V1__VERDICT__STATUS__ERASED)
            tally->erased += verdict->n_index;
        else
            tally->refused += verdict->n_index;
    }
    return receipt->stored + others == batch->count &&
           receipt->batch.len == sizeof batch->id.byte &&
           memcmp(receipt->batch.data, batch->id.byte, sizeof batch->id.byte) == 0;
}

/* ---- refused responses ---------------------------------------------------------------------- */

static int open_refusals(struct refusals *r, struct outbox *outbox,
                         const struct outbox_batch *batch, uint64_t count, struct error *err)
{
    int found = outbox_next(outbox, batch->seq - 1, &r->batch, err);
    if (found < 0)
        return -1;
    if (found == 0 || r->batch.seq != batch->seq || count > r->batch.count)
        return error_set(err, ERROR_INTERNAL, NULL, "a batch left the outbox while it was sent");
    r->view = pack_view_open(r->batch.payload, r->batch.size, err);
    if (!r->view)
        return -1;
    const char *path = outbox_file_path(outbox, r->batch.file);
    r->file = path ? strdup(path) : NULL;
    r->cap = (size_t)count;
    r->refused = calloc(r->cap, sizeof *r->refused);
    r->text = calloc(r->cap * 3, sizeof *r->text);
    return r->refused && r->text ? 0 : error_set(err, ERROR_IO, NULL, "memory ran out");
}

static void close_refusals(struct refusals *r)
{
    for (size_t i = 0; r->text && i < r->cap * 3; i++)
        buf_release(&r->text[i]);
    free(r->text);
    free(r->refused);
    free(r->file);
    buf_release(&r->cells);
    buf_release(&r->lines);
    pack_view_close(&r->view);
}

static void keep_text(struct buf *out, const void *text, size_t size)
{
    buf_puts(out, "");
    text_escape(out, text, size < REASON_MAX ? size : REASON_MAX);
}

/* The daemon's words for whoever speaks the protocol say little to a clerk. */
static ProtobufCBinaryData reason_of(const char *status, const ProtobufCBinaryData *reason)
{
    return strcmp(status, "CONFLICT") == 0 ? wire_text(MSG_CONFLICT) : *reason;
}

static int add_refused(struct refusals *r, const struct profile *profile, uint32_t index,
                       const char *status, const ProtobufCBinaryData *field,
                       const ProtobufCBinaryData *words, struct error *err)
{
    const ProtobufCBinaryData reason = reason_of(status, words);
    struct buf *text = &r->text[r->count * 3];
    struct import_row row;
    struct uuid batch;
    uint8_t random[10];
    if (!random_bytes(random, sizeof random))
        return error_set(err, ERROR_INTERNAL, NULL, "no random numbers can be had");
    batch = uuid_v7((uint64_t)clock_wall_ms(), random);
    if (pack_part(r->view, index, 1, &batch, &text[0], err) != 0 ||
        pack_view_row(r->view, index, &row, err) != 0)
        return -1;
    keep_text(&text[1], field->data, field->len);
    keep_text(&text[2], reason.data, reason.len);
    buf_clear(&r->cells);
    pack_canonical_row(&row, profile->zone, &r->cells);
    if (text[1].failed || text[2].failed || r->cells.failed)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    rejected_line(&r->lines, r->batch.lines[index], text[1].data,
                  text[2].len ? text[2].data : status, &r->cells);
    if (r->count == 0)
        r->line = r->batch.lines[index];
    r->refused[r->count++] = (struct outbox_refused){
        .index = index,
        .id = row.id,
        .status = status,
        .field = text[1].data,
        .reason = text[2].data,
        .payload = text[0].data,
        .size = text[0].len,
        .hash = r->batch.hashes ? r->batch.hashes[index] : 0,
    };
    return 0;
}

/* ---- what a person is told of them ----------------------------------------------------------- */

/* A file with the refused ones was written to: the first is named, the others counted. */
static void note_file(struct sync_refused *out, char *path)
{
    if (out->file && strcmp(out->file, path) == 0) {
        free(path);
        return;
    }
    out->files++;
    if (out->file)
        free(path);
    else
        out->file = path;
}

static void note_first(const struct refusals *r, struct sync_refused *out)
{
    const struct outbox_refused *first = &r->refused[0];
    bool known = strcmp(first->status, "CONFLICT") != 0; /* that sentence needs no field */
    const char *reason = *first->reason ? first->reason : first->status;
    if (!out->first[0])
        snprintf(out->first, sizeof out->first, "line %u, %.64s%s%.200s", r->line,
                 known ? first->field : "", known && *first->field ? " " : "", reason);
}

/* The outbox holds them; the file beside the survey, or else beside the outbox, is for the person.
 */
static void write_beside(const struct refusals *r, const struct profile *profile,
                         struct sync_refused *out)
{
    const char *slash = strrchr(profile->outbox, '/');
    char *folder = slash ? strndup(profile->outbox, (size_t)(slash - profile->outbox)) : NULL;
    struct instruments *instruments = instruments_open(profile);
    const char *code = pack_view_instrument(r->view);
    const struct instrument *instrument = NULL;
    char *name = NULL;
    struct error why;
    note_first(r, out);
    error_set(&why, ERROR_IO, NULL, "memory ran out");
    if (instruments && code)
        instrument = instruments_find(instruments, code, &why);
    if (r->file && instrument &&
        rejected_append(r->file, folder, instrument, &r->lines, &name, &why) == 0) {
        note_file(out, name);
    } else if (r->file) {
        free(out->fault);
        out->fault = strdup(why.text);
    }
    instruments_close(&instruments);
    free(folder);
}

static int collect(struct refusals *r, const struct profile *profile,
                   const Suara__V1__Receipt *receipt, struct error *err)
{
    for (size_t i = 0; i < receipt->n_verdict; i++) {
        const Suara__V1__Verdict *verdict = receipt->verdict[i];
        if (verdict->status == SUARA__V1__VERDICT__STATUS__DUPLICATE ||
            verdict->status == SUARA__V1__VERDICT__STATUS__ERASED)
            continue;
        for (size_t k = 0; k < verdict->n_index; k++)
            if (add_refused(r, profile, verdict->index[k], status_name(verdict->status),
                            &verdict->field, &verdict->reason, err) != 0)
                return -1;
    }
    return 0;
}

static int settle(struct outbox *outbox, const struct outbox_batch *batch, uint64_t stored,
                  const struct tally *tally, const struct refusals *r, struct sync_result *out,
                  struct error *err)
{
    const struct outbox_receipt settled = {
        .seq = batch->seq,
        .stored = (uint32_t)stored,
        .duplicates = (uint32_t)tally->duplicates,
        .erased = (uint32_t)tally->erased,
        .refused = r->refused,
        .refused_count = r->count,
        .now_ms = clock_wall_ms(),
    };
    if (outbox_settle(outbox, &settled, err) != 0)
        return -1;
    out->stored += stored;
    out->duplicates += tally->duplicates;
    out->erased += tally->erased;
    out->rejected += r->count;
    return 0;
}

int receipt_take(const struct profile *profile, struct outbox *outbox,
                 const struct outbox_batch *batch, const Suara__V1__Receipt *receipt,
                 struct sync_result *out, struct error *err)
{
    struct tally tally;
    uint8_t *named = calloc(batch->count, 1);
    if (!named)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    bool whole = accounts(batch, receipt, named, &tally);
    free(named);
    if (!whole)
        return error_set(err, ERROR_INTERNAL, NULL,
                         "the daemon's receipt does not account for what was sent; it counts for "
                         "nothing, and the responses wait");
    struct refusals r = {0};
    int status = 0;
    if (tally.refused > 0)
        status = open_refusals(&r, outbox, batch, tally.refused, err);
    if (status == 0 && tally.refused > 0)
        status = collect(&r, profile, receipt, err);
    if (status == 0)
        status = settle(outbox, batch, receipt->stored, &tally, &r, out, err);
    if (status == 0 && tally.refused > 0)
        write_beside(&r, profile, &out->refused);
    close_refusals(&r);
    return status;
}

int receipt_refuse(const struct profile *profile, struct outbox *outbox,
                   const struct outbox_batch *batch, const struct error *why,
                   struct sync_result *out, struct error *err)
{
    struct refusals r = {0};
    const struct tally none = {0};
    const ProtobufCBinaryData field = wire_text(why->field), reason = wire_text(why->text);
    int status = open_refusals(&r, outbox, batch, 1, err);
    if (status == 0)
        status = add_refused(&r, profile, 0, "INVALID", &field, &reason, err);
    if (status == 0)
        status = settle(outbox, batch, 0, &none, &r, out, err);
    if (status == 0)
        write_beside(&r, profile, &out->refused);
    close_refusals(&r);
    return status;
}

int receipt_halve(struct outbox *outbox, const struct outbox_batch *batch, struct error *err)
{
    struct refusals r = {0}; /* only for its view of the batch */
    struct buf half[2] = {{0}, {0}};
    struct outbox_part part[2];
    int status = open_refusals(&r, outbox, batch, 1, err);
    for (uint32_t i = 0, from = 0; i < 2 && status == 0; i++) {
        uint8_t random[10];
        uint32_t count = i ? batch->count - from : batch->count / 2;
        if (!random_bytes(random, sizeof random))
            status = error_set(err, ERROR_INTERNAL, NULL, "no random numbers can be had");
        part[i].id = uuid_v7((uint64_t)clock_wall_ms(), random);
        part[i].count = count;
        if (status == 0)
            status = pack_part(r.view, from, count, &part[i].id, &half[i], err);
        part[i].payload = half[i].data;
        part[i].size = half[i].len;
        from += count;
    }
    if (status == 0)
        status = outbox_split(outbox, batch->seq, part, err);
    buf_release(&half[0]);
    buf_release(&half[1]);
    close_refusals(&r);
    return status;
}
