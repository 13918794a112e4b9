#include "common/civil.h"

#define DAY_MS 86400000

enum zone zone_parse(const char *text)
{
    static const enum zone zones[] = {ZONE_WIB, ZONE_WITA, ZONE_WIT};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (strcmp(text, zone_name(zones[i])) == 0)
            return zones[i];
    return ZONE_NONE;
}

const char *zone_name(enum zone zone)
{
    switch (zone) {
    case ZONE_WIB:
        return "WIB";
    case ZONE_WITA:
        return "WITA";
    case ZONE_WIT:
        return "WIT";
    case ZONE_NONE:
        break;
    }
    return "";
}

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned month_days(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

civil_day civil_make(unsigned year, unsigned month, unsigned day)
{
    if (year > 9999 || month > 12 || day > 31)
        return 0; /* or it would read as another day */
    return year * 10000 + month * 100 + day;
}

static bool is_date(unsigned year, unsigned month, unsigned day)
{
    return month >= 1 && month <= 12 && day >= 1 && day <= month_days(year, month);
}

bool civil_valid(civil_day day)
{
    return day >= CIVIL_FIRST && day <= CIVIL_LAST &&
           is_date(day / 10000, day / 100 % 100, day % 100);
}

/* Days before 1 January of a year, counted from the first of March of year 0: with the leap day
 * last, a year is five months of 153 days over and over. */
int64_t civil_to_days(civil_day day)
{
    int64_t year = day / 10000, month = day / 100 % 100;
    if (month <= 2)
        year--;
    int64_t from_march = (month + 9) % 12;
    int64_t in_year = (153 * from_march + 2) / 5 + day % 100 - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + in_year - 719468;
}

civil_day civil_from_days(int64_t days)
{
    /* 0001-01-01 .. 9999-12-31 */
    if (days < -719162 || days > 2932896)
        return 0;
    int64_t since = days + 719468;
    int64_t era = since / 146097, in_era = since % 146097;
    int64_t of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
    int64_t from_march = (5 * in_year + 2) / 153;
    int64_t day = in_year - (153 * from_march + 2) / 5 + 1;
    int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    int64_t year = era * 400 + of_era + (month <= 2 ? 1 : 0);
    return civil_make((unsigned)year, (unsigned)month, (unsigned)day);
}

civil_day civil_add_days(civil_day day, int64_t days)
{
    int64_t sum;
    if (__builtin_add_overflow(civil_to_days(day), days, &sum))
        return 0;
    return civil_from_days(sum);
}

civil_day civil_month_end(civil_day day)
{
    unsigned year = day / 10000, month = day / 100 % 100;
    return civil_make(year, month, month_days(year, month));
}

static int64_t offset_ms(enum zone zone)
{
    return (int64_t)zone * 3600000;
}

int64_t civil_day_start_ms(civil_day day, enum zone zone)
{
    return civil_to_days(day) * DAY_MS - offset_ms(zone);
}

/* Floor, also before 1970. */
static int64_t split_ms(int64_t ms, int64_t *rest)
{
    int64_t days = ms / DAY_MS;
    *rest = ms % DAY_MS;
    if (*rest < 0) {
        *rest += DAY_MS;
        days--;
    }
    return days;
}

civil_day civil_day_of_ms(int64_t ms, enum zone zone)
{
    int64_t local, rest;
    if (__builtin_add_overflow(ms, offset_ms(zone), &local))
        return 0;
    return civil_from_days(split_ms(local, &rest));
}

void civil_format_day(civil_day day, char out[16])
{
    snprintf(out, 16, "%04u-%02u-%02u", day / 10000 % 10000, day / 100 % 100, day % 100);
}

void civil_format_ms(int64_t ms, enum zone zone, char out[40])
{
    civil_day day = civil_day_of_ms(ms, zone);
    if (day == 0) {
        snprintf(out, 40, "%lld ms", (long long)ms);
        return;
    }
    int64_t rest;
    split_ms(ms + offset_ms(zone), &rest);
    unsigned left = (unsigned)rest;
    char date[16], offset[8] = "Z";
    civil_format_day(day, date);
    if (zone != ZONE_NONE)
        snprintf(offset, sizeof offset, "+%02u:00", (unsigned)zone % 24);
    snprintf(out, 40, "%sT%02u:%02u:%02u.%03u%s", date, left / 3600000, left / 60000 % 60,
             left / 1000 % 60, left % 1000, offset);
}
