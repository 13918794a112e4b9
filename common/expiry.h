/*
 * Certificates and lists of revoked certificates end one day, and then nobody gets in. Here is when
 * whoever keeps them is told; times are ms since 1970.
 */
#ifndef SUARA_COMMON_EXPIRY_H
#define SUARA_COMMON_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

#define EXPIRY_WARN_DAYS 30

/* Either is told of for 30 days. A list lives no longer than that in all and is made anew by a
 * timer, so it is told of in the last third of its life: then the timer has missed its turn. */
enum expiry_kind { EXPIRY_CERTIFICATE, EXPIRY_CRL };

/* Is what began and ends then to be told of? Also when it has ended. */
bool expiry_soon(enum expiry_kind kind, int64_t from_ms, int64_t to_ms, int64_t now_ms);

/* Whole days that are left; negative once it has ended. */
int64_t expiry_days(int64_t to_ms, int64_t now_ms);

/* Is it time to tell again? Once a day; told_ms and now_ms by the same clock. */
bool expiry_tell(uint64_t told_ms, uint64_t now_ms);

#endif
