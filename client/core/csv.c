#include "client/core/csv.h"

#include "common/buf.h"
#include "common/error.h"
#include <csv.h>

#define PART_MAX CSV_FIELD_MAX /* longest line that is kept whole before it is parsed */

struct csv_reader {
    csv_row_fn *fn;
    void *arg;
    struct error *err; /* of the call under way */
    struct csv_parser parser;
    struct buf carry; /* a line whose end has not come yet */
    struct buf cells; /* text of the open row, when libcsv reads it */
    size_t offset[CSV_COUNT_MAX];
    struct csv_field field[CSV_COUNT_MAX];
    size_t count;      /* fields of the open row */
    uint64_t line;     /* being read */
    uint64_t row_line; /* where the open row began */
    uint64_t number;
    bool begun;   /* the byte order mark is dealt with */
    bool started; /* the delimiter is known */
    bool open;    /* a row has begun and not ended */
    bool dropped; /* the open field is over the limit, its text is thrown away */
    bool stopped, plain;
};

struct csv_reader *csv_reader_new(csv_row_fn *fn, void *arg)
{
    struct csv_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->fn = fn;
    reader->arg = arg;
    reader->line = 1;
    csv_init(&reader->parser, 0);
    csv_set_blk_size(&reader->parser, 4096);
    return reader;
}

void csv_reader_free(struct csv_reader **reader)
{
    if (!*reader)
        return;
    csv_free(&(*reader)->parser);
    buf_release(&(*reader)->carry);
    buf_release(&(*reader)->cells);
    free(*reader);
    *reader = NULL;
}

void csv_reader_plain(struct csv_reader *reader)
{
    reader->plain = true;
}

static void emit(struct csv_reader *reader)
{
    const struct csv_row row = {
        .line = reader->row_line,
        .number = reader->number++,
        .count = reader->count,
        .field = reader->field,
        .delimiter = (char)reader->parser.delim_char,
    };
    reader->count = 0;
    reader->open = false;
    if (!reader->stopped && reader->fn(&row, reader->arg, reader->err) != 0)
        reader->stopped = true;
}

/* ---- lines with quotes: libcsv -------------------------------------------------------------- */

static void on_field(void *text, size_t size, void *arg)
{
    struct csv_reader *reader = arg;
    size_t at = reader->count++;
    bool too_long =
        reader->dropped || size > CSV_FIELD_MAX || reader->cells.len + size > CSV_ROW_MAX;
    reader->dropped = false;
    if (at >= CSV_COUNT_MAX)
        return;
    reader->field[at] = (struct csv_field){.size = too_long ? 0 : size, .too_long = too_long};
    reader->offset[at] = reader->cells.len;
    if (!too_long)
        buf_add(&reader->cells, text, size);
}

static void on_row(int end, void *arg)
{
    (void)end;
    struct csv_reader *reader = arg;
    size_t kept = reader->count < CSV_COUNT_MAX ? reader->count : CSV_COUNT_MAX;
    for (size_t i = 0; i < kept; i++)
        reader->field[i].text = reader->cells.data ? reader->cells.data + reader->offset[i] : "";
    if (!reader->cells.failed)
        emit(reader);
    reader->cells.len = 0;
}

static int no_memory(struct csv_reader *reader)
{
    return error_set(reader->err, ERROR_IO, NULL, "memory ran out while reading the file");
}

/*
 * libcsv grows its buffer with the field. Its public entry_pos says how far: above the limit the
 * text is forgotten, all but one byte, which is what its states need to take a closing quote back.
 */
static int parse(struct csv_reader *reader, const char *data, size_t size)
{
    if (!reader->open) {
        reader->open = true;
        reader->row_line = reader->line;
    }
    struct csv_parser *parser = &reader->parser;
    if (csv_parse(parser, data, size, on_field, on_row, reader) != size || reader->cells.failed)
        return no_memory(reader);
    if (parser->entry_pos > CSV_FIELD_MAX) {
        reader->dropped = true;
        parser->entry_pos = 1;
        parser->spaces = 0;
    }
    return reader->stopped ? -1 : 0;
}

/* ---- lines without: split in place ---------------------------------------------------------- */

static void split(struct csv_reader *reader, const char *at, const char *end)
{
    const char delimiter = (char)reader->parser.delim_char;
    reader->row_line = reader->line;
    for (;;) {
        const char *stop = at;
        while (stop < end && *stop != delimiter)
            stop++;
        const char *next = stop;
        while (at < stop && (*at == ' ' || *at == '\t'))
            at++;
        while (stop > at && (stop[-1] == ' ' || stop[-1] == '\t'))
            stop--;
        if (reader->count < CSV_COUNT_MAX)
            reader->field[reader->count] =
                (struct csv_field){.text = at, .size = (size_t)(stop - at)};
        reader->count++;
        if (next == end)
            break;
        at = next + 1;
    }
    emit(reader);
}

static bool is_blank(const struct csv_reader *reader, const char *at, const char *end)
{
    while (at < end && (*at == ' ' || (*at == '\t' && reader->parser.delim_char != CSV_TAB)))
        at++;
    return at == end;
}

/* ---- the first line ------------------------------------------------------------------------ */

static char most_of(const char *at, const char *end)
{
    size_t comma = 0, semicolon = 0, tab = 0;
    bool quoted = false;
    for (; at < end; at++) {
        quoted ^= *at == '"';
        comma += !quoted && *at == ',';
        semicolon += !quoted && *at == ';';
        tab += !quoted && *at == '\t';
    }
    if (semicolon > comma && semicolon >= tab)
        return ';';
    return tab > comma ? '\t' : ',';
}

/* True when the line was no row but a setting (spreadsheets write `sep=;`) or blank. */
static bool start(struct csv_reader *reader, const char *at, const char *end)
{
    if (is_blank(reader, at, end))
        return true;
    reader->started = true;
    if (end - at == 5 && memcmp(at, "sep=", 4) == 0) {
        csv_set_delim(&reader->parser, (unsigned char)at[4]);
        return true;
    }
    if (reader->parser.delim_char == CSV_COMMA)
        csv_set_delim(&reader->parser, (unsigned char)most_of(at, end));
    return false;
}

/* ---- lines --------------------------------------------------------------------------------- */

/* One whole line, with its end if it has one; or the rest of one that was too long to keep. */
static int take_line(struct csv_reader *reader, const char *data, size_t size)
{
    const char *end = data + size;
    while (end > data && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    int status = 0;
    if (!reader->open && !reader->started && start(reader, data, end))
        ;
    else if (!reader->open && is_blank(reader, data, end))
        ;
    else if (!reader->open && !reader->plain && !memchr(data, '"', size))
        split(reader, data, end);
    else
        status = parse(reader, data, size);
    reader->line++;
    return reader->stopped ? -1 : status;
}

/* Length of the first line of data with its end; 0: the end is not here (a CR may become CRLF). */
static size_t line_length(const char *data, size_t size)
{
    const char *feed = memchr(data, '\n', size);
    const char *cr = memchr(data, '\r', feed ? (size_t)(feed - data) : size);
    if (!cr)
        return feed ? (size_t)(feed - data) + 1 : 0;
    if (feed == cr + 1)
        return (size_t)(feed - data) + 1;
    return cr == data + size - 1 ? 0 : (size_t)(cr - data) + 1;
}

static int add_carry(struct csv_reader *reader, const char *data, size_t size)
{
    buf_add(&reader->carry, data, size);
    return reader->carry.failed ? no_memory(reader) : 0;
}

static int take_carry(struct csv_reader *reader)
{
    int status = take_line(reader, reader->carry.data, reader->carry.len);
    buf_clear(&reader->carry);
    return status;
}

/* What has no end yet is kept; what is longer than a field may be goes to libcsv as it comes. */
static int keep(struct csv_reader *reader, const char *data, size_t size)
{
    struct buf *carry = &reader->carry;
    while (size > 0) {
        size_t n = size < PART_MAX / 4 ? size : PART_MAX / 4;
        if (add_carry(reader, data, n) != 0)
            return -1;
        data += n;
        size -= n;
        if (carry->len <= PART_MAX || carry->data[carry->len - 1] == '\r')
            continue;
        bool spaces = !reader->started && start(reader, carry->data, carry->data + carry->len);
        if (!spaces && parse(reader, carry->data, carry->len) != 0)
            return -1;
        buf_clear(carry);
    }
    return 0;
}

static int take(struct csv_reader *reader, const char *data, size_t size)
{
    if (reader->carry.len > 0 && reader->carry.data[reader->carry.len - 1] == '\r' && size > 0) {
        size_t n = *data == '\n' ? 1 : 0; /* the other half of a CRLF */
        if (add_carry(reader, data, n) != 0 || take_carry(reader) != 0)
            return -1;
        data += n;
        size -= n;
    }
    while (size > 0) {
        size_t n = line_length(data, size);
        if (n == 0)
            return keep(reader, data, size);
        if (reader->carry.len > 0 || n > PART_MAX) {
            if (keep(reader, data, n) != 0 || take_carry(reader) != 0)
                return -1;
        } else if (take_line(reader, data, n) != 0) {
            return -1;
        }
        data += n;
        size -= n;
    }
    return 0;
}

/* The first three bytes decide about the byte order mark: they wait for each other in `carry`. */
static int begin(struct csv_reader *reader, const char **data, size_t *size)
{
    struct buf *carry = &reader->carry;
    size_t n = 3 - carry->len < *size ? 3 - carry->len : *size;
    if (add_carry(reader, *data, n) != 0)
        return -1;
    *data += n;
    *size -= n;
    if (carry->len >= 2 &&
        (memcmp(carry->data, "\xFF\xFE", 2) == 0 || memcmp(carry->data, "\xFE\xFF", 2) == 0))
        return error_set(reader->err, ERROR_USAGE, NULL,
                         "this is UTF-16; save the file as \"CSV UTF-8\" and try again");
    if (carry->len < 3)
        return 0;
    char head[3];
    memcpy(head, carry->data, sizeof head);
    buf_clear(carry);
    reader->begun = true;
    return memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 0 : take(reader, head, sizeof head);
}

int csv_reader_feed(struct csv_reader *reader, const char *data, size_t size, struct error *err)
{
    reader->err = err;
    if (reader->stopped)
        return error_set(err, ERROR_INTERNAL, NULL, "the file is read no further");
    if (!reader->begun && begin(reader, &data, &size) != 0)
        return -1;
    return take(reader, data, size);
}

int csv_reader_finish(struct csv_reader *reader, struct error *err)
{
    reader->err = err;
    if (reader->stopped)
        return error_set(err, ERROR_INTERNAL, NULL, "the file is read no further");
    if (!reader->begun) {
        char head[3];
        size_t n = reader->carry.len;
        if (n > 0)
            memcpy(head, reader->carry.data, n);
        buf_clear(&reader->carry);
        if (take(reader, head, n) != 0)
            return -1;
    }
    if (reader->carry.len > 0 && take_carry(reader) != 0)
        return -1;
    if (!reader->open)
        return 0;
    csv_set_opts(&reader->parser, CSV_STRICT | CSV_STRICT_FINI);
    if (csv_fini(&reader->parser, on_field, on_row, reader) != 0)
        return error_set(err, ERROR_USAGE, NULL,
                         "line %llu: a row begins here with a quote (\") that is never closed",
                         (unsigned long long)reader->row_line);
    return reader->stopped ? -1 : 0;
}
