#include "common/text.h"
#include "common/wire.h"
#include "daemon/app/server_private.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_PER_REPLY 500u
#define COLUMNS_MAX    6u

/* Each kind of list is a header and a function that fills one row, or leaves it out. */

struct listing {
    const struct directory *directory;
    const struct principal *asker;
};

typedef bool list_fn(const struct listing *l, size_t place, const char *cells[COLUMNS_MAX]);

static bool office_row(const struct listing *l, size_t place, const char *cells[COLUMNS_MAX])
{
    size_t count;
    const struct office *o = directory_offices(l->directory, &count)[place];
    cells[0] = o->code;
    cells[1] = o->name;
    cells[2] = o->parent ? o->parent->code : "";
    cells[3] = zone_name(o->zone);
    return role_sees(l->asker, o);
}

static bool service_row(const struct listing *l, size_t place, const char *cells[COLUMNS_MAX])
{
    size_t count;
    const struct service *s = directory_services(l->directory, &count)[place];
    const struct office *o = directory_office_by_id(l->directory, s->office_id);
    cells[0] = o ? o->code : "";
    cells[1] = s->code;
    cells[2] = s->name;
    return o && role_sees(l->asker, o);
}

static bool principal_row(const struct listing *l, size_t place, const char *cells[COLUMNS_MAX])
{
    size_t count;
    const struct principal *p = directory_principals(l->directory, &count)[place];
    cells[0] = role_name(p->role);
    cells[1] = p->name;
    cells[2] = p->office ? p->office->code : "";
    cells[3] = p->active ? "yes" : "no";
    return true;
}

/* 1 to 100 as text that stays. */
static const char *digits(unsigned number)
{
    static char text[INSTRUMENT_SCALE_MAX + 1][4];
    char *at = text[number <= INSTRUMENT_SCALE_MAX ? number : 0];
    (void)snprintf(at, sizeof text[0], "%u", number <= INSTRUMENT_SCALE_MAX ? number : 0);
    return at;
}

static bool instrument_row(const struct listing *l, size_t place, const char *cells[COLUMNS_MAX])
{
    size_t count;
    const struct instrument *i = directory_instruments(l->directory, &count)[place];
    cells[0] = i->code;
    cells[1] = i->version;
    cells[2] = i->name_id;
    cells[3] = digits(i->scale);
    cells[4] = digits(i->elements);
    cells[5] = directory_instrument_used(i) ? "yes" : "no";
    return true;
}

static size_t office_count(const struct directory *d)
{
    size_t n;
    (void)directory_offices(d, &n);
    return n;
}

static size_t service_count(const struct directory *d)
{
    size_t n;
    (void)directory_services(d, &n);
    return n;
}

static size_t principal_count(const struct directory *d)
{
    size_t n;
    (void)directory_principals(d, &n);
    return n;
}

static size_t instrument_count(const struct directory *d)
{
    size_t n;
    (void)directory_instruments(d, &n);
    return n;
}

static const struct kind {
    const char *what;
    enum verb verb;
    size_t (*count)(const struct directory *d);
    list_fn *row;
    const char *columns[COLUMNS_MAX]; /* up to the first NULL */
} kinds[] = {
    {"office", VERB_LIST, office_count, office_row, {"code", "name", "parent", "zone"}},
    {"service", VERB_LIST, service_count, service_row, {"office", "code", "name"}},
    {"principal",
     VERB_LIST_PEOPLE,
     principal_count,
     principal_row,
     {"role", "name", "office", "active"}},
    {"instrument",
     VERB_LIST,
     instrument_count,
     instrument_row,
     {"code", "version", "name", "scale", "elements", "used"}},
};

static const struct kind *kind_of(const ProtobufCBinaryData *what, struct error *err)
{
    const char *names[sizeof kinds / sizeof *kinds + 1];
    char word[32];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        names[i] = kinds[i].what;
        if (wire_is(what, kinds[i].what))
            return &kinds[i];
    }
    size_t size = what->len < sizeof word - 1 ? what->len : sizeof word - 1;
    if (size)
        memcpy(word, what->data, size);
    word[size] = '\0';
    names[sizeof kinds / sizeof *kinds] = "population"; /* see list_answer */
    const char *near = text_nearest(word, names, sizeof names / sizeof *names);
    (void)error_set(err, ERROR_INVALID, "what", "there is no list of that name; the nearest is %s",
                    near ? near : "office");
    return NULL;
}

static size_t column_count(const struct kind *kind)
{
    size_t n = 0;
    while (n < COLUMNS_MAX && kind->columns[n])
        n++;
    return n;
}

/* A part of the list, from *place on; *place is moved behind it. */
static int pack_part(const struct listing *l, const struct kind *kind, size_t *place, uint64_t id,
                     uint32_t max_frame, struct buf *out, struct error *err)
{
    size_t total = kind->count(l->directory), columns = column_count(kind), n = 0;
    ProtobufCBinaryData header[COLUMNS_MAX];
    ProtobufCBinaryData(*cells)[COLUMNS_MAX] = calloc(ROWS_PER_REPLY, sizeof *cells);
    Suara__V1__TableRow *rows = calloc(ROWS_PER_REPLY, sizeof *rows);
    Suara__V1__TableRow **list = calloc(ROWS_PER_REPLY, sizeof(Suara__V1__TableRow *));
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Table table = SUARA__V1__TABLE__INIT;
    int rc = -1;
    for (; cells && rows && list && *place < total && n < ROWS_PER_REPLY; (*place)++) {
        const char *texts[COLUMNS_MAX] = {NULL};
        if (!kind->row(l, *place, texts))
            continue;
        suara__v1__table_row__init(&rows[n]);
        for (size_t c = 0; c < columns; c++)
            cells[n][c] = wire_text(texts[c]);
        rows[n].cell = cells[n];
        rows[n].n_cell = columns;
        list[n] = &rows[n];
        n++;
    }
    for (size_t c = 0; c < columns; c++)
        header[c] = wire_text(kind->columns[c]);
    table.column = header;
    table.n_column = columns;
    table.row = list;
    table.n_row = n;
    reply.id = id;
    reply.last = *place == total;
    reply.body_case = SUARA__V1__REPLY__BODY_TABLE;
    reply.table = &table;
    if (cells && rows && list)
        rc = wire_pack(out, &reply.base, max_frame, err);
    else
        (void)error_set(err, ERROR_OVERLOADED, NULL, "no memory: ask again later");
    free(cells);
    free(rows);
    free(list);
    return rc;
}

void list_answer(struct client *client, const struct principal *principal,
                 const Suara__V1__Request *request)
{
    if (wire_is(&request->list->what, "population")) { /* not in the directory */
        population_list(client, principal, request);
        return;
    }
    if (wire_is(&request->list->what, "instrument") && request->list->code.len) {
        instrument_show(client, principal, request);
        return;
    }
    struct server *server = client->server;
    struct listing l = {server->directory, principal};
    struct buf frames = {0};
    struct error err;
    size_t place = 0;
    int rc = -1;
    const struct kind *kind = kind_of(&request->list->what, &err);
    client->verb = kind ? kind->verb : VERB_LIST;
    if (kind && (kind->verb == VERB_LIST || role_check(principal, kind->verb, &err) == 0))
        do
            rc = pack_part(&l, kind, &place, request->id, server->limits.max_frame, &frames, &err);
        while (rc == 0 && place < kind->count(l.directory));
    if (rc == 0)
        client_answer(client, &frames);
    else
        client_answer_error(client, request->id, &err);
    buf_release(&frames);
}
