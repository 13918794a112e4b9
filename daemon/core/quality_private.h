/*
 * An office of a quality report while it is filled.
 */
#ifndef SUARA_DAEMON_CORE_QUALITY_PRIVATE_H
#define SUARA_DAEMON_CORE_QUALITY_PRIVATE_H

#include "daemon/core/quality.h"

struct quality_office {
    const struct office *office;
    bool asked; /* it has rows; the others are compared with */
    bool seen;  /* by the asker, if he asked */
    uint64_t n;
    civil_day first, last; /* months with responses, their first days */
    uint64_t count[SIGN_COUNT], of[SIGN_COUNT];
};

/* Hundredths of a percent, rounded half up; of > 0. */
uint32_t quality_share(uint64_t count, uint64_t of);

/* The median share of a sign and among how many offices; 0: too few to tell. */
uint32_t quality_usual(const struct quality *quality, enum quality_sign sign, uint32_t *shares,
                       uint32_t *median);

#endif
