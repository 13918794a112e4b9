/*
 * An instrument while its text is read: what the files of the parser share.
 */
#ifndef SUARA_COMMON_INSTRUMENT_PRIVATE_H
#define SUARA_COMMON_INSTRUMENT_PRIVATE_H

#include "common/instrument.h"
#include <stdbool.h>

enum section { SECTION_NONE, SECTION_INSTRUMENT, SECTION_METHOD, SECTION_ELEMENT, SECTION_GRADE };

#define DRAFT_KEYS (4u + 2u * INSTRUMENT_SCALE_MAX) /* most keys of a section: names, labels */

struct draft {
    struct arena *arena;
    struct error *err;
    const char *path;      /* NULL: none */
    const char *at, *end;  /* of the text that is still to be read */
    int line;              /* that is being read, from 1 */
    bool failed;           /* *err says why */
    enum section section;  /* that is open .. */
    char title[80];        /* .. "element U1" .. */
    int opened;            /* .. since this line */
    int given[DRAFT_KEYS]; /* line on which each key of it was given; 0: not */
    bool has_instrument;   /* [instrument] is whole */
    int once_line[2];      /* of [instrument] and [method]; 0: not yet */
    struct instrument in;
    struct element element[INSTRUMENT_ELEMENTS_MAX];
    const char **column;   /* room for all of them */
    const char **label[2]; /* of the open element: Indonesian, English; room for the scale */
    int element_line[INSTRUMENT_ELEMENTS_MAX];
    int method_line[INSTRUMENT_METHODS_MAX];
    int bound_line[INSTRUMENT_GRADES_MAX];
};

/* Says what is wrong; the first fault stays. line 0: of no line in particular. False. */
__attribute__((format(printf, 4, 5))) bool draft_fault(struct draft *d, int line, const char *field,
                                                       const char *format, ...);

/* ---- instrument_section.c ---- */

/* What stands between [ and ]: closes the section before and opens it. */
bool draft_open(struct draft *d, const char *title);
/* Is the open section whole? Then it is part of the instrument. */
bool draft_close(struct draft *d);
/* One name = value of the open section. */
bool draft_key(struct draft *d, const char *name, const char *value);
/* Weights, grades and what else only the whole of it shows. */
bool draft_finish(struct draft *d);

/* A copy in the arena; one of words for people, not empty and not too long. NULL: a fault. */
const char *draft_keep(struct draft *d, const char *text);
const char *draft_text(struct draft *d, const char *name, const char *value);

/* The place of a key in its list; -1: there is none, and the fault says so. */
int draft_place(struct draft *d, const char *const *keys, size_t count, const char *name);
/* Notes the key's line in `given`; it must be the first. */
bool draft_once(struct draft *d, const char *name, int place);

/* ---- the sections: instrument_element.c, instrument_weight.c, instrument_grade.c ---- */

bool draft_open_element(struct draft *d, const char *code);
bool draft_take_element(struct draft *d, const char *name, const char *value);
bool draft_close_element(struct draft *d);

bool draft_take_method(struct draft *d, const char *name, const char *value);
bool draft_finish_methods(struct draft *d); /* with the number of elements known */

bool draft_open_grade(struct draft *d, const char *grade);
bool draft_take_grade(struct draft *d, const char *name, const char *value);
bool draft_close_grade(struct draft *d);
bool draft_finish_grades(struct draft *d);

#endif
