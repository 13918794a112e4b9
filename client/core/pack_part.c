#include "client/core/pack_part.h"

#include "client/core/kept.h"
#include "client/core/pack.h"
#include "common/arena.h"
#include "common/error.h"
#include "common/text.h"
#include "common/wire.h"

struct pack_view {
    struct arena arena;
    const Suara__V1__SubmitBatch *batch;
};

static int broken(struct error *err)
{
    return error_set(err, ERROR_INTERNAL, NULL, "a batch in the outbox is damaged");
}

struct pack_view *pack_view_open(const void *payload, size_t size, struct error *err)
{
    struct pack_view *view = calloc(1, sizeof *view);
    if (!view) {
        error_set(err, ERROR_IO, NULL, "memory ran out");
        return NULL;
    }
    view->batch = kept_open(payload, size, &view->arena, err);
    if (!view->batch)
        pack_view_close(&view);
    return view;
}

void pack_view_close(struct pack_view **view)
{
    if (!*view)
        return;
    arena_release(&(*view)->arena);
    free(*view);
    *view = NULL;
}

uint32_t pack_view_count(const struct pack_view *view)
{
    return (uint32_t)view->batch->n_response;
}

const char *pack_view_instrument(struct pack_view *view)
{
    const ProtobufCBinaryData *code = &view->batch->instrument;
    return arena_strndup(&view->arena, code->len ? code->data : (const uint8_t *)"", code->len);
}

int pack_view_row(struct pack_view *view, uint32_t index, struct import_row *out, struct error *err)
{
    if (index >= view->batch->n_response)
        return broken(err);
    const Suara__V1__Response *from = view->batch->response[index];
    *out =
        (struct import_row){.collected = from->collected, .comment_kind = (int)from->comment_kind};
    if (from->id.len != sizeof out->id.byte || from->ratings.len > sizeof out->ratings)
        return broken(err);
    memcpy(out->id.byte, from->id.data, sizeof out->id.byte);
    if (from->ratings.len > 0)
        memcpy(out->ratings, from->ratings.data, from->ratings.len);
    out->elements = (unsigned)from->ratings.len;
    out->comment = (struct import_word){(const char *)from->comment.data, from->comment.len};
    const uint32_t word[WORD_COUNT] = {from->service,     from->channel,   from->stakeholder,
                                       from->perspective, from->sex,       from->age,
                                       from->education,   from->occupation};
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        if (word[i] > view->batch->n_word)
            return broken(err);
        if (word[i] == 0)
            continue;
        const ProtobufCBinaryData *text = &view->batch->word[word[i] - 1];
        out->word[i] = (struct import_word){(const char *)text->data, text->len};
    }
    return 0;
}

static int copy_rows(struct pack_view *view, uint32_t from, uint32_t count, struct pack *pack,
                     struct error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        struct import_row row;
        if (pack_view_row(view, from + i, &row, err) != 0)
            return -1;
        if (!pack_add(pack, &row))
            return error_set(err, ERROR_TOO_LARGE, NULL, "a part of a batch is too large");
    }
    return 0;
}

int pack_part(struct pack_view *view, uint32_t from, uint32_t count, const struct uuid *batch,
              struct buf *out, struct error *err)
{
    const char *instrument = pack_view_instrument(view);
    struct pack *pack = instrument && count ? pack_new(instrument, count) : NULL;
    if (!pack)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    int status = copy_rows(view, from, count, pack, err);
    const struct buf *whole = status == 0 ? pack_finish(pack, batch) : NULL;
    buf_clear(out);
    if (whole)
        buf_add(out, whole->data, whole->len);
    if (status == 0 && (!whole || out->failed))
        status = error_set(err, ERROR_IO, NULL, "memory ran out");
    pack_free(&pack);
    return status;
}

void pack_canonical_row(const struct import_row *row, enum zone zone, struct buf *out)
{
    for (unsigned i = 0; i < row->elements; i++)
        buf_printf(out, "%s%u", i ? "," : "", row->ratings[i]);
    char id[UUID_TEXT], time[40];
    uuid_format(&row->id, id);
    civil_format_ms((int64_t)row->collected, zone, time);
    buf_printf(out, ",%s,%s", id, time);
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        buf_putc(out, ',');
        text_csv_field(out, row->word[i].text, row->word[i].size);
    }
    buf_putc(out, ',');
    text_csv_field(out, row->comment.text, row->comment.size);
    buf_printf(out, ",%s", import_comment_kind_name(row->comment_kind));
}
