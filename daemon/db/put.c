#include "daemon/db/put.h"

/* Rows from which COPY pays for its round trips: even at about 200 on a Unix socket (measured). */
#define COPY_LEAST   200u
#define KEEP_MOST    (4u << 20) /* bytes that a buffer may keep between groups */
#define CAUTION_MOST 1024u

#define UNNEST_ROWS                                                                                \
    "unnest($1::int[], $2::int[], $3::bigint[], $4::uuid[], $5::smallint[], $6::smallint[], "      \
    "$7::smallint[], $8::smallint[], $9::smallint[], $10::smallint[], $11::smallint[], "           \
    "$12::smallint[], $13::bytea[]) AS u (" ENCODE_ROW_COLUMNS ")"

const struct link_statement put_statements[] = {
    {"begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"},
    {"lock", "LOCK TABLE suara.response IN ROW EXCLUSIVE MODE"},
    {"commit", "COMMIT"},
    {"insert", "INSERT INTO suara.response (received, " ENCODE_ROW_COLUMNS ") "
               "SELECT now(), " ENCODE_ROW_COLUMNS " "
               "FROM " UNNEST_ROWS " "
               "WHERE NOT EXISTS (SELECT FROM suara.erased e "
               "WHERE e.office_id = u.office_id AND e.id = u.id) "
               "ON CONFLICT DO NOTHING RETURNING office_id, id"},
    {"insert_new", /* all or none: it fails of a key that is held, one that was erased, and of a row
                      that the server drops */
     "WITH new AS (INSERT INTO suara.response (received, " ENCODE_ROW_COLUMNS ") "
     "SELECT CASE WHEN EXISTS (SELECT FROM suara.erased e "
     "WHERE e.office_id = u.office_id AND e.id = u.id) THEN NULL ELSE now() "
     "END, " ENCODE_ROW_COLUMNS " FROM " UNNEST_ROWS " RETURNING 1) "
     "SELECT 1 / (count(*) = cardinality($1))::int FROM new"},
    {"lookup", "SELECT r.hash, e.id IS NOT NULL "
               "FROM unnest($1::int[], $2::uuid[]) WITH ORDINALITY AS k (office_id, id, place) "
               "LEFT JOIN suara.response r ON r.office_id = k.office_id AND r.id = k.id "
               "LEFT JOIN suara.erased e ON e.office_id = k.office_id AND e.id = k.id "
               "ORDER BY k.place"},
    {"probe", "SELECT now(), EXISTS (SELECT FROM suara.erased e, "
              "unnest($1::int[], $2::uuid[], $3::uuid[]) AS k (office_id, low, high) "
              "WHERE e.office_id = k.office_id AND e.id BETWEEN k.low AND k.high)"},
    {"comments", "INSERT INTO suara.comment (office_id, id, kind, text) "
                 "SELECT * FROM unnest($1::int[], $2::uuid[], $3::smallint[], $4::text[])"},
    {"batches",
     "INSERT INTO suara.batch AS b (office_id, batch_id, principal, serial, n, stored, duplicate, "
     "conflict, erased, invalid, denied, seen) "
     "SELECT * FROM unnest($1::int[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::int[], "
     "$7::int[], $8::int[], $9::int[], $10::int[], $11::int[], $12::int[]) "
     "ON CONFLICT (office_id, batch_id) DO UPDATE SET seen = b.seen + excluded.seen"},
    {"marks", "INSERT INTO suara.stale (office_id, month, instrument_id) "
              "SELECT * FROM unnest($1::int[], $2::date[], $3::smallint[])"},
    {"uses", "SELECT suara.instrument_use($1::smallint[])"},
    {NULL, NULL},
};

struct link_query put_execute(const char *name, const struct params *params)
{
    return (struct link_query){.name = name,
                               .params = params->count,
                               .values = params->value,
                               .lengths = params->length,
                               .formats = params->format};
}

size_t put_begin(struct put *put, struct link_query *query)
{
    static const struct params none;
    if (put->begun)
        return 0;
    put->begun = true;
    query[0] = put_execute("begin", &none);
    query[1] = put_execute("lock", &none);
    return PUT_BEGIN;
}

/* No key is likely to be held where nothing was ever tried, so never half done; unless it turned
 * out otherwise lately, as when a file is sent again. */
static bool likely_new(struct put *put)
{
    const struct group *group = put->group;
    if (put->wary > 0) {
        put->wary--;
        return false;
    }
    for (const struct submission *s = group->submissions; s; s = s->next)
        if (s->tries > 0)
            return false;
    return true;
}

void put_start(struct put *put, struct link *link, struct group *group, store_done_fn *done,
               void *arg)
{
    put->link = link;
    put->group = group;
    put->done = done;
    put->arg = arg;
    put->begun = put->committed = put->erased_near = false;
    put->odd = NULL;
    put->missing_count = 0;
    if (group->row_count == 0)
        put_record(put);
    else if (!likely_new(put))
        put_insert(put);
    else if (group->row_count < COPY_LEAST)
        put_swift(put);
    else
        put_probe(put);
}

static void trim(struct buf *buf)
{
    if (buf->cap > KEEP_MOST)
        buf_release(buf);
}

void put_release(struct put *put)
{
    buf_release(&put->rows);
    buf_release(&put->comments);
    buf_release(&put->batches);
    buf_release(&put->marks);
    buf_release(&put->uses);
    free(put->missing);
    put->missing = NULL;
    put->missing_cap = 0;
}

void put_end(struct put *put, enum db_outcome outcome)
{
    struct group *group = put->group;
    struct error err = put->err;
    trim(&put->rows);
    trim(&put->comments);
    put->group = NULL;
    link_release(put->link);
    put->done(group, outcome, outcome == DB_DONE ? NULL : &err, put->arg);
}

void put_rollback(struct put *put, link_done_fn *next)
{
    struct link_query query = {.sql = "ROLLBACK"};
    put->begun = false;
    link_run(put->link, &query, 1, NULL, next, put);
}

void put_doubt(struct put *put, const char *why)
{
    error_set(&put->err, ERROR_UNAVAILABLE, NULL, "%s", why);
    put->err.retry_after_ms = LINK_RETRY_MS;
}

void put_fail(struct put *put, const struct link_answer *answer)
{
    enum db_outcome outcome = DB_AGAIN;
    if (answer->outcome != DB_DONE) {
        outcome = answer->outcome;
        put->err = answer->err;
    } else {
        put_doubt(put, put->odd);
    }
    if (!answer->lost && sqlstate_ends_connection(answer->sqlstate))
        link_drop(put->link, "%s", put->err.text);
    put_end(put, outcome);
}

static void put_again_by_insert(struct link *link, const struct link_answer *answer, void *arg)
{
    (void)link;
    struct put *put = arg;
    if (answer->outcome != DB_DONE)
        put_fail(put, answer);
    else
        put_insert(put);
}

bool put_not_all_new(struct put *put, const struct link_answer *answer)
{
    static const char *const states[] = {SQLSTATE_UNIQUE, SQLSTATE_NOT_NULL, SQLSTATE_DIVISION,
                                         SQLSTATE_UNSUPPORTED /* .. in this form */};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(answer->sqlstate, states[i]) == 0) {
            put->caution = put->caution ? put->caution * 2 : 1;
            if (put->caution > CAUTION_MOST)
                put->caution = CAUTION_MOST;
            put->wary = put->caution;
            if (answer->lost) { /* the error came, and then the connection went */
                put_doubt(put, answer->err.text);
                put_end(put, DB_AGAIN);
            } else {
                put_rollback(put, put_again_by_insert);
            }
            return true;
        }
    if (answer->outcome == DB_DONE)
        put->caution = 0;
    return false;
}

static void put_given_up(struct link *link, const struct link_answer *answer, void *arg)
{
    (void)link, (void)answer;
    put_end(arg, DB_AGAIN);
}

void put_give_up(struct put *put, const char *why)
{
    put_doubt(put, why);
    put_rollback(put, put_given_up);
}
