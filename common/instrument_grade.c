#include "common/instrument_private.h"
#include "common/text.h"

#define GRADE_MAX 16u
#define TOP       10000 /* the index of the best answers, in hundredths */

#define POINTS        "%d.%02d"
#define POINTS_OF(at) (int)((at) / 100), (int)((at) % 100)

/* The place of each key in draft.given. */
enum { GRADE_QUALITY, GRADE_QUALITY_EN, GRADE_FROM, GRADE_TO };
static const char *const keys[] = {"quality", "quality_en", "from", "to"};

bool draft_open_grade(struct draft *d, const char *grade)
{
    if (!text_is_code(grade) || strlen(grade) > GRADE_MAX)
        return draft_fault(d, d->line, "grade",
                           "'%.40s' is no name of a grade: 1 to %u letters or digits", grade,
                           GRADE_MAX);
    for (size_t i = 0; i < d->in.bounds; i++)
        if (strcmp(d->in.bound[i].grade, grade) == 0)
            return draft_fault(d, d->line, grade,
                               "there is a grade %s already, on line %d: give this one another "
                               "name",
                               grade, d->bound_line[i]);
    if (d->in.bounds == INSTRUMENT_GRADES_MAX)
        return draft_fault(d, d->line, grade, "there are over %u grades: leave some out",
                           INSTRUMENT_GRADES_MAX);
    struct grade_bound *bound = &d->in.bound[d->in.bounds];
    *bound = (struct grade_bound){.grade = draft_keep(d, grade)};
    d->bound_line[d->in.bounds] = d->line;
    return bound->grade != NULL;
}

/* 88.31 in hundredths. */
static bool read_points(const char *text, int32_t *out)
{
    size_t whole = strspn(text, "0123456789");
    size_t rest = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    if (whole == 0 || whole > 3 || rest > 2 || (text[whole] == '.' && rest == 0) ||
        text[whole + (rest ? 1 + rest : 0)])
        return false;
    int32_t points = 0;
    for (size_t i = 0; i < whole; i++)
        points = points * 10 + (text[i] - '0');
    points *= 100;
    for (size_t i = 0; i < rest; i++)
        points += (text[whole + 1 + i] - '0') * (i == 0 ? 10 : 1);
    *out = points;
    return points <= TOP;
}

bool draft_take_grade(struct draft *d, const char *name, const char *value)
{
    struct grade_bound *bound = &d->in.bound[d->in.bounds];
    int place = draft_place(d, keys, sizeof keys / sizeof *keys, name);
    if (place < 0 || !draft_once(d, name, place))
        return false;
    if (place == GRADE_QUALITY)
        return (bound->quality_id = draft_text(d, name, value)) != NULL;
    if (place == GRADE_QUALITY_EN)
        return (bound->quality_en = draft_text(d, name, value)) != NULL;
    if (!read_points(value, place == GRADE_FROM ? &bound->low : &bound->high))
        return draft_fault(
            d, d->line, name,
            "'%s = %.40s': must be a number from 0 to 100 with at most two decimals, "
            "like 88.31",
            name, value);
    return true;
}

bool draft_close_grade(struct draft *d)
{
    struct grade_bound *bound = &d->in.bound[d->in.bounds];
    static const int needed[] = {GRADE_QUALITY, GRADE_FROM, GRADE_TO};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!d->given[needed[i]])
            return draft_fault(d, d->opened, bound->grade, "[%s] lacks '%s': write %s = ..",
                               d->title, keys[needed[i]], keys[needed[i]]);
    if (!bound->quality_en)
        bound->quality_en = bound->quality_id;
    if (bound->low > bound->high)
        return draft_fault(d, d->given[GRADE_TO], bound->grade,
                           "[%s] ends at " POINTS ", below where it begins, " POINTS
                           ": exchange the two",
                           d->title, POINTS_OF(bound->high), POINTS_OF(bound->low));
    d->in.bounds++;
    return true;
}

/* The highest first, with their lines. */
static void sort(struct draft *d)
{
    for (size_t i = 1; i < d->in.bounds; i++)
        for (size_t k = i; k > 0 && d->in.bound[k].low > d->in.bound[k - 1].low; k--) {
            struct grade_bound bound = d->in.bound[k];
            int line = d->bound_line[k];
            d->in.bound[k] = d->in.bound[k - 1];
            d->bound_line[k] = d->bound_line[k - 1];
            d->in.bound[k - 1] = bound;
            d->bound_line[k - 1] = line;
        }
}

static bool check_neighbours(struct draft *d, size_t place)
{
    const struct grade_bound *above = &d->in.bound[place - 1], *below = &d->in.bound[place];
    int line = d->bound_line[place];
    if (above->low <= below->high)
        return draft_fault(d, line, below->grade,
                           "grade %s goes up to " POINTS ", but grade %s begins at " POINTS
                           ": each index has one grade",
                           below->grade, POINTS_OF(below->high), above->grade,
                           POINTS_OF(above->low));
    if (above->low != below->high + 1)
        return draft_fault(d, line, below->grade,
                           "no grade holds " POINTS " to " POINTS ": let grade %s go up to " POINTS
                           ", or grade %s begin at " POINTS,
                           POINTS_OF(below->high + 1), POINTS_OF(above->low - 1), below->grade,
                           POINTS_OF(above->low - 1), above->grade, POINTS_OF(below->high + 1));
    return true;
}

bool draft_finish_grades(struct draft *d)
{
    /* All answers 1, weighed exactly. */
    const int32_t floor = (2 * TOP + d->in.scale) / (2 * d->in.scale);
    if (d->in.bounds == 0)
        return draft_fault(d, 0, "grade",
                           "there are no grades: write a section [grade A] with "
                           "quality, from and to");
    sort(d);
    for (size_t i = 1; i < d->in.bounds; i++)
        if (!check_neighbours(d, i))
            return false;
    const struct grade_bound *top = &d->in.bound[0], *bottom = &d->in.bound[d->in.bounds - 1];
    if (top->high != TOP)
        return draft_fault(d, d->bound_line[0], top->grade,
                           "the index goes up to 100.00, but the highest grade, %s, to " POINTS
                           ": let it go up to 100.00",
                           top->grade, POINTS_OF(top->high));
    if (bottom->low > floor)
        return draft_fault(d, d->bound_line[d->in.bounds - 1], bottom->grade,
                           "the index begins at " POINTS ", all answers 1, but the lowest grade, "
                           "%s, at " POINTS ": let it begin at " POINTS " or below",
                           POINTS_OF(floor), bottom->grade, POINTS_OF(bottom->low),
                           POINTS_OF(floor));
    return true;
}
