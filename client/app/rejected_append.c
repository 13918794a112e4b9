#include "client/app/rejected.h"
#include "client/app/rejected_place.h"
#include "common/buf.h"
#include "common/error.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct error *err, const char *path)
{
    return error_set(err, ERROR_IO, NULL, "%s can't be written: %s", path, strerror(errno));
}

/* Our header as it was written, and an end of line at the end: a spreadsheet may have made its own
 * form of it, with semicolons or without the mark, to which nothing of ours can be added. */
static bool is_ours(int fd, const struct buf *head, off_t size)
{
    char *there = malloc(head->len), last = 0;
    bool ours = there && size >= (off_t)head->len && rejected_read(fd, there, head->len, 0) &&
                memcmp(there, head->data, head->len) == 0 &&
                rejected_read(fd, &last, 1, size - 1) && last == '\n';
    free(there);
    return ours;
}

struct content {
    const struct buf *head, *lines;
};

static bool fill(int fd, const void *arg)
{
    const struct content *content = arg;
    return rejected_write(fd, content->head->data, content->head->len) &&
           rejected_write(fd, content->lines->data, content->lines->len);
}

/* To one that is there. 1: added; 0: another number; -1: not in this place. */
static int add_to(const char *name, const struct content *content)
{
    struct stat there;
    int fd = open(name, O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &there) != 0 || !S_ISREG(there.st_mode) ||
        !is_ours(fd, content->head, there.st_size)) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    bool ok = rejected_write(fd, content->lines->data, content->lines->len) && fsync(fd) == 0;
    int why = errno;
    if (!ok && ftruncate(fd, there.st_size) != 0)
        why = errno; /* half a line is left: the next one goes to another file */
    close(fd);
    errno = why;
    return ok ? 1 : -1;
}

static int append_as(const char *name, const struct buf *head, const struct buf *lines)
{
    const struct content content = {head, lines};
    int status = rejected_make(name, fill, &content);
    return status != 0 ? status : add_to(name, &content);
}

/* The number of the last file beside the survey, 1 where there is none; 0 without memory. */
static unsigned last_number(const char *stem)
{
    unsigned number = 1;
    for (bool there = true; there && number < NUMBERS;) {
        char *next = rejected_numbered(stem, number + 1);
        if (!next)
            return 0;
        there = access(next, F_OK) == 0;
        number += there;
        free(next);
    }
    return number;
}

static int append_in(const char *stem, const struct buf *head, const struct buf *lines, char **name,
                     struct error *err)
{
    unsigned number = last_number(stem);
    if (number == 0)
        return rejected_memory(err);
    errno = EEXIST;
    for (; number <= NUMBERS; number++) {
        char *path = rejected_numbered(stem, number);
        if (!path)
            return rejected_memory(err);
        int status = append_as(path, head, lines);
        if (status == 1 && name)
            *name = path;
        if (status < 0)
            fail(err, path);
        if (status != 1 || !name)
            free(path);
        if (status != 0)
            return status == 1 ? 0 : -1;
    }
    return fail(err, stem);
}

int rejected_append(const char *path, const char *folder, const struct instrument *instrument,
                    const struct buf *lines, char **name, struct error *err)
{
    struct rejected_places places = {{NULL, NULL}};
    struct buf head = {0};
    rejected_header(&head, instrument);
    int status = -1;
    if (!rejected_places(&places, path, folder) || head.failed || lines->failed)
        rejected_memory(err);
    else
        for (size_t i = 0; i < 2 && status != 0 && places.stem[i]; i++)
            status = append_in(places.stem[i], &head, lines, name, err);
    rejected_places_release(&places);
    buf_release(&head);
    return status;
}
