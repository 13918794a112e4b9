/*
 * The file of --map: what a form calls its columns and answers, and what Suara calls them. INI:
 *
 *   [columns]
 *   Waktu pengisian = collected_at
 *   Nama petugas = -                  ; left out
 *   [values.u1]                       ; by our name of the column
 *   Sangat sesuai = 4
 *
 * Case and spaces do not matter on the left side. A name may hold a colon, not an equals sign.
 */
#ifndef SUARA_CLIENT_CORE_IMPORT_MAP_H
#define SUARA_CLIENT_CORE_IMPORT_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct import_map;

/* text is the file, zero-terminated; name is for the error (USAGE: file, line, what is wrong). */
struct import_map *import_map_parse(const char *text, const char *name, struct error *err);
void import_map_free(struct import_map **map);

/* Our name of their column, "-" to leave it out, NULL when the map does not name it. */
const char *import_map_column(const struct import_map *map, const char *theirs, size_t size);

/* Our value for theirs in a column (ours); NULL: as it stands. */
const char *import_map_value(const struct import_map *map, const char *column, const char *theirs,
                             size_t size);

/* Does the map name values of this column? */
bool import_map_has(const struct import_map *map, const char *column);

/* The first [values.COLUMN] whose column is in none of the names; NULL: all are. */
const char *import_map_stray(const struct import_map *map, const char *const *names, size_t count);

#endif
