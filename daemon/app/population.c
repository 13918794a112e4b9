#include "common/buf.h"
#include "common/error.h"
#include "common/wire.h"
#include "daemon/app/question.h"
#include "daemon/app/server_private.h"
#include "daemon/core/coverage.h"
#include "daemon/db/reader.h"

#define ROWS_PER_REPLY 256u
#define COLUMNS        5u

/* Held in memory until the last has come; more are asked for by fewer offices, or in the database.
 */
#define LIST_MOST (16u * 1024u * 1024u)

/* The list of populations. It is not in the directory, because it grows with the years. */
struct listing {
    struct scope scope;
    uint32_t max_frame;
    uint64_t request;
    const struct directory *directory;
    struct buf frames;
    struct error err;
    bool failed;
    size_t count; /* rows of the page */
    char number[ROWS_PER_REPLY][3][24];
    ProtobufCBinaryData cell[ROWS_PER_REPLY][COLUMNS];
};

static void release_listing(void *body)
{
    struct listing *l = body;
    scope_release(&l->scope);
    buf_release(&l->frames);
}

static void send_page(struct listing *l, bool last)
{
    Suara__V1__TableRow row[ROWS_PER_REPLY], *list[ROWS_PER_REPLY];
    ProtobufCBinaryData column[COLUMNS] = {wire_text("office"), wire_text("service"),
                                           wire_text("from"), wire_text("to"), wire_text("people")};
    Suara__V1__Table table = SUARA__V1__TABLE__INIT;
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    for (size_t i = 0; i < l->count; i++) {
        suara__v1__table_row__init(&row[i]);
        row[i].cell = l->cell[i];
        row[i].n_cell = COLUMNS;
        list[i] = &row[i];
    }
    table.column = column;
    table.n_column = COLUMNS;
    table.row = list;
    table.n_row = l->count;
    reply.id = l->request;
    reply.last = last;
    reply.body_case = SUARA__V1__REPLY__BODY_TABLE;
    reply.table = &table;
    l->count = 0;
    if (wire_pack(&l->frames, &reply.base, l->max_frame, &l->err) != 0)
        l->failed = true;
    else if (l->frames.len > LIST_MOST) {
        (void)error_set(&l->err, ERROR_TOO_LARGE, NULL, "the list is too long to be sent");
        l->failed = true;
    }
}

static void on_people(const struct coverage_people *people, void *arg)
{
    struct question *q = arg;
    struct listing *l = q->body;
    const struct office *office = directory_office_by_id(l->directory, people->office_id);
    const struct service *service = directory_service_by_id(l->directory, people->service_id);
    if (l->failed)
        return;
    char(*number)[24] = l->number[l->count];
    ProtobufCBinaryData *cell = l->cell[l->count];
    civil_format_day(people->from, number[0]);
    civil_format_day(people->to, number[1]);
    (void)snprintf(number[2], sizeof number[2], "%" PRIu64, people->people);
    cell[0] = wire_text(office ? office->code : "?");
    cell[1] = wire_text(service ? service->code : people->service_id ? "?" : "");
    for (size_t k = 0; k < 3; k++)
        cell[2 + k] = wire_text(number[k]);
    l->count++;
    if (l->count == ROWS_PER_REPLY)
        send_page(l, false);
}

static void on_end(const struct error *failed, void *arg)
{
    struct question *q = arg;
    struct listing *l = q->body;
    if (!failed && !l->failed)
        send_page(l, true);
    if (failed || l->failed)
        question_fail(&q, failed ? failed : &l->err);
    else
        question_answer(&q, &l->frames);
}

void population_list(struct client *client, const struct principal *principal,
                     const Suara__V1__Request *request)
{
    struct error err;
    struct question *q = question_new(client, request->id, sizeof(struct listing), release_listing);
    if (!q)
        return;
    struct listing *l = q->body;
    l->directory = q->directory;
    l->request = request->id;
    l->max_frame = client->server->limits.max_frame;
    if (scope_offices(&l->scope, q->directory, principal, NULL, 0, false, &err) != 0) {
        question_fail(&q, &err);
        return;
    }
    reader_population(client->server->reader, l->scope.offices, l->scope.office_count, CIVIL_FIRST,
                      CIVIL_LAST, on_people, on_end, q);
}
