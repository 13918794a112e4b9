#include "daemon/db/put.h"

/* ---- comments of what was stored ---- */

static bool has_comment(const struct row *row)
{
    return row->status == ROW_STORED && row->comment_size > 0;
}

/* How many comments, or -1 without memory. */
static long encode_comments(struct put *put)
{
    const struct group *group = put->group;
    size_t count = 0, body = 0;
    for (size_t i = 0; i < group->row_count; i++)
        if (has_comment(group->rows[i])) {
            count++;
            body += group->rows[i]->comment_size;
        }
    if (count == 0)
        return 0;
    if (!params_begin(&put->comment_params, &put->comments,
                      array_bytes(count, 4) + array_bytes(count, 16) + array_bytes(count, 2) +
                          array_bytes(count, 0) + body))
        return -1;
    struct params *params = &put->comment_params;
    struct array office = params_array(params, &put->comments, OID_INT4, count, 4, 0);
    struct array id = params_array(params, &put->comments, OID_UUID, count, 16, 0);
    struct array kind = params_array(params, &put->comments, OID_INT2, count, 2, 0);
    struct array text = params_array(params, &put->comments, OID_TEXT, count, 0, body);
    for (size_t i = 0; i < group->row_count; i++) {
        const struct row *row = group->rows[i];
        if (!has_comment(row))
            continue;
        put_i32(&office, row->office_id);
        put_uuid(&id, &row->id);
        put_i16(&kind, row->comment_kind);
        put_bytes(&text, row->comment, row->comment_size);
    }
    return (long)count;
}

/* ---- the ledger of batches ---- */

#define BATCH_COUNTS 8u /* n, one per status, seen */

/* The same batch may stand in a group twice, sent on two connections; the upsert may not touch a
 * row twice. Submissions are sorted, so it stands side by side: the first speaks for all. */
static bool same_batch(const struct submission *a, const struct submission *b)
{
    return b && a->office_id == b->office_id && uuid_compare(&a->batch, &b->batch) == 0;
}

static void count_batch(const struct submission *s, int32_t counts[static BATCH_COUNTS])
{
    memset(counts, 0, BATCH_COUNTS * sizeof counts[0]);
    counts[0] = (int32_t)s->response_count;
    for (size_t i = 0; i < s->row_count; i++)
        counts[1 + s->rows[i].status]++;
    for (size_t i = 0; i < s->refusal_count; i++)
        counts[1 + s->refusals[i].status]++;
    counts[BATCH_COUNTS - 1] = 1;
    for (const struct submission *next = s->next; same_batch(s, next); next = next->next)
        counts[BATCH_COUNTS - 1]++;
}

/* The first submission at or behind s that does not repeat the batch before it. */
static const struct submission *next_batch(const struct submission *s)
{
    const struct submission *next = s->next;
    while (next && same_batch(s, next))
        next = next->next;
    return next;
}

static bool encode_batches(struct put *put)
{
    const struct submission *first = put->group->submissions;
    size_t count = 0, body = 0, serials = 0;
    for (const struct submission *s = first; s; s = next_batch(s)) {
        count++;
        serials += strlen(s->serial);
        body += strlen(s->principal) + strlen(s->serial);
    }
    if (!params_begin(&put->batch_params, &put->batches,
                      array_bytes(count, 4) + array_bytes(count, 16) + 2 * array_bytes(count, 0) +
                          body + BATCH_COUNTS * array_bytes(count, 4)))
        return false;
    struct params *params = &put->batch_params;
    struct array office = params_array(params, &put->batches, OID_INT4, count, 4, 0);
    struct array id = params_array(params, &put->batches, OID_UUID, count, 16, 0);
    struct array principal =
        params_array(params, &put->batches, OID_TEXT, count, 0, body - serials);
    struct array serial = params_array(params, &put->batches, OID_TEXT, count, 0, serials);
    struct array number[BATCH_COUNTS];
    for (size_t k = 0; k < BATCH_COUNTS; k++)
        number[k] = params_array(params, &put->batches, OID_INT4, count, 4, 0);
    for (const struct submission *s = first; s; s = next_batch(s)) {
        int32_t counts[BATCH_COUNTS];
        count_batch(s, counts);
        put_i32(&office, s->office_id);
        put_uuid(&id, &s->batch);
        put_bytes(&principal, s->principal, strlen(s->principal));
        put_bytes(&serial, s->serial, strlen(s->serial));
        for (size_t k = 0; k < BATCH_COUNTS; k++)
            put_i32(&number[k], counts[k]);
    }
    return true;
}

/* ---- marks: office-months in which something was stored, by instrument ---- */

/* Rows are sorted by office and id, hence by time: each office-month stands in one piece, its
 * instruments in any order. `seen` are those of the piece that `last` lies in; what has no room
 * there is marked more often than it must be. */
#define SEEN_MOST 16u

struct marks {
    const struct group *group;
    size_t at, seen_count;
    const struct row *last;
    int16_t seen[SEEN_MOST];
};

static bool mark_seen(const struct marks *marks, int16_t instrument)
{
    for (size_t i = 0; i < marks->seen_count; i++)
        if (marks->seen[i] == instrument)
            return true;
    return false;
}

static const struct row *next_mark(struct marks *marks)
{
    while (marks->at < marks->group->row_count) {
        const struct row *row = marks->group->rows[marks->at++], *last = marks->last;
        if (row->status != ROW_STORED)
            continue;
        if (!last || row->office_id != last->office_id || row->month != last->month)
            marks->seen_count = 0;
        else if (mark_seen(marks, row->instrument_id))
            continue;
        if (marks->seen_count < SEEN_MOST)
            marks->seen[marks->seen_count++] = row->instrument_id;
        return marks->last = row;
    }
    return NULL;
}

/* How many marks, or -1 without memory. */
static long encode_marks(struct put *put)
{
    struct marks count = {.group = put->group}, marks = count;
    size_t n = 0;
    while (next_mark(&count))
        n++;
    if (n == 0)
        return 0;
    struct params *params = &put->mark_params;
    if (!params_begin(params, &put->marks, 2 * array_bytes(n, 4) + array_bytes(n, 2)))
        return -1;
    struct array office = params_array(params, &put->marks, OID_INT4, n, 4, 0);
    struct array month = params_array(params, &put->marks, OID_DATE, n, 4, 0);
    struct array instrument = params_array(params, &put->marks, OID_INT2, n, 2, 0);
    for (const struct row *row; (row = next_mark(&marks)) != NULL;) {
        put_i32(&office, row->office_id);
        put_i32(&month, pg_date(row->month));
        put_i16(&instrument, row->instrument_id);
    }
    return (long)n;
}

/* ---- instruments that no response has used yet, as far as this daemon knows ---- */

static bool stores_any(const struct submission *s)
{
    for (size_t i = 0; i < s->row_count; i++)
        if (s->rows[i].status == ROW_STORED)
            return true;
    return false;
}

/* How many submissions use one, or -1 without memory. The last statement that locks anything: who
 * waits for another daemon here is waited for by nobody. */
static long encode_uses(struct put *put)
{
    const struct submission *first = put->group->submissions;
    size_t count = 0;
    for (const struct submission *s = first; s; s = s->next)
        count += s->first_use && stores_any(s);
    if (count == 0)
        return 0;
    if (!params_begin(&put->use_params, &put->uses, array_bytes(count, 2)))
        return -1;
    struct array used = params_array(&put->use_params, &put->uses, OID_INT2, count, 2, 0);
    for (const struct submission *s = first; s; s = s->next)
        if (s->first_use && stores_any(s))
            put_i16(&used, s->first_use);
    return (long)count;
}

/* ---- the step ---- */

void put_on_record(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct put *put = arg;
    put->committed = link_committed(result); /* that of the last query stays */
}

void put_recorded(struct link *link, const struct link_answer *answer, void *arg)
{
    struct put *put = arg;
    if (answer->outcome != DB_DONE) {
        put_fail(put, answer);
    } else if (!put->committed || answer->warned) {
        put_doubt(put, put->committed ? "the commit came with a warning"
                                      : "the transaction was rolled back at its commit");
        link_drop(link, "%s", put->err.text);
        put_end(put, DB_AGAIN);
    } else {
        put_end(put, DB_DONE);
    }
}

size_t put_records(struct put *put, struct link_query *query)
{
    static const struct params none;
    long comments = encode_comments(put);
    long marks = encode_marks(put);
    long uses = encode_uses(put);
    size_t n = 0;
    if (comments < 0 || marks < 0 || uses < 0 || !encode_batches(put))
        return 0;
    if (comments > 0)
        query[n++] = put_execute("comments", &put->comment_params);
    query[n++] = put_execute("batches", &put->batch_params);
    if (marks > 0)
        query[n++] = put_execute("marks", &put->mark_params);
    if (uses > 0)
        query[n++] = put_execute("uses", &put->use_params);
    query[n++] = put_execute("commit", &none);
    return n;
}

void put_record(struct put *put)
{
    struct link_query query[PUT_BEGIN + PUT_RECORDS], records[PUT_RECORDS];
    size_t count = put_records(put, records);
    if (count == 0) {
        put_give_up(put, "out of memory");
        return;
    }
    size_t n = put_begin(put, query);
    memcpy(query + n, records, count * sizeof *records);
    link_run(put->link, query, n + count, put_on_record, put_recorded, put);
}
