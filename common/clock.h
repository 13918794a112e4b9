/*
 * The two clocks. Decisions take a time as an argument; only the edges ask here.
 */
#ifndef SUARA_COMMON_CLOCK_H
#define SUARA_COMMON_CLOCK_H

#include <stdint.h>

int64_t clock_wall_ms(void);       /* ms since 1970-01-01 UTC; may step */
uint64_t clock_monotonic_ms(void); /* for timers; never steps */
uint64_t clock_monotonic_us(void);

#endif
