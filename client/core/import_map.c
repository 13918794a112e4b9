#include "client/core/import_map.h"

#include "common/buf.h"
#include "common/error.h"
#include <ini.h>
#include <uthash.h>

#define LINE_MAX_BYTES 190

struct entry { /* key: section '\n' folded left side; of a section alone: section '\n' */
    char *ours;
    UT_hash_handle hh;
    size_t size;
    char key[];
};

struct import_map {
    struct entry *entries;
    bool failed; /* memory */
};

/* ASCII letters to lower case, spaces out: people retype headings with other spaces. */
static void fold(struct buf *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            continue;
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

static bool put(struct import_map *map, const char *section, const char *theirs, const char *ours)
{
    struct buf key = {0};
    fold(&key, section, strlen(section));
    buf_putc(&key, '\n');
    fold(&key, theirs, strlen(theirs));
    struct entry *entry = key.failed ? NULL : calloc(1, sizeof *entry + key.len + 1);
    if (entry)
        entry->ours = strdup(ours);
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

/* inih splits at the first of = and :, but headings hold colons: put it together again. */
static int on_line(void *arg, const char *section, const char *name, const char *value)
{
    struct import_map *map = arg;
    if (strcmp(section, "columns") != 0 && strncmp(section, "values.", 7) != 0)
        return 0;
    const char *equals = strrchr(value, '=');
    struct buf left = {0};
    buf_puts(&left, name);
    if (equals) {
        buf_putc(&left, ':');
        buf_add(&left, value, (size_t)(equals - value));
        value = equals + 1 + strspn(equals + 1, " \t");
    }
    bool ok = !left.failed && !find(map, section, left.data, left.len) &&
              put(map, section, left.data, value);
    if (ok && !find(map, section, "", 0))
        ok = put(map, section, "", section + (section[0] == 'v' ? 7 : 0));
    buf_release(&left);
    return ok ? 1 : 0;
}

/* inih cuts lines off at 200 bytes: which line is longer? 0: none. */
static int long_line(const char *text)
{
    for (int line = 1; *text; line++) {
        size_t n = strcspn(text, "\n");
        if (n > LINE_MAX_BYTES)
            return line;
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
    int too_long = long_line(text);
    int line = too_long ? too_long : ini_parse_string(text, on_line, map);
    if (line == 0)
        return map;
    if (too_long)
        error_set(err, ERROR_USAGE, "map", "%.200s:%d: the line is longer than %d bytes", name,
                  line, LINE_MAX_BYTES);
    else if (map->failed || line < 0)
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

const char *import_map_column(const struct import_map *map, const char *theirs, size_t size)
{
    const struct entry *entry = size ? find(map, "columns", theirs, size) : NULL;
    return entry ? entry->ours : NULL;
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
