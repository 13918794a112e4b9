#include "client/app/rejected_place.h"

#include "client/app/rejected.h"
#include "client/core/import.h"
#include "client/store/path.h"
#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/text.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* ---- names ---------------------------------------------------------------------------------- */

/* Two surveys with the same name from two sticks must not meet in the folder of the outbox. */
static bool path_mark(const char *path, char mark[9])
{
    uint8_t out[DIGEST_SIZE];
    struct digest *digest = digest_new();
    bool ok = digest && digest_of(digest, path, strlen(path), out);
    digest_free(&digest);
    if (ok)
        snprintf(mark, 9, "%02x%02x%02x%02x", out[0], out[1], out[2], out[3]);
    return ok;
}

bool rejected_places(struct rejected_places *places, const char *path, const char *folder)
{
    const char *base = strrchr(path, '/');
    struct buf stem[2] = {{0}, {0}};
    char mark[9];
    buf_printf(&stem[0], "%s.rejected", path);
    bool ok = !folder || path_mark(path, mark);
    if (ok && folder)
        buf_printf(&stem[1], "%s/%s.%s.rejected", folder, base ? base + 1 : path, mark);
    places->stem[0] = stem[0].data;
    places->stem[1] = stem[1].data;
    return ok && !stem[0].failed && !stem[1].failed;
}

void rejected_places_release(struct rejected_places *places)
{
    free(places->stem[0]);
    free(places->stem[1]);
}

/* FILE.rejected.csv, FILE.rejected-2.csv ..; NULL without memory. */
char *rejected_numbered(const char *stem, unsigned number)
{
    struct buf name = {0};
    if (number == 1)
        buf_printf(&name, "%s.csv", stem);
    else
        buf_printf(&name, "%s-%u.csv", stem, number);
    if (name.failed)
        buf_release(&name);
    return name.data;
}

/* ---- files ---------------------------------------------------------------------------------- */

int rejected_nameless(const char *folder, const char *beside)
{
    const char *slash = beside ? strrchr(beside, '/') : NULL;
    struct buf name = {0};
    if (folder)
        buf_puts(&name, folder);
    else if (slash)
        buf_add(&name, beside, slash == beside ? 1 : (size_t)(slash - beside));
    else
        buf_puts(&name, ".");
    int fd = name.failed ? -1 : open(name.data, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && errno != ENOSPC) {
        buf_puts(&name, "/.rejected.XXXXXX");
        fd = name.failed ? -1 : mkostemp(name.data, O_CLOEXEC);
        if (fd >= 0)
            unlink(name.data);
    }
    buf_release(&name);
    return fd;
}

/* Under its name it is whole from the first moment on, whenever the program is stopped. 1; 0: the
 * name is taken; -1: not this way (a file system without nameless files, or no room). */
static int link_as(const char *name, rejected_fill_fn *fill, const void *arg)
{
    char self[32];
    int fd = rejected_nameless(NULL, name);
    if (fd < 0)
        return -1;
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int status = -1;
    if (fill(fd, arg) && fsync(fd) == 0) {
        status = linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0 ? 1 : -1;
        if (status != 1 && errno == EEXIST)
            status = 0;
    }
    close(fd);
    return status;
}

/* Likewise, piece by piece. -1: errno says why. */
static int write_as(const char *name, rejected_fill_fn *fill, const void *arg)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : -1;
    bool ok = fill(fd, arg) && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && ok) {
        why = errno;
        ok = false;
    }
    if (ok)
        return 1;
    unlink(name);
    errno = why;
    return -1;
}

int rejected_make(const char *name, rejected_fill_fn *fill, const void *arg)
{
    int status = link_as(name, fill, arg);
    if (status < 0)
        status = write_as(name, fill, arg);
    if (status < 0 || path_sync_folder(name, NULL) == 0)
        return status;
    int why = errno;
    if (status == 1)
        unlink(name);
    errno = why;
    return -1;
}

bool rejected_write(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return false;
        data += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

bool rejected_read(int fd, char *data, size_t size, off_t at)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(fd, data + done, size - done, at + (off_t)done);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* A spreadsheet takes a file without the mark for its own old code page. */
void rejected_header(struct buf *out, const struct instrument *instrument)
{
    buf_puts(out, "\xEF\xBB\xBFline,field,reason,");
    import_canonical_header(instrument, out);
    buf_puts(out, "\r\n");
}

void rejected_line(struct buf *out, uint64_t line, const char *field, const char *reason,
                   const struct buf *cells)
{
    buf_printf(out, "%llu,", (unsigned long long)line);
    text_csv_field(out, field, strlen(field));
    buf_putc(out, ',');
    text_csv_field(out, reason, strlen(reason));
    buf_putc(out, ',');
    buf_add(out, cells->data, cells->len);
    buf_puts(out, "\r\n");
}

int rejected_memory(struct error *err)
{
    return error_set(err, ERROR_IO, NULL, "memory ran out");
}
