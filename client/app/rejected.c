#include "client/app/rejected.h"

#include "client/core/import.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/text.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLUSH_BYTES 65536u

struct rejected {
    char *path[2]; /* beside the file, in the folder; NULL: none */
    const struct instrument *instrument;
    char *temporary; /* NULL: not made yet */
    const char *goal;
    int fd;
    struct buf text; /* not written yet */
};

/* "FILE" -> "FILE.rejected.csv", in another folder when one is given. */
static char *name_of(const char *path, const char *folder)
{
    const char *base = strrchr(path, '/');
    struct buf name = {0};
    if (folder)
        buf_printf(&name, "%s/%s.rejected.csv", folder, base ? base + 1 : path);
    else
        buf_printf(&name, "%s.rejected.csv", path);
    if (name.failed)
        buf_release(&name);
    return name.data;
}

struct rejected *rejected_new(const char *path, const char *folder,
                              const struct instrument *instrument)
{
    struct rejected *rejected = calloc(1, sizeof *rejected);
    if (!rejected)
        return NULL;
    rejected->fd = -1;
    rejected->instrument = instrument;
    rejected->path[0] = name_of(path, NULL);
    rejected->path[1] = folder ? name_of(path, folder) : NULL;
    if (!rejected->path[0] || (folder && !rejected->path[1]))
        rejected_free(&rejected);
    return rejected;
}

void rejected_free(struct rejected **rejected)
{
    struct rejected *r = *rejected;
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    if (r->temporary)
        unlink(r->temporary);
    free(r->temporary);
    free(r->path[0]);
    free(r->path[1]);
    buf_release(&r->text);
    free(r);
    *rejected = NULL;
}

static int fail(struct error *err, const char *path)
{
    return error_set(err, ERROR_IO, NULL, "%s can't be written: %s", path, strerror(errno));
}

static int write_out(int fd, struct buf *text, const char *path, struct error *err)
{
    if (text->failed)
        return error_set(err, ERROR_IO, NULL, "memory ran out while writing %s", path);
    for (size_t done = 0; done < text->len;) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        if (n < 0 && errno != EINTR)
            return fail(err, path);
        done += n > 0 ? (size_t)n : 0;
    }
    buf_clear(text);
    return 0;
}

/* A spreadsheet takes a file without the mark for its own old code page. */
static void header(struct buf *out, const struct instrument *instrument)
{
    buf_puts(out, "\xEF\xBB\xBFline,field,reason,");
    import_canonical_header(instrument, out);
    buf_puts(out, "\r\n");
}

static int make(struct rejected *rejected, struct error *err)
{
    for (size_t i = 0; i < 2 && rejected->path[i]; i++) {
        struct buf name = {0};
        buf_printf(&name, "%s.XXXXXX", rejected->path[i]);
        rejected->fd = name.failed ? -1 : mkostemp(name.data, O_CLOEXEC);
        if (rejected->fd >= 0) {
            rejected->temporary = name.data;
            rejected->goal = rejected->path[i];
            header(&rejected->text, rejected->instrument);
            return 0;
        }
        fail(err, rejected->path[i]);
        buf_release(&name);
    }
    return -1;
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

int rejected_add(struct rejected *rejected, uint64_t line, const char *field, const char *reason,
                 const struct buf *cells, struct error *err)
{
    if (rejected->fd < 0 && make(rejected, err) != 0)
        return -1;
    rejected_line(&rejected->text, line, field, reason, cells);
    if (rejected->text.len < FLUSH_BYTES && !rejected->text.failed)
        return 0;
    return write_out(rejected->fd, &rejected->text, rejected->goal, err);
}

int rejected_sync(struct rejected *rejected, struct error *err)
{
    if (rejected->fd < 0)
        return 0;
    if (write_out(rejected->fd, &rejected->text, rejected->goal, err) != 0)
        return -1;
    return fsync(rejected->fd) == 0 ? 0 : fail(err, rejected->goal);
}

int rejected_publish(struct rejected *rejected, char **path, struct error *err)
{
    *path = NULL;
    if (rejected->fd < 0)
        return 0;
    char *name = strdup(rejected->goal);
    if (!name)
        return error_set(err, ERROR_IO, NULL, "memory ran out");
    if (rename(rejected->temporary, rejected->goal) != 0) {
        free(name);
        return fail(err, rejected->goal);
    }
    free(rejected->temporary);
    rejected->temporary = NULL;
    *path = name;
    return 0;
}

static int append_to(const char *path, const struct instrument *instrument, const struct buf *lines,
                     struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(err, path);
    struct stat there;
    struct buf text = {0};
    int status = fstat(fd, &there) == 0 ? 0 : fail(err, path);
    if (status == 0 && there.st_size == 0)
        header(&text, instrument);
    buf_add(&text, lines->data, lines->len);
    if (status == 0)
        status = write_out(fd, &text, path, err);
    if (close(fd) != 0 && status == 0)
        status = fail(err, path);
    buf_release(&text);
    return status;
}

int rejected_append(const char *path, const char *folder, const struct instrument *instrument,
                    const struct buf *lines, struct error *err)
{
    int status = -1;
    for (int i = 0; i < 2 && status != 0 && (i == 0 || folder); i++) {
        char *name = name_of(path, i ? folder : NULL);
        status = name ? append_to(name, instrument, lines, err)
                      : error_set(err, ERROR_IO, NULL, "memory ran out");
        free(name);
    }
    return status;
}
