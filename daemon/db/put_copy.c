#include "daemon/db/put.h"

#define COPY_SQL "COPY suara.response (received, " ENCODE_ROW_COLUMNS ") FROM STDIN (FORMAT binary)"

/* ---- copy ---- */

static void put_on_copy(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct put *put = arg;
    const char *tuples = PQcmdTuples((PGresult *)(uintptr_t)result);
    if (strtoull(tuples, NULL, 10) != put->group->row_count)
        put->odd = "COPY took another number of rows";
}

static void put_copied(struct link *link, const struct link_answer *answer, void *arg)
{
    (void)link;
    struct put *put = arg;
    if (put_not_all_new(put, answer))
        return;
    if (answer->outcome != DB_DONE || put->odd) {
        put_fail(put, answer);
        return;
    }
    put_set_all(put->group, ROW_STORED);
    put_judge(put);
    put_record(put);
}

static void put_copy(struct put *put)
{
    const struct group *group = put->group;
    if (!encode_copy(&put->rows, group->rows, group->row_count, put->received)) {
        put_give_up(put, "out of memory");
        return;
    }
    link_copy(put->link, COPY_SQL, put->rows.data, put->rows.len, put_on_copy, put_copied, put);
}

/* ---- probe ---- */

static void put_on_probe(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct put *put = arg;
    if (PQresultStatus(result) != PGRES_TUPLES_OK) /* BEGIN, LOCK */
        return;
    if (PQntuples(result) != 1 || PQnfields(result) != 2) {
        put->odd = "the probe answered with other rows";
        return;
    }
    put->received = get_i64(PQgetvalue(result, 0, 0));
    put->erased_near = PQgetvalue(result, 0, 1)[0];
}

static void put_probed(struct link *link, const struct link_answer *answer, void *arg)
{
    (void)link;
    struct put *put = arg;
    if (answer->outcome != DB_DONE || put->odd)
        put_fail(put, answer);
    else if (put->erased_near)
        put_insert(put);
    else
        put_copy(put);
}

/* Is this row the last of its office? */
static bool ends_office(const struct group *group, size_t i)
{
    return i + 1 == group->row_count || group->rows[i + 1]->office_id != group->rows[i]->office_id;
}

/* First and last id of each office: the rows are sorted. */
static bool encode_ranges(struct put *put)
{
    const struct group *group = put->group;
    size_t count = 0, first = 0;
    for (size_t i = 0; i < group->row_count; i++)
        count += ends_office(group, i);
    if (!params_begin(&put->params, &put->rows, array_bytes(count, 4) + 2 * array_bytes(count, 16)))
        return false;
    struct array office = params_array(&put->params, &put->rows, OID_INT4, count, 4, 0);
    struct array low = params_array(&put->params, &put->rows, OID_UUID, count, 16, 0);
    struct array high = params_array(&put->params, &put->rows, OID_UUID, count, 16, 0);
    for (size_t i = 0; i < group->row_count; i++) {
        if (!ends_office(group, i))
            continue;
        put_i32(&office, group->rows[i]->office_id);
        put_uuid(&low, &group->rows[first]->id);
        put_uuid(&high, &group->rows[i]->id);
        first = i + 1;
    }
    return true;
}

void put_probe(struct put *put)
{
    if (!encode_ranges(put)) {
        put_give_up(put, "out of memory");
        return;
    }
    struct link_query query[PUT_BEGIN + 1];
    size_t n = put_begin(put, query);
    query[n++] = put_execute("probe", &put->params);
    link_run(put->link, query, n, put_on_probe, put_probed, put);
}
