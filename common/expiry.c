#include "common/expiry.h"

#define DAY_MS    (INT64_C(24) * 60 * 60 * 1000)
#define CRL_SHARE 3

bool expiry_soon(enum expiry_kind kind, int64_t from_ms, int64_t to_ms, int64_t now_ms)
{
    int64_t warn_ms = EXPIRY_WARN_DAYS * DAY_MS;
    if (now_ms >= to_ms)
        return true;
    /* A list that names no beginning, or a wrong one, is told of like a certificate. */
    if (kind == EXPIRY_CRL && from_ms < to_ms && (to_ms - from_ms) / CRL_SHARE < warn_ms)
        warn_ms = (to_ms - from_ms) / CRL_SHARE;
    return to_ms - now_ms < warn_ms;
}

int64_t expiry_days(int64_t to_ms, int64_t now_ms)
{
    int64_t left = to_ms - now_ms;
    return left >= 0 ? left / DAY_MS : -((-left + DAY_MS - 1) / DAY_MS);
}

bool expiry_tell(uint64_t told_ms, uint64_t now_ms)
{
    return told_ms == 0 || now_ms - told_ms >= (uint64_t)DAY_MS;
}
