#include "client/cmd/clock_note.h"

#include "client/core/message.h"
#include <stddef.h>
#include <stdio.h>

#define MINUTE INT64_C(60000)

bool clock_note(int64_t ahead_ms, char out[CLOCK_NOTE])
{
    static const struct {
        int64_t ms, from; /* a unit, and from where on it is used */
        const char *one, *many;
    } units[] = {{24 * 60 * MINUTE, 48 * 60 * MINUTE, "day", "days"},
                 {60 * MINUTE, 120 * MINUTE, "hour", "hours"},
                 {MINUTE, 0, "minute", "minutes"}};
    int64_t off = ahead_ms < 0 ? -ahead_ms : ahead_ms;
    size_t i = 0;

    if (off <= MINUTE)
        return false;
    while (off < units[i].from)
        i++;
    int64_t count = off / units[i].ms;
    snprintf(out, CLOCK_NOTE, MSG_CLOCK, count, count == 1 ? units[i].one : units[i].many,
             ahead_ms < 0 ? "fast" : "slow");
    return true;
}
