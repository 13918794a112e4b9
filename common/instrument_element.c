#include "common/arena.h"
#include "common/instrument_private.h"
#include "common/text.h"
#include <strings.h>

#define CODE_MAX 16u

/* The place of each key in draft.given; the labels follow behind them. */
enum { ELEMENT_NAME, ELEMENT_NAME_EN, ELEMENT_LABELS };
static const char *const keys[] = {"name", "name_en"};

/* What a CSV file calls otherwise: such a column could not be told from an element's. */
static const char *const taken[] = {
    "id",    "collected_at", "service",    "channel",   "stakeholder",  "perspective",   "sex",
    "age",   "education",    "occupation", "comment",   "comment_kind", "line",          "field",
    "waktu", "tanggal",      "timestamp",  "cap_waktu", "layanan",      "stempel_waktu", "kanal",
    "umur",  "usia",         "pendidikan", "pekerjaan", "komentar",     "jenis_kelamin", "reason",
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static bool is_code(const char *code)
{
    size_t length = strlen(code);
    bool letter = (code[0] >= 'A' && code[0] <= 'Z') || (code[0] >= 'a' && code[0] <= 'z');
    return letter && length <= CODE_MAX && text_is_code(code) && !strpbrk(code, ".-");
}

bool draft_open_element(struct draft *d, const char *code)
{
    char column[CODE_MAX + 1];
    if (!is_code(code))
        return draft_fault(d, d->line, "element",
                           "'%.40s' is no code of an element: a letter, then letters, digits or "
                           "underscores, %u at most",
                           code, CODE_MAX);
    for (unsigned i = 0; i < d->in.elements; i++)
        if (strcasecmp(d->element[i].code, code) == 0)
            return draft_fault(d, d->line, code,
                               "there is an element %s already, on line %d: give this one another "
                               "code (capital letters make no difference)",
                               d->element[i].code, d->element_line[i]);
    for (size_t i = 0; i <= strlen(code); i++)
        column[i] = (char)(code[i] >= 'A' && code[i] <= 'Z' ? code[i] - 'A' + 'a' : code[i]);
    for (size_t i = 0; i < COUNT(taken); i++)
        if (strcmp(taken[i], column) == 0)
            return draft_fault(d, d->line, code,
                               "'%s' is the name of another column of a file of responses: give "
                               "the element another code",
                               code);
    if (d->in.elements == INSTRUMENT_ELEMENTS_MAX)
        return draft_fault(d, d->line, code, "there are over %u elements: leave some out",
                           INSTRUMENT_ELEMENTS_MAX);
    struct element *e = &d->element[d->in.elements];
    *e = (struct element){.code = draft_keep(d, code)};
    d->column[d->in.elements] = draft_keep(d, column);
    d->element_line[d->in.elements] = d->line;
    d->label[0] = d->label[1] = NULL;
    return e->code && d->column[d->in.elements];
}

/* "3" or "3_en": what that rating is called. */
static bool take_label(struct draft *d, const char *name, const char *value)
{
    size_t digits = strspn(name, "0123456789");
    bool english = strcmp(name + digits, "_en") == 0;
    unsigned rating = 0;
    for (size_t i = 0; i < digits && rating <= INSTRUMENT_SCALE_MAX; i++)
        rating = rating * 10 + (unsigned)(name[i] - '0');
    if ((name[digits] && !english) || name[0] == '0' || rating > d->in.scale)
        return draft_fault(d, d->line, name,
                           "'%.40s' is no rating: labels are called 1 to %u, in English 1_en to "
                           "%u_en",
                           name, d->in.scale, d->in.scale);
    if (!draft_once(d, name, (int)(ELEMENT_LABELS + 2 * (rating - 1) + english)))
        return false;
    const char ***labels = &d->label[english];
    if (!*labels) {
        *labels = arena_alloc(d->arena, d->in.scale * sizeof **labels);
        if (!*labels)
            return draft_fault(d, 0, NULL, "memory ran out");
        memset(*labels, 0, d->in.scale * sizeof **labels);
    }
    (*labels)[rating - 1] = draft_text(d, name, value);
    return (*labels)[rating - 1] != NULL;
}

bool draft_take_element(struct draft *d, const char *name, const char *value)
{
    struct element *e = &d->element[d->in.elements];
    if (name[0] >= '0' && name[0] <= '9')
        return take_label(d, name, value);
    int place = draft_place(d, keys, COUNT(keys), name);
    if (place < 0 || !draft_once(d, name, place))
        return false;
    if (place == ELEMENT_NAME)
        return (e->name_id = draft_text(d, name, value)) != NULL;
    return (e->name_en = draft_text(d, name, value)) != NULL;
}

bool draft_close_element(struct draft *d)
{
    struct element *e = &d->element[d->in.elements];
    if (!e->name_id)
        return draft_fault(d, d->opened, e->code, "[%s] has no name: write name = ..", d->title);
    if (!e->name_en)
        e->name_en = e->name_id;
    for (int language = 0; language < 2; language++)
        for (unsigned i = 0; d->label[language] && i < d->in.scale; i++)
            if (!d->label[language][i])
                return draft_fault(
                    d, d->opened, e->code,
                    "[%s] has labels, but none called %u%s: give all of 1%s to %u%s, "
                    "or none",
                    d->title, i + 1, language ? "_en" : "", language ? "_en" : "", d->in.scale,
                    language ? "_en" : "");
    if (d->label[1] && !d->label[0])
        return draft_fault(d, d->opened, e->code,
                           "[%s] has English labels only: give those called 1 to %u too", d->title,
                           d->in.scale);
    e->label_id = d->label[0];
    e->label_en = d->label[1] ? d->label[1] : d->label[0];
    d->in.elements++;
    return true;
}
