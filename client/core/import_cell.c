#include "client/core/import_column.h"

#include "client/core/import_map.h"
#include "client/core/instrument.h"
#include "common/error.h"
#include "common/text.h"
#include <stdarg.h>

#define CELL_SHOWN 40u /* characters of a cell in a reason */

void import_show(struct buf *out, const char *text, size_t size, size_t most)
{
    size_t end = 0, characters = 0;
    for (; end < size; end++) {
        bool first = ((unsigned char)text[end] & 0xC0) != 0x80;
        if (first && characters++ == most)
            break;
    }
    text_escape(out, text, end);
    buf_puts(out, end < size ? ".." : "");
}

bool import_fault(struct import *import, struct rules_fault *fault, const char *field,
                  const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    buf_clear(&import->reason);
    buf_puts(&import->reason, text);
    fault->field = field;
    fault->reason = import->reason.failed ? "is wrong" : import->reason.data;
    return false;
}

bool import_fault_shown(struct import *import, struct rules_fault *fault, const char *field,
                        const struct import_word *value, const char *reason)
{
    struct buf *out = &import->reason;
    buf_clear(out);
    buf_putc(out, '"');
    import_show(out, value->text, value->size, CELL_SHOWN);
    buf_printf(out, "\" %s", reason);
    fault->field = field;
    fault->reason = out->failed ? "is wrong" : out->data; /* the caller's may not last */
    return false;
}

/* ---- one cell ------------------------------------------------------------------------------- */

uint8_t import_rating(const struct import_word *value)
{
    if (value->size == 1 && *value->text >= '0' && *value->text <= '9')
        return *value->text == '0' ? UINT8_MAX : (uint8_t)(*value->text - '0');
    if (value->size == 2 && *value->text >= '1' && *value->text <= '9' && value->text[1] >= '0' &&
        value->text[1] <= '9')
        return (uint8_t)((*value->text - '0') * 10 + (value->text[1] - '0'));
    if (value->size == 3 && memcmp(value->text, "100", 3) == 0)
        return 100;
    return value->size == 0 ? 0 : UINT8_MAX;
}

/* A map may turn a scale round: what was mapped once must not be a second time. */
static bool is_ours(const struct import *import, unsigned column, const struct import_word *value)
{
    return import->corrected && column >= COLUMN_ELEMENT && value->size > 0 &&
           import_rating(value) <= import->settings.instrument->scale;
}

static struct import_word as_ours(const struct import *import, unsigned column,
                                  const struct csv_field *field)
{
    struct import_word value = {field->text, field->size};
    while (value.size > 0 && (*value.text == ' ' || *value.text == '\t')) {
        value.text++;
        value.size--;
    }
    while (value.size > 0 && memchr(" \t\r\n", value.text[value.size - 1], 4))
        value.size--;
    if (import->corrected && text_csv_guarded(value.text, value.size)) {
        value.text++;
        value.size--;
    }
    if (!import->mapped[column] || is_ours(import, column, &value))
        return value;
    const char *ours = import_map_value(import->settings.map, import_column_name(import, column),
                                        value.text, value.size);
    return ours ? (struct import_word){ours, strlen(ours)} : value;
}

struct import_word import_cell(const struct import *import, const struct csv_row *row,
                               unsigned column)
{
    size_t at = import->place[column];
    return at < row->count ? as_ours(import, column, &row->field[at]) : (struct import_word){"", 0};
}

/* ---- the shape of a row -----------------------------------------------------------------------
 */

static const char *field_name(const struct import *import, size_t at)
{
    bool ours = at < import->columns && import->kind[at] < COLUMN_MAX;
    return ours ? import_column_name(import, (unsigned)import->kind[at]) : "row";
}

/* Does a line inside a field look like a row of this file? 2: it has all the ratings, so it is one;
 * 1: it has as many delimiters as the header; 0: no. */
static int looks_like_row(const struct import *import, const char *at, const char *end,
                          char delimiter)
{
    unsigned good = 0;
    size_t cells = 0;
    for (bool more = true; more; cells++) {
        const char *stop = memchr(at, delimiter, (size_t)(end - at));
        more = stop != NULL;
        const struct csv_field field = {.text = at, .size = (size_t)((more ? stop : end) - at)};
        int kind = cells < import->columns ? import->kind[cells] : COLUMN_PASSED;
        if (kind >= COLUMN_ELEMENT && kind < COLUMN_MAX) {
            struct import_word value = as_ours(import, (unsigned)kind, &field);
            uint8_t rating = import_rating(&value);
            good += rating >= 1 && rating <= import->settings.instrument->scale;
        }
        at = more ? stop + 1 : end;
    }
    if (good == import->settings.instrument->elements)
        return 2;
    return cells >= import->columns ? 1 : 0;
}

/* A closing quote that is missing makes a text of the rows that follow. */
static bool check_swallowed(struct import *import, const struct csv_row *row, size_t at,
                            struct rules_fault *fault, bool *whole)
{
    const struct csv_field *field = &row->field[at];
    const char *end = field->text + field->size, *next = field->text;
    unsigned long long line = row->line;
    while ((next = memchr(next, '\n', (size_t)(end - next))) != NULL) {
        next++;
        const char *stop = memchr(next, '\n', (size_t)(end - next));
        int like = looks_like_row(import, next, stop ? stop : end, row->delimiter);
        if (like > 0) {
            *whole = like == 2;
            return import_fault(import, fault, field_name(import, at),
                                "holds what looks like more rows: is a quote (\") missing on line "
                                "%llu?",
                                line);
        }
        line++;
    }
    return true;
}

/* As many cells as headings; empty ones too many do no harm, and are what spreadsheets add. */
static bool check_count(struct import *import, const struct csv_row *row, struct rules_fault *fault)
{
    bool more = row->count > CSV_COUNT_MAX;
    for (size_t i = import->columns; i < row->count && !more; i++)
        more = row->field[i].size > 0 || row->field[i].too_long;
    if (!more && row->count >= import->columns)
        return true;
    const char *delimiter = row->delimiter == ';'    ? "semicolon"
                            : row->delimiter == '\t' ? "tab"
                                                     : "comma";
    if (more)
        return import_fault(import, fault, "row",
                            "has %zu fields where the header has %zu: is a %s in a text without "
                            "quotes?",
                            row->count, import->columns, delimiter);
    return import_fault(import, fault, "row", "has %zu fields where the header has %zu", row->count,
                        import->columns);
}

bool import_check_shape(struct import *import, const struct csv_row *row, struct rules_fault *fault,
                        bool *whole)
{
    *whole = false;
    for (size_t i = 0; i < row->count && i < CSV_COUNT_MAX; i++)
        if (row->field[i].size > import->columns && !check_swallowed(import, row, i, fault, whole))
            return false;
    if (!check_count(import, row, fault))
        return false;
    for (size_t i = 0; i < import->columns; i++)
        if (row->field[i].too_long)
            return import_fault(import, fault, field_name(import, i),
                                "is longer than 65536 bytes: is a quote (\") missing on line %llu?",
                                (unsigned long long)row->line);
    return true;
}

/* ---- the canonical columns, for rejected rows ----------------------------------------------- */

/* Elements first, as people write it. */
static unsigned in_order(unsigned position, unsigned elements)
{
    return position < elements ? COLUMN_ELEMENT + position : position - elements;
}

void import_canonical_header(const struct instrument *instrument, struct buf *out)
{
    const struct import import = {.settings = {.instrument = instrument}};
    for (unsigned i = 0; i < COLUMN_ELEMENT + (unsigned)instrument->elements; i++)
        buf_printf(out, "%s%s", i ? "," : "",
                   import_column_name(&import, in_order(i, instrument->elements)));
}

static const char *filling(const struct import *import, unsigned column)
{
    if (column == COLUMN_COLLECTED)
        return import->settings.collected_at;
    return column >= COLUMN_WORD && column < COLUMN_WORD + WORD_COUNT
               ? import->settings.word[column - COLUMN_WORD]
               : NULL;
}

void import_canonical_row(const struct import *import, const struct csv_row *row, struct buf *out)
{
    const unsigned elements = import->settings.instrument->elements;
    for (unsigned i = 0; i < COLUMN_ELEMENT + elements; i++) {
        const unsigned column = in_order(i, elements);
        struct import_word value = import_cell(import, row, column);
        const char *filled = value.size == 0 ? filling(import, column) : NULL;
        if (filled)
            value = (struct import_word){filled, strlen(filled)};
        if (i)
            buf_putc(out, ',');
        text_csv_field(out, value.text, value.size);
    }
}
