#include "client/core/import_map.h"

#include "common/buf.h"
#include "common/error.h"
#include <uthash.h>

#define PLACE_MAX 100000u

struct entry { /* key: section '\n' folded left side; of a section alone: section '\n' */
    char *ours;
    UT_hash_handle hh;
    size_t size;
    char key[];
};

struct import_map {
    struct entry *entries;
    size_t last; /* place that is named */
    bool failed; /* memory */
};

/* ASCII letters to lower case, spaces out, no-break ones (which spreadsheets put in) too: people
 * retype headings with other spaces. */
static void fold(struct buf *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        if (c == '\xC2' && i + 1 < size && text[i + 1] == '\xA0') {
            i++;
            continue;
        }
        buf_putc(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

static struct entry *find(const struct import_map *map, const char *section, const char *theirs,
                          size_t size)
{
    struct buf key = {0};
    fold(&key, section, strlen(section));
    buf_putc(&key, '\n');
    fold(&key, theirs, size);
    struct entry *entry = NULL;
    if (!key.failed)
        HASH_FIND(hh, map->entries, key.data, key.len, entry);
    buf_release(&key);
    return entry;
}

static bool put(struct import_map *map, const char *section, const char *theirs, size_t size,
                const char *ours, size_t ours_size)
{
    struct buf key = {0};
    fold(&key, section, strlen(section));
    buf_putc(&key, '\n');
    fold(&key, theirs, size);
    struct entry *entry = key.failed ? NULL : calloc(1, sizeof *entry + key.len + 1);
    if (entry)
        entry->ours = strndup(ours, ours_size);
    if (!entry || !entry->ours) {
        map->failed = true;
        free(entry);
        buf_release(&key);
        return false;
    }
    entry->size = key.len;
    memcpy(entry->key, key.data, key.len + 1);
    HASH_ADD_KEYPTR(hh, map->entries, entry->key, entry->size, entry);
    buf_release(&key);
    return true;
}

/* ---- lines ---------------------------------------------------------------------------------- */

struct line {
    const char *at;
    size_t size;
};

static struct line trim(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    return (struct line){at, (size_t)(end - at)};
}

/* [columns] or [values.COLUMN], and nothing else on the line: a heading may begin with `[`. */
static bool is_section(struct line line, char section[80])
{
    if (line.size < 3 || line.size > 80 || line.at[0] != '[' || line.at[line.size - 1] != ']')
        return false;
    size_t n = line.size - 2;
    bool columns = n == 7 && memcmp(line.at + 1, "columns", 7) == 0;
    bool values = n > 7 && memcmp(line.at + 1, "values.", 7) == 0;
    if (!columns && !values)
        return false;
    memcpy(section, line.at + 1, n);
    section[n] = '\0';
    return true;
}

/* `#3`: the column at that place. 0: no such. */
static size_t place_of(struct line left)
{
    size_t place = 0, i = 1;
    if (left.size < 2 || left.at[0] != '#')
        return 0;
    for (; i < left.size && left.at[i] >= '0' && left.at[i] <= '9' && place < PLACE_MAX; i++)
        place = place * 10 + (size_t)(left.at[i] - '0');
    return i == left.size ? place : 0;
}

static const char *last_equals(struct line line)
{
    const char *plain = NULL;
    for (const char *at = line.at + line.size; at-- > line.at;) {
        if (*at != '=')
            continue;
        bool spaced = at > line.at && (at[-1] == ' ' || at[-1] == '\t') &&
                      (at + 1 == line.at + line.size || at[1] == ' ' || at[1] == '\t');
        if (spaced)
            return at;
        plain = plain ? plain : at;
    }
    return plain;
}

/* What follows " ;" on the right side is a comment. */
static struct line without_comment(struct line right)
{
    for (size_t i = 0; i < right.size; i++)
        if (right.at[i] == ';' && (i == 0 || right.at[i - 1] == ' ' || right.at[i - 1] == '\t'))
            return trim(right.at, right.at + i);
    return right;
}

/* False: it is no such line, or says something a second time. */
static bool take_line(struct import_map *map, struct line line, char section[80])
{
    if (line.size == 0 || line.at[0] == ';')
        return true;
    if (is_section(line, section))
        return true;
    const char *equals = last_equals(line);
    struct line left = equals ? trim(line.at, equals) : line;
    size_t place = place_of(left);
    if (line.at[0] == '#' && place == 0 && left.size > 1)
        return true;
    if (!equals || left.size == 0 || section[0] == '\0')
        return false;
    struct line right = without_comment(trim(equals + 1, line.at + line.size));
    if (place > map->last && section[0] == 'c')
        map->last = place;
    if (find(map, section, left.at, left.size) ||
        !put(map, section, left.at, left.size, right.at, right.size))
        return false;
    if (find(map, section, "", 0))
        return true;
    const char *column = section + (section[0] == 'v' ? 7 : 0);
    return put(map, section, "", 0, column, strlen(column));
}

/* The number of the first line that is wrong; 0: none. */
static int take_lines(struct import_map *map, const char *text)
{
    char section[80] = "";
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    for (int number = 1; *text; number++) {
        size_t n = strcspn(text, "\n");
        if (!take_line(map, trim(text, text + n), section))
            return number;
        text += n + (text[n] == '\n');
    }
    return 0;
}

struct import_map *import_map_parse(const char *text, const char *name, struct error *err)
{
    struct import_map *map = calloc(1, sizeof *map);
    if (!map) {
        error_set(err, ERROR_IO, NULL, "memory ran out");
        return NULL;
    }
    int line = take_lines(map, text);
    if (line == 0)
        return map;
    if (map->failed)
        error_set(err, ERROR_IO, NULL, "memory ran out while reading %.200s", name);
    else
        error_set(err, ERROR_USAGE, "map",
                  "%.200s:%d: expected `theirs = ours`, each of theirs once, under [columns] or "
                  "[values.COLUMN]",
                  name, line);
    import_map_free(&map);
    return NULL;
}

void import_map_free(struct import_map **map)
{
    if (!*map)
        return;
    struct entry *entry, *next;
    HASH_ITER (hh, (*map)->entries, entry, next) {
        HASH_DEL((*map)->entries, entry);
        free(entry->ours);
        free(entry);
    }
    free(*map);
    *map = NULL;
}

const char *import_map_column(const struct import_map *map, size_t place, const char *theirs,
                              size_t size)
{
    char number[24];
    const struct entry *entry = NULL;
    if (place < map->last) {
        int n = snprintf(number, sizeof number, "#%zu", place + 1);
        entry = find(map, "columns", number, (size_t)n);
    }
    if (!entry && size > 0)
        entry = find(map, "columns", theirs, size);
    return entry ? entry->ours : NULL;
}

size_t import_map_last(const struct import_map *map)
{
    return map->last;
}

static const struct entry *in_values(const struct import_map *map, const char *column,
                                     const char *theirs, size_t size)
{
    struct buf section = {0};
    buf_printf(&section, "values.%s", column);
    const struct entry *entry = section.failed ? NULL : find(map, section.data, theirs, size);
    buf_release(&section);
    return entry;
}

const char *import_map_value(const struct import_map *map, const char *column, const char *theirs,
                             size_t size)
{
    const struct entry *entry = size ? in_values(map, column, theirs, size) : NULL;
    return entry ? entry->ours : NULL;
}

bool import_map_has(const struct import_map *map, const char *column)
{
    return in_values(map, column, "", 0) != NULL;
}

const char *import_map_stray(const struct import_map *map, const char *const *names, size_t count)
{
    for (const struct entry *entry = map->entries; entry; entry = entry->hh.next) {
        if (entry->key[entry->size - 1] != '\n' || entry->key[0] != 'v')
            continue;
        size_t i = 0;
        while (i < count && strcasecmp(names[i], entry->ours) != 0)
            i++;
        if (i == count)
            return entry->ours;
    }
    return NULL;
}
