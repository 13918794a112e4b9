#include "common/conf.h"

#include "common/conf_value.h"
#include "common/error.h"
#include "common/text.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>

#define CONF_OPTIONS_MAX 256u

/* One run over a file. */
struct loading {
    const struct conf_option *table;
    size_t count;
    void *settings;
    const char *path;
    struct error *err;
    FILE *file;
    int line_number, section_line;
    bool failed;
    int given[CONF_OPTIONS_MAX]; /* line on which each option was given; 0: not */
};

__attribute__((format(printf, 4, 5))) static int fail(struct loading *load, int line,
                                                      const char *field, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!load->failed)
        error_set(load->err, ERROR_USAGE, field, "%s:%d: %s", load->path, line, text);
    load->failed = true;
    return 0;
}

/*
 * inih reads into a buffer of ini_max_line bytes and cuts longer lines without a word; its build
 * in Debian gives no line numbers to the handler either. So the lines are read, checked and
 * counted here.
 */
static char *read_line(char *out, int size, void *stream)
{
    struct loading *load = stream;
    int len = 0, c = 0;
    errno = 0;
    while (len < size - 1 && c != '\n' && (c = getc(load->file)) != EOF) {
        if (c == '\0') {
            fail(load, load->line_number + 1, NULL, "the line contains a zero byte");
            return NULL;
        }
        out[len++] = (char)c;
    }
    if (ferror(load->file)) {
        fail(load, load->line_number + 1, NULL, "cannot be read: %s", strerror(errno));
        return NULL;
    }
    if (len == 0)
        return NULL;
    out[len] = '\0';
    load->line_number++;
    if (c != '\n' && c != EOF && getc(load->file) != EOF) {
        fail(load, load->line_number, NULL, "the line is too long: at most %d bytes are read",
             size - 2);
        return NULL;
    }
    if (out[strspn(out, " \t")] == '[')
        load->section_line = load->line_number;
    return out;
}

/* "; did you mean 'x'?" or nothing. quotes: '' or [] */
static void suggest(const char *word, const char *const *known, size_t count, const char *quotes,
                    char out[96])
{
    const char *nearest = text_nearest(word, known, count);
    if (nearest)
        snprintf(out, 96, "; did you mean %c%s%c?", quotes[0], nearest, quotes[1]);
    else
        out[0] = '\0';
}

/* Why there is no such option. */
static int fail_unknown(struct loading *load, const char *section, const char *name)
{
    const char *sections[CONF_OPTIONS_MAX], *names[CONF_OPTIONS_MAX], *elsewhere = NULL;
    size_t in_section = 0;
    for (size_t i = 0; i < load->count; i++) {
        sections[i] = load->table[i].section;
        if (strcmp(sections[i], section) == 0)
            names[in_section++] = load->table[i].name;
        else if (strcmp(load->table[i].name, name) == 0 && !elsewhere)
            elsewhere = sections[i];
    }
    char hint[96];
    if (in_section == 0 && section[0] == '\0')
        return fail(load, load->line_number, name, "'%s' stands before the first [section]", name);
    if (in_section == 0) {
        suggest(section, sections, load->count, "[]", hint);
        return fail(load, load->section_line, section, "there is no section [%s]%s", section, hint);
    }
    suggest(name, names, in_section, "''", hint);
    if (hint[0] == '\0' && elsewhere)
        snprintf(hint, sizeof hint, "; it belongs to [%s]", elsewhere);
    return fail(load, load->line_number, name, "there is no option '%s' in [%s]%s", name, section,
                hint);
}

static void full_name(const struct conf_option *option, char out[64])
{
    snprintf(out, 64, "%s%s%s", option->section, option->section[0] ? "." : "", option->name);
}

static int take_option(void *user, const char *section, const char *name, const char *value)
{
    struct loading *load = user;
    for (size_t i = 0; i < load->count; i++) {
        const struct conf_option *option = &load->table[i];
        if (strcmp(option->section, section) != 0 || strcmp(option->name, name) != 0)
            continue;
        char field[64], why[256];
        full_name(option, field);
        if (load->given[i])
            return fail(load, load->line_number, field, "'%s' was given already on line %d", name,
                        load->given[i]);
        load->given[i] = load->line_number;
        if (conf_value_set(option, load->settings, value, why))
            return 1;
        return fail(load, load->line_number, field, "'%s = %s': %s", name, value, why);
    }
    return fail_unknown(load, section, name);
}

static int read_file(struct loading *load)
{
    load->file = fopen(load->path, "re");
    if (!load->file)
        return error_set(load->err, ERROR_USAGE, NULL, "%s: cannot be read: %s", load->path,
                         strerror(errno));
    /* With the standard settings an indented option would be taken as more of the one before. */
    ini_allow_multiline = false;
    ini_stop_on_first_error = true;
    int wrong = ini_parse_stream(read_line, load, take_option, load);
    if (wrong != 0)
        fail(load, wrong > 0 ? wrong : load->line_number, NULL,
             "neither [section] nor name = value");
    fclose(load->file);
    return load->failed ? -1 : 0;
}

/* Whatever the memory held before: conf_release must find nothing in it. */
static void blank(const struct conf_option *table, size_t count, void *settings)
{
    for (size_t i = 0; i < count; i++) {
        if (conf_value_is_text(&table[i]))
            *conf_value_text(&table[i], settings) = NULL;
        else
            *conf_value_number(&table[i], settings) = 0;
    }
}

/* Defaults come last, for what the file left out: its value may not need, say, a ${NAME}. */
static int fill_rest(struct loading *load)
{
    for (size_t i = 0; i < load->count; i++) {
        const struct conf_option *option = &load->table[i];
        if (load->given[i])
            continue;
        char field[64], why[256];
        full_name(option, field);
        if (!option->standard)
            return error_set(load->err, ERROR_USAGE, field, "%s: '%s' in [%s] must be given",
                             load->path ? load->path : "settings", option->name, option->section);
        if (!conf_value_set(option, load->settings, option->standard, why))
            return error_set(load->err, ERROR_USAGE, field, "the default of '%s' in [%s] %s",
                             option->name, option->section, why);
    }
    return 0;
}

int conf_load(const struct conf_option *table, size_t count, void *settings, const char *path,
              struct error *err)
{
    struct loading load = {
        .table = table, .count = count, .settings = settings, .path = path, .err = err};
    blank(table, count, settings);
    if (count > CONF_OPTIONS_MAX)
        return error_set(err, ERROR_INTERNAL, NULL, "the table of options is too long");
    if ((path && read_file(&load) != 0) || fill_rest(&load) != 0) {
        conf_release(table, count, settings);
        return -1;
    }
    return 0;
}

void conf_release(const struct conf_option *table, size_t count, void *settings)
{
    for (size_t i = 0; i < count; i++) {
        if (!conf_value_is_text(&table[i]))
            continue;
        char **text = conf_value_text(&table[i], settings);
        free(*text);
        *text = NULL;
    }
}
