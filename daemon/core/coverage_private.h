/*
 * A row of coverage while it is filled.
 */
#ifndef SUARA_DAEMON_CORE_COVERAGE_PRIVATE_H
#define SUARA_DAEMON_CORE_COVERAGE_PRIVATE_H

#include "daemon/core/coverage.h"

struct coverage_row {
    const struct office *office;
    const struct service *service; /* NULL: the office as a whole */
    uint64_t n, received, collected;
    bool population_known;
    uint64_t population;
};

/* Nothing more comes: what was kept back is worked into the rows. */
void coverage_complete(struct coverage *coverage);

#endif
