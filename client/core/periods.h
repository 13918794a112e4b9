/*
 * The periods of a report by month, quarter, semester or year, also those that nobody answered in.
 */
#ifndef SUARA_CLIENT_CORE_PERIODS_H
#define SUARA_CLIENT_CORE_PERIODS_H

#include "common/civil.h"

struct error;
struct layout_index;

/* The unit that gives a readable number of periods: month up to a year, quarter up to three,
 * semester up to six, else year. */
const char *periods_unit(civil_day from, civil_day to);

/* The key of the period of a day: "2023-07", "2023-Q3", "2023-S2", "2023"; and the first day of the
 * next one. */
void periods_key(civil_day day, const char *unit, char out[16]);
civil_day periods_next(civil_day day, const char *unit);

/*
 * Puts the rows of an answer, whose first axis is `unit`, in the order of time, and a row with n =
 * 0 for each period of from..to that has none; not for those that begin after `today`. -1:
 * TOO_LARGE.
 */
int periods_fill(struct layout_index *index, const char *unit, civil_day from, civil_day to,
                 civil_day today, struct error *err) __attribute__((warn_unused_result));

#endif
