#include "client/cmd/ask.h"
#include "client/cmd/cmd.h"
#include "client/cmd/commands.h"
#include "client/cmd/output.h"
#include "client/core/layout.h"
#include "client/core/message.h"
#include "client/store/path.h"
#include "client/store/profile.h"
#include "common/arena.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/instrument.h"
#include "common/wire.h"

/* ---- add ----------------------------------------------------------------------------------- */

/* The server checks it too; here a fault is told with the file's name, also without a line. */
static int read_file(const char *path, struct buf *out, struct error *err)
{
    struct arena arena;
    char *text = path_read(path, INSTRUMENT_TEXT_MAX, err);

    if (!text)
        return -1;
    arena_init(&arena, INSTRUMENT_ARENA);
    const struct instrument *instrument = instrument_parse(&arena, text, strlen(text), path, err);
    if (instrument)
        instrument_write(instrument, out);
    arena_release(&arena);
    free(text);
    if (!instrument)
        return -1;
    return out->failed ? error_set(err, ERROR_IO, NULL, MSG_MEMORY) : 0;
}

static int exec_add(struct cmd_call *call)
{
    Suara__V1__Add what = SUARA__V1__ADD__INIT;
    struct profile profile;
    struct buf text = {0};
    struct error err;

    error_clear(&err);
    if (profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    int status = read_file(call->args[0], &text, &err) < 0 ? fail(&err) : CMD_DONE;
    if (status == CMD_DONE) {
        what.what = wire_text("instrument");
        what.document = (ProtobufCBinaryData){.len = text.len, .data = (uint8_t *)text.data};
        status = ask_to_add(&profile, &what);
    }
    buf_release(&text);
    profile_release(&profile);
    return status;
}

const struct cmd cmd_instrument_add = {
    .name = "admin instrument add",
    .usage = "admin instrument add FILE",
    .help = "Add a questionnaire, or replace one that was never used",
    .least = 1,
    .most = 1,
    .options = NULL,
    .exec = exec_add,
};

/* ---- show ---------------------------------------------------------------------------------- */

#define LABELS_SHOWN 6u /* ratings whose labels fit on a line; JSON has all */

static void join_labels(struct buf *out, const struct instrument *in, const char *const *label)
{
    for (unsigned i = 0; label && i < in->scale; i++)
        buf_printf(out, "%s%s", i ? " | " : "", label[i]);
    buf_puts(out, "");
}

static int put_elements(struct layout_rows *rows, const struct instrument *in, bool all,
                        struct error *err)
{
    static const struct layout_column columns[] = {
        {"code", false}, {"name", false}, {"name_en", false}, {"labels", false}};
    int rc = layout_rows_head(rows, columns, sizeof columns / sizeof *columns, err);

    for (unsigned e = 0; rc == 0 && e < in->elements; e++) {
        const struct element *element = &in->element[e];
        struct buf labels = {0};
        join_labels(&labels, in, all || in->scale <= LABELS_SHOWN ? element->label_id : NULL);
        const ProtobufCBinaryData cells[] = {wire_text(element->code), wire_text(element->name_id),
                                             wire_text(element->name_en), wire_text(labels.data)};
        rc = layout_rows_add(rows, cells, sizeof cells / sizeof *cells, err);
        buf_release(&labels);
    }
    return rc;
}

static void put_methods(struct buf *out, const struct instrument *in)
{
    for (size_t i = 0; i < in->methods; i++)
        buf_printf(out, "%s%s %d/%d", i ? ", " : "", in->method[i].name, (int)in->method[i].num,
                   (int)in->method[i].den);
}

static void put_grades(struct buf *out, const struct instrument *in)
{
    for (size_t i = 0; i < in->bounds; i++) {
        const struct grade_bound *b = &in->bound[i];
        buf_printf(out, "%s%s %s %d.%02d - %d.%02d", i ? ", " : "", b->grade, b->quality_id,
                   (int)(b->low / 100), (int)(b->low % 100), (int)(b->high / 100),
                   (int)(b->high % 100));
    }
}

static int lay_out(struct buf *out, const struct instrument *in, const struct layout_style *style,
                   struct error *err)
{
    struct layout_rows rows;
    struct buf methods = {0}, grades = {0};

    layout_rows_init(&rows);
    put_methods(&methods, in);
    put_grades(&grades, in);
    const struct layout_fact facts[] = {
        {.key = "code", .title = "Code", .text = in->code},
        {.key = "version", .title = "Version", .text = in->version},
        {.key = "name", .title = "Name", .text = in->name_id},
        {.key = "name_en", .title = "In English", .text = in->name_en},
        {.key = "scale", .title = "Scale", .kind = FACT_NUMBER, .number = in->scale},
        {.key = "methods", .title = "Weights", .text = methods.data},
        {.key = "grades", .title = "Grades", .text = grades.data},
    };
    int rc = put_elements(&rows, in, style->format == LAYOUT_JSON, err);
    if (rc == 0)
        layout_facts_print(out, facts, sizeof facts / sizeof *facts, &rows, "elements", style);
    layout_rows_release(&rows);
    buf_release(&methods);
    buf_release(&grades);
    return rc;
}

/* The server's text, laid out; style NULL: as it is, after it was checked. */
static int show(struct buf *out, const struct buf *text, const struct layout_style *style,
                struct error *err)
{
    struct arena arena;

    arena_init(&arena, INSTRUMENT_ARENA);
    const struct instrument *in = instrument_parse(&arena, text->data, text->len, NULL, err);
    int rc = in ? 0 : -1;
    if (in && style)
        rc = lay_out(out, in, style, err);
    else if (in)
        instrument_write(in, out);
    arena_release(&arena);
    return rc;
}

static int exec_show(struct cmd_call *call)
{
    const char *format = cmd_value(call, "format");
    bool plain = format && strcmp(format, "ini") == 0;
    struct layout_style style;
    struct profile profile;
    struct buf text = {0}, out = {0};
    struct error err;

    error_clear(&err);
    if ((!plain && output_style(call, false, &style, &err) < 0) ||
        profile_load(call->profile, &profile, &err) < 0)
        return fail(&err);
    struct uplink *uplink = ask_open(&profile, &err);
    int rc = uplink ? ask_instrument(uplink, call->args[0], &text, &err) : -1;
    if (rc == 0)
        rc = show(&out, &text, plain ? NULL : &style, &err);
    int status = rc < 0 ? fail(&err) : output_write(&out);
    uplink_close(&uplink);
    buf_release(&text);
    profile_release(&profile);
    return status;
}

static const struct cmd_option show_options[] = {
    {"format", "FORMAT", "table (default), json, or ini: as a file for `admin instrument add`",
     false},
    {0},
};

const struct cmd cmd_instrument_show = {
    .name = "admin instrument show",
    .usage = "admin instrument show CODE [--format table|json|ini]",
    .help = "A questionnaire with its elements, weights and grades",
    .least = 1,
    .most = 1,
    .options = show_options,
    .exec = exec_show,
};
