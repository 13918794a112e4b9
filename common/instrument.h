/*
 * A questionnaire with its version: elements, scale, weights, grade bounds. It is data, the same
 * for the daemon (from its tables) and for the client (from files, see suara-instrument(5)), and
 * immutable once it was used.
 */
#ifndef SUARA_COMMON_INSTRUMENT_H
#define SUARA_COMMON_INSTRUMENT_H

#include <stddef.h>
#include <stdint.h>

#define INSTRUMENT_ELEMENTS_MAX 64u /* of which there is a byte each in a response's ratings */
#define INSTRUMENT_SCALE_MAX    100u
#define INSTRUMENT_METHODS_MAX  8u
#define INSTRUMENT_GRADES_MAX   8u

struct method { /* weight of one element as a fraction: 1/9, 11/100 */
    const char *name;
    int32_t num, den;
};

struct grade_bound { /* low..high in hundredths of a point, both inclusive */
    const char *grade, *quality_id, *quality_en;
    int32_t low, high;
};

struct element {
    const char *code; /* "U1": known by it, never by its position */
    const char *name_id, *name_en;
    const char *const *label_id, *const *label_en; /* `scale` of each, lowest first; or both NULL */
};

struct instrument {
    int16_t id; /* in the database; 0 where there is none */
    const char *code, *version, *name_id, *name_en;
    uint8_t scale, elements; /* ratings are 1..scale */
    const struct element *element;
    const char *const *column; /* the elements' codes as CSV columns have them, lower case: "u1" */
    struct method method[INSTRUMENT_METHODS_MAX];
    size_t methods;
    struct grade_bound bound[INSTRUMENT_GRADES_MAX];
    size_t bounds;
};

#define INSTRUMENT_TEXT_MAX 65536u          /* bytes of its text form */
#define INSTRUMENT_ARENA    (1024u * 1024u) /* bytes that hold any of them */

struct arena;
struct buf;
struct error;

/*
 * Reads the text form, see suara-instrument(5): size bytes, not zero-terminated. Whatever is wrong
 * is one sentence in *err (INVALID; TOO_LARGE) with the line and what to do, and the key or section
 * as its field; path, where there is one, stands in front of the line. On success the methods begin
 * with `exact`, the others follow by name, the grades go from the highest down, and everything
 * lives in the arena; id is 0. NULL and *err otherwise (UNAVAILABLE: no memory).
 */
const struct instrument *instrument_parse(struct arena *arena, const void *text, size_t size,
                                          const char *path, struct error *err);

/* Appends the text form. What instrument_parse made of a text gives the same instrument again. */
void instrument_write(const struct instrument *instrument, struct buf *out);

#endif
