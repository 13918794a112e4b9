#include "common/arena.h"
#include "common/instrument_private.h"
#include "common/text.h"

#define TEXT_CHARACTERS_MAX 200u

/* The place of each key in draft.given. */
enum { KEY_CODE, KEY_VERSION, KEY_NAME, KEY_NAME_EN, KEY_SCALE };
static const char *const instrument_keys[] = {"code", "version", "name", "name_en", "scale"};
#define COUNT(list) (sizeof(list) / sizeof *(list))

const char *draft_keep(struct draft *d, const char *text)
{
    const char *kept = arena_strndup(d->arena, text, strlen(text));
    if (!kept)
        draft_fault(d, 0, NULL, "memory ran out");
    return kept;
}

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

const char *draft_text(struct draft *d, const char *name, const char *value)
{
    if (*value == '\0')
        draft_fault(d, d->line, name, "'%s' is empty: write it behind the =", name);
    else if (characters(value) > TEXT_CHARACTERS_MAX)
        draft_fault(d, d->line, name, "'%s' has over %u characters: shorten it", name,
                    TEXT_CHARACTERS_MAX);
    else
        return draft_keep(d, value);
    return NULL;
}

int draft_place(struct draft *d, const char *const *keys, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i], name) == 0)
            return (int)i;
    const char *near = text_nearest(name, keys, count);
    draft_fault(d, d->line, name, "there is no '%.40s' in [%s]%s%s%s", name, d->title,
                near ? "; did you mean '" : ": take the line out", near ? near : "",
                near ? "'?" : "");
    return -1;
}

bool draft_once(struct draft *d, const char *name, int place)
{
    if (d->given[place])
        return draft_fault(d, d->line, name, "'%s' was given already on line %d: keep one of them",
                           name, d->given[place]);
    d->given[place] = d->line;
    return true;
}

/* ---- [instrument] --------------------------------------------------------------------------- */

static bool take_scale(struct draft *d, const char *value)
{
    unsigned scale = 0;
    size_t digits = strspn(value, "0123456789");
    for (size_t i = 0; i < digits && scale <= INSTRUMENT_SCALE_MAX; i++)
        scale = scale * 10 + (unsigned)(value[i] - '0');
    if (digits == 0 || value[digits] || scale < 2 || scale > INSTRUMENT_SCALE_MAX)
        return draft_fault(d, d->line, "scale",
                           "'scale = %.40s': must be a whole number, 2 to %u: ratings are 1 to it",
                           value, INSTRUMENT_SCALE_MAX);
    d->in.scale = (uint8_t)scale;
    return true;
}

static bool take_instrument(struct draft *d, const char *name, const char *value)
{
    int place = draft_place(d, instrument_keys, COUNT(instrument_keys), name);
    if (place < 0 || !draft_once(d, name, place))
        return false;
    switch (place) {
    case KEY_CODE:
        if (!text_is_code(value))
            return draft_fault(d, d->line, name,
                               "'%.70s' is no code: 1 to 64 letters, digits, dots, dashes or "
                               "underscores, with no dot or dash in front",
                               value);
        return (d->in.code = draft_keep(d, value)) != NULL;
    case KEY_VERSION:
        return (d->in.version = draft_text(d, name, value)) != NULL;
    case KEY_NAME:
        return (d->in.name_id = draft_text(d, name, value)) != NULL;
    case KEY_NAME_EN:
        return (d->in.name_en = draft_text(d, name, value)) != NULL;
    default:
        return take_scale(d, value);
    }
}

static bool close_instrument(struct draft *d)
{
    static const int needed[] = {KEY_CODE, KEY_VERSION, KEY_NAME, KEY_SCALE};
    for (size_t i = 0; i < COUNT(needed); i++)
        if (!d->given[needed[i]])
            return draft_fault(d, d->opened, instrument_keys[needed[i]],
                               "[instrument] lacks '%s': write %s = ..", instrument_keys[needed[i]],
                               instrument_keys[needed[i]]);
    if (!d->in.name_en)
        d->in.name_en = d->in.name_id;
    d->has_instrument = true;
    return true;
}

/* ---- sections ------------------------------------------------------------------------------- */

static bool open_titled(struct draft *d, const char *title)
{
    static const char *const words[] = {"instrument", "method", "element", "grade"};
    char word[80];
    size_t size = strcspn(title, " \t");
    const char *rest = title + size + strspn(title + size, " \t");
    (void)snprintf(word, sizeof word, "%.*s", (int)size, title);
    if (!*rest && strcmp(word, "instrument") == 0)
        return d->section = SECTION_INSTRUMENT, true;
    if (!*rest && strcmp(word, "method") == 0)
        return d->section = SECTION_METHOD, true;
    if (*rest && strcmp(word, "element") == 0)
        return d->section = SECTION_ELEMENT, draft_open_element(d, rest);
    if (*rest && strcmp(word, "grade") == 0)
        return d->section = SECTION_GRADE, draft_open_grade(d, rest);
    const char *near = *rest ? NULL : text_nearest(word, words, COUNT(words));
    if (near)
        return draft_fault(d, d->line, title, "there is no section [%s]; did you mean [%s]?", title,
                           near);
    return draft_fault(d, d->line, title,
                       "there is no section [%s]; known are [instrument], [method], "
                       "[element CODE] and [grade NAME]",
                       title);
}

bool draft_open(struct draft *d, const char *title)
{
    static const char *const once_only[] = {"instrument", "method"};
    if (!draft_close(d))
        return false;
    bool first = strcmp(title, once_only[0]) == 0;
    if (!d->has_instrument && !first)
        return draft_fault(d, d->line, title,
                           "[instrument] must be the first section: what follows needs its scale");
    for (int i = 0; i < 2; i++)
        if (strcmp(title, once_only[i]) == 0) {
            if (d->once_line[i])
                return draft_fault(d, d->line, title,
                                   "there is [%s] already, on line %d: make one of the two", title,
                                   d->once_line[i]);
            d->once_line[i] = d->line;
        }
    (void)snprintf(d->title, sizeof d->title, "%s", title);
    d->opened = d->line;
    memset(d->given, 0, sizeof d->given);
    return open_titled(d, title);
}

bool draft_close(struct draft *d)
{
    enum section section = d->section;
    d->section = SECTION_NONE;
    switch (section) {
    case SECTION_INSTRUMENT:
        return close_instrument(d);
    case SECTION_ELEMENT:
        return draft_close_element(d);
    case SECTION_GRADE:
        return draft_close_grade(d);
    case SECTION_METHOD:
    case SECTION_NONE:
        break;
    }
    return true;
}

bool draft_key(struct draft *d, const char *name, const char *value)
{
    switch (d->section) {
    case SECTION_INSTRUMENT:
        return take_instrument(d, name, value);
    case SECTION_METHOD:
        return draft_take_method(d, name, value);
    case SECTION_ELEMENT:
        return draft_take_element(d, name, value);
    case SECTION_GRADE:
        return draft_take_grade(d, name, value);
    case SECTION_NONE:
        break;
    }
    return draft_fault(d, d->line, name, "'%.40s' stands before the first [section]", name);
}

bool draft_finish(struct draft *d)
{
    if (!draft_close(d))
        return false;
    if (!d->has_instrument)
        return draft_fault(d, 0, "instrument",
                           "there is no section [instrument], with code, "
                           "version, name and scale");
    if (d->in.elements == 0)
        return draft_fault(d, 0, "element",
                           "there are no elements: write a section [element U1] "
                           "with a name for each");
    return draft_finish_methods(d) && draft_finish_grades(d);
}
