/*
 * Derived figures as text: with a sign, and for programs as JSON.
 */
#ifndef SUARA_CLIENT_CORE_LAYOUT_FIGURE_H
#define SUARA_CLIENT_CORE_LAYOUT_FIGURE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* value / 10^decimals: "+0.620", "-3.21", "0.00"; `plus`: with a + where it is above 0. */
void layout_signed(int64_t value, unsigned decimals, bool plus, char out[32]);

/* Likewise without a sign and without zeros at the end: "0.62", "1"; for sentences. */
void layout_size(int64_t value, unsigned decimals, char out[32]);

/* {value, low, high, beyond_chance}; low and high null where the interval is not known. */
json_t *layout_json_change(int64_t value, bool known, int64_t low, int64_t high, bool beyond_chance,
                           unsigned decimals);

/* {low, high} of an index in hundredths; null when high is 0. */
json_t *layout_json_interval(uint32_t low, uint32_t high);

/* Green to red for A to D; NULL for anything else. */
const char *layout_grade_colour(const char *grade);

/* Green for more, red for less, nothing where chance explains it. */
const char *layout_change_colour(int64_t value, bool beyond_chance);

#endif
