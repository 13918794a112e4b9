/*
 * The small tables in memory: offices as a tree, services, instruments, code lists, principals. It
 * is built whole from the database, sealed, and swapped in; nobody changes it afterwards.
 */
#ifndef SUARA_DAEMON_CORE_DIRECTORY_H
#define SUARA_DAEMON_CORE_DIRECTORY_H

#include "common/civil.h"
#include "common/instrument.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct directory;
struct error;

/* What figures can be broken down by: the numbers stand in term.dim and rollup.dim (sql/). */
enum dim {
    DIM_ALL = 0,
    DIM_SERVICE = 1,
    DIM_CHANNEL = 2,
    DIM_STAKEHOLDER = 3,
    DIM_PERSPECTIVE = 4,
    DIM_SEX = 5,
    DIM_AGE = 6,
    DIM_EDUCATION = 7,
    DIM_OCCUPATION = 8,
    DIM_COUNT
};

enum { PERSPECTIVE_ALL = 0, PERSPECTIVE_RECIPIENT = 1, PERSPECTIVE_PROVIDER = 2 };

enum role { ROLE_NONE, ROLE_OFFICE, ROLE_SUPERVISOR, ROLE_ADMIN, ROLE_AUDITOR, ROLE_COUNT };

struct office {
    int32_t id, parent_id; /* parent_id 0: a root */
    const char *code, *name;
    enum zone zone;
    const struct office *parent;
};

struct service {
    int32_t id, office_id;
    const char *code, *name;
};

struct term {
    enum dim dim;
    int16_t id;
    const char *code, *name;
};

struct principal {
    enum role role;
    const char *name;
    const struct office *office; /* office and supervisor; else NULL */
    int32_t office_id;
    bool active;
};

/* ---- building: texts are copied; -1 without memory; parents may come later ---- */

struct directory *directory_new(void);
int directory_add_office(struct directory *d, int32_t id, const char *code, const char *name,
                         int32_t parent_id, const char *zone);
int directory_add_service(struct directory *d, int32_t id, int32_t office_id, const char *code,
                          const char *name);
int directory_add_instrument(struct directory *d, int16_t id, const char *code, const char *version,
                             const char *name_id, const char *name_en, uint8_t scale, bool used);
/* Elements in their order; what an instrument consists of after it. */
int directory_add_element(struct directory *d, int16_t instrument, const char *code,
                          const char *name_id, const char *name_en);
/* What `rating` of the element at `position` (from 1) is called. */
int directory_add_label(struct directory *d, int16_t instrument, int32_t position, int32_t rating,
                        const char *label_id, const char *label_en);
int directory_add_method(struct directory *d, int16_t instrument, const char *name, int32_t num,
                         int32_t den);
int directory_add_bound(struct directory *d, int16_t instrument, const char *grade,
                        const char *quality_id, const char *quality_en, int32_t low, int32_t high);
int directory_add_term(struct directory *d, enum dim dim, int16_t id, const char *code,
                       const char *name);
int directory_add_principal(struct directory *d, const char *role, const char *name,
                            int32_t office_id, bool active);

/* Ties the parts together; -1 and INTERNAL when they don't fit (a loop of parents, no zone ..). */
int directory_seal(struct directory *d, struct error *err);

/* One more holder; each calls directory_free, the last one's frees. A report keeps the directory it
 * was planned with. */
struct directory *directory_ref(struct directory *d);
void directory_free(struct directory **d);

/* ---- asking: NULL = there is none; words are size bytes, not zero-terminated ---- */

const struct office *directory_office(const struct directory *d, const void *code, size_t size);
const struct office *directory_office_by_id(const struct directory *d, int32_t id);
const struct service *directory_service(const struct directory *d, int32_t office_id,
                                        const void *code, size_t size);
const struct service *directory_service_by_id(const struct directory *d, int32_t id);
const struct instrument *directory_instrument(const struct directory *d, const void *code,
                                              size_t size);
const struct term *directory_term(const struct directory *d, enum dim dim, const void *code,
                                  size_t size);
const struct term *directory_term_by_id(const struct directory *d, enum dim dim, int16_t id);
const struct principal *directory_principal(const struct directory *d, enum role role,
                                            const char *name);

/* Was it given to an office, or were responses stored with it? (The instrument must be of a
 * directory.) */
bool directory_instrument_used(const struct instrument *instrument);

/* Is `office` the same as `top` or below it? */
bool directory_within(const struct office *office, const struct office *top);

/* All of one kind, sorted by code. */
const struct office *const *directory_offices(const struct directory *d, size_t *count);
const struct service *const *directory_services(const struct directory *d, size_t *count);
const struct principal *const *directory_principals(const struct directory *d, size_t *count);
const struct instrument *const *directory_instruments(const struct directory *d, size_t *count);

#endif
