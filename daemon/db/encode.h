/*
 * Rows as PostgreSQL's binary formats (network order): one array per column for unnest(), and the
 * file format of COPY. Each writes straight from the rows into one reusable buffer, sized before
 * the first byte, so that a row costs its bytes and nothing else.
 *
 * Sources: the send and receive functions of the types in PostgreSQL (array_recv: dimensions, null
 * flag, element type, length and lower bound, then length and bytes of each element), and the
 * manual page of COPY.
 */
#ifndef SUARA_DAEMON_DB_ENCODE_H
#define SUARA_DAEMON_DB_ENCODE_H

#include "common/buf.h"
#include "common/civil.h"
#include "common/uuid.h"
#include "daemon/core/submission.h"
#include <stdbool.h>

#define PARAMS_MAX 16u

/* Parameters of one statement. They point into the buffer that they were encoded to. */
struct params {
    const char *value[PARAMS_MAX];
    int length[PARAMS_MAX], format[PARAMS_MAX];
    int count;
};

/* One parameter array: `count` elements of a fixed width, or of any (width 0). */
struct array {
    char *at; /* where the next element goes */
};

/* Begins `params` in out: clears both and makes sure of `bytes` bytes. False without memory. */
bool params_begin(struct params *params, struct buf *out, size_t bytes);

/* Bytes that an array of count elements of width bytes takes; for width 0 add the elements'. */
size_t array_bytes(size_t count, size_t width);

/* Adds the next parameter, an array, and moves out->len behind it. `body`: bytes of variable
 * elements. The elements are written with put_* below, in order, exactly count of them. */
struct array params_array(struct params *params, struct buf *out, uint32_t oid, size_t count,
                          size_t width, size_t body);

void put_i16(struct array *array, int16_t value);
void put_i32(struct array *array, int32_t value);
void put_i64(struct array *array, int64_t value);
void put_uuid(struct array *array, const struct uuid *value);
void put_bytes(struct array *array, const void *data, size_t size);

/* Types: pg_type.dat. */
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25 };
enum { OID_DATE = 1082, OID_UUID = 2950 };

/* Days since 2000-01-01, as a date travels; and back (0 for what is no civil_day). */
int32_t pg_date(civil_day day);
civil_day pg_date_day(int32_t date);

/* The columns of response in the order of ENCODE_ROW_COLUMNS, without `received`. False without
 * memory. */
#define ENCODE_ROW_COLUMNS                                                                         \
    "office_id, service_id, hash, id, instrument_id, channel, stakeholder, perspective, sex, "     \
    "age, education, occupation, ratings"
bool encode_rows(struct params *params, struct buf *out, struct row *const *rows, size_t count);

/* office_id[], id[] */
bool encode_keys(struct params *params, struct buf *out, struct row *const *rows, size_t count);

/* COPY in binary: `received` (microseconds since 2000-01-01 UTC), then ENCODE_ROW_COLUMNS. */
bool encode_copy(struct buf *out, struct row *const *rows, size_t count, int64_t received);

/* An array of a binary result whose elements have one width and are not null: element i's value is
 * at first + i * (4 + width). False when it is not of that shape. */
bool get_array(const char *at, size_t size, uint32_t oid, size_t width, const char **first,
               size_t *count);

/* Numbers of a binary result. */
int16_t get_i16(const char *at);
int32_t get_i32(const char *at);
int64_t get_i64(const char *at);

#endif
