#include "common/civil.h"

#include <string.h>
#include <strings.h>

#define CIVIL_READ_FIRST 1800u /* spreadsheets write an empty date as 1899-12-30 */

/* What was read of a time: the fields as they stand. */
struct reading {
    unsigned year, month, day, hour, minute, second, ms;
    bool day_first; /* it was written so */
    bool has_offset;
    int offset_minutes;
};

/* Reads least..most digits; false when there are fewer. */
static bool take_digits(const char **at, unsigned least, unsigned most, unsigned *value)
{
    unsigned n = 0, v = 0;
    while (n < most && (*at)[n] >= '0' && (*at)[n] <= '9')
        v = v * 10 + (unsigned)((*at)[n++] - '0');
    if (n < least)
        return false;
    *at += n;
    *value = v;
    return true;
}

static bool take(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

/* 2019-06-30, 2019/6/30. */
static bool take_year_first(const char **at, struct reading *r)
{
    const char *text = *at;
    if (!take_digits(&text, 4, 4, &r->year) || (*text != '-' && *text != '/'))
        return false;
    const char separator = *text++;
    const unsigned least = separator == '-' ? 2 : 1;
    *at = text;
    return take_digits(at, least, 2, &r->month) && take(at, separator) &&
           take_digits(at, least, 2, &r->day);
}

/* Or day first with the same separator twice: 30/06/2019, 3-6-2019. */
static bool take_date(const char **at, struct reading *r)
{
    const char *begin = *at;
    if (take_year_first(at, r))
        return true;
    if (*at != begin || !take_digits(at, 1, 2, &r->day))
        return false;
    char separator = **at;
    if (separator != '/' && separator != '-' && separator != '.')
        return false;
    r->day_first = true;
    return take(at, separator) && take_digits(at, 1, 2, &r->month) && take(at, separator) &&
           take_digits(at, 4, 4, &r->year);
}

static bool take_fraction(const char **at, struct reading *r)
{
    unsigned digits = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++, digits++)
        if (digits < 3)
            r->ms = r->ms * 10 + (unsigned)(**at - '0');
    for (unsigned i = digits; i < 3; i++)
        r->ms *= 10;
    return digits >= 1 && digits <= 9;
}

static bool take_word(const char **at, const char *word)
{
    size_t n = strlen(word);
    if (strncasecmp(*at, word, n) != 0)
        return false;
    *at += n;
    return true;
}

/* 1:05 PM, 1:05PM: the hours of a clock with twelve. */
static bool take_half(const char **at, struct reading *r)
{
    const char *text = *at;
    (void)take(&text, ' ');
    bool pm = take_word(&text, "PM");
    if (!pm && !take_word(&text, "AM"))
        return true;
    *at = text;
    if (r->hour < 1 || r->hour > 12)
        return false;
    r->hour = r->hour % 12 + (pm ? 12 : 0);
    return true;
}

/* 13:05, 13:05:09, 13:05:09.123: what is finer than a millisecond is cut off. 13.05.09 as
 * Indonesian spreadsheets write it; there is no fraction then. */
static bool take_time(const char **at, struct reading *r)
{
    if (!take_digits(at, 1, 2, &r->hour) || (**at != ':' && **at != '.'))
        return false;
    const char separator = *(*at)++;
    if (!take_digits(at, 2, 2, &r->minute))
        return false;
    if (take(at, separator)) {
        if (!take_digits(at, 2, 2, &r->second))
            return false;
        if (separator == ':' && (take(at, '.') || take(at, ',')) && !take_fraction(at, r))
            return false;
    }
    return take_half(at, r);
}

/* Z, +07:00, +0700, +07, or nothing; " GMT+7" and " UTC+07:00", as Google's forms have it. */
static bool take_offset(const char **at, struct reading *r)
{
    if (**at == '\0')
        return true;
    r->has_offset = true;
    if (take(at, 'Z') || take(at, 'z'))
        return true;
    bool named = take(at, ' ');
    if (named && !take_word(at, "GMT") && !take_word(at, "UTC"))
        return false;
    if (named && **at == '\0')
        return true;
    int sign = **at == '-' ? -1 : 1;
    if (!take(at, '+') && !take(at, '-'))
        return false;
    unsigned hours, minutes = 0;
    if (!take_digits(at, named ? 1 : 2, 2, &hours))
        return false;
    if (**at != '\0') {
        (void)take(at, ':');
        if (!take_digits(at, 2, 2, &minutes))
            return false;
    }
    r->offset_minutes = sign * (int)(hours * 60 + minutes);
    return hours <= 14 && minutes <= 59;
}

static bool is_real(const struct reading *r)
{
    if (r->year < CIVIL_READ_FIRST || r->year > 2999 || r->month < 1 || r->month > 12 || r->day < 1)
        return false;
    civil_day first = civil_make(r->year, r->month, 1);
    return r->day <= civil_month_end(first) % 100 && r->hour <= 23 && r->minute <= 59 &&
           r->second <= 59;
}

/* All that can be read of a time, whether or not there is such a day. */
static bool read_fields(const char *text, struct reading *r)
{
    *r = (struct reading){0};
    if (!take_date(&text, r))
        return false;
    if (*text != '\0') {
        if (!take(&text, 'T') && !take(&text, 't') && !take(&text, ' '))
            return false;
        if (!take_time(&text, r) || !take_offset(&text, r))
            return false;
    }
    return *text == '\0';
}

static bool read_time(const char *text, struct reading *r)
{
    return read_fields(text, r) && is_real(r);
}

bool civil_needs_zone(const char *text)
{
    struct reading r;
    return read_time(text, &r) && !r.has_offset;
}

bool civil_month_first(const char *text)
{
    struct reading r;
    if (!read_fields(text, &r) || !r.day_first || is_real(&r))
        return false;
    const unsigned day = r.day;
    r.day = r.month;
    r.month = day;
    return is_real(&r);
}

bool civil_parse_time(const char *text, enum zone zone, int64_t *ms)
{
    struct reading r;
    if (!read_time(text, &r) || (!r.has_offset && zone == ZONE_NONE))
        return false;
    int64_t minutes = r.has_offset ? r.offset_minutes : (int64_t)zone * 60;
    *ms = civil_day_start_ms(civil_make(r.year, r.month, r.day), ZONE_NONE) +
          (int64_t)r.hour * 3600000 + ((int64_t)r.minute - minutes) * 60000 +
          (int64_t)r.second * 1000 + r.ms;
    return true;
}

static bool letter(const char **at, char c)
{
    return take(at, c) || take(at, (char)(c - 'A' + 'a'));
}

/* S1 S2, Q1..Q4, TW1..TW4 -> the first and last month. */
static bool take_part(const char **at, unsigned *first, unsigned *last)
{
    unsigned number, months = 0;
    if (letter(at, 'S'))
        months = 6;
    else if (letter(at, 'Q') || (letter(at, 'T') && letter(at, 'W')))
        months = 3;
    if (months == 0 || !take_digits(at, 1, 1, &number) || number < 1 || number > 12 / months)
        return false;
    *first = (number - 1) * months + 1;
    *last = number * months;
    return true;
}

bool civil_parse_period(const char *text, civil_day *from, civil_day *to)
{
    unsigned year, first = 1, last = 12, day = 0;
    if (!take_digits(&text, 4, 4, &year))
        return false;
    if (*text != '\0') {
        if (!take(&text, '-'))
            return false;
        if (*text >= '0' && *text <= '9') {
            if (!take_digits(&text, 2, 2, &first) || first < 1 || first > 12)
                return false;
            last = first;
            if (take(&text, '-') && (!take_digits(&text, 2, 2, &day) || day == 0))
                return false;
        } else if (!take_part(&text, &first, &last)) {
            return false;
        }
    }
    civil_day begin = civil_make(year, first, day ? day : 1);
    civil_day end = day ? begin : civil_month_end(civil_make(year, last, 1));
    if (*text != '\0' || !civil_valid(begin) || !civil_valid(end))
        return false;
    *from = begin;
    *to = end;
    return true;
}
