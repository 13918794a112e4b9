/*
 * Small cells. What outsiders are told of one office and calendar year by a trait of the
 * respondents, so that no figure of fewer than k can be read or worked out, also not from any other
 * report they may ask for: docs/index.md has the rules and why they hold.
 */
#ifndef SUARA_DAEMON_CORE_HIDE_H
#define SUARA_DAEMON_CORE_HIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hide_value {
    int32_t value;  /* term; 0 = not given */
    uint64_t n[12]; /* responses of each month of the year */
    bool hidden;    /* out: never told by itself */
};

/*
 * Chooses which values of a year are hidden, and how finely the others are told: the months of a
 * block, 1, 3, 6 or 12. 0: nothing is told, and all are hidden. Values ascend.
 */
unsigned hide_year(struct hide_value *values, size_t count, uint64_t k);

#endif
