#include "daemon/core/axis.h"

#include "common/arena.h"
#include "common/error.h"
#include "common/wire.h"
#include "daemon/core/scope.h"
#include <stdio.h>
#include <string.h>

static const struct axis axes[] = {
    {"", AXIS_NOTHING, DIM_ALL, 0, 0},
    {"office", AXIS_TREE, DIM_ALL, 0, 0},
    {"level1", AXIS_TREE, DIM_ALL, 1, 0},
    {"level2", AXIS_TREE, DIM_ALL, 2, 0},
    {"level3", AXIS_TREE, DIM_ALL, 3, 0},
    {"level4", AXIS_TREE, DIM_ALL, 4, 0},
    {"level5", AXIS_TREE, DIM_ALL, 5, 0},
    {"level6", AXIS_TREE, DIM_ALL, 6, 0},
    {"level7", AXIS_TREE, DIM_ALL, 7, 0},
    {"level8", AXIS_TREE, DIM_ALL, 8, 0},
    {"level9", AXIS_TREE, DIM_ALL, 9, 0},
    {"service", AXIS_VALUE, DIM_SERVICE, 0, 0},
    {"channel", AXIS_VALUE, DIM_CHANNEL, 0, 0},
    {"stakeholder", AXIS_VALUE, DIM_STAKEHOLDER, 0, 0},
    {"perspective", AXIS_PERSPECTIVE, DIM_ALL, 0, 0},
    {"sex", AXIS_VALUE, DIM_SEX, 0, 0},
    {"age", AXIS_VALUE, DIM_AGE, 0, 0},
    {"education", AXIS_VALUE, DIM_EDUCATION, 0, 0},
    {"occupation", AXIS_VALUE, DIM_OCCUPATION, 0, 0},
    {"month", AXIS_TIME, DIM_ALL, 0, 1},
    {"quarter", AXIS_TIME, DIM_ALL, 0, 3},
    {"semester", AXIS_TIME, DIM_ALL, 0, 6},
    {"year", AXIS_TIME, DIM_ALL, 0, 12},
};

#define AXES (sizeof axes / sizeof *axes)

const struct axis *axis_parse(ProtobufCBinaryData name, const char *field, struct error *err)
{
    const char *names[AXES];
    for (size_t i = 0; i < AXES; i++) {
        if (wire_is(&name, axes[i].name))
            return &axes[i];
        names[i] = axes[i].kind == AXIS_NOTHING ? NULL : axes[i].name;
    }
    (void)scope_unknown(err, field, name, names, AXES);
    return NULL;
}

int axis_pair(const struct axis *first, const struct axis *second, struct error *err)
{
    if (second->kind == AXIS_NOTHING)
        return 0;
    if (first->kind == AXIS_NOTHING)
        return error_set(err, ERROR_INVALID, "by2",
                         "%s is the second axis and there is no first: ask with by = %s",
                         second->name, second->name);
    if (first->kind != second->kind || first->dim != second->dim)
        return 0;
    return error_set(err, ERROR_INVALID, "by2",
                     "%s and %s are axes of one kind and can't be combined: take one of them",
                     first->name, second->name);
}

enum dim axis_filter(ProtobufCBinaryData name, struct error *err)
{
    const char *names[AXES];
    for (size_t i = 0; i < AXES; i++) {
        names[i] = axes[i].kind == AXIS_VALUE ? axes[i].name : NULL;
        if (names[i] && wire_is(&name, names[i]))
            return axes[i].dim;
    }
    (void)scope_unknown(err, "filter", name, names, AXES);
    return DIM_ALL;
}

const char *axis_dim_name(enum dim dim)
{
    for (size_t i = 0; i < AXES; i++)
        if (axes[i].kind == AXIS_VALUE && axes[i].dim == dim)
            return axes[i].name;
    return "";
}

bool axis_profile(enum dim dim)
{
    return dim == DIM_SEX || dim == DIM_AGE || dim == DIM_EDUCATION || dim == DIM_OCCUPATION;
}

int32_t axis_office(const struct directory *directory, int32_t office_id, unsigned level)
{
    const struct office *office = directory_office_by_id(directory, office_id);
    unsigned depth = 0;
    if (level == 0 || !office)
        return office ? office->id : 0;
    for (const struct office *o = office; o; o = o->parent)
        depth++;
    for (; depth > level; depth--)
        office = office->parent;
    return office->id;
}

int32_t axis_period(civil_day day, unsigned unit)
{
    uint32_t month = day / 100 % 100;
    return (int32_t)(day / 10000 * 100 + month - (month - 1) % unit);
}

/* ---- names ----------------------------------------------------------------------------------- */

static struct axis_name name_period(struct arena *arena, unsigned unit, int32_t place)
{
    static const char *const months[] = {"Januari",   "Februari", "Maret",    "April",
                                         "Mei",       "Juni",     "Juli",     "Agustus",
                                         "September", "Oktober",  "November", "Desember"};
    static const char *const roman[] = {"I", "II", "III", "IV"};
    char key[16], label[40];
    unsigned year = (unsigned)place / 100, month = ((unsigned)place % 100 - 1) % 12;
    unsigned period = month / unit;
    int n = snprintf(key, sizeof key, "%04u", year), m;
    if (unit == 1)
        n = snprintf(key, sizeof key, "%04u-%02u", year, month + 1);
    else if (unit < 12)
        n = snprintf(key, sizeof key, "%04u-%c%u", year, unit == 3 ? 'Q' : 'S', period + 1);
    if (unit == 1)
        m = snprintf(label, sizeof label, "%s %u", months[month], year);
    else if (unit < 12)
        m = snprintf(label, sizeof label, "%s %s %u", unit == 3 ? "Triwulan" : "Semester",
                     roman[period], year);
    else
        m = snprintf(label, sizeof label, "%u", year);
    const char *kept = arena_strndup(arena, key, (size_t)n);
    const char *said = arena_strndup(arena, label, (size_t)m);
    return (struct axis_name){NULL, kept ? kept : "?", said ? said : "?"};
}

/* A level's row is of all the offices below, not of the one that names it. */
static struct axis_name name_office(const struct directory *d, int32_t id, unsigned level)
{
    const struct office *o = directory_office_by_id(d, id);
    if (!o)
        return (struct axis_name){level ? NULL : "?", "?", "?"};
    return (struct axis_name){level ? NULL : o->code, o->code, o->name};
}

static struct axis_name name_value(const struct directory *d, enum dim dim, int32_t id)
{
    if (dim == DIM_SERVICE && id) {
        const struct service *s = directory_service_by_id(d, id);
        const struct office *o = s ? directory_office_by_id(d, s->office_id) : NULL;
        return s ? (struct axis_name){o ? o->code : "?", s->code, s->name}
                 : (struct axis_name){NULL, "?", "?"};
    }
    if (dim == DIM_SERVICE)
        return (struct axis_name){NULL, "", ""};
    const struct term *t = directory_term_by_id(d, dim, (int16_t)id);
    return t ? (struct axis_name){NULL, t->code, t->name} : (struct axis_name){NULL, "?", "?"};
}

struct axis_name axis_name(const struct axis *axis, const struct directory *directory,
                           struct arena *arena, int32_t place)
{
    switch (axis->kind) {
    case AXIS_TREE:
        return name_office(directory, place, axis->level);
    case AXIS_VALUE:
        return name_value(directory, axis->dim, place);
    case AXIS_PERSPECTIVE:
        return name_value(directory, DIM_PERSPECTIVE, place);
    case AXIS_TIME:
        return name_period(arena, axis->unit, place);
    case AXIS_NOTHING:
        break;
    }
    return (struct axis_name){NULL, "", ""};
}
