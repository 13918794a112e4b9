/*
 * Which days a report is about.
 */
#ifndef SUARA_CLIENT_CMD_PERIOD_H
#define SUARA_CLIENT_CMD_PERIOD_H

#include "common/civil.h"

struct error;

struct period {
    const char *period, *from, *to; /* as given; NULL: not given */
};

/*
 * First and last day, inclusive. --from and --to may be a month or year too: its first day, its
 * last. Not given: --to is today, --from 1 January of the year of --to. -1: USAGE.
 */
int period_read(const struct period *period, civil_day today, civil_day *from, civil_day *to,
                struct error *err) __attribute__((warn_unused_result));

#endif
