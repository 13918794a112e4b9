#include "client/core/message.h"
#include "client/core/publish_take.h"
#include "common/error.h"

/* The periods of a report and those before it. */

struct span {
    unsigned months; /* 12, 6, 3 or 1; 0: some other days */
    unsigned place;  /* which of its year, from 1 */
};

static struct span span_of(civil_day from, civil_day to)
{
    static const unsigned months[] = {12, 6, 3, 1};
    unsigned year = from / 10000, month = from / 100 % 100;

    for (size_t i = 0; i < sizeof months / sizeof *months; i++) {
        unsigned last = month + months[i] - 1;
        if (from % 100 == 1 && (month - 1) % months[i] == 0 && last <= 12 &&
            to == civil_month_end(civil_make(year, last, 1)))
            return (struct span){months[i], (month - 1) / months[i] + 1};
    }
    return (struct span){0, 0};
}

const char *publish_trend_axis(civil_day from, civil_day to, civil_day *before)
{
    struct span span = span_of(from, to);

    *before = civil_add_days(span.months ? from : civil_make(from / 10000, 1, 1), -1);
    return span.months == 6   ? "semester"
           : span.months == 3 ? "quarter"
           : span.months == 1 ? "month"
                              : "year";
}

/* ---- names --------------------------------------------------------------------------------- */

static void short_month(enum publish_language language, unsigned month, char out[4])
{
    snprintf(out, 4, "%.3s", publish_month(language, month));
}

/* "2023", "Sem. II 2023", "TW III 2023", "Jul 2023"; in English "2023", "H2 2023", "Q3 2023". */
static void name_span(enum publish_language language, civil_day from, struct span span,
                      char out[PUBLISH_NUMBER])
{
    static const char *const roman[] = {"I", "II", "III", "IV"};
    unsigned year = from / 10000;
    char month[4];

    short_month(language, from / 100 % 100, month);
    if (span.months == 12)
        snprintf(out, PUBLISH_NUMBER, "%u", year);
    else if (span.months == 1)
        snprintf(out, PUBLISH_NUMBER, "%s %u", month, year);
    else if (language == PUBLISH_ID)
        snprintf(out, PUBLISH_NUMBER, "%s %s %u", span.months == 6 ? "Sem." : "TW",
                 roman[(span.place - 1) % 4], year);
    else
        snprintf(out, PUBLISH_NUMBER, "%s%u %u", span.months == 6 ? "H" : "Q", span.place, year);
}

/* Other days, short enough for a chart: "Jan-Jul 2023", "2021-2023". */
static void name_days(enum publish_language language, civil_day from, civil_day to,
                      char out[PUBLISH_NUMBER])
{
    unsigned first = from / 10000, last = to / 10000;
    char a[4], b[4];

    short_month(language, from / 100 % 100, a);
    short_month(language, to / 100 % 100, b);
    if (first != last)
        snprintf(out, PUBLISH_NUMBER, "%u\xe2\x80\x93%u", first, last);
    else if (from / 100 == to / 100)
        snprintf(out, PUBLISH_NUMBER, "%s %u", a, first);
    else
        snprintf(out, PUBLISH_NUMBER, "%s\xe2\x80\x93%s %u", a, b, first);
}

static int name_period(struct publication *p, civil_day from, civil_day to,
                       struct publish_figure *figure, struct error *err)
{
    struct span span = span_of(from, to);
    char name[PUBLISH_NUMBER];

    for (enum publish_language language = 0; language < PUBLISH_LANGUAGES; language++) {
        if (span.months)
            name_span(language, from, span, name);
        else
            name_days(language, from, to, name);
        figure->name[language] = arena_strndup(&p->arena, name, strlen(name));
        if (!figure->name[language])
            return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
    }
    return 0;
}

/* ---- the trend ----------------------------------------------------------------------------- */

/* The newest rows with responses, oldest first, and how many they are. */
static size_t newest(const struct layout_index *before,
                     const struct layout_index_row *kept[PUBLISH_TREND_MAX])
{
    size_t count = 0;

    for (const struct layout_index_row *row = before->first; row; row = row->next) {
        if (row->n == 0)
            continue;
        if (count == PUBLISH_TREND_MAX - 1) {
            memmove(kept, kept + 1, (count - 1) * sizeof(void *));
            count--;
        }
        kept[count++] = row;
    }
    return count;
}

static struct figure_sample sample_of(const struct layout_index *answer,
                                      const struct layout_index_row *row)
{
    struct figure_sample sample = {.n = row->n, .square = row->square};

    for (size_t i = 0; row->sum && i < answer->element_count; i++)
        sample.total += row->sum[i];
    return sample;
}

static void compare(const struct publish_sample *sample, const struct figure_sample *before,
                    const struct figure_sample *after, struct publish_figure *out)
{
    struct figure_change change;

    figure_change(&sample->rule, before, after, &change);
    out->change_known = true;
    out->change = change.hundredths;
    out->change_beyond = change.known && change.beyond_chance;
}

static int take_period(struct publication *p, const struct layout_index_row *row,
                       struct publish_figure *out, struct error *err)
{
    civil_day from, to;

    *out = (struct publish_figure){
        .n = row->n, .index = row->index, .low = row->low, .high = row->high};
    out->key = arena_strndup(&p->arena, row->key[0], strlen(row->key[0]));
    out->grade = arena_strndup(&p->arena, row->grade, strlen(row->grade));
    if (!out->key || !out->grade)
        return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
    if (!civil_parse_period(row->key[0], &from, &to))
        return error_set(err, ERROR_INTERNAL, NULL, MSG_ANSWER_ODD);
    return name_period(p, from, to, out, err);
}

int publish_take_trend(struct publication *p, const struct layout_index *before,
                       const struct publish_sample *sample, struct error *err)
{
    const struct layout_index_row *kept[PUBLISH_TREND_MAX];
    struct figure_sample last = {0};
    size_t count = newest(before, kept);

    for (size_t i = 0; i < count; i++) {
        struct figure_sample now = sample_of(before, kept[i]);
        if (take_period(p, kept[i], &p->trend[i], err) < 0)
            return -1;
        if (i > 0)
            compare(sample, &last, &now, &p->trend[i]);
        last = now;
    }
    struct publish_figure *own = &p->trend[count];
    *own = p->total;
    char key[PUBLISH_NUMBER], from[16], to[16];
    civil_format_day(p->from, from);
    civil_format_day(p->to, to);
    snprintf(key, sizeof key, "%s..%s", from, to);
    own->key = arena_strndup(&p->arena, key, strlen(key));
    if (!own->key)
        return error_set(err, ERROR_TOO_LARGE, NULL, MSG_ANSWER_TOO_BIG);
    if (count > 0)
        compare(sample, &last, &sample->now, own);
    p->trends = count + 1;
    return name_period(p, p->from, p->to, own, err);
}
