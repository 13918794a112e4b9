/*
 * What a report was asked for, as its heading and its columns tell it.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_ASK_H
#define SUARA_CLIENT_CORE_LAYOUT_ASK_H

#include "common/civil.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct layout_style;

#define LAYOUT_AXES 2u

struct layout_ask {
    const char *by[LAYOUT_AXES]; /* axes; "": none; the second only with the first */
    const char *office;          /* the only one that was named; NULL: several or all */
    bool subtree;                /* with those below */
    const char *period;          /* as the person wrote it; NULL: from..to */
    civil_day from, to;
    const char *perspective; /* recipient, provider or all */
    bool mean_of_offices;
    char *only; /* the filters in words, "channel web or kiosk, sex P"; NULL: none */
};

/* "1 Jan 2019 - 30 Jun 2019". */
void layout_ask_days(struct buf *out, civil_day from, civil_day to);

/* Is this the axis of a period: month, quarter, semester or year? */
bool layout_ask_is_time(const char *axis);

/* What the answer adds to the question. */
struct layout_heading {
    const char *title, *instrument;
    const char *method; /* "": there is no index in it */
    const char *office; /* the one that the figures are of; "": of several */
    uint32_t offices;   /* how many had responses; 0: not told in the heading */
    uint64_t n;         /* responses; 0: not told in the heading */
    bool mean_of_offices;
};

/* One sentence, broken where the terminal ends: what the figures are, of whom, when, and of how
 * many responses. */
void layout_ask_heading(struct buf *out, const struct layout_heading *heading,
                        const struct layout_ask *ask, const struct layout_style *style);

/* Appends text and a newline, broken between words where it would pass `width` (0: never). */
void layout_fold(struct buf *out, const char *text, size_t width);

/* The same of a sentence with words of a peer in it: escaped, for the terminal obeys nothing. */
__attribute__((format(printf, 3, 4))) void
layout_say(struct buf *out, const struct layout_style *style, const char *format, ...);

#endif
