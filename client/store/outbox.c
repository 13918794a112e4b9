#include "client/store/outbox.h"

#include "client/store/outbox_db.h"
#include "client/store/path.h"
#include "common/error.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEMA_VERSION 1
#define APPLICATION_ID 0x53555241 /* "SURA" */
#define BUSY_MS        60000      /* a large file may be on its way into the outbox */

/*
 * FULL: a commit returns when the WAL is on disk. The caches are small, a transaction of any size
 * goes through them into the WAL, which is cut back after a checkpoint.
 */
static const char settings[] = "PRAGMA auto_vacuum = INCREMENTAL;"
                               "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA journal_size_limit = 8388608;"
                               "PRAGMA cache_size = -8192;"
                               "PRAGMA temp_store = FILE;"
                               "PRAGMA temp.cache_size = -2048;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;";

static const char looking[] = "PRAGMA cache_size = -8192;"
                              "PRAGMA temp_store = FILE;"
                              "PRAGMA trusted_schema = OFF;"
                              "PRAGMA cell_size_check = ON;";

static const char schema[] =
    "CREATE TABLE file (file INTEGER PRIMARY KEY, path TEXT NOT NULL, digest BLOB NOT NULL,"
    " options BLOB NOT NULL, saved_ms INTEGER NOT NULL);"
    "CREATE INDEX file_digest ON file (digest);"
    "CREATE TABLE batch (seq INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL,"
    " file INTEGER NOT NULL, count INTEGER NOT NULL, remembered INTEGER NOT NULL,"
    " saved_ms INTEGER NOT NULL, settled_ms INTEGER, stored INTEGER, duplicates INTEGER,"
    " refused INTEGER, note TEXT, note_ms INTEGER);"
    "CREATE TABLE load (seq INTEGER PRIMARY KEY, payload BLOB NOT NULL, lines BLOB NOT NULL);"
    "CREATE TABLE run (seq INTEGER PRIMARY KEY, file INTEGER NOT NULL, merged INTEGER NOT NULL,"
    " hashes BLOB NOT NULL);"
    "CREATE TABLE seen (hash INTEGER PRIMARY KEY, n INTEGER NOT NULL);"
    "CREATE TABLE rejected (seq INTEGER PRIMARY KEY AUTOINCREMENT, file INTEGER NOT NULL,"
    " id BLOB NOT NULL, line INTEGER NOT NULL, status TEXT NOT NULL, field TEXT NOT NULL,"
    " reason TEXT NOT NULL, payload BLOB NOT NULL, hash INTEGER NOT NULL,"
    " saved_ms INTEGER NOT NULL, settled_ms INTEGER NOT NULL);";

static int run(struct outbox *outbox, const char *sql, const char *done, struct error *err)
{
    if (sqlite3_exec(outbox->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return outbox_fail(outbox, err, done);
}

static int number(struct outbox *outbox, const char *sql, int64_t *value, struct error *err)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(outbox->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int64(statement, 0);
    int status = code == SQLITE_ROW ? 0 : outbox_fail(outbox, err, "read");
    sqlite3_finalize(statement);
    return status;
}

/* Inside a transaction, so that two that come at once do not both make the tables. */
static int make_schema(struct outbox *outbox, struct error *err)
{
    int64_t version, tables, application;
    if (run(outbox, "BEGIN IMMEDIATE", "written", err) != 0)
        return -1;
    if (number(outbox, "PRAGMA user_version", &version, err) != 0 ||
        number(outbox, "PRAGMA application_id", &application, err) != 0 ||
        number(outbox, "SELECT count(*) FROM sqlite_schema", &tables, err) != 0)
        return -1;
    if (tables > 0 && application != APPLICATION_ID)
        return error_set(err, ERROR_IO, NULL,
                         "%s is a database, but no outbox; move it away and try again",
                         outbox->path);
    if (version > SCHEMA_VERSION)
        return error_set(err, ERROR_IO, NULL,
                         "the outbox %s was written by a newer suara (its version %lld, mine %d); "
                         "install that one",
                         outbox->path, (long long)version, SCHEMA_VERSION);
    if (version < SCHEMA_VERSION && run(outbox, schema, "made", err) != 0)
        return -1;
    char mark[96];
    snprintf(mark, sizeof mark, "PRAGMA user_version = %d; PRAGMA application_id = %d",
             SCHEMA_VERSION, APPLICATION_ID);
    if (version < SCHEMA_VERSION && run(outbox, mark, "made", err) != 0)
        return -1;
    return run(outbox, "COMMIT", "written", err);
}

/* An empty file is a valid database; made here for its mode, which -wal and -shm then take. */
static int make_file(struct outbox *outbox, bool *made, struct error *err)
{
    if (path_make_folder(outbox->path, err) != 0)
        return -1;
    int fd = open(outbox->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    *made = fd >= 0;
    if (fd < 0 && errno != EEXIST)
        return error_set(err, ERROR_IO, NULL, "the outbox %s can't be made: %s", outbox->path,
                         strerror(errno));
    if (fd < 0)
        return 0;
    path_give_to_folder(fd, outbox->path);
    close(fd);
    return 0;
}

static int prepare(struct outbox *outbox, struct error *err)
{
    bool made;
    if (make_file(outbox, &made, err) != 0)
        return -1;
    if (sqlite3_open_v2(outbox->path, &outbox->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return outbox_fail(outbox, err, "opened");
    sqlite3_extended_result_codes(outbox->db, 1);
    sqlite3_busy_timeout(outbox->db, BUSY_MS);
    int64_t version = 0;
    if (sqlite3_db_readonly(outbox->db, "main") == 1)
        return error_set(
            err, ERROR_IO, NULL,
            "the outbox %s can't be written; look at the rights of the file and of its "
            "folder, and whether the disk is mounted read-only",
            outbox->path);
    if (run(outbox, settings, "opened", err) != 0 ||
        number(outbox, "PRAGMA user_version", &version, err) != 0)
        return -1;
    if (version != SCHEMA_VERSION && make_schema(outbox, err) != 0)
        return -1;
    if (run(outbox, "CREATE TEMP TABLE mine (hash INTEGER PRIMARY KEY, k INTEGER NOT NULL)",
            "opened", err) != 0)
        return -1;
    /* SQLite syncs the folder for its journal; that the database's own name lasts is our part. */
    return path_sync_folder(outbox->path, err);
}

static struct outbox *make(const char *path, struct error *err)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (outbox)
        outbox->path = strdup(path);
    if (!outbox || !outbox->path) {
        free(outbox);
        error_set(err, ERROR_IO, NULL, "memory ran out");
        return NULL;
    }
    outbox->lock = -1;
    return outbox;
}

struct outbox *outbox_open(const char *path, struct error *err)
{
    struct outbox *outbox = make(path, err);
    if (outbox && prepare(outbox, err) != 0)
        outbox_close(&outbox);
    return outbox;
}

/* ---- only to look --------------------------------------------------------------------------- */

/* "file:PATH?..", with what means something in a URI escaped. */
static void uri(struct buf *out, const char *path, const char *parameters)
{
    buf_puts(out, "file:");
    for (; *path; path++)
        if (strchr("%?#", *path))
            buf_printf(out, "%%%02X", (unsigned)*path);
        else
            buf_putc(out, *path);
    buf_puts(out, parameters);
}

/* Opens it with these parameters and reads its version. */
static int look_as(struct outbox *outbox, const char *parameters, int how, int64_t *version,
                   struct error *err)
{
    struct buf name = {0};
    const int flags = how | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
    sqlite3_close(outbox->db);
    outbox->db = NULL;
    uri(&name, outbox->path, parameters);
    int code = name.failed ? SQLITE_NOMEM : sqlite3_open_v2(name.data, &outbox->db, flags, NULL);
    buf_release(&name);
    if (code != SQLITE_OK)
        return outbox_fail(outbox, err, "opened");
    sqlite3_extended_result_codes(outbox->db, 1);
    sqlite3_busy_timeout(outbox->db, BUSY_MS);
    return number(outbox, "PRAGMA user_version", version, err);
}

/* Somebody was killed while the database was made: only who may write can undo the half of it. */
static int look(struct outbox *outbox, const char *parameters, int64_t *version, struct error *err)
{
    struct error why;
    error_clear(&why);
    int status = look_as(outbox, parameters, SQLITE_OPEN_READONLY, version, &why);
    bool undo = status != 0 && outbox->db &&
                (sqlite3_extended_errcode(outbox->db) & 0xFF) == SQLITE_READONLY;
    if (undo && access(outbox->path, W_OK) == 0)
        status = look_as(outbox, parameters, SQLITE_OPEN_READWRITE, version, &why);
    if (status != 0 && err)
        *err = why;
    return status;
}

/*
 * Its WAL wants a -shm beside it, which can't be made on a disk that is read-only. There, nobody
 * writes; and when there is no -wal either, the database alone is all there is.
 */
static bool is_whole_alone(const struct outbox *outbox)
{
    struct buf wal = {0};
    struct stat there;
    buf_printf(&wal, "%s-wal", outbox->path);
    bool alone = !wal.failed && access(outbox->path, W_OK) != 0 && errno == EROFS &&
                 (stat(wal.data, &there) != 0 || there.st_size == 0);
    buf_release(&wal);
    return alone;
}

int outbox_peek(const char *path, struct outbox **out, struct error *err)
{
    int64_t version = 0;
    *out = NULL;
    if (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    struct outbox *outbox = make(path, err);
    if (!outbox)
        return -1;
    int status = look(outbox, is_whole_alone(outbox) ? "?immutable=1" : "", &version, err);
    if (status == 0 && version > SCHEMA_VERSION)
        status = error_set(err, ERROR_IO, NULL,
                           "the outbox %s was written by a newer suara; install that one", path);
    if (status == 0 && run(outbox, looking, "opened", err) != 0)
        status = -1;
    if (status != 0 || version == 0)
        outbox_close(&outbox);
    *out = outbox;
    return status != 0 ? -1 : version != 0;
}

void outbox_close(struct outbox **outbox)
{
    if (!*outbox)
        return;
    struct outbox *o = *outbox;
    for (size_t i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(o->statement[i]);
    sqlite3_close(o->db); /* rolls back what was not committed */
    outbox_unlock(o);
    buf_release(&o->payload);
    buf_release(&o->lines);
    buf_release(&o->hashes);
    buf_release(&o->text);
    free(o->path);
    free(o);
    *outbox = NULL;
}

int outbox_lock(struct outbox *outbox, struct error *err)
{
    if (outbox->lock >= 0)
        return 1;
    struct buf path = {0};
    buf_printf(&path, "%s.lock", outbox->path);
    int fd = path.failed ? -1 : open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        path_give_to_folder(fd, outbox->path);
    int status = 1;
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
        status = fd >= 0 && errno == EWOULDBLOCK
                     ? 0
                     : error_set(err, ERROR_IO, NULL, "%s can't be locked: %s",
                                 path.data ? path.data : "the outbox", strerror(errno));
    if (status == 1)
        outbox->lock = fd;
    else if (fd >= 0)
        close(fd);
    buf_release(&path);
    return status;
}

void outbox_tidy(struct outbox *outbox)
{
    (void)sqlite3_exec(outbox->db, "PRAGMA incremental_vacuum", NULL, NULL, NULL);
}

void outbox_unlock(struct outbox *outbox)
{
    if (outbox->lock >= 0)
        close(outbox->lock);
    outbox->lock = -1;
}
