#include "client/app/source.h"

#include "common/digest.h"
#include "common/error.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)256 * 1024)

struct source {
    int fd;
    char *path;
    uint64_t done, size;
    struct digest *digest;
    uint8_t first[DIGEST_SIZE]; /* what the first reading gave */
    char data[PIECE];
};

static int fail(struct error *err, enum error_code code, const char *path, const char *done)
{
    return error_set(err, code, NULL, "%s can't be %s: %s", path, done, strerror(errno));
}

/* 1 with bytes, 0 at the end, -1. */
static int read_piece(struct source *source, size_t *size, struct error *err)
{
    ssize_t n;
    do
        n = read(source->fd, source->data, sizeof source->data);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return fail(err, ERROR_IO, source->path, "read");
    source->done += (uint64_t)n;
    *size = (size_t)n;
    if (!digest_add(source->digest, source->data, *size))
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    return n > 0 ? 1 : 0;
}

static int read_all(struct source *source, struct error *err)
{
    size_t size;
    int status = 1;
    if (!digest_start(source->digest))
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    while (status == 1)
        status = read_piece(source, &size, err);
    if (status != 0)
        return -1;
    source->size = source->done;
    source->done = 0;
    if (!digest_end(source->digest, source->first) || !digest_start(source->digest))
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    if (lseek(source->fd, 0, SEEK_SET) != 0)
        return fail(err, ERROR_USAGE, source->path, "read twice");
    return 0;
}

/* Workbooks are archives (ZIP) or, before 2007, OLE documents: people rename them to .csv. */
static int check_workbook(const struct source *source, const char *path, struct error *err)
{
    char head[80] = {0};
    ssize_t n = pread(source->fd, head, sizeof head, 0);
    if (n < 4 || (memcmp(head, "PK\3\4", 4) != 0 && memcmp(head, "\xD0\xCF\x11\xE0", 4) != 0))
        return 0; /* what can't be read is said by the reading */
    bool open = memmem(head, sizeof head, "opendocument", 12) != NULL;
    return error_set(err, ERROR_USAGE, NULL,
                     "%s is %s workbook, not CSV: save it as \"CSV UTF-8\" and submit that", path,
                     open ? "a LibreOffice" : "an Excel");
}

static int open_file(struct source *source, const char *path, struct error *err)
{
    struct stat there;
    /* A pipe without a writer would keep the open waiting for one. */
    source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (source->fd < 0 || fstat(source->fd, &there) != 0)
        return fail(err, ERROR_USAGE, path, "opened");
    if (S_ISDIR(there.st_mode))
        return error_set(err, ERROR_USAGE, NULL, "%s is a folder; name the CSV file", path);
    if (!S_ISREG(there.st_mode))
        return error_set(err, ERROR_USAGE, NULL,
                         "%s is no file; what comes through a pipe must be saved to a file first",
                         path);
    if (check_workbook(source, path, err) != 0)
        return -1;
    source->path = realpath(path, NULL);
    source->digest = digest_new();
    if (!source->path || !source->digest)
        return fail(err, ERROR_USAGE, path, "opened");
    return read_all(source, err);
}

struct source *source_open(const char *path, uint8_t digest[32], struct error *err)
{
    struct source *source = calloc(1, sizeof *source);
    if (!source) {
        error_set(err, ERROR_IO, NULL, "memory ran out");
        return NULL;
    }
    source->fd = -1;
    if (open_file(source, path, err) != 0)
        source_close(&source);
    else
        memcpy(digest, source->first, sizeof source->first);
    return source;
}

void source_close(struct source **source)
{
    if (!*source)
        return;
    if ((*source)->fd >= 0)
        close((*source)->fd);
    digest_free(&(*source)->digest);
    free((*source)->path);
    free(*source);
    *source = NULL;
}

int source_next(struct source *source, const char **data, size_t *size, struct error *err)
{
    int status = read_piece(source, size, err);
    *data = source->data;
    if (status != 0)
        return status;
    uint8_t again[DIGEST_SIZE];
    if (digest_end(source->digest, again) && memcmp(again, source->first, sizeof again) == 0)
        return 0;
    return error_set(err, ERROR_USAGE, NULL,
                     "%s was changed while it was read; submit it when it is finished",
                     source->path);
}

const char *source_path(const struct source *source)
{
    return source->path;
}

uint64_t source_done(const struct source *source)
{
    return source->done;
}

uint64_t source_size(const struct source *source)
{
    return source->size;
}
