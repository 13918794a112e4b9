/*
 * Days, months and time zones. Indonesia has three zones with fixed offsets and no summer time, so
 * the day of an instant is arithmetic, with no table that could differ between machines.
 */
#ifndef SUARA_COMMON_CIVIL_H
#define SUARA_COMMON_CIVIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum zone {
    ZONE_NONE = 0,
    ZONE_WIB = 7, /* the value is the offset from UTC in hours */
    ZONE_WITA = 8,
    ZONE_WIT = 9,
};

enum zone zone_parse(const char *text); /* "WIB"; ZONE_NONE for anything else */
const char *zone_name(enum zone zone);  /* "" for ZONE_NONE */

/* A day of the Gregorian calendar as a number that reads: 20230713. */
typedef uint32_t civil_day;

#define CIVIL_FIRST 20000101u /* nothing was collected before */
#define CIVIL_LAST  29991231u

bool civil_valid(civil_day day);
civil_day civil_make(unsigned year, unsigned month, unsigned day); /* not checked: civil_valid() */
int64_t civil_to_days(civil_day day);    /* since 1970-01-01; day must be a real one */
civil_day civil_from_days(int64_t days); /* 0 outside the years 1 to 9999 */
civil_day civil_add_days(civil_day day, int64_t days); /* likewise */
civil_day civil_month_end(civil_day day);              /* last day of its month */

/* The instant at which a day begins in a zone, and the day an instant falls on; ms since 1970 UTC.
 */
int64_t civil_day_start_ms(civil_day day, enum zone zone);
civil_day civil_day_of_ms(int64_t ms, enum zone zone);

/*
 * A time as forms and exports write it:
 *   2019-06-30   2019-06-30 13:05   2019-06-30T13:05:09.123+07:00   ..+0700   ..+07   ..Z
 *   30/06/2019   3/6/2019 9:05:09   30-06-2019 ..   30.06.2019 ..   (day first, as in Indonesia)
 *   30/06/2019 13.05.09 (spreadsheets in Indonesian)
 *   2019/06/30 1:05:09 PM GMT+7   .. AM   .. UTC+07:00   .. GMT (Google Forms)
 * Without an offset it is local to `zone`; a day alone means its first moment; what is finer than a
 * millisecond is cut off. False when it is no such thing (also 31 February, 24:00), when it lies
 * outside 1800 to 2999, or when it needs a zone and zone is ZONE_NONE. Times before 2000 are read,
 * those before 1970 as negative numbers: whoever checks them can then say what is wrong with them.
 */
bool civil_parse_time(const char *text, enum zone zone, int64_t *ms);

/* True when the text of civil_parse_time would need a zone. */
bool civil_needs_zone(const char *text);

/* True when civil_parse_time refuses it for its day, but it would be a time with the month first:
 * 6/30/2019. Such a file has its other dates in that order too, where nobody can see it. */
bool civil_month_first(const char *text);

/*
 * 2023, 2023-S1 (semester), 2023-Q3 or 2023-TW3 (quarter), 2023-07, 2023-07-13 -> first and last
 * day. Letters in either case.
 */
bool civil_parse_period(const char *text, civil_day *from, civil_day *to);

/* "2019-06-30T13:05:09.123+07:00", with Z for ZONE_NONE; far outside the calendar "<ms> ms". */
void civil_format_ms(int64_t ms, enum zone zone, char out[40]);
void civil_format_day(civil_day day, char out[16]); /* "2023-07-13" */

#endif
