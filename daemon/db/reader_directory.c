#include "daemon/db/reader_private.h"

/* The small tables as text, in the order that directory_add_* needs: instruments before their
 * parts. Names of terms are the Indonesian ones: that is what the figures' readers speak. */
enum {
    STEP_BEGIN,
    STEP_VERSION,
    STEP_OFFICE,
    STEP_SERVICE,
    STEP_INSTRUMENT,
    STEP_ELEMENT,
    STEP_LABEL,
    STEP_METHOD,
    STEP_BOUND,
    STEP_TERM,
    STEP_PRINCIPAL,
    STEP_COMMIT,
    STEPS
};

static const char *const steps[STEPS] = {
    [STEP_BEGIN] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    [STEP_VERSION] = "SELECT coalesce(max(version), 0) FROM suara.schema_version",
    [STEP_OFFICE] = "SELECT office_id, code, name, coalesce(parent_id, 0), zone FROM suara.office "
                    "ORDER BY office_id",
    [STEP_SERVICE] = "SELECT service_id, office_id, code, name FROM suara.service "
                     "ORDER BY service_id",
    [STEP_INSTRUMENT] = "SELECT instrument_id, code, version, name_id, name_en, scale, "
                        "used FROM suara.instrument ORDER BY instrument_id",
    [STEP_ELEMENT] = "SELECT instrument_id, code, name_id, name_en FROM suara.element "
                     "ORDER BY instrument_id, position",
    [STEP_LABEL] = "SELECT instrument_id, position, rating, id, en FROM suara.element, "
                   "unnest(labels_id, labels_en) WITH ORDINALITY label (id, en, rating)",
    [STEP_METHOD] = "SELECT instrument_id, method, num, den FROM suara.instrument_method "
                    "ORDER BY instrument_id, method <> 'exact', method COLLATE \"C\"",
    [STEP_BOUND] = "SELECT instrument_id, grade, quality_id, quality_en, low, high "
                   "FROM suara.grade_bound ORDER BY instrument_id, low DESC",
    [STEP_TERM] = "SELECT dim, term_id, code, name_id FROM suara.term ORDER BY dim, term_id",
    [STEP_PRINCIPAL] = "SELECT role, name, coalesce(office_id, 0), active FROM suara.principal "
                       "ORDER BY role, name",
    [STEP_COMMIT] = "COMMIT",
};

static const int step_fields[STEPS] = {
    [STEP_VERSION] = 1, [STEP_OFFICE] = 5,    [STEP_SERVICE] = 4, [STEP_INSTRUMENT] = 7,
    [STEP_ELEMENT] = 4, [STEP_LABEL] = 5,     [STEP_METHOD] = 4,  [STEP_BOUND] = 6,
    [STEP_TERM] = 4,    [STEP_PRINCIPAL] = 4,
};

struct load {
    struct job job;
    struct directory *directory;
    long version; /* of the schema; -1: not known */
    bool odd, full;
    reader_directory_fn *done;
    void *arg;
};

static const char *text_of(const PGresult *rows, int row, int field)
{
    return PQgetvalue(rows, row, field);
}

static int32_t number_of(const PGresult *rows, int row, int field)
{
    return (int32_t)strtol(PQgetvalue(rows, row, field), NULL, 10);
}

static int add_row(struct directory *d, size_t step, const PGresult *r, int i)
{
    int32_t first = number_of(r, i, 0);
    switch (step) {
    case STEP_OFFICE:
        return directory_add_office(d, first, text_of(r, i, 1), text_of(r, i, 2),
                                    number_of(r, i, 3), text_of(r, i, 4));
    case STEP_SERVICE:
        return directory_add_service(d, first, number_of(r, i, 1), text_of(r, i, 2),
                                     text_of(r, i, 3));
    case STEP_INSTRUMENT:
        return directory_add_instrument(d, (int16_t)first, text_of(r, i, 1), text_of(r, i, 2),
                                        text_of(r, i, 3), text_of(r, i, 4),
                                        (uint8_t)number_of(r, i, 5), text_of(r, i, 6)[0] == 't');
    case STEP_ELEMENT:
        return directory_add_element(d, (int16_t)first, text_of(r, i, 1), text_of(r, i, 2),
                                     text_of(r, i, 3));
    case STEP_LABEL:
        return directory_add_label(d, (int16_t)first, number_of(r, i, 1), number_of(r, i, 2),
                                   text_of(r, i, 3), text_of(r, i, 4));
    case STEP_METHOD:
        return directory_add_method(d, (int16_t)first, text_of(r, i, 1), number_of(r, i, 2),
                                    number_of(r, i, 3));
    case STEP_BOUND:
        return directory_add_bound(d, (int16_t)first, text_of(r, i, 1), text_of(r, i, 2),
                                   text_of(r, i, 3), number_of(r, i, 4), number_of(r, i, 5));
    case STEP_TERM:
        return directory_add_term(d, (enum dim)first, (int16_t)number_of(r, i, 1), text_of(r, i, 2),
                                  text_of(r, i, 3));
    case STEP_PRINCIPAL:
        return directory_add_principal(d, text_of(r, i, 0), text_of(r, i, 1), number_of(r, i, 2),
                                       text_of(r, i, 3)[0] == 't');
    default:
        return 0;
    }
}

static void load_on_result(size_t step, const PGresult *result, void *arg)
{
    struct load *load = arg;
    if (step >= STEPS || step_fields[step] == 0 || load->odd || load->full)
        return;
    if (PQnfields(result) != step_fields[step]) {
        load->odd = true;
        return;
    }
    if (step == STEP_VERSION) {
        load->version = PQntuples(result) == 1 ? number_of(result, 0, 0) : -1;
        load->odd = load->version != SUARA_SCHEMA_VERSION;
        return;
    }
    for (int i = 0; i < PQntuples(result) && !load->full; i++)
        load->full = add_row(load->directory, step, result, i) != 0;
}

/* Why there is no directory, or NULL. */
static const struct error *load_trouble(struct load *load, const struct link_answer *answer,
                                        struct error *err)
{
    /* No schema, or no table in it: it was never migrated. */
    bool bare = strcmp(answer->sqlstate, "3F000") == 0 || strcmp(answer->sqlstate, "42P01") == 0;
    if (load->version >= 0 && load->version != SUARA_SCHEMA_VERSION)
        error_set(err, ERROR_INTERNAL, "schema",
                  "the database has schema version %ld, this daemon needs %d: %s", load->version,
                  SUARA_SCHEMA_VERSION,
                  load->version < SUARA_SCHEMA_VERSION ? "run suara-migrate"
                                                       : "install the newer suarad");
    else if (bare && load->version < 0)
        error_set(err, ERROR_INTERNAL, "schema",
                  "the database has no schema of Suara, this daemon needs version %d: "
                  "run suara-migrate",
                  SUARA_SCHEMA_VERSION);
    else if (reader_trouble_of(load->job.link, answer, load->odd, err))
        return err;
    else if (load->full)
        error_set(err, ERROR_UNAVAILABLE, NULL, "no memory for the small tables");
    else
        return directory_seal(load->directory, err) ? err : NULL;
    return err;
}

/* Tells the owner; touch nothing of the job after it. */
static void load_tell(struct load *load, const struct error *err)
{
    reader_directory_fn *done = load->done;
    void *arg = load->arg;
    struct directory *directory = err ? NULL : load->directory;
    if (!err)
        load->directory = NULL;
    job_end(&load->job);
    done(directory, err, arg);
}

static void load_done(struct link *link, const struct link_answer *answer, void *arg)
{
    (void)link;
    struct load *load = arg;
    struct error err;
    load_tell(load, load_trouble(load, answer, &err));
}

static void load_run(struct job *job)
{
    struct link_query query[STEPS];
    for (size_t i = 0; i < STEPS; i++)
        query[i] = (struct link_query){.sql = steps[i], .text = true};
    link_run(job->link, query, STEPS, load_on_result, load_done, job);
}

static void load_fail(struct job *job, const struct error *err)
{
    load_tell((struct load *)(void *)job, err);
}

static void load_release(struct job *job)
{
    directory_free(&((struct load *)(void *)job)->directory);
}

static const struct job_type load_type = {load_run, load_fail, load_release};

static struct job *load_new(reader_directory_fn *done, void *arg)
{
    struct load *load = calloc(1, sizeof *load);
    if (!load)
        return NULL;
    load->job.type = &load_type;
    load->directory = directory_new();
    load->full = !load->directory;
    load->version = -1;
    load->done = done;
    load->arg = arg;
    return &load->job;
}

void reader_directory(struct reader *reader, reader_directory_fn *done, void *arg)
{
    struct error err;
    if (reader_push(reader, load_new(done, arg)))
        return;
    out_of_memory(&err);
    done(NULL, &err, arg);
}
