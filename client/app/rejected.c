#include "client/app/rejected.h"

#include "client/app/rejected_place.h"
#include "common/buf.h"
#include "common/error.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_BYTES 65536u

struct rejected {
    struct rejected_places places;
    const struct instrument *instrument;
    char *path, *folder;
    int spool;       /* a file without a name; -1: no row yet */
    off_t size;      /* of it, at the end */
    struct buf text; /* not written yet */
    char *name;      /* NULL: not on disk yet */
    bool mine;       /* made by this run */
};

static bool copy(int from, int to, off_t size)
{
    char piece[16384];
    for (off_t at = 0; at < size;) {
        size_t n = size - at < (off_t)sizeof piece ? (size_t)(size - at) : sizeof piece;
        if (!rejected_read(from, piece, n, at) || !rejected_write(to, piece, n))
            return false;
        at += (off_t)n;
    }
    return true;
}

/* Does the file begin with these `size` bytes of another? */
static bool begins_with(const char *path, int other, off_t size)
{
    char mine[16384], theirs[16384];
    struct stat there;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool same =
        fd >= 0 && fstat(fd, &there) == 0 && S_ISREG(there.st_mode) && there.st_size >= size;
    for (off_t at = 0; same && at < size;) {
        size_t n = size - at < (off_t)sizeof mine ? (size_t)(size - at) : sizeof mine;
        same = rejected_read(other, mine, n, at) && rejected_read(fd, theirs, n, at) &&
               memcmp(mine, theirs, n) == 0;
        at += (off_t)n;
    }
    if (fd >= 0)
        close(fd);
    return same;
}

/* ---- rows of a file that is being read ------------------------------------------------------- */

struct rejected *rejected_new(const char *path, const char *folder,
                              const struct instrument *instrument)
{
    struct rejected *rejected = calloc(1, sizeof *rejected);
    if (!rejected)
        return NULL;
    rejected->spool = -1;
    rejected->instrument = instrument;
    rejected->path = strdup(path);
    rejected->folder = folder ? strdup(folder) : NULL;
    if (!rejected_places(&rejected->places, path, folder) || !rejected->path ||
        (folder && !rejected->folder))
        rejected_free(&rejected);
    return rejected;
}

void rejected_free(struct rejected **rejected)
{
    struct rejected *r = *rejected;
    if (!r)
        return;
    if (r->spool >= 0)
        close(r->spool);
    if (r->name && r->mine)
        unlink(r->name);
    rejected_places_release(&r->places);
    free(r->name);
    free(r->path);
    free(r->folder);
    buf_release(&r->text);
    free(r);
    *rejected = NULL;
}

/* Nothing is saved without its rejected rows: say so, since the disk of the outbox may be fine. */
static int fail_all(const struct rejected *r, const char *what, struct error *err)
{
    return error_set(err, ERROR_IO, NULL,
                     "%.180s can't be written: %s; nothing of %.180s was saved", what,
                     strerror(errno), r->path);
}

static int flush(struct rejected *r, struct error *err)
{
    if (r->text.failed)
        return rejected_memory(err);
    if (!rejected_write(r->spool, r->text.data, r->text.len))
        return fail_all(r, "the list of rejected rows", err);
    buf_clear(&r->text);
    return 0;
}

int rejected_add(struct rejected *r, uint64_t line, const char *field, const char *reason,
                 const struct buf *cells, struct error *err)
{
    if (cells->failed)
        return rejected_memory(err);
    if (r->spool < 0) {
        if (r->folder)
            r->spool = rejected_nameless(r->folder, NULL);
        if (r->spool < 0)
            r->spool = rejected_nameless(NULL, r->path);
        if (r->spool < 0)
            return fail_all(r, "the list of rejected rows", err);
        rejected_header(&r->text, r->instrument);
    }
    rejected_line(&r->text, line, field, reason, cells);
    return r->text.len < FLUSH_BYTES && !r->text.failed ? 0 : flush(r, err);
}

static bool fill(int fd, const void *arg)
{
    const struct rejected *r = arg;
    return copy(r->spool, fd, r->size);
}

/* 1: done, r->name is set; 0: another number; -1: not in this place, errno says why. */
static int settle_as(struct rejected *r, char *name)
{
    int status = rejected_make(name, fill, r);
    if (status < 0 || (status == 0 && !begins_with(name, r->spool, r->size)))
        return status;
    r->mine = status == 1;
    r->name = name;
    return 1;
}

static int settle_in(struct rejected *r, const char *stem)
{
    errno = EEXIST;
    for (unsigned number = 1; number <= NUMBERS; number++) {
        char *name = rejected_numbered(stem, number);
        int status = name ? settle_as(r, name) : -1;
        if (status == 1)
            return 0;
        free(name);
        if (status < 0)
            return -1;
    }
    return -1;
}

int rejected_sync(struct rejected *r, struct error *err)
{
    struct stat there;
    if (r->spool < 0)
        return 0;
    if (flush(r, err) != 0)
        return -1;
    if (fstat(r->spool, &there) != 0)
        return fail_all(r, "the list of rejected rows", err);
    r->size = there.st_size;
    for (size_t i = 0; i < 2 && r->places.stem[i]; i++) {
        if (settle_in(r, r->places.stem[i]) == 0)
            return 0;
        int why = errno;
        struct buf shown = {0};
        buf_printf(&shown, "%s.csv", r->places.stem[i]);
        errno = why;
        fail_all(r, shown.failed ? "the list of rejected rows" : shown.data, err);
        buf_release(&shown);
    }
    return -1;
}

char *rejected_publish(struct rejected *r)
{
    char *name = r->name;
    r->name = NULL;
    return name;
}
