#include "client/core/import_column.h"

#include "client/core/import_map.h"
#include "client/core/instrument.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"

#define HEADING_MAX 200u /* bytes of a heading that are looked at */
#define SHOWN_MAX   60u  /* characters of one that are shown */

static const char *const fixed[COLUMN_KNOWN] = {
    [COLUMN_ID] = "id",
    [COLUMN_COLLECTED] = "collected_at",
    [COLUMN_COMMENT] = "comment",
    [COLUMN_KIND] = "comment_kind",
};

/* What Indonesian forms call them, and the three of a rejected file. */
static const struct {
    const char *theirs, *ours; /* ours NULL: passed over */
} aliases[] = {
    {"waktu", "collected_at"},
    {"tanggal", "collected_at"},
    {"timestamp", "collected_at"},
    {"stempel_waktu", "collected_at"},
    {"cap_waktu", "collected_at"},
    {"layanan", "service"},
    {"kanal", "channel"},
    {"jenis_kelamin", "sex"},
    {"umur", "age"},
    {"usia", "age"},
    {"pendidikan", "education"},
    {"pekerjaan", "occupation"},
    {"komentar", "comment"},
    {"line", NULL},
    {"field", NULL},
    {"reason", NULL},
};

const char *import_column_name(const struct import *import, unsigned column)
{
    if (column >= COLUMN_ELEMENT)
        return import->settings.instrument->column[column - COLUMN_ELEMENT];
    if (column >= COLUMN_WORD && column < COLUMN_WORD + WORD_COUNT)
        return rules_word_names[column - COLUMN_WORD];
    return fixed[column];
}

static unsigned column_count(const struct import *import)
{
    return COLUMN_ELEMENT + (unsigned)import->settings.instrument->elements;
}

/* -1: no such column. */
static int find_column(const struct import *import, const char *name)
{
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (strcmp(aliases[i].theirs, name) != 0)
            continue;
        if (!aliases[i].ours)
            return COLUMN_PASSED;
        name = aliases[i].ours;
        break;
    }
    for (unsigned i = 0; i < column_count(import); i++)
        if (strcmp(import_column_name(import, i), name) == 0)
            return (int)i;
    return -1;
}

/* Lower case, and _ for what people put between words: no-break spaces and line ends too. */
static void heading_name(const char *text, size_t size, char out[HEADING_MAX + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < size && n < HEADING_MAX; i++) {
        char c = text[i];
        if (c == '\xC2' && i + 1 < size && text[i + 1] == '\xA0') {
            c = '_';
            i++;
        }
        out[n++] = c >= 'A' && c <= 'Z'       ? (char)(c - 'A' + 'a')
                   : memchr(" -\n\r\t", c, 5) ? '_'
                                              : c;
    }
    out[n] = '\0';
}

static const char *nearest(const struct import *import, const char *text, size_t size)
{
    const char *names[COLUMN_MAX];
    unsigned count = column_count(import);
    for (unsigned i = 0; i < count; i++)
        names[i] = import_column_name(import, i);
    char name[HEADING_MAX + 1];
    heading_name(text, size, name);
    return text_nearest(name, names, count);
}

static int unknown(const struct import *import, const struct csv_field *field, size_t at,
                   struct error *err)
{
    const char *near = nearest(import, field->text, field->size);
    struct buf shown = {0};
    import_show(&shown, field->text, field->size, SHOWN_MAX);
    error_set(err, ERROR_USAGE, "column",
              "column %zu is called \"%s\", which is no column of a survey; %s%s%s"
              "rename it, or say with --map what it is (`theirs = -` leaves it out)",
              at + 1, buf_text(&shown), near ? "did you mean " : "", near ? near : "",
              near ? "? Else " : "");
    buf_release(&shown);
    return -1;
}

static bool same_heading(const char *wanted, const struct csv_field *field)
{
    return strlen(wanted) == field->size && strncasecmp(wanted, field->text, field->size) == 0;
}

/* Our number of a column by its own heading; -1: none. */
static int by_name(const struct import *import, const char *text, size_t size)
{
    char name[HEADING_MAX + 1];
    heading_name(text, size, name);
    int column = find_column(import, name);
    if (column == COLUMN_ID && import->settings.id_column)
        return COLUMN_PASSED; /* another column is the id */
    return column;
}

/* What is this column? -1 and *err: nobody knows. The columns of a rejected file are ours already,
 * also where the map that made them has another meaning for such a name. */
static int judge(const struct import *import, const struct csv_field *field, size_t at,
                 struct error *err)
{
    const struct import_settings *settings = &import->settings;
    if (settings->id_column && same_heading(settings->id_column, field))
        return COLUMN_ID;
    int column = by_name(import, field->text, field->size);
    if (import->corrected && column >= 0)
        return column;
    const char *ours =
        settings->map ? import_map_column(settings->map, at, field->text, field->size) : NULL;
    if (ours && (*ours == '\0' || strcmp(ours, "-") == 0))
        return COLUMN_PASSED;
    if (!ours && field->size == 0 && !field->too_long)
        return COLUMN_UNNAMED;
    if (ours)
        column = by_name(import, ours, strlen(ours));
    if (column >= 0)
        return column;
    if (!ours)
        return unknown(import, field, at, err);
    const struct csv_field mapped = {.text = ours, .size = strlen(ours)};
    return unknown(import, &mapped, at, err);
}

static int set_column(struct import *import, const struct csv_row *row, int column, size_t at,
                      struct error *err)
{
    import->kind[at] = column;
    if (column >= COLUMN_MAX)
        return 0;
    size_t before = import->place[column];
    if (before == NOWHERE) {
        import->place[column] = at;
        return 0;
    }
    struct buf both[2] = {{0}, {0}};
    import_show(&both[0], row->field[before].text, row->field[before].size, SHOWN_MAX);
    import_show(&both[1], row->field[at].text, row->field[at].size, SHOWN_MAX);
    error_set(err, ERROR_USAGE, "column",
              "columns %zu \"%s\" and %zu \"%s\" are both %s; leave one out with --map "
              "(`%s = -`, or `#%zu = -` by its place)",
              before + 1, buf_text(&both[0]), at + 1, buf_text(&both[1]),
              import_column_name(import, (unsigned)column), buf_text(&both[1]), at + 1);
    buf_release(&both[0]);
    buf_release(&both[1]);
    return -1;
}

static int check_map(struct import *import, struct error *err)
{
    const struct import_map *map = import->settings.map;
    if (!map)
        return 0;
    const char *names[COLUMN_MAX];
    unsigned count = column_count(import);
    for (unsigned i = 0; i < count; i++) {
        names[i] = import_column_name(import, i);
        import->mapped[i] = import_map_has(map, names[i]);
    }
    const char *stray = import_map_stray(map, names, count);
    if (!stray)
        return 0;
    const char *near = text_nearest(stray, names, count);
    return error_set(err, ERROR_USAGE, "map",
                     "the map has [values.%.100s], but there is no such column%s%s%s", stray,
                     near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static int check_complete(const struct import *import, struct error *err)
{
    const struct import_settings *settings = &import->settings;
    struct buf missing = {0};
    unsigned count = 0;
    for (unsigned i = 0; i < settings->instrument->elements; i++) {
        if (import->place[COLUMN_ELEMENT + i] != NOWHERE)
            continue;
        buf_printf(&missing, "%s%s", count++ ? ", " : "", settings->instrument->column[i]);
    }
    if (count)
        error_set(err, ERROR_USAGE, settings->instrument->column[0],
                  "the file lacks column%s %s; %s asks for %s to %s", count > 1 ? "s" : "",
                  buf_text(&missing), settings->instrument->code, settings->instrument->column[0],
                  settings->instrument->column[settings->instrument->elements - 1]);
    buf_release(&missing);
    if (count)
        return -1;
    if (settings->id_column && import->place[COLUMN_ID] == NOWHERE)
        return error_set(err, ERROR_USAGE, "id", "the file has no column \"%.100s\" (--id-column)",
                         settings->id_column);
    if (import->place[COLUMN_COLLECTED] == NOWHERE && !import->has_collected)
        return error_set(err, ERROR_USAGE, "collected_at",
                         "the file lacks column collected_at; say with --collected-at when the "
                         "answers were given");
    return 0;
}

/* A rejected file has all three columns of one. Its `id` then is the column of --id-column. */
static void judge_corrected(struct import *import, const struct csv_row *row)
{
    unsigned three = 0;
    bool has_id = false;
    for (size_t i = 0; i < row->count && i < CSV_COUNT_MAX; i++) {
        const struct csv_field *field = &row->field[i];
        three += same_heading("line", field) || same_heading("field", field) ||
                 same_heading("reason", field);
        has_id |= import->settings.id_column && same_heading(import->settings.id_column, field);
    }
    import->corrected = three == 3;
    if (import->corrected && !has_id)
        import->settings.id_column = NULL;
}

/* Is there any heading that somebody meant for Suara? */
static bool none_known(const struct import *import, const struct csv_row *row)
{
    if (import->settings.map)
        return false;
    for (size_t i = 0; i < row->count; i++)
        if (by_name(import, row->field[i].text, row->field[i].size) >= 0 ||
            nearest(import, row->field[i].text, row->field[i].size))
            return false;
    return true;
}

/* Things that only the whole line shows. */
static int check_line(const struct import *import, const struct csv_row *row, struct error *err)
{
    if (row->count > CSV_COUNT_MAX)
        return error_set(err, ERROR_USAGE, "column", "the file has %zu columns; %u are the most",
                         row->count, CSV_COUNT_MAX);
    if (row->count == 1 && row->field[0].size > 0 &&
        memchr(row->field[0].text, '|', row->field[0].size))
        return error_set(err, ERROR_USAGE, "column",
                         "the fields must be separated by comma, semicolon or tab, not by |");
    for (size_t i = 0; i < row->count; i++)
        if (text_check(row->field[i].text, row->field[i].size, CSV_FIELD_MAX) == TEXT_NOT_UTF8)
            return error_set(err, ERROR_USAGE, "column",
                             "the name of column %zu is not valid UTF-8; save the file as "
                             "\"CSV UTF-8\" and try again",
                             i + 1);
    if (none_known(import, row)) {
        struct buf shown = {0};
        import_show(&shown, row->field[0].text, row->field[0].size, SHOWN_MAX);
        error_set(err, ERROR_USAGE, "column",
                  "line %llu must name the columns (%s, ..), but its column 1 is \"%s\"; "
                  "delete the lines above them, or say with --map what the columns are",
                  (unsigned long long)row->line, import->settings.instrument->column[0],
                  buf_text(&shown));
        buf_release(&shown);
        return -1;
    }
    if (import->settings.map && import_map_last(import->settings.map) > row->count)
        return error_set(err, ERROR_USAGE, "map",
                         "the map names column #%zu, but the file has %zu columns",
                         import_map_last(import->settings.map), row->count);
    return 0;
}

/* Empty headings behind the last named one are what spreadsheets leave there. */
static int check_unnamed(struct import *import, const struct csv_row *row, struct error *err)
{
    while (import->columns > 0 && import->kind[import->columns - 1] == COLUMN_UNNAMED)
        import->columns--;
    for (size_t i = 0; i < import->columns; i++) {
        if (import->kind[i] != COLUMN_UNNAMED)
            continue;
        struct buf shown = {0};
        if (i > 0) {
            buf_puts(&shown, ", after \"");
            import_show(&shown, row->field[i - 1].text, row->field[i - 1].size, SHOWN_MAX);
            buf_putc(&shown, '"');
        }
        buf_puts(&shown, i > 0 ? " and before \"" : ", before \"");
        import_show(&shown, row->field[i + 1].text, row->field[i + 1].size, SHOWN_MAX);
        error_set(err, ERROR_USAGE, "column",
                  "column %zu%s\", has no name; name it, or leave it out with --map (`#%zu = -`)",
                  i + 1, shown.failed ? "" : shown.data, i + 1);
        buf_release(&shown);
        return -1;
    }
    return 0;
}

int import_header(struct import *import, const struct csv_row *row, struct error *err)
{
    for (size_t i = 0; i < COLUMN_MAX; i++)
        import->place[i] = NOWHERE;
    import->columns = row->count;
    if (check_map(import, err) != 0)
        return -1;
    judge_corrected(import, row);
    if (check_line(import, row, err) != 0)
        return -1;
    for (size_t i = 0; i < row->count; i++) {
        int column = judge(import, &row->field[i], i, err);
        if (column < 0 || set_column(import, row, column, i, err) != 0)
            return -1;
        if (column == COLUMN_ID)
            import_name_column(import, &row->field[i]);
    }
    if (check_unnamed(import, row, err) != 0)
        return -1;
    return check_complete(import, err);
}
