#include "daemon/db/put.h"

/* ---- insert: which keys were new ---- */

static int compare_key(const struct row *row, int32_t office_id, const char *id)
{
    if (row->office_id != office_id)
        return row->office_id < office_id ? -1 : 1;
    return memcmp(row->id.byte, id, sizeof row->id.byte);
}

/* The rows are sorted, and so are the answers as a rule: `hint` is where the next one should be. */
static struct row *row_of_key(const struct group *group, size_t hint, int32_t office_id,
                              const char *id)
{
    if (hint < group->row_count && compare_key(group->rows[hint], office_id, id) == 0)
        return group->rows[hint];
    size_t low = 0, high = group->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_key(group->rows[middle], office_id, id);
        if (order == 0)
            return group->rows[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void put_set_all(struct group *group, enum row_status status)
{
    for (size_t i = 0; i < group->row_count; i++)
        group->rows[i]->status = status;
}

static int note_missing(struct put *put)
{
    const struct group *group = put->group;
    if (put->missing_cap < group->row_count) {
        struct put_missing *grown = realloc(put->missing, group->row_count * sizeof *grown);
        if (!grown)
            return -1;
        put->missing = grown;
        put->missing_cap = group->row_count;
    }
    for (size_t i = 0; i < group->row_count; i++)
        if (group->rows[i]->status != ROW_STORED)
            put->missing[put->missing_count++] = (struct put_missing){group->rows[i], 0};
    return 0;
}

static void put_on_insert(size_t query, const PGresult *result, void *arg)
{
    struct put *put = arg;
    struct group *group = put->group;
    (void)query;
    if (PQresultStatus(result) != PGRES_TUPLES_OK) /* BEGIN, LOCK */
        return;
    size_t count = (size_t)PQntuples(result);
    if (PQnfields(result) != 2 || count > group->row_count) {
        put->odd = "the insert answered with other rows";
        return;
    }
    if (count == group->row_count) {
        put_set_all(group, ROW_STORED);
        return;
    }
    put_set_all(group, ROW_DUPLICATE); /* until they are looked up */
    for (size_t i = 0; i < count; i++) {
        struct row *row = row_of_key(group, i, get_i32(PQgetvalue(result, (int)i, 0)),
                                     PQgetvalue(result, (int)i, 1));
        if (!row) {
            put->odd = "the insert answered with another key";
            return;
        }
        row->status = ROW_STORED;
    }
    if (note_missing(put))
        put->odd = "out of memory";
}

static void put_lookup(struct put *put);

static void put_settle(struct put *put)
{
    put_judge(put);
    put_record(put);
}

static void put_inserted(struct link *link, const struct link_answer *answer, void *arg)
{
    (void)link;
    struct put *put = arg;
    if (answer->outcome != DB_DONE || put->odd)
        put_fail(put, answer);
    else if (put->missing_count > 0)
        put_lookup(put);
    else
        put_settle(put);
}

void put_insert(struct put *put)
{
    const struct group *group = put->group;
    if (!encode_rows(&put->params, &put->rows, group->rows, group->row_count)) {
        put_give_up(put, "out of memory");
        return;
    }
    struct link_query query[PUT_BEGIN + 1];
    size_t n = put_begin(put, query);
    query[n++] = put_execute("insert", &put->params);
    link_run(put->link, query, n, put_on_insert, put_inserted, put);
}

/* ---- lookup: what is there instead of the others ---- */

static void put_on_lookup(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct put *put = arg;
    if (PQnfields(result) != 2 || (size_t)PQntuples(result) != put->missing_count) {
        put->odd = "the lookup answered with other rows";
        return;
    }
    for (size_t i = 0; i < put->missing_count; i++) {
        struct put_missing *missing = &put->missing[i];
        bool stored = !PQgetisnull(result, (int)i, 0);
        if (PQgetvalue(result, (int)i, 1)[0]) {
            missing->row->status = ROW_ERASED;
        } else if (stored) {
            missing->hash = get_i64(PQgetvalue(result, (int)i, 0));
            missing->row->status =
                missing->hash == missing->row->hash ? ROW_DUPLICATE : ROW_CONFLICT;
        } else { /* there when it was inserted, gone when it was looked up */
            put->odd = "a response changed while it was looked at";
            return;
        }
    }
}

static void put_looked_up(struct link *link, const struct link_answer *answer, void *arg)
{
    (void)link;
    struct put *put = arg;
    if (answer->outcome != DB_DONE || put->odd)
        put_fail(put, answer);
    else
        put_settle(put);
}

static void put_lookup(struct put *put)
{
    struct row **rows = calloc(put->missing_count, sizeof(struct row *));
    for (size_t i = 0; rows && i < put->missing_count; i++)
        rows[i] = put->missing[i].row;
    bool encoded = rows && encode_keys(&put->params, &put->rows, rows, put->missing_count);
    free(rows);
    if (!encoded) {
        put_give_up(put, "out of memory");
        return;
    }
    struct link_query query = put_execute("lookup", &put->params);
    link_run(put->link, &query, 1, put_on_lookup, put_looked_up, put);
}

/* ---- rows whose key stands in the group before ---- */

/* The hash of what is stored under the key of this row of the group. */
static int64_t stored_hash(const struct put *put, const struct row *row)
{
    if (row->status != ROW_CONFLICT)
        return row->hash;
    for (size_t i = 0; i < put->missing_count; i++)
        if (put->missing[i].row == row)
            return put->missing[i].hash;
    return row->hash;
}

void put_judge(struct put *put)
{
    const struct group *group = put->group;
    for (size_t i = 0; i < group->again_count; i++) {
        struct row *row = group->again[i];
        if (row->same->status == ROW_ERASED)
            row->status = ROW_ERASED;
        else
            row->status = row->hash == stored_hash(put, row->same) ? ROW_DUPLICATE : ROW_CONFLICT;
    }
}
