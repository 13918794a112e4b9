/*
 * What a report is broken down by. One table of axes; a row's place on an axis is a number (its
 * office, term, service, perspective, or the first month of its period), and here it gets the names
 * that programs and people read.
 */
#ifndef SUARA_DAEMON_CORE_AXIS_H
#define SUARA_DAEMON_CORE_AXIS_H

#include "daemon/core/directory.h"
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

struct arena;
struct error;

enum axis_kind { AXIS_NOTHING, AXIS_TREE, AXIS_VALUE, AXIS_PERSPECTIVE, AXIS_TIME };

struct axis {
    const char *name; /* "" for AXIS_NOTHING */
    enum axis_kind kind;
    enum dim dim;   /* AXIS_VALUE */
    unsigned level; /* AXIS_TREE: depth of the office above, 1 = a root; 0: the office itself */
    unsigned unit;  /* AXIS_TIME: months of a period, 1, 3, 6 or 12 */
};

/* The axis of this name; NULL and INVALID for `field`, with the nearest. */
const struct axis *axis_parse(ProtobufCBinaryData name, const char *field, struct error *err)
    __attribute__((warn_unused_result));

/* Can these two be combined? -1 and INVALID, field "by2", when they are of one kind. */
int axis_pair(const struct axis *first, const struct axis *second, struct error *err)
    __attribute__((warn_unused_result));

/* The same for filters: dimensions that responses can be chosen by. DIM_ALL and INVALID. */
enum dim axis_filter(ProtobufCBinaryData name, struct error *err)
    __attribute__((warn_unused_result));
const char *axis_dim_name(enum dim dim);
bool axis_profile(enum dim dim); /* tells of the respondent: sex, age, education, occupation */

/* The office at that level above, or the office itself where it is higher; 0: not in the tables. */
int32_t axis_office(const struct directory *directory, int32_t office_id, unsigned level);

/* The first month (year x 100 + month) of the period of `unit` months that this day is in. */
int32_t axis_period(civil_day day, unsigned unit);

/*
 * The names of a place on an axis. office: the code where the place is one office's, else NULL. key
 * and label live in the directory or in the arena; "?" for what is in neither.
 */
struct axis_name {
    const char *office, *key, *label;
};
struct axis_name axis_name(const struct axis *axis, const struct directory *directory,
                           struct arena *arena, int32_t place);

#endif
