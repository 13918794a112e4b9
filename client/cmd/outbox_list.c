#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/outbox_common.h"
#include "client/cmd/output.h"
#include "client/core/layout_stream.h"
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

#define SHOWN 100u   /* of a table, unless --all */
#define PIECE 65536u /* bytes that are written at a time */

/* A table is held whole, for its widths; CSV and JSON go out row by row. */
struct list {
    const struct profile *profile;
    const struct layout_style *style;
    uint64_t most, passed_over; /* rows of the table */
    struct layout_rows rows;
    struct layout_stream stream;
    struct buf out;
    struct error *err;
    bool broken; /* stdout takes no more */
};

static int add_cells(struct list *list, const ProtobufCBinaryData *cells)
{
    if (list->style->format == LAYOUT_TABLE)
        return layout_rows_add(&list->rows, cells, COLUMNS, list->err);
    layout_stream_row(&list->stream, cells, &list->out);
    if (list->out.len < PIECE && !list->out.failed)
        return 0;
    list->broken = output_write(&list->out) != CMD_DONE;
    return list->broken ? -1 : 0;
}

static int add_item(const struct outbox_item *item, void *arg)
{
    struct list *list = arg;
    char seq[24], count[16], saved[40], settled[40], line[16], stored[16], duplicates[16],
        refused[16];
    ProtobufCBinaryData cells[COLUMNS];

    if (list->style->format == LAYOUT_TABLE && list->rows.count >= list->most) {
        list->passed_over++;
        return 0;
    }
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
    return add_cells(list, cells);
}

/* Which states: what still wants something, or the one that is named. */
static int read_states(const struct cmd_call *call, bool states[3], struct error *err)
{
    states[OUTBOX_WAITING] = states[OUTBOX_REJECTED] = true;
    states[OUTBOX_SENT] = false;
    if (!cmd_flag(call, "state"))
        return 0;
    int choice = cmd_choice(call, "state", outbox_states, "", err);
    for (int i = 0; i < 3; i++)
        states[i] = i == choice;
    return choice < 0 ? -1 : 0;
}

static int read_items(struct list *list, struct outbox *outbox, const bool states[3])
{
    int rc = layout_rows_head(&list->rows, columns, COLUMNS, list->err);

    for (int i = 0; i < 3 && rc == 0 && outbox; i++)
        if (states[i])
            rc = outbox_each(outbox, (enum outbox_state)i, add_item, list, list->err);
    return rc < 0 || list->err->code != ERROR_NONE || list->broken ? -1 : 0;
}

static int finish(const struct cmd_call *call, struct list *list)
{
    if (list->style->format != LAYOUT_TABLE)
        layout_stream_end(&list->stream, &list->out);
    else if (list->rows.count == 0)
        buf_puts(&list->out, cmd_flag(call, "state") ? MSG_NO_ROWS "\n" : MSG_OUTBOX_EMPTY "\n");
    else
        layout_rows_print(&list->out, &list->rows, list->style);
    if (list->passed_over > 0)
        buf_printf(&list->out, MSG_MORE_ROWS "\n", list->passed_over);
    return output_write(&list->out);
}

static int exec(struct cmd_call *call)
{
    struct layout_style style;
    struct profile profile;
    struct outbox *outbox = NULL;
    struct error err;
    bool states[3];
    struct list list = {
        .profile = &profile,
        .style = &style,
        .most = cmd_flag(call, "all") ? UINT64_MAX : SHOWN,
        .err = &err,
    };

    error_clear(&err);
    if (output_style(call, true, &style, &err) < 0 || read_states(call, states, &err) < 0 ||
        outbox_peek_of(call, &profile, &outbox, &err) < 0)
        return fail(&err);
    list.stream =
        (struct layout_stream){.format = style.format, .columns = columns, .column_count = COLUMNS};
    layout_rows_init(&list.rows);
    int status = read_items(&list, outbox, states) == 0 ? finish(call, &list)
                 : list.broken                          ? CMD_NOT_SAVED
                                                        : fail(&err);
    buf_release(&list.out);
    layout_rows_release(&list.rows);
    outbox_close(&outbox);
    profile_release(&profile);
    return status;
}

static const struct cmd_option options[] = {
    {"state", "STATE", "waiting, sent or rejected (default: waiting and rejected)", false},
    {"all", NULL, "the whole table, not only its first 100 rows", false},
    {"format", "FORMAT", "table (default), csv or json", false},
    {0},
};

const struct cmd cmd_outbox_list = {
    .name = "outbox list",
    .usage = "outbox list [--state waiting|sent|rejected] [--all] [--format table|csv|json]",
    .help = "What waits, what was sent, what was rejected and why",
    .options = options,
    .exec = exec,
};
