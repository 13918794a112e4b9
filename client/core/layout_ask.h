/*
 * What a report was asked for, as its heading and its columns tell it.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_ASK_H
#define SUARA_CLIENT_CORE_LAYOUT_ASK_H

#include "common/civil.h"
#include <stdbool.h>
#include <stddef.h>

struct buf;

#define LAYOUT_AXES 2u

struct layout_ask {
    const char *by[LAYOUT_AXES]; /* axes; "": none; the second only with the first */
    const char *office;          /* the only one that was named; NULL: several or all */
    bool subtree;                /* with those below */
    const char *period;          /* as the person wrote it; NULL: from..to */
    civil_day from, to;
    const char *perspective; /* recipient, provider or all */
    bool mean_of_offices;
    char *only; /* the filters in words, "channel web or kiosk, sex P"; NULL: none */
};

/* "1 Jan 2019 - 30 Jun 2019", "Jan 2019", "2019": as short as the days allow. */
void layout_ask_days(struct buf *out, civil_day from, civil_day to);

/* Is this the axis of a period: month, quarter, semester or year? */
bool layout_ask_is_time(const char *axis);

#endif
