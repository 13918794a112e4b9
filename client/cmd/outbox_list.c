#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/outbox_common.h"
#include "client/cmd/output.h"
#include "client/core/message.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/wire.h"

static const struct layout_column columns[] = {
    {"seq", true},    {"state", false},     {"count", true},   {"saved", false}, {"settled", false},
    {"stored", true}, {"duplicates", true}, {"refused", true}, {"line", true},   {"status", false},
    {"field", false}, {"reason", false},    {"file", false},   {"note", false},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

struct list {
    const struct profile *profile;
    struct layout_rows *rows;
    struct error *err;
};

static int add_item(const struct outbox_item *item, void *arg)
{
    struct list *list = arg;
    char seq[24], count[16], saved[40], settled[40], line[16], stored[16], duplicates[16],
        refused[16];
    ProtobufCBinaryData cells[COLUMNS];

    snprintf(seq, sizeof seq, "%" PRId64, item->seq);
    snprintf(count, sizeof count, "%" PRIu32, item->count);
    snprintf(line, sizeof line, "%" PRIu32, item->line);
    snprintf(stored, sizeof stored, "%" PRIu32, item->stored);
    snprintf(duplicates, sizeof duplicates, "%" PRIu32, item->duplicates);
    snprintf(refused, sizeof refused, "%" PRIu32, item->refused);
    outbox_time(list->profile, item->saved_ms, saved);
    outbox_time(list->profile, item->settled_ms, settled);
    bool sent = item->state == OUTBOX_SENT;
    const char *const text[COLUMNS] = {
        seq,
        outbox_states[item->state],
        count,
        saved,
        settled,
        sent ? stored : NULL,
        sent ? duplicates : NULL,
        sent ? refused : NULL,
        item->line ? line : NULL,
        item->status,
        item->field,
        item->reason,
        item->file,
        item->note,
    };
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = wire_text(text[i]);
    return layout_rows_add(list->rows, cells, COLUMNS, list->err);
}

static int collect(const struct cmd_call *call, struct layout_rows *rows, struct error *err)
{
    struct profile profile;
    struct list mine = {.profile = &profile, .rows = rows, .err = err}, *list = &mine;
    struct outbox *outbox = NULL;
    bool states[3] = {true, false, true}; /* what still wants something */
    int rc = 0;

    if (cmd_flag(call, "state")) {
        int choice = cmd_choice(call, "state", outbox_states, "", list->err);
        if (choice < 0)
            return -1;
        for (int i = 0; i < 3; i++)
            states[i] = i == choice;
    }
    if (outbox_of(call, &profile, &outbox, list->err) < 0)
        return -1;
    rc = layout_rows_head(rows, columns, COLUMNS, err);
    for (int i = 0; i < 3 && rc == 0; i++)
        if (states[i])
            rc = outbox_each(outbox, (enum outbox_state)i, add_item, list, list->err);
    outbox_close(&outbox);
    profile_release(&profile);
    return rc < 0 || list->err->code != ERROR_NONE ? -1 : 0;
}

static int exec(struct cmd_call *call)
{
    struct layout_style style;
    struct layout_rows rows;
    struct error err;
    struct buf out = {0};
    int status;

    error_clear(&err);
    if (output_style(call, true, &style, &err) < 0)
        return fail(&err, false);
    layout_rows_init(&rows);
    if (collect(call, &rows, &err) < 0) {
        status = fail(&err, true);
    } else {
        layout_rows_print(&out, &rows, &style);
        status = output_write(&out);
    }
    layout_rows_release(&rows);
    return status;
}

static const struct cmd_option options[] = {
    {"state", "STATE", "waiting, sent or rejected (default: waiting and rejected)", false},
    {"format", "FORMAT", "table (default), csv or json", false},
    {0},
};

const struct cmd cmd_outbox_list = {
    .name = "outbox list",
    .usage = "outbox list [--state waiting|sent|rejected] [--format table|csv|json]",
    .help = "What waits, what was sent, what was rejected and why",
    .options = options,
    .exec = exec,
};
