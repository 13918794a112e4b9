#include "daemon/db/add.h"

#define REFUSED "SU001" /* SQLSTATE of sql/0004_admin.sql: the sentence is for people */

/* Its entry in the audit: last before COMMIT, for it holds the office's chain. */
#define ENTRY_SQL                                                                                  \
    "SELECT suara.audit_append(coalesce((SELECT o.office_id FROM suara.office o WHERE o.code = "   \
    "$1), 0), $2, $3, 'add', 'done', $4)"

enum { ADD_TEXTS = 6, ENTRY_TEXTS = 4 };

struct add {
    struct job job;
    const struct add_kind *kind;
    char *text[ADD_TEXTS];    /* parameters in the order of the SQL */
    char *entry[ENTRY_TEXTS]; /* those of the entry: office, principal, serial, detail */
    bool committed;
    store_add_fn *done;
    void *arg;
};

struct add_kind {
    const char *what, *sql;
    int params;
};

static const struct add_kind kinds[] = {
    {"office", "SELECT suara.office_add($1, $2, $3, $4)", 4},
    {"service", "SELECT suara.service_add($1, $2, $3)", 3},
    {"principal", "SELECT suara.principal_add($1, $2, $3)", 3},
    {"population", "SELECT suara.population_add($1, $2, $3, $4, $5)", 5},
    {"instrument", "SELECT suara.instrument_add($1::jsonb)", 1},
};

/* The texts of an addition in the order of its kind's parameters. */
static void order_texts(const struct addition *a, const char *text[static ADD_TEXTS])
{
    size_t n = 0;
    if (strcmp(a->what, "office") == 0) {
        text[n++] = a->code;
        text[n++] = a->name;
        text[n++] = a->office;
        text[n++] = a->zone;
    } else if (strcmp(a->what, "service") == 0) {
        text[n++] = a->office;
        text[n++] = a->code;
        text[n++] = a->name;
    } else if (strcmp(a->what, "population") == 0) {
        text[n++] = a->office;
        text[n++] = a->code;
        text[n++] = a->from;
        text[n++] = a->to;
        text[n++] = a->people;
    } else {
        text[n++] = a->role;
        text[n++] = a->code;
        text[n++] = a->office;
    }
}

/* Tells the owner; touch nothing of the job after it. */
static void add_tell(struct add *add, enum db_outcome outcome, const struct error *err)
{
    store_add_fn *done = add->done;
    void *arg = add->arg;
    job_end(&add->job);
    done(outcome, err, arg);
}

static void add_fail(struct job *job, const struct error *err)
{
    add_tell((struct add *)(void *)job, DB_AGAIN, err);
}

static void add_release(struct job *job)
{
    struct add *add = (struct add *)(void *)job;
    for (size_t i = 0; i < ADD_TEXTS; i++)
        free(add->text[i]);
    for (size_t i = 0; i < ENTRY_TEXTS; i++)
        free(add->entry[i]);
}

static void add_on_result(size_t query, const PGresult *result, void *arg)
{
    (void)query;
    struct add *add = arg;
    add->committed = link_committed(result);
}

static void add_done(struct link *link, const struct link_answer *answer, void *arg)
{
    struct add *add = arg;
    struct error err = answer->err;
    enum db_outcome outcome = answer->outcome;
    if (strcmp(answer->sqlstate, REFUSED) == 0) {
        err.code = ERROR_INVALID;
    } else if (outcome == DB_DONE && (!add->committed || answer->warned)) {
        outcome = DB_AGAIN;
        error_set(&err, ERROR_UNAVAILABLE, NULL, "the database did not confirm the commit");
        err.retry_after_ms = LINK_RETRY_MS;
        link_drop(link, "%s", err.text);
    } else if (sqlstate_ends_connection(answer->sqlstate) && !answer->lost) {
        link_drop(link, "%s", err.text);
    }
    add_tell(add, outcome, outcome == DB_DONE ? NULL : &err);
}

static void add_run(struct job *job)
{
    struct add *add = (struct add *)(void *)job;
    struct link_query query[4] = {
        {.sql = "BEGIN"},
        {.sql = add->kind->sql,
         .params = add->kind->params,
         .values = (const char *const *)add->text},
    };
    size_t n = 2;
    if (add->entry[0])
        query[n++] = (struct link_query){
            .sql = ENTRY_SQL, .params = ENTRY_TEXTS, .values = (const char *const *)add->entry};
    query[n++] = (struct link_query){.sql = "COMMIT"};
    link_run(job->link, query, n, add_on_result, add_done, add);
}

static const struct job_type add_type = {add_run, add_fail, add_release};

static bool copy_texts(char **out, const char *const *text, int count)
{
    for (int i = 0; i < count; i++) {
        out[i] = strdup(text[i] ? text[i] : "");
        if (!out[i])
            return false;
    }
    return true;
}

/* A job that calls the function of its kind with copies of these texts. NULL without memory. */
static struct add *add_new(const struct add_kind *kind, const char *const *text,
                           const char *const *entry)
{
    struct add *add = calloc(1, sizeof *add);
    if (!add)
        return NULL;
    add->job.type = &add_type;
    add->kind = kind;
    if (copy_texts(add->text, text, kind->params) &&
        copy_texts(add->entry, entry, entry ? ENTRY_TEXTS : 0))
        return add;
    add_release(&add->job);
    free(add);
    return NULL;
}

static void push(struct jobs *jobs, struct add *add, store_add_fn *done, void *arg)
{
    struct error err;
    if (add) {
        add->done = done;
        add->arg = arg;
        if (jobs_push(jobs, &add->job))
            return;
        add_release(&add->job);
        free(add);
    }
    error_set(&err, ERROR_UNAVAILABLE, NULL, "out of memory");
    done(DB_AGAIN, &err, arg);
}

static const struct add_kind *kind_of(const char *what)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].what, what) == 0)
            return &kinds[i];
    return NULL;
}

/* What the entry says of it. No name: that is text. What is no code was refused before it. */
static void describe(struct buf *out, const struct addition *a)
{
    buf_printf(out, "what=%s", a->what);
    if (strcmp(a->what, "population") == 0)
        buf_printf(out, " service=%s from=%s to=%s people=%s", a->code, a->from, a->to, a->people);
    else if (strcmp(a->what, "principal") == 0)
        buf_printf(out, " role=%s name=%s", a->role, a->code);
    else
        buf_printf(out, " code=%s", a->code);
    if (strcmp(a->what, "office") == 0)
        buf_printf(out, " parent=%s zone=%s", a->office, a->zone);
}

void add_push(struct jobs *jobs, const struct addition *addition, store_add_fn *done, void *arg)
{
    const char *text[ADD_TEXTS];
    const struct add_kind *kind = kind_of(addition->what);
    struct buf json = {0}, detail = {0};
    struct error err;
    if (!kind) {
        error_set(&err, ERROR_INVALID, "what", "nothing is added under that name");
        done(DB_FAILED, &err, arg);
        return;
    }
    if (addition->instrument) {
        add_instrument_json(&json, addition->instrument);
        text[0] = json.data;
    } else {
        order_texts(addition, text);
    }
    describe(&detail, addition);
    const char *entry[ENTRY_TEXTS] = {strcmp(addition->what, "office") == 0 ? addition->code
                                                                            : addition->office,
                                      addition->by.principal, addition->by.serial, detail.data};
    bool failed = json.failed || detail.failed;
    push(jobs, failed ? NULL : add_new(kind, text, entry), done, arg);
    buf_release(&json);
    buf_release(&detail);
}

void add_push_use(struct jobs *jobs, const char *instrument_id, store_add_fn *done, void *arg)
{
    static const struct add_kind use = {"use", "SELECT suara.instrument_use(ARRAY[$1::smallint])",
                                        1};
    push(jobs, add_new(&use, &instrument_id, NULL), done, arg);
}

void add_push_note(struct jobs *jobs, const struct store_entry *entry, store_add_fn *done,
                   void *arg)
{
    static const struct add_kind note = {
        "note", "SELECT suara.audit_append($1::int, $2, $3, $4, $5, $6)", 6};
    char office[16];
    (void)snprintf(office, sizeof office, "%d", (int)entry->office_id);
    const char *text[] = {office,      entry->by.principal, entry->by.serial,
                          entry->verb, entry->outcome,      entry->detail};
    push(jobs, add_new(&note, text, NULL), done, arg);
}
