#include "common/arena.h"
#include "common/error.h"
#include "common/instrument_private.h"
#include "common/text.h"
#include <ini.h>
#include <stdarg.h>

#define LINE_MAX_BYTES 1000

bool draft_fault(struct draft *d, int line, const char *field, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (d->failed)
        return false;
    d->failed = true;
    if (line && d->path)
        error_set(d->err, ERROR_INVALID, field, "%s:%d: %s", d->path, line, text);
    else if (line)
        error_set(d->err, ERROR_INVALID, field, "line %d: %s", line, text);
    else
        error_set(d->err, ERROR_INVALID, field, "%s%s%s", d->path ? d->path : "",
                  d->path ? ": " : "", text);
    return false;
}

/* inih tells its handler nothing of a section without keys, so sections are opened here. */
static bool look_for_section(struct draft *d, const char *line)
{
    line += strspn(line, " \t");
    size_t size = strcspn(line, "]");
    if (*line != '[' || line[size] != ']')
        return true; /* a [ without ] is inih's to refuse */
    char title[sizeof d->title];
    if (size > sizeof title)
        return draft_fault(d, d->line, NULL,
                           "there is no such section; known are [instrument], "
                           "[method], [element CODE] and [grade NAME]");
    snprintf(title, sizeof title, "%.*s", (int)size - 1, line + 1);
    if (line[size + 1 + strspn(line + size + 1, " \t")] != '\0')
        return draft_fault(d, d->line, title, "behind [%s] the line must end", title);
    return draft_open(d, title);
}

/* The lines are cut out, checked and counted here, as in common/conf.c. */
static char *read_line(char *out, int size, void *stream)
{
    struct draft *d = stream;
    if (d->failed || d->at == d->end)
        return NULL;
    const char *stop = memchr(d->at, '\n', (size_t)(d->end - d->at));
    size_t length = (size_t)((stop ? stop : d->end) - d->at);
    const char *line = d->at;
    d->at += length + (stop != NULL);
    d->line++;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    enum text_fault fault = text_check(line, length, LINE_MAX_BYTES);
    if (fault == TEXT_TOO_LONG || length + 2 > (size_t)size) {
        draft_fault(d, d->line, NULL, "the line is too long: at most %d bytes are read",
                    LINE_MAX_BYTES);
        return NULL;
    }
    if (fault != TEXT_OK) {
        draft_fault(d, d->line, NULL, "the line %s; save the file as plain UTF-8 text",
                    text_fault_reason(fault));
        return NULL;
    }
    memcpy(out, line, length);
    out[length] = '\0';
    if (!look_for_section(d, out))
        return NULL;
    out[length] = '\n';
    out[length + 1] = '\0';
    return out;
}

static int take_key(void *user, const char *section, const char *name, const char *value)
{
    (void)section; /* cut at 49 bytes; ours is whole */
    return draft_key(user, name, value) ? 1 : 0;
}

/* inih's settings are global: what they were is put back. */
static void read_text(struct draft *d)
{
    const bool multiline = ini_allow_multiline, stop = ini_stop_on_first_error,
               comments = ini_allow_inline_comments, stack = ini_use_stack;
    const int longest = ini_max_line, first = ini_initial_alloc;
    ini_allow_multiline = false;
    ini_stop_on_first_error = true;
    ini_allow_inline_comments = false; /* a ; is a part of a label */
    ini_use_stack = false;
    ini_max_line = ini_initial_alloc = LINE_MAX_BYTES + 3;
    int wrong = ini_parse_stream(read_line, d, take_key, d);
    if (wrong == -2)
        draft_fault(d, 0, NULL, "memory ran out");
    else if (wrong != 0)
        draft_fault(d, d->line, NULL, "this is neither [section] nor name = value");
    ini_allow_multiline = multiline;
    ini_stop_on_first_error = stop;
    ini_allow_inline_comments = comments;
    ini_use_stack = stack;
    ini_max_line = longest;
    ini_initial_alloc = first;
}

/* Moves it from the draft into the arena. */
static const struct instrument *keep(struct draft *d)
{
    struct instrument *in = arena_alloc(d->arena, sizeof *in);
    struct element *element = arena_alloc(d->arena, d->in.elements * sizeof *element);
    if (!in || !element)
        return NULL;
    memcpy(element, d->element, d->in.elements * sizeof *element);
    *in = d->in;
    in->element = element;
    in->column = d->column;
    return in;
}

const struct instrument *instrument_parse(struct arena *arena, const void *text, size_t size,
                                          const char *path, struct error *err)
{
    static const char bom[] = "\xEF\xBB\xBF";
    const struct instrument *made = NULL;
    if (size > INSTRUMENT_TEXT_MAX) {
        error_set(err, ERROR_TOO_LARGE, "document", "%s%sthe questionnaire has over %u bytes",
                  path ? path : "", path ? ": " : "", INSTRUMENT_TEXT_MAX);
        return NULL;
    }
    struct draft *d = calloc(1, sizeof *d);
    const char **column = arena_alloc(arena, INSTRUMENT_ELEMENTS_MAX * sizeof *column);
    if (d && column) {
        d->arena = arena;
        d->err = err;
        d->path = path;
        d->column = column;
        d->at = text;
        d->end = d->at ? d->at + size : d->at;
        if (size >= 3 && memcmp(d->at, bom, 3) == 0)
            d->at += 3;
        read_text(d);
        if (!d->failed && draft_finish(d))
            made = keep(d);
    }
    if (!made && (!d || !d->failed))
        error_set(err, ERROR_UNAVAILABLE, NULL, "memory ran out");
    free(d);
    return made;
}
