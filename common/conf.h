/*
 * Configuration files (INI, read with inih) from one table of options: each option has a range, a
 * default, a help line, and says whether a reload may change it. The manual page is checked
 * against the same table.
 */
#ifndef SUARA_COMMON_CONF_H
#define SUARA_COMMON_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct error;

enum conf_type {
    CONF_COUNT,    /* int64_t: a whole number */
    CONF_SIZE,     /* int64_t: bytes; 64K 1M 2G (powers of 1024) */
    CONF_DURATION, /* int64_t: ms; 500ms 10s 2m 1h */
    CONF_TEXT,     /* char *: as it stands */
    CONF_PATH,     /* char *: ${NAME} is replaced from the environment (unset: an error) */
    CONF_CHOICE,   /* int64_t: index in `choices` */
};

struct conf_option {
    const char *section, *name;
    enum conf_type type;
    size_t offset;              /* of the member in the settings struct */
    int64_t least, most;        /* COUNT, SIZE, DURATION: in the unit of the type */
    const char *standard;       /* default, as it would be written; NULL: must be given */
    const char *const *choices; /* CHOICE: NULL-terminated */
    bool reloadable;
    const char *help; /* one line */
};

/*
 * The file as inih reads it: [section], name = value, comments behind ; or # at the start of a line
 * and behind " ;" in it, no more than 198 bytes on a line (more is an error), indentation ignored.
 *
 * Fills `settings` with the defaults, then with what the file says. path NULL: defaults only. On an
 * error (-1) *err names file, line, and what to do: an unknown section or option with the nearest
 * known one, a value out of range with the range, an option given twice. What was filled is then
 * released. The strings in settings are malloc'd: release with conf_release.
 */
int conf_load(const struct conf_option *table, size_t count, void *settings, const char *path,
              struct error *err) __attribute__((warn_unused_result));

void conf_release(const struct conf_option *table, size_t count, void *settings);

/* "section.name" of the first option that differs and may not change in a reload; NULL: none. */
const char *conf_fixed_change(const struct conf_option *table, size_t count,
                              const void *old_settings, const void *new_settings, char name[64]);

/* The table as a commented example file. */
void conf_print(const struct conf_option *table, size_t count, FILE *out);

#endif
