/*
 * The file of --map: what a form calls its columns and answers, and what Suara calls them:
 *
 *   [columns]
 *   Waktu pengisian = collected_at
 *   Nama petugas = -                  ; left out
 *   #12 = comment                     ; the twelfth column, whatever its heading
 *   [values.u1]                       ; by our name of the column
 *   Sangat sesuai = 4
 *
 * A line is split at its last " = " (or, where there is none, at its last "="), so that headings
 * may hold `=`, `:`, `[` and `;`. A section is a whole line of its form. Lines that begin with `;`,
 * or with `#` and no number, are comments; so is what follows " ;" on the right side. Case and
 * spaces (no-break ones too) do not matter on the left side.
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

/* Our name of their column at a place (from 0), "-" to leave it out, NULL when the map does not
 * name it. A place (`#3`) goes before a heading. */
const char *import_map_column(const struct import_map *map, size_t place, const char *theirs,
                              size_t size);

/* Our value for theirs in a column (ours); NULL: as it stands. */
const char *import_map_value(const struct import_map *map, const char *column, const char *theirs,
                             size_t size);

/* Does the map name values of this column? */
bool import_map_has(const struct import_map *map, const char *column);

/* The first [values.COLUMN] whose column is in none of the names; NULL: all are. */
const char *import_map_stray(const struct import_map *map, const char *const *names, size_t count);

/* The highest place (from 1) that the map names; 0: none. */
size_t import_map_last(const struct import_map *map);

#endif
