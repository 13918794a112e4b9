#include "client/core/import_map.h"

#include "common/error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Without it, a table that can't grow ends the program. */
#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) ((element)->lost = true)
#include <uthash.h>

#define PLACE_MAX   100000u
#define SECTION_MAX 80u /* "values." and a code */

struct entry { /* key: section '\n' folded left side; of a section alone: section '\n' */
    char *ours;
    UT_hash_handle hh;
    bool lost; /* memory ran out: it is not in the table */
    size_t size;
    char key[];
};

struct import_map {
    struct entry *entries;
    char *key;      /* room for the key that is looked for: */
    size_t longest; /* no longer one is there */
    size_t last;    /* place that is named */
    bool failed;    /* memory */
};

/* Appends what of a text counts: ASCII letters in lower case, no spaces and no-break spaces (which
 * spreadsheets put in): people retype headings with other spaces. False: there is no room. */
static bool fold(char *out, size_t room, size_t *used, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
        if (c == '\xC2' && i + 1 < size && text[i + 1] == '\xA0') {
            i++;
            continue;
        }
        if (*used == room)
            return false;
        out[(*used)++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return true;
}

static bool make_key(char *out, size_t room, size_t *used, const char *section, const char *theirs,
                     size_t size)
{
    *used = 0;
    if (!fold(out, room, used, section, strlen(section)) || *used == room)
        return false;
    out[(*used)++] = '\n';
    return fold(out, room, used, theirs, size);
}

/* Needs no memory: a value that is not found for want of it would be taken as it is. */
static struct entry *find(const struct import_map *map, const char *section, const char *theirs,
                          size_t size)
{
    struct entry *entry = NULL;
    size_t used;
    if (make_key(map->key, map->longest, &used, section, theirs, size))
        HASH_FIND(hh, map->entries, map->key, used, entry);
    return entry;
}

static bool make_room(struct import_map *map, size_t size)
{
    char *key = size > map->longest ? realloc(map->key, size) : map->key;
    if (!key)
        return false;
    map->key = key;
    map->longest = size > map->longest ? size : map->longest;
    return true;
}

static void free_entry(struct entry *entry)
{
    if (entry)
        free(entry->ours);
    free(entry);
}

static bool put(struct import_map *map, const char *section, const char *theirs, size_t size,
                const char *ours, size_t ours_size)
{
    size_t room = strlen(section) + 1 + size;
    struct entry *entry = calloc(1, sizeof *entry + room);
    if (entry)
        entry->ours = strndup(ours, ours_size);
    if (entry && entry->ours && make_key(entry->key, room, &entry->size, section, theirs, size) &&
        make_room(map, entry->size))
        HASH_ADD_KEYPTR(hh, map->entries, entry->key, entry->size, entry);
    else if (entry)
        entry->lost = true;
    if (entry && !entry->lost)
        return true;
    map->failed = true;
    free_entry(entry);
    return false;
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
static bool is_section(struct line line, char section[SECTION_MAX])
{
    if (line.size < 3 || line.size > SECTION_MAX || line.at[0] != '[' ||
        line.at[line.size - 1] != ']')
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
static bool take_line(struct import_map *map, struct line line, char section[SECTION_MAX])
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
    char section[SECTION_MAX] = "";
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
        free_entry(entry);
    }
    free((*map)->key);
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
    char section[SECTION_MAX];
    snprintf(section, sizeof section, "values.%s", column);
    return find(map, section, theirs, size);
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
