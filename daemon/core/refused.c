#include "daemon/core/refused.h"

#include <stdio.h>
#include <string.h>

/* The one of this principal and verb; or else the best to be used for it: one that is free, or
 * whose minute is over for longest. NULL: none. */
static struct refused_one *place_of(struct refused *r, const char *who, enum verb verb,
                                    uint64_t now_ms)
{
    struct refused_one *best = NULL;
    for (size_t i = 0; i < REFUSED_MOST; i++) {
        struct refused_one *one = &r->one[i];
        if (one->verb == verb && strcmp(one->who, who) == 0)
            return one;
        bool over = !one->who[0] || now_ms - one->at_ms >= REFUSED_EVERY_MS;
        if (over && (!best || (best->who[0] && (!one->who[0] || one->at_ms < best->at_ms))))
            best = one;
    }
    return best;
}

bool refused_take(struct refused *r, const char *who, enum verb verb, uint64_t now_ms,
                  uint64_t *again)
{
    struct refused_one *one = place_of(r, who, verb, now_ms);
    if (!one) {
        r->left_out++;
        return false;
    }
    bool known = one->verb == verb && strcmp(one->who, who) == 0;
    if (known && now_ms - one->at_ms < REFUSED_EVERY_MS) {
        one->left_out++;
        r->left_out++;
        return false;
    }
    *again = known ? one->left_out : 0;
    (void)snprintf(one->who, sizeof one->who, "%s", who);
    one->verb = verb;
    one->at_ms = now_ms;
    one->left_out = 0;
    return true;
}
