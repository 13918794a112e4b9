#include "client/core/publish.h"

#include "common/buf.h"
#include "common/figure.h"
#include <inttypes.h>
#include <string.h>

void publication_init(struct publication *p)
{
    *p = (struct publication){0};
    arena_init(&p->arena, PUBLISH_MEMORY_MAX);
    p->total.grade = p->provider.grade = "";
}

void publication_release(struct publication *p)
{
    arena_release(&p->arena);
    *p = (struct publication){0};
}

void publication_rank(struct publication *p)
{
    for (size_t i = 0; i < p->elements; i++) {
        p->element[i].rank = 1;
        for (size_t j = 0; j < p->elements; j++)
            if (p->element[j].sum > p->element[i].sum)
                p->element[i].rank++;
    }
}

const struct publish_element *publication_extreme(const struct publication *p, bool strongest)
{
    const struct publish_element *most = NULL, *least = NULL;

    for (size_t i = 0; i < p->elements; i++) {
        const struct publish_element *element = &p->element[i];
        if (!most || element->sum > most->sum)
            most = element;
        if (!least || element->sum < least->sum)
            least = element;
    }
    if (!most || most->sum == least->sum)
        return NULL;
    return strongest ? most : least;
}

const struct publish_bound *publication_bound(const struct publication *p, const char *grade)
{
    for (size_t i = 0; i < p->bounds; i++)
        if (strcmp(p->bound[i].grade, grade) == 0)
            return &p->bound[i];
    return NULL;
}

const char *publication_quality(const struct publication *p, const char *grade)
{
    const struct publish_bound *bound = publication_bound(p, grade);
    return bound ? bound->quality[p->language] : "";
}

bool publication_enough(const struct publication *p)
{
    return p->total.n >= p->need;
}

size_t publication_items(const struct publication *p, bool last, size_t *done)
{
    size_t count = 0;

    *done = 0;
    for (const struct publish_item *item = p->item; item; item = item->next) {
        if (item->last != last)
            continue;
        count++;
        *done += item->state == PUBLISH_DONE;
    }
    return count;
}

/* ---- names --------------------------------------------------------------------------------- */

const char *publish_axis_name(enum publish_language language, enum publish_axis axis)
{
    static const enum publish_word word[PUBLISH_AXES] = {
        PUBLISH_SEX_TEXT,        PUBLISH_AGE_TEXT,     PUBLISH_EDUCATION_TEXT,
        PUBLISH_OCCUPATION_TEXT, PUBLISH_SERVICE_TEXT, PUBLISH_STAKEHOLDER_TEXT,
        PUBLISH_CHANNEL_TEXT,
    };
    return publish_text(language, word[axis]);
}

const char *publish_axis_code(enum publish_axis axis)
{
    static const char *const code[PUBLISH_AXES] = {
        "sex", "age", "education", "occupation", "service", "stakeholder", "channel",
    };
    return code[axis];
}

const char *publish_state_name(enum publish_language language, enum publish_state state)
{
    static const enum publish_word word[PUBLISH_STATES] = {
        PUBLISH_STATE_OPEN_TEXT,
        PUBLISH_STATE_RUNNING_TEXT,
        PUBLISH_STATE_DONE_TEXT,
        PUBLISH_STATE_DROPPED_TEXT,
    };
    return publish_text(language, word[state]);
}

/* ---- figures as text ----------------------------------------------------------------------- */

void publish_index(uint32_t hundredths, char out[PUBLISH_NUMBER])
{
    snprintf(out, PUBLISH_NUMBER, "%" PRIu32 ".%02" PRIu32, hundredths / 100, hundredths % 100);
}

void publish_interval(uint32_t low, uint32_t high, char out[PUBLISH_RANGE])
{
    char from[PUBLISH_NUMBER], to[PUBLISH_NUMBER];

    publish_index(low, from);
    publish_index(high, to);
    snprintf(out, PUBLISH_RANGE, "%s \xe2\x80\x93 %s", from, to);
}

/* Thin spaces between thousands, from five digits on: right in both languages (ISO 80000-1). */
void publish_count(uint64_t n, char out[PUBLISH_NUMBER])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
    size_t at = 0;

    for (int i = 0; i < len; i++) {
        if (len > 4 && i > 0 && (len - i) % 3 == 0) {
            memcpy(out + at, "\xe2\x80\xaf", 3);
            at += 3;
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

void publish_signed(int64_t value, unsigned decimals, char out[PUBLISH_NUMBER])
{
    uint64_t unit = 1, size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    snprintf(out, PUBLISH_NUMBER, "%s%" PRIu64 ".%0*" PRIu64,
             value > 0   ? "+"
             : value < 0 ? "\xe2\x88\x92"
                         : "",
             size / unit, (int)decimals, size % unit);
}

void publish_share(uint64_t part, uint64_t whole, char out[PUBLISH_NUMBER])
{
    uint64_t tenths = (part * 2000 + whole) / (2 * whole);
    snprintf(out, PUBLISH_NUMBER, "%" PRIu64 ".%" PRIu64 "%%", tenths / 10, tenths % 10);
}

void publish_nrr(uint64_t sum, uint64_t n, char out[PUBLISH_NUMBER])
{
    char mean[32];
    figure_mean(sum, n, mean);
    snprintf(out, PUBLISH_NUMBER, "%s", mean);
}

void publish_weighted(const struct publication *p, const struct publish_element *element,
                      char out[PUBLISH_NUMBER])
{
    publish_nrr(element->sum * (uint64_t)p->weight_num, p->total.n * (uint64_t)p->weight_den, out);
}

/* ---- days ---------------------------------------------------------------------------------- */

void publish_day(enum publish_language language, civil_day day, char out[PUBLISH_NUMBER])
{
    snprintf(out, PUBLISH_NUMBER, "%u %s %u", day % 100, publish_month(language, day / 100 % 100),
             day / 10000);
}

void publish_period(const struct publication *p, char out[PUBLISH_RANGE])
{
    char from[PUBLISH_NUMBER], to[PUBLISH_NUMBER];
    civil_day a = p->from, b = p->to;

    publish_day(p->language, b, to);
    if (a == b) {
        snprintf(out, PUBLISH_RANGE, "%s", to);
        return;
    }
    if (a / 100 == b / 100)
        snprintf(from, sizeof from, "%u", a % 100);
    else if (a / 10000 == b / 10000)
        snprintf(from, sizeof from, "%u %s", a % 100, publish_month(p->language, a / 100 % 100));
    else
        publish_day(p->language, a, from);
    snprintf(out, PUBLISH_RANGE, "%s \xe2\x80\x93 %s", from, to);
}

/* ---- the summary --------------------------------------------------------------------------- */

static void say_change(struct buf *out, const struct publication *p)
{
    const struct publish_figure *now = p->trends > 1 ? &p->trend[p->trends - 1] : NULL;
    char size[PUBLISH_NUMBER];

    if (!now || !now->change_known)
        return;
    uint64_t change = now->change < 0 ? 0 - (uint64_t)now->change : (uint64_t)now->change;
    publish_index((uint32_t)change, size);
    const char *args[] = {size, now[-1].name[p->language]};
    if (change == 0) {
        publish_say(out, p->language, PUBLISH_SAME_TEXT, args, 2);
        return;
    }
    publish_say(out, p->language, now->change > 0 ? PUBLISH_ROSE_TEXT : PUBLISH_FELL_TEXT, args, 2);
    publish_say(out, p->language, now->change_beyond ? PUBLISH_BEYOND_TEXT : PUBLISH_CHANCE_TEXT,
                NULL, 0);
}

void publish_summary(struct buf *out, const struct publication *p)
{
    char period[PUBLISH_RANGE], n[PUBLISH_NUMBER], index[PUBLISH_NUMBER];
    const struct publish_element *best = publication_extreme(p, true);
    const struct publish_element *worst = publication_extreme(p, false);

    publish_period(p, period);
    publish_count(p->total.n, n);
    publish_index(p->total.index, index);
    const char *args[] = {
        period, n, p->office_name, index, p->total.grade, publication_quality(p, p->total.grade)};
    publish_say(out, p->language, PUBLISH_SUMMARY_TEXT, args, 6);
    say_change(out, p);
    if (best && worst) {
        const char *names[] = {best->name[p->language], worst->name[p->language]};
        publish_say(out, p->language, PUBLISH_STRENGTHS_TEXT, names, 2);
    }
}
