#include "daemon/db/encode.h"

#include <endian.h>

#define ARRAY_HEAD   20u
#define COPY_HEAD    19u
#define COPY_FIELDS  14
#define PG_EPOCH_DAY 10957 /* 2000-01-01 in days since 1970-01-01 */

/* ---- one value ---- */

static void raw_16(char **at, uint16_t value)
{
    uint16_t big = htobe16(value);
    memcpy(*at, &big, sizeof big);
    *at += sizeof big;
}

static void raw_32(char **at, uint32_t value)
{
    uint32_t big = htobe32(value);
    memcpy(*at, &big, sizeof big);
    *at += sizeof big;
}

static void raw_64(char **at, uint64_t value)
{
    uint64_t big = htobe64(value);
    memcpy(*at, &big, sizeof big);
    *at += sizeof big;
}

void put_i16(struct array *array, int16_t value)
{
    raw_32(&array->at, 2);
    raw_16(&array->at, (uint16_t)value);
}

void put_i32(struct array *array, int32_t value)
{
    raw_32(&array->at, 4);
    raw_32(&array->at, (uint32_t)value);
}

void put_i64(struct array *array, int64_t value)
{
    raw_32(&array->at, 8);
    raw_64(&array->at, (uint64_t)value);
}

void put_bytes(struct array *array, const void *data, size_t size)
{
    raw_32(&array->at, (uint32_t)size);
    if (size > 0)
        memcpy(array->at, data, size);
    array->at += size;
}

void put_uuid(struct array *array, const struct uuid *value)
{
    put_bytes(array, value->byte, sizeof value->byte);
}

int16_t get_i16(const char *at)
{
    uint16_t big;
    memcpy(&big, at, sizeof big);
    return (int16_t)be16toh(big);
}

int32_t get_i32(const char *at)
{
    uint32_t big;
    memcpy(&big, at, sizeof big);
    return (int32_t)be32toh(big);
}

int64_t get_i64(const char *at)
{
    uint64_t big;
    memcpy(&big, at, sizeof big);
    return (int64_t)be64toh(big);
}

bool get_array(const char *at, size_t size, uint32_t oid, size_t width, const char **first,
               size_t *count)
{
    if (size >= ARRAY_HEAD - 8 && get_i32(at) == 0) { /* no dimensions: empty */
        *first = at;
        *count = 0;
        return true;
    }
    if (size < ARRAY_HEAD || get_i32(at) != 1 || get_i32(at + 4) != 0 ||
        (uint32_t)get_i32(at + 8) != oid)
        return false;
    size_t elements = (uint32_t)get_i32(at + 12);
    if (size != array_bytes(elements, width))
        return false;
    *first = at + ARRAY_HEAD + 4;
    *count = elements;
    return true;
}

int32_t pg_date(civil_day day)
{
    return (int32_t)(civil_to_days(day) - PG_EPOCH_DAY);
}

civil_day pg_date_day(int32_t date)
{
    return civil_from_days((int64_t)date + PG_EPOCH_DAY);
}

/* ---- arrays ---- */

bool params_begin(struct params *params, struct buf *out, size_t bytes)
{
    params->count = 0;
    buf_clear(out);
    return buf_reserve(out, bytes) != NULL;
}

size_t array_bytes(size_t count, size_t width)
{
    return ARRAY_HEAD + count * (4 + width);
}

struct array params_array(struct params *params, struct buf *out, uint32_t oid, size_t count,
                          size_t width, size_t body)
{
    char *at = out->data + out->len;
    size_t bytes = array_bytes(count, width) + body;
    params->value[params->count] = at;
    params->length[params->count] = (int)bytes;
    params->format[params->count] = 1;
    params->count++;
    out->len += bytes;
    raw_32(&at, 1); /* dimensions */
    raw_32(&at, 0); /* no nulls */
    raw_32(&at, oid);
    raw_32(&at, (uint32_t)count);
    raw_32(&at, 1); /* lower bound */
    return (struct array){at};
}

static size_t ratings_bytes(struct row *const *rows, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += rows[i]->elements;
    return bytes;
}

bool encode_rows(struct params *params, struct buf *out, struct row *const *rows, size_t count)
{
    size_t ratings = ratings_bytes(rows, count);
    size_t fixed = 2 * array_bytes(count, 4) + array_bytes(count, 8) + array_bytes(count, 16) +
                   8 * array_bytes(count, 2);
    if (!params_begin(params, out, fixed + array_bytes(count, 0) + ratings))
        return false;
    struct array office = params_array(params, out, OID_INT4, count, 4, 0);
    struct array service = params_array(params, out, OID_INT4, count, 4, 0);
    struct array hash = params_array(params, out, OID_INT8, count, 8, 0);
    struct array id = params_array(params, out, OID_UUID, count, 16, 0);
    struct array instrument = params_array(params, out, OID_INT2, count, 2, 0);
    struct array term[9];
    for (size_t k = 2; k < 9; k++)
        term[k] = params_array(params, out, OID_INT2, count, 2, 0);
    struct array rating = params_array(params, out, OID_BYTEA, count, 0, ratings);
    for (size_t i = 0; i < count; i++) {
        const struct row *row = rows[i];
        put_i32(&office, row->office_id);
        put_i32(&service, row->service_id);
        put_i64(&hash, row->hash);
        put_uuid(&id, &row->id);
        put_i16(&instrument, row->instrument_id);
        for (size_t k = 2; k < 9; k++)
            put_i16(&term[k], row->term[k]);
        put_bytes(&rating, row->ratings, row->elements);
    }
    return true;
}

bool encode_keys(struct params *params, struct buf *out, struct row *const *rows, size_t count)
{
    if (!params_begin(params, out, array_bytes(count, 4) + array_bytes(count, 16)))
        return false;
    struct array office = params_array(params, out, OID_INT4, count, 4, 0);
    struct array id = params_array(params, out, OID_UUID, count, 16, 0);
    for (size_t i = 0; i < count; i++) {
        put_i32(&office, rows[i]->office_id);
        put_uuid(&id, &rows[i]->id);
    }
    return true;
}

/* ---- COPY ---- */

bool encode_copy(struct buf *out, struct row *const *rows, size_t count, int64_t received)
{
    static const char head[COPY_HEAD] = "PGCOPY\n\377\r\n"; /* signature, flags, no extension */
    const size_t row_bytes = 2 + COPY_FIELDS * 4 + 8 + 2 * 4 + 8 + 16 + 8 * 2;
    size_t bytes = COPY_HEAD + count * row_bytes + ratings_bytes(rows, count) + 2;
    buf_clear(out);
    char *start = buf_reserve(out, bytes);
    if (!start)
        return false;
    memcpy(start, head, COPY_HEAD);
    struct array field = {start + COPY_HEAD};
    for (size_t i = 0; i < count; i++) {
        const struct row *row = rows[i];
        raw_16(&field.at, COPY_FIELDS);
        put_i64(&field, received);
        put_i32(&field, row->office_id);
        put_i32(&field, row->service_id);
        put_i64(&field, row->hash);
        put_uuid(&field, &row->id);
        put_i16(&field, row->instrument_id);
        for (size_t k = 2; k < 9; k++)
            put_i16(&field, row->term[k]);
        put_bytes(&field, row->ratings, row->elements);
    }
    raw_16(&field.at, UINT16_MAX); /* the end */
    out->len += bytes;
    return true;
}
