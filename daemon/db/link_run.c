#include "common/log.h"
#include "daemon/db/link_private.h"

#include <assert.h>
#include <event2/event.h>

void link_begin_task(struct link *link, const struct link_task *task, uint32_t ms)
{
    assert(link->task.work == WORK_NONE);
    link->task = *task;
    link_start_timer(link, ms);
}

void link_finish_task(struct link *link)
{
    struct link_task task = link->task;
    event_del(link->timer);
    link->task = (struct link_task){.work = WORK_NONE};
    link_hear(link);
    task.done(link, &task.answer, task.arg);
}

/* ---- sending ---- */

static int send_query(PGconn *conn, const struct link_query *q)
{
    if (q->name && q->sql)
        return PQsendPrepare(conn, q->name, q->sql, 0, NULL);
    if (q->name)
        return PQsendQueryPrepared(conn, q->name, q->params, q->values, q->lengths, q->formats,
                                   q->text ? 0 : 1);
    return PQsendQueryParams(conn, q->sql, q->params, NULL, q->values, q->lengths, q->formats,
                             q->text ? 0 : 1);
}

static bool send_all(PGconn *conn, const struct link_query *queries, size_t count)
{
    if (!PQenterPipelineMode(conn))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!send_query(conn, &queries[i]))
            return false;
        if (queries[i].by_row && !PQsetSingleRowMode(conn))
            return false;
    }
    return PQpipelineSync(conn);
}

void link_break(struct link *link)
{
    link->task.broken = true;
    event_active(link->timer, EV_TIMEOUT, 0);
}

void link_send_rest(struct link *link)
{
    int left = PQflush(link->conn);
    if (left < 0)
        link_break(link);
    else if (left > 0)
        event_add(link->write, NULL);
    else if (!PQisBusy(link->conn)) /* libpq read while it sent: no event will say so */
        event_active(link->read, EV_READ, 0);
}

void link_send_queries(struct link *link, const struct link_query *queries, size_t count)
{
    if (!send_all(link->conn, queries, count)) {
        link_break(link);
        return;
    }
    link_send_rest(link);
}

void link_run(struct link *link, const struct link_query *queries, size_t count,
              link_result_fn *result, link_done_fn *done, void *arg)
{
    assert(link->state == LINK_BUSY && count > 0 && count <= LINK_QUERIES_MAX);
    assert(!queries[0].by_row || count == 1);
    struct link_task task = {
        .work = WORK_RUN, .result = result, .done = done, .arg = arg, .count = count};
    link_begin_task(link, &task, link->statement_ms + LINK_MARGIN_MS);
    link_send_queries(link, queries, count);
}

bool link_flush(struct link *link)
{
    int left = PQflush(link->conn);
    if (left < 0) {
        /* The server may have said why before it closed: the read side will tell. */
        if (PQconsumeInput(link->conn) && PQstatus(link->conn) == CONNECTION_OK)
            return true;
        link_lose(link, PQerrorMessage(link->conn));
        return false;
    }
    if (left > 0)
        event_add(link->write, NULL);
    return true;
}

/* ---- what the server says beside results ---- */

void link_note_warning(struct link *link, const PGresult *notice)
{
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (!severity || strcmp(severity, "WARNING") != 0)
        return;
    link->task.answer.warned = true;
    LOG(LOG_WARN, "db.warning", log_s("pool", link->spec->pool), log_u("link", link->number),
        log_s("sqlstate", PQresultErrorField(notice, PG_DIAG_SQLSTATE)),
        log_s("text", PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY)));
}

void link_hear(struct link *link)
{
    PGnotify *notify;
    while ((notify = PQnotifies(link->conn)) != NULL) {
        PQfreemem(notify);
        link->event(link, LINK_HEARD, link->arg);
    }
}

void link_note_error(struct link *link, const PGresult *result)
{
    struct link_answer *answer = &link->task.answer;
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
    if (answer->outcome != DB_DONE)
        return;
    /* An error of libpq's own has no SQLSTATE: the connection broke. */
    answer->outcome = sqlstate ? sqlstate_outcome(sqlstate) : DB_AGAIN;
    snprintf(answer->sqlstate, sizeof answer->sqlstate, "%s", sqlstate ? sqlstate : "");
    error_set(&answer->err, answer->outcome == DB_AGAIN ? ERROR_UNAVAILABLE : ERROR_INTERNAL,
              column, "%s", text ? text : PQresultErrorMessage(result));
    if (answer->outcome == DB_AGAIN)
        answer->err.retry_after_ms = LINK_RETRY_MS;
}

bool link_committed(const PGresult *result)
{
    return PQresultStatus(result) == PGRES_COMMAND_OK &&
           strcmp(PQcmdStatus((PGresult *)(uintptr_t)result), "COMMIT") == 0;
}

/* ---- receiving ---- */

/* True when the pipeline is at its end or the link was lost: stop reading. */
static bool take_result(struct link *link, PGresult *result)
{
    struct link_task *task = &link->task;
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
        if (task->result)
            task->result(task->ended, result, task->arg);
        return false;
    case PGRES_FATAL_ERROR:
        link_note_error(link, result);
        return false;
    case PGRES_PIPELINE_ABORTED:
        return false;
    case PGRES_PIPELINE_SYNC:
        if (PQexitPipelineMode(link->conn))
            link_finish_task(link);
        else
            link_lose(link, "the pipeline did not end");
        return true;
    case PGRES_EMPTY_QUERY:
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_COPY_BOTH:
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
        break;
    }
    link_lose(link, "the database answered out of turn");
    return true;
}

static void run_turn(struct link *link)
{
    while (!PQisBusy(link->conn)) {
        PGresult *result = PQgetResult(link->conn);
        if (result) {
            bool over = take_result(link, result);
            PQclear(result);
            if (over)
                return;
        } else if (++link->task.ended > link->task.count) {
            link_lose(link, "the database answered too often");
            return;
        }
        if (PQstatus(link->conn) != CONNECTION_OK)
            break;
    }
    if (PQstatus(link->conn) != CONNECTION_OK)
        link_lose(link, PQerrorMessage(link->conn));
}

static void link_turn(struct link *link)
{
    switch (link->task.work) {
    case WORK_RUN:
        run_turn(link);
        return;
    case WORK_COPY:
        link_copy_turn(link);
        return;
    case WORK_NONE:
        link_hear(link);
        return;
    }
}

void link_readable(struct link *link)
{
    /* What came before the end of the connection is still to be read: it may say why it ended. */
    bool alive = PQconsumeInput(link->conn) != 0;
    if (alive && link->state != LINK_IDLE && !link_flush(link))
        return;
    if (!alive && link->task.work == WORK_NONE) {
        link_lose(link, PQerrorMessage(link->conn));
        return;
    }
    link_turn(link);
}

void link_writable(struct link *link)
{
    if (!link_flush(link))
        return;
    link_turn(link); /* libpq may have read while it sent */
}
