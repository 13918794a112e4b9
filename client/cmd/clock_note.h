/*
 * A wrong clock puts wrong times on responses: it is named wherever the server has told its own.
 */
#ifndef SUARA_CLIENT_CMD_CLOCK_NOTE_H
#define SUARA_CLIENT_CMD_CLOCK_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_NOTE 96u

/* ahead_ms: the server's clock minus ours. True when they differ by over a minute; then `out` has
 * the sentence: "this computer's clock is 10 days fast: set it". */
bool clock_note(int64_t ahead_ms, char out[CLOCK_NOTE]);

#endif
