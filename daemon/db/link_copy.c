#include "daemon/db/link_private.h"

#include <assert.h>
#include <event2/event.h>

#define COPY_PIECE 65536u /* handed to libpq at once: it copies what it is given */

void link_copy(struct link *link, const char *sql, const char *data, size_t size,
               link_result_fn *result, link_done_fn *done, void *arg)
{
    assert(link->state == LINK_BUSY);
    struct link_task task = {.work = WORK_COPY,
                             .result = result,
                             .done = done,
                             .arg = arg,
                             .count = 1,
                             .data = data,
                             .size = size};
    link_begin_task(link, &task, link->statement_ms + LINK_MARGIN_MS);
    if (PQsendQuery(link->conn, sql))
        link_send_rest(link);
    else
        link_break(link);
}

/* Hands over pieces while the socket takes them. False when the link was lost over it. */
static bool feed(struct link *link)
{
    struct link_task *task = &link->task;
    int left = PQflush(link->conn);
    while (left == 0 && !task->fed) {
        size_t piece = task->size < COPY_PIECE ? task->size : COPY_PIECE;
        int put = piece > 0 ? PQputCopyData(link->conn, task->data, (int)piece)
                            : PQputCopyEnd(link->conn, NULL);
        if (put < 0) {
            left = -1;
            break;
        }
        if (put == 0) { /* libpq has no room: when the socket took something */
            left = 1;
            break;
        }
        task->data += piece;
        task->size -= piece;
        task->fed = piece == 0;
        left = PQflush(link->conn);
    }
    if (left < 0) {
        link_lose(link, PQerrorMessage(link->conn));
        return false;
    }
    if (left > 0)
        event_add(link->write, NULL);
    return true;
}

/* True when the task is at its end or the link was lost: stop reading. */
static bool take_copy_result(struct link *link, PGresult *result)
{
    struct link_task *task = &link->task;
    switch (PQresultStatus(result)) {
    case PGRES_COPY_IN:
        if (!task->copying) {
            task->copying = true;
            return false;
        }
        break;
    case PGRES_COMMAND_OK:
        if (task->result)
            task->result(0, result, task->arg);
        return false;
    case PGRES_FATAL_ERROR:
        link_note_error(link, result);
        return false;
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_PIPELINE_ABORTED:
    case PGRES_PIPELINE_SYNC:
    case PGRES_EMPTY_QUERY:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
        break;
    }
    link_lose(link, "the database answered out of turn");
    return true;
}

/* True when the task is at its end or the link was lost: stop reading. */
static bool read_results(struct link *link)
{
    const struct link_task *task = &link->task;
    /* While data is wanted and not all given, PQgetResult would say COPY_IN again and again. */
    while ((!task->copying || task->fed) && !PQisBusy(link->conn)) {
        PGresult *result = PQgetResult(link->conn);
        if (!result) {
            link_finish_task(link);
            return true;
        }
        bool over = take_copy_result(link, result);
        PQclear(result);
        if (over)
            return true;
        if (PQstatus(link->conn) != CONNECTION_OK)
            break;
    }
    if (PQstatus(link->conn) == CONNECTION_OK)
        return false;
    link_lose(link, PQerrorMessage(link->conn));
    return true;
}

void link_copy_turn(struct link *link)
{
    if (read_results(link) || !link->task.copying || link->task.fed)
        return;
    /* An error that came while it was fed was read with it: no event will tell of it. */
    if (feed(link) && link->task.fed)
        read_results(link);
}
