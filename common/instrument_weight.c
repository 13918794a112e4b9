#include "common/instrument_private.h"
#include "common/text.h"

#define NAME_MAX_BYTES 32u
#define PART_MAX       1000000 /* of a fraction, above and below the line */

/* 1/9 or 0.111 as a fraction. */
static bool read_weight(const char *text, int32_t *num, int32_t *den)
{
    int64_t part[2] = {0, 1};
    size_t whole = strspn(text, "0123456789");
    size_t rest = text[whole] ? strspn(text + whole + 1, "0123456789") : 0;
    if (whole == 0 || whole > 7 || rest > 7 || (text[whole] && !strchr("/.", text[whole])) ||
        (text[whole] && (rest == 0 || text[whole + 1 + rest])))
        return false;
    for (size_t i = 0; i < whole; i++)
        part[0] = part[0] * 10 + (text[i] - '0');
    if (text[whole] == '/')
        part[1] = 0;
    for (size_t i = 0; i < rest; i++) {
        int digit = text[whole + 1 + i] - '0';
        if (text[whole] == '/') {
            part[1] = part[1] * 10 + digit;
        } else {
            part[0] = part[0] * 10 + digit;
            part[1] *= 10;
        }
    }
    if (part[0] < 1 || part[1] < 1 || part[0] > PART_MAX || part[1] > PART_MAX)
        return false;
    *num = (int32_t)part[0];
    *den = (int32_t)part[1];
    return true;
}

bool draft_take_method(struct draft *d, const char *name, const char *value)
{
    struct method *method = &d->in.method[d->in.methods];
    for (size_t i = 0; i < d->in.methods; i++)
        if (strcmp(d->in.method[i].name, name) == 0)
            return draft_fault(d, d->line, name,
                               "'%s' was given already on line %d: keep one of them", name,
                               d->method_line[i]);
    if (!text_is_code(name) || strlen(name) > NAME_MAX_BYTES)
        return draft_fault(d, d->line, name,
                           "'%.40s' is no name of a method: 1 to %u letters, digits or dots", name,
                           NAME_MAX_BYTES);
    if (d->in.methods == INSTRUMENT_METHODS_MAX)
        return draft_fault(d, d->line, name, "there are over %u methods: leave some out",
                           INSTRUMENT_METHODS_MAX);
    if (!read_weight(value, &method->num, &method->den))
        return draft_fault(
            d, d->line, name,
            "'%s = %.40s': the weight of one element must be a fraction like 1/9, or "
            "a number like 0.111, of parts up to %d",
            name, value, PART_MAX);
    method->name = draft_keep(d, name);
    d->method_line[d->in.methods++] = d->line;
    return method->name != NULL;
}

/* exact stands first, the others by name: a weight is as old as another. */
static int by_name(const void *a, const void *b)
{
    const struct method *x = a, *y = b;
    int plain = (strcmp(x->name, "exact") != 0) - (strcmp(y->name, "exact") != 0);
    return plain ? plain : strcmp(x->name, y->name);
}

/* The index of the best answers, in hundredths: far from 100.00 it is no index of this scale. */
static bool check_weight(struct draft *d, size_t place)
{
    const struct method *m = &d->in.method[place];
    int64_t most = (int64_t)10000 * d->in.elements * m->num / m->den;
    if (strcmp(m->name, "exact") == 0 && (int64_t)m->num * d->in.elements != m->den)
        return draft_fault(d, d->method_line[place], m->name,
                           "exact is 1/%u, for %u elements: take the line out, or give this weight "
                           "a name of its own",
                           d->in.elements, d->in.elements);
    if (most < 5000 || most > 15000)
        return draft_fault(d, d->method_line[place], m->name,
                           "%d/%d for each of %u elements makes %lld.%02lld of the best answers, "
                           "not about 100: the weight of one element is about 1/%u",
                           (int)m->num, (int)m->den, d->in.elements, (long long)(most / 100),
                           (long long)(most % 100), d->in.elements);
    return true;
}

bool draft_finish_methods(struct draft *d)
{
    bool exact = false;
    for (size_t i = 0; i < d->in.methods; i++) {
        if (!check_weight(d, i))
            return false;
        if (strcmp(d->in.method[i].name, "exact") == 0) {
            exact = true;
            d->in.method[i] = (struct method){"exact", 1, d->in.elements};
        }
    }
    if (!exact && d->in.methods == INSTRUMENT_METHODS_MAX)
        return draft_fault(d, 0, "method",
                           "there are over %u methods with exact, which is always "
                           "there: leave some out",
                           INSTRUMENT_METHODS_MAX);
    if (!exact)
        d->in.method[d->in.methods++] = (struct method){"exact", 1, d->in.elements};
    qsort(d->in.method, d->in.methods, sizeof d->in.method[0], by_name);
    return true;
}
