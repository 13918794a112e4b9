#include "client/core/import.h"

#include "client/core/import_column.h"
#include "client/core/import_map.h"
#include "client/core/instrument.h"
#include "common/digest.h"
#include "common/error.h"

#define TIME_MAX    63u      /* bytes of a time as it is written */
#define AHEAD_MS    86400000 /* clocks of offices are hours off; the daemon judges by its own */
#define SCALE_SPELT 10u      /* up to so many, the ratings are named one by one */

#define MONTH_FIRST "has the month first; write day/month/year or 2019-06-30"

static const char *const kinds[] = {"", "input", "suggestion", "complaint", "praise"};

int import_comment_kind(const char *text, size_t size)
{
    for (int i = 1; i <= 4; i++)
        if (strlen(kinds[i]) == size && strncasecmp(kinds[i], text, size) == 0)
            return i;
    return 0;
}

const char *import_comment_kind_name(int kind)
{
    return kind >= 1 && kind <= 4 ? kinds[kind] : "";
}

/* ---- settings ------------------------------------------------------------------------------- */

#define NO_ZONE                                                                                    \
    "the time zone of the office is not known yet; run `suara status` once while the line is up, " \
    "or write times with their offset (+07:00)"

static int take_settings(struct import *import, struct error *err)
{
    const struct import_settings *settings = &import->settings;
    for (unsigned i = 0; i < WORD_COUNT; i++)
        if (settings->word[i] && !import_word_fits((enum rules_word)i, settings->word[i], err))
            return -1;
    const char *at = settings->collected_at;
    if (!at)
        return 0;
    import->has_collected = civil_parse_time(at, settings->zone, &import->collected);
    if (import->has_collected)
        return 0;
    if (settings->zone == ZONE_NONE && civil_needs_zone(at))
        return error_set(err, ERROR_USAGE, "collected_at", NO_ZONE);
    if (civil_month_first(at))
        return error_set(err, ERROR_USAGE, "collected_at", "--collected-at %.60s " MONTH_FIRST, at);
    return error_set(err, ERROR_USAGE, "collected_at",
                     "--collected-at %.100s is not a time; write it as 2023-07-13 or "
                     "\"2023-07-13 14:05\"",
                     at);
}

struct import *import_new(const struct import_settings *settings, struct error *err)
{
    struct import *import = calloc(1, sizeof *import);
    if (import)
        import->digest = digest_new();
    if (!import || !import->digest) {
        error_set(err, ERROR_IO, NULL, "memory ran out");
        import_free(&import);
        return NULL;
    }
    import->settings = *settings;
    import->rules = (struct rules){
        .elements = settings->instrument->elements,
        .scale = settings->instrument->scale,
        .codes = settings->instrument->column,
        .now_ms = settings->now_ms,
        .skew_ms = AHEAD_MS,
    };
    if (take_settings(import, err) != 0)
        import_free(&import);
    return import;
}

void import_free(struct import **import)
{
    if (!*import)
        return;
    digest_free(&(*import)->digest);
    buf_release(&(*import)->text);
    buf_release(&(*import)->reason);
    free(*import);
    *import = NULL;
}

/* ---- comments ------------------------------------------------------------------------------- */

/* Forms on Windows end the lines of a comment with CR LF; the protocol has no CR in a text. */
static struct import_word plain_lines(struct buf *out, struct import_word text)
{
    if (text.size == 0 || !memchr(text.text, '\r', text.size))
        return text;
    buf_clear(out);
    for (size_t i = 0; i < text.size; i++) {
        bool pair = text.text[i] == '\r' && i + 1 < text.size && text.text[i + 1] == '\n';
        if (!pair)
            buf_putc(out, text.text[i] == '\r' ? '\n' : text.text[i]);
    }
    return out->failed ? text : (struct import_word){out->data, out->len};
}

static bool take_comment(struct import *import, const struct csv_row *row, struct import_row *out,
                         struct rules_fault *fault)
{
    out->comment = plain_lines(&import->text, import_cell(import, row, COLUMN_COMMENT));
    struct import_word kind = import_cell(import, row, COLUMN_KIND);
    out->comment_kind = kind.size ? import_comment_kind(kind.text, kind.size) : 0;
    if (kind.size && !out->comment_kind)
        return import_fault_shown(import, fault, "comment_kind", &kind,
                                  "is not input, suggestion, complaint or praise");
    if (out->comment.size && !kind.size)
        out->comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_INPUT;
    /* Forms have the kind filled in also where nothing was written. */
    if (!out->comment.size)
        out->comment_kind = SUARA__V1__COMMENT_KIND__COMMENT_NONE;
    return true;
}

/* ---- times ---------------------------------------------------------------------------------- */

enum time_status { TIME_OWN, TIME_FILLED, TIME_WRONG, TIME_ZONE, TIME_MONTH_FIRST };

/* Before 1970 there is no number for it: any that is before 2000 gets the same answer. */
static uint64_t unsigned_ms(int64_t ms)
{
    return ms > 0 ? (uint64_t)ms : 1;
}

static enum time_status take_time(const struct import *import, const struct csv_row *row,
                                  struct import_row *out)
{
    struct import_word value = import_cell(import, row, COLUMN_COLLECTED);
    if (value.size == 0) {
        out->collected = import->has_collected ? unsigned_ms(import->collected) : 0;
        return TIME_FILLED; /* or 0, which rules_check calls missing */
    }
    char text[TIME_MAX + 1];
    int64_t ms;
    if (value.size > TIME_MAX || memchr(value.text, '\0', value.size))
        return TIME_WRONG;
    memcpy(text, value.text, value.size);
    text[value.size] = '\0';
    if (civil_parse_time(text, import->settings.zone, &ms)) {
        out->collected = unsigned_ms(ms);
        return TIME_OWN;
    }
    if (civil_month_first(text))
        return TIME_MONTH_FIRST;
    if (import->settings.zone == ZONE_NONE && civil_needs_zone(text))
        return TIME_ZONE;
    return TIME_WRONG;
}

static enum import_status refuse_time(struct import *import, const struct csv_row *row,
                                      enum time_status status, struct rules_fault *fault,
                                      struct error *err)
{
    const struct import_word value = import_cell(import, row, COLUMN_COLLECTED);
    if (status == TIME_WRONG) {
        import_fault_shown(import, fault, "collected_at", &value,
                           "is not a date and time; write 2023-07-13 14:05 or 13/07/2023 14:05");
        return IMPORT_REJECTED;
    }
    /* Dates that can be read either way were read wrongly, too: it is a matter of the file. */
    if (status == TIME_MONTH_FIRST)
        error_set(err, ERROR_USAGE, "collected_at", "%.*s " MONTH_FIRST, (int)value.size,
                  value.text);
    else
        error_set(err, ERROR_USAGE, "collected_at", NO_ZONE);
    return IMPORT_FAILED;
}

/* ---- rules ---------------------------------------------------------------------------------- */

static bool not_in_scale(struct import *import, const struct csv_row *row, unsigned element,
                         struct rules_fault *fault)
{
    const struct import_word value = import_cell(import, row, COLUMN_ELEMENT + element);
    const unsigned scale = import->settings.instrument->scale;
    bool number = value.size > 0;
    for (size_t i = 0; i < value.size; i++)
        number = number && value.text[i] >= '0' && value.text[i] <= '9';
    struct buf reason = {0};
    buf_puts(&reason, "is not ");
    if (scale > SCALE_SPELT)
        buf_printf(&reason, "a whole number from 1 to %u", scale);
    for (unsigned i = 1; i <= scale && scale <= SCALE_SPELT; i++)
        buf_printf(&reason, "%s%u", i == 1 ? "" : i == scale ? " or " : ", ", i);
    buf_puts(&reason, number ? "" : "; a map can say what it means");
    import_fault_shown(import, fault, import->rules.codes[element], &value,
                       reason.failed ? "is not in the scale" : reason.data);
    buf_release(&reason);
    return false;
}

/* The rules know no cells and no clock to show: what a person should see is put in here. */
static bool explain(struct import *import, const struct csv_row *row, const struct import_row *out,
                    struct rules_fault *fault)
{
    char now[40];
    for (unsigned i = 0; i < out->elements; i++)
        if (fault->field == import->rules.codes[i] && out->ratings[i] != 0)
            return not_in_scale(import, row, i, fault);
    if (strcmp(fault->field, "collected_at") == 0 && import->settings.now_ms > 0 &&
        out->collected > (uint64_t)import->settings.now_ms) {
        civil_format_ms(import->settings.now_ms, import->settings.zone, now);
        return import_fault(import, fault, fault->field,
                            "is in the future: this computer's clock says %.10s %.5s", now,
                            now + 11);
    }
    return false;
}

static bool check_rules(struct import *import, const struct csv_row *row, struct import_row *out,
                        struct rules_fault *fault)
{
    Suara__V1__Response response = SUARA__V1__RESPONSE__INIT;
    response.id = (ProtobufCBinaryData){.len = sizeof out->id.byte, .data = out->id.byte};
    response.collected = out->collected;
    response.ratings = (ProtobufCBinaryData){.len = out->elements, .data = out->ratings};
    response.comment = import_view(&out->comment);
    response.comment_kind = (Suara__V1__CommentKind)out->comment_kind;
    return rules_check(&import->rules, &response, fault) || explain(import, row, out, fault);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static bool is_blank(const struct csv_row *row)
{
    for (size_t i = 0; i < row->count && i < CSV_COUNT_MAX; i++)
        if (row->field[i].size > 0 || row->field[i].too_long)
            return false;
    return true;
}

static void fill_words(const struct import *import, struct import_row *row)
{
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        const char *word = import->settings.word[i];
        if (row->word[i].size == 0 && word)
            row->word[i] = (struct import_word){word, strlen(word)};
    }
}

static enum import_status misshapen(const struct rules_fault *fault, bool whole, struct error *err)
{
    if (!whole)
        return IMPORT_REJECTED;
    error_set(err, ERROR_USAGE, "row", "%s %s", fault->field, fault->reason);
    return IMPORT_FAILED;
}

enum import_status import_row(struct import *import, const struct csv_row *row,
                              struct import_row *out, struct rules_fault *fault, struct error *err)
{
    bool whole;
    if (is_blank(row))
        return IMPORT_BLANK;
    out->line = row->line;
    out->elements = import->settings.instrument->elements;
    if (!import_check_shape(import, row, fault, &whole))
        return misshapen(fault, whole, err);
    for (unsigned i = 0; i < out->elements; i++) {
        struct import_word value = import_cell(import, row, COLUMN_ELEMENT + i);
        out->ratings[i] = import_rating(&value);
    }
    enum time_status time = take_time(import, row, out);
    if (time > TIME_FILLED)
        return refuse_time(import, row, time, fault, err);
    if (!import_take_words(import, row, out, fault) || !take_comment(import, row, out, fault))
        return IMPORT_REJECTED;
    if (!import_identify(import, row, out, time == TIME_OWN)) {
        error_set(err, ERROR_IO, NULL, "memory ran out");
        return IMPORT_FAILED;
    }
    if (!check_rules(import, row, out, fault))
        return IMPORT_REJECTED;
    fill_words(import, out);
    return IMPORT_TAKEN;
}
