#include "daemon/core/audit.h"

#include "common/error.h"
#include "common/wire.h"
#include <string.h>

#define PAGE_BYTES (AUDIT_ROWS * 2048u) /* more than an entry may have (sql/) */

static const char *const entry_columns[] = {"at",     "office", "seq",     "principal",
                                            "serial", "verb",   "outcome", "detail"};
static const char *const fault_columns[] = {"office", "seq", "fault"};

#define COLUMNS_MOST (sizeof entry_columns / sizeof *entry_columns)

static int take_days(struct scope *scope, const Suara__V1__Audit *asked, struct error *err)
{
    if (asked->from && !civil_valid(asked->from))
        return error_set(err, ERROR_INVALID, "from", "%u is no day between %u and %u", asked->from,
                         CIVIL_FIRST, CIVIL_LAST);
    if (asked->to && (!civil_valid(asked->to) || asked->to < asked->from))
        return error_set(err, ERROR_INVALID, "to", "%u is no day, or is before %u", asked->to,
                         asked->from);
    scope->from = asked->from;
    scope->to = asked->to;
    return 0;
}

int audit_plan(struct audit_plan *plan, const struct directory *directory,
               const struct principal *principal, const Suara__V1__Audit *asked, struct error *err)
{
    plan->verify = asked->verify;
    plan->most = asked->limit ? asked->limit : AUDIT_LIST_USUAL;
    if (asked->verify && asked->from)
        return error_set(err, ERROR_INVALID, "from",
                         "a chain is verified from its first entry on: leave out the first day");
    if (plan->most > AUDIT_LIST_MOST)
        return error_set(err, ERROR_INVALID, "limit",
                         "at most %u entries are listed at a time: ask day by day",
                         AUDIT_LIST_MOST);
    if (take_days(&plan->scope, asked, err) != 0)
        return -1;
    if (asked->n_office == 0) /* also of what concerns no office, or one that is gone */
        return 0;
    return scope_offices(&plan->scope, directory, principal, asked->office, asked->n_office,
                         asked->subtree, err);
}

/* ---- tables ---- */

void audit_page_init(struct audit_page *page, bool verify)
{
    arena_init(&page->arena, PAGE_BYTES);
    page->column = verify ? fault_columns : entry_columns;
    page->columns = verify ? sizeof fault_columns / sizeof *fault_columns : COLUMNS_MOST;
    page->count = 0;
}

void audit_page_release(struct audit_page *page)
{
    arena_release(&page->arena);
}

bool audit_page_add(struct audit_page *page, const char *const *cell)
{
    ProtobufCBinaryData *cells = arena_alloc(&page->arena, page->columns * sizeof *cells);
    for (size_t i = 0; cells && i < page->columns; i++) {
        const char *copy = arena_strndup(&page->arena, cell[i], strlen(cell[i]));
        cells[i] = wire_text(copy ? copy : "");
    }
    if (!cells || page->arena.refused)
        return false;
    suara__v1__table_row__init(&page->row[page->count]);
    page->row[page->count].cell = cells;
    page->row[page->count].n_cell = page->columns;
    page->count++;
    return true;
}

int audit_page_pack(struct audit_page *page, uint64_t id, uint32_t max_frame, struct buf *out,
                    struct error *err)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Table table = SUARA__V1__TABLE__INIT;
    Suara__V1__TableRow *rows[AUDIT_ROWS];
    ProtobufCBinaryData names[COLUMNS_MOST];
    for (size_t i = 0; i < page->count; i++)
        rows[i] = &page->row[i];
    for (size_t i = 0; i < page->columns; i++)
        names[i] = wire_text(page->column[i]);
    table.column = names;
    table.n_column = page->columns;
    table.row = rows;
    table.n_row = page->count;
    reply.id = id;
    reply.body_case = SUARA__V1__REPLY__BODY_TABLE;
    reply.table = &table;
    int rc = wire_pack(out, &reply.base, max_frame, err);
    arena_clear(&page->arena);
    page->count = 0;
    return rc;
}

/* ---- the end ---- */

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool audit_end_digest(struct audit_end *end, const char *hex)
{
    uint8_t digest[sizeof end->digest];
    if (strlen(hex) != 2 * sizeof digest)
        return false;
    for (size_t i = 0; i < sizeof digest; i++) {
        int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        digest[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(end->digest, digest, sizeof digest);
    return end->has_digest = true;
}

int audit_end_pack(const struct audit_end *end, uint64_t id, bool last, uint32_t max_frame,
                   struct buf *out, struct error *err)
{
    Suara__V1__Reply reply = SUARA__V1__REPLY__INIT;
    Suara__V1__Audited body = SUARA__V1__AUDITED__INIT;
    uint8_t digest[sizeof end->digest];
    memcpy(digest, end->digest, sizeof digest);
    body.entries = end->entries;
    body.faults = end->faults;
    body.chains = end->chains;
    body.more = end->more;
    if (end->has_digest)
        body.digest = (ProtobufCBinaryData){.len = sizeof digest, .data = digest};
    reply.id = id;
    reply.last = last;
    reply.body_case = SUARA__V1__REPLY__BODY_AUDITED;
    reply.audited = &body;
    return wire_pack(out, &reply.base, max_frame, err);
}
