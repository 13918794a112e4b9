#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/outbox_common.h"
#include "client/cmd/output.h"
#include "client/core/layout_batch.h"
#include "client/core/message.h"
#include "client/core/pack_part.h"
#include "client/store/instruments.h"
#include "common/buf.h"
#include "common/error.h"

struct show {
    const struct profile *profile;
    const struct layout_style *style;
    struct instruments *instruments;
    int64_t seq;
    bool found;
    struct buf out;
    struct error *err;
};

static struct layout_fact text(const char *key, const char *title, const char *value)
{
    return (struct layout_fact){
        .key = key, .title = title, .text = value && value[0] ? value : NULL};
}

static struct layout_fact number(const char *key, const char *title, int64_t value)
{
    return (struct layout_fact){.key = key, .title = title, .kind = FACT_NUMBER, .number = value};
}

static void lay_out(struct show *show, const struct outbox_item *item, struct layout_rows *rows)
{
    char id[UUID_TEXT], saved[40], settled[40];
    struct layout_fact fact[16];
    size_t n = 0;

    uuid_format(&item->id, id);
    outbox_time(show->profile, item->saved_ms, saved);
    outbox_time(show->profile, item->settled_ms, settled);
    fact[n++] = number("seq", "Number", item->seq);
    fact[n++] = text("state", "State", outbox_states[item->state]);
    fact[n++] = text("id", item->state == OUTBOX_REJECTED ? "Response" : "Batch", id);
    fact[n++] = text("file", "File", item->file);
    if (item->state == OUTBOX_REJECTED) {
        fact[n++] = number("line", "Line", item->line);
        fact[n++] = text("status", "Status", item->status);
        fact[n++] = text("field", "Field", item->field);
        fact[n++] = text("reason", "Reason", item->reason);
    }
    fact[n++] = number("count", "Responses", item->count);
    fact[n++] = text("saved", "Saved", saved);
    fact[n++] = text("settled", "Receipt", settled);
    if (item->state == OUTBOX_SENT) {
        fact[n++] = number("stored", "Stored", item->stored);
        fact[n++] = number("duplicates", "Duplicates", item->duplicates);
        fact[n++] = number("refused", "Rejected", item->refused);
    }
    fact[n++] = text("note", "Last error", item->note);
    layout_facts_print(&show->out, fact, n, rows, "responses", show->style);
}

/* NULL: not known here; the ratings are numbered then. */
static const struct instrument *instrument_of(struct show *show, const struct outbox_item *item)
{
    struct pack_view *view = pack_view_open(item->payload, item->size, NULL);
    const char *code = view ? pack_view_instrument(view) : NULL;
    const struct instrument *found =
        code && show->instruments ? instruments_find(show->instruments, code, NULL) : NULL;

    pack_view_close(&view);
    return found;
}

static int show_item(const struct outbox_item *item, void *arg)
{
    struct show *show = arg;
    struct layout_rows rows;
    bool held = item->payload != NULL;

    if (item->seq != show->seq)
        return 0;
    show->found = true;
    layout_rows_init(&rows);
    if (!held || layout_batch(&rows, item->payload, item->size, instrument_of(show, item),
                              show->profile->zone, show->err) == 0)
        lay_out(show, item, held ? &rows : NULL);
    layout_rows_release(&rows);
    return 1;
}

/* A number names one thing of each kind: what is mended by number comes first. */
static int look(struct show *show, struct outbox *outbox, int only)
{
    static const enum outbox_state order[] = {OUTBOX_REJECTED, OUTBOX_WAITING, OUTBOX_SENT};

    for (size_t i = 0; i < 3 && outbox && !show->found; i++) {
        if (only >= 0 && (int)order[i] != only)
            continue;
        if (outbox_each(outbox, order[i], show_item, show, show->err) < 0 ||
            show->err->code != ERROR_NONE)
            return -1;
    }
    if (!show->found)
        return error_set(show->err, ERROR_USAGE, NULL, MSG_NO_ITEM, show->seq);
    return 0;
}

static int exec(struct cmd_call *call)
{
    struct layout_style style;
    struct profile profile;
    struct outbox *outbox = NULL;
    struct error err;
    int status, only = -1;

    error_clear(&err);
    struct show show = {.profile = &profile, .style = &style, .err = &err};
    if (output_style(call, false, &style, &err) < 0 ||
        (cmd_flag(call, "state") &&
         (only = cmd_choice(call, "state", outbox_states, "", &err)) < 0) ||
        cmd_seq(call->args[0], &show.seq, &err) < 0 ||
        outbox_peek_of(call, &profile, &outbox, &err) < 0)
        return fail(&err);
    show.instruments = instruments_open(&profile);
    if (look(&show, outbox, only) < 0) {
        status = fail(&err);
        buf_release(&show.out);
    } else {
        status = output_write(&show.out);
    }
    instruments_close(&show.instruments);
    outbox_close(&outbox);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"state", "STATE", "waiting, sent or rejected, where a number names several", false},
    {"format", "FORMAT", "table (default) or json", false},
    {0},
};

const struct cmd cmd_outbox_show = {
    .name = "outbox show",
    .usage = "outbox show SEQ [--state waiting|sent|rejected] [--format table|json]",
    .help = "One item of the outbox, with its responses",
    .least = 1,
    .most = 1,
    .options = options,
    .exec = exec,
};
