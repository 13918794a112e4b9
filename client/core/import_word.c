#include "client/core/import_column.h"

#include "common/error.h"
#include "common/text.h"

/*
 * The closed lists of design.md, the same in every office: a wrong word is found here, and not only
 * by the server. Services and the respondent's profile are lists of the office, which it knows.
 */
static const char *const channels[] = {"kiosk", "web", "paper", "phone", "forum"};
static const char *const stakeholders[] = {"public",    "business",  "academia", "government",
                                           "ombudsman", "community", "media"};
static const char *const perspectives[] = {"recipient", "provider"};

#define LIST(words)                                                                                \
    {                                                                                              \
        words, sizeof words / sizeof *words                                                        \
    }

static const struct {
    const char *const *words;
    size_t count;
} closed[WORD_COUNT] = {
    [WORD_CHANNEL] = LIST(channels),
    [WORD_STAKEHOLDER] = LIST(stakeholders),
    [WORD_PERSPECTIVE] = LIST(perspectives),
};

static const char *find(enum rules_word word, const char *text, size_t size)
{
    for (size_t i = 0; i < closed[word].count; i++)
        if (strncasecmp(closed[word].words[i], text, size) == 0 &&
            closed[word].words[i][size] == '\0')
            return closed[word].words[i];
    return NULL;
}

/* "is not known: kios; the nearest is kiosk"; where none is near, all of them. */
static void explain(struct buf *out, enum rules_word word, const char *text, size_t size)
{
    char name[RULES_WORD_MAX + 1];
    size_t n = size < RULES_WORD_MAX ? size : RULES_WORD_MAX;
    memcpy(name, text, n);
    name[n] = '\0';
    const char *near = text_nearest(name, closed[word].words, closed[word].count);
    buf_puts(out, "is not known: ");
    import_show(out, text, size, RULES_WORD_MAX);
    buf_puts(out, near ? "; the nearest is " : "; it is one of ");
    for (size_t i = 0; i < closed[word].count && !near; i++)
        buf_printf(out, "%s%s", i ? ", " : "", closed[word].words[i]);
    buf_puts(out, near ? near : "");
}

static bool is_plain(const struct import_word *value)
{
    if (value->size > RULES_WORD_MAX)
        return false;
    unsigned char odd = 0;
    for (size_t i = 0; i < value->size; i++) {
        unsigned char c = (unsigned char)value->text[i];
        odd |= (unsigned char)(c < 0x20 || c >= 0x7F);
    }
    return !odd;
}

static bool take_word(struct import *import, enum rules_word word, struct import_word *value,
                      struct rules_fault *fault)
{
    if (!is_plain(value)) {
        enum text_fault wrong = text_check(value->text, value->size, RULES_WORD_MAX);
        if (wrong == TEXT_TOO_LONG)
            return import_fault(import, fault, rules_word_names[word], "is longer than %u bytes",
                                RULES_WORD_MAX);
        if (wrong != TEXT_OK)
            return import_fault(import, fault, rules_word_names[word], "%s",
                                text_fault_reason(wrong));
    }
    if (value->size == 0 || closed[word].count == 0)
        return true;
    const char *ours = find(word, value->text, value->size);
    if (ours) {
        value->text = ours;
        return true;
    }
    buf_clear(&import->reason);
    explain(&import->reason, word, value->text, value->size);
    fault->field = rules_word_names[word];
    fault->reason = import->reason.failed ? "is not known" : import->reason.data;
    return false;
}

bool import_take_words(struct import *import, const struct csv_row *row, struct import_row *out,
                       struct rules_fault *fault)
{
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        out->word[i] = import_cell(import, row, COLUMN_WORD + i);
        if (!take_word(import, (enum rules_word)i, &out->word[i], fault))
            return false;
    }
    return true;
}

bool import_word_fits(enum rules_word word, const char *text, struct error *err)
{
    const char *name = rules_word_names[word];
    enum text_fault wrong = text_check(text, strlen(text), RULES_WORD_MAX);
    if (wrong != TEXT_OK) {
        error_set(err, ERROR_USAGE, name, "--%s %s", name, text_fault_reason(wrong));
        return false;
    }
    if (closed[word].count == 0 || find(word, text, strlen(text)))
        return true;
    struct buf reason = {0};
    explain(&reason, word, text, strlen(text));
    error_set(err, ERROR_USAGE, name, "--%s %s", name, reason.data ? reason.data : "is not known");
    buf_release(&reason);
    return false;
}
