#include "client/store/path.h"

#include "common/buf.h"
#include "common/error.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct error *err, const char *path, const char *done)
{
    return error_set(err, ERROR_IO, NULL, "%s can't be %s: %s", path, done, strerror(errno));
}

/* "a/b" -> "a"; "b" -> "."; "/b" -> "/". */
static int folder_of(const char *path, char out[PATH_MAX], struct error *err)
{
    const char *slash = strrchr(path, '/');
    size_t n = !slash ? 1 : slash == path ? 1 : (size_t)(slash - path);
    if (n >= PATH_MAX)
        return error_set(err, ERROR_IO, NULL, "%.200s.. is too long a path", path);
    memcpy(out, slash ? path : ".", n);
    out[n] = '\0';
    return 0;
}

int path_sync_folder(const char *path, struct error *err)
{
    char folder[PATH_MAX];
    if (folder_of(path, folder, err) != 0)
        return -1;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(err, folder, "opened");
    int status = 0;
    if (fsync(fd) != 0 && errno != EINVAL) /* some file systems have no fsync of folders */
        status = fail(err, folder, "written to disk");
    close(fd);
    return status;
}

void path_give_to_folder(int fd, const char *path)
{
    char folder[PATH_MAX];
    struct stat owner;
    if (geteuid() != 0 || folder_of(path, folder, NULL) != 0 || stat(folder, &owner) != 0)
        return;
    if (fchown(fd, owner.st_uid, owner.st_gid) != 0)
        return; /* then root keeps it: no worse than before */
}

int path_make_folder(const char *path, struct error *err)
{
    char folder[PATH_MAX];
    if (folder_of(path, folder, err) != 0)
        return -1;
    struct stat there;
    if (stat(folder, &there) == 0)
        return S_ISDIR(there.st_mode) ? 0
                                      : error_set(err, ERROR_IO, NULL, "%s is no folder", folder);
    if (path_make_folder(folder, err) != 0)
        return -1;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return fail(err, folder, "made");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        path_give_to_folder(fd, folder);
        close(fd);
    }
    return path_sync_folder(folder, err);
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

int path_write(const char *path, const void *data, size_t size, unsigned mode, struct error *err)
{
    struct buf temporary = {0};
    buf_printf(&temporary, "%s.XXXXXX", path);
    int fd = temporary.failed ? -1 : mkostemp(temporary.data, O_CLOEXEC);
    if (fd < 0) {
        buf_release(&temporary);
        return fail(err, path, "written");
    }
    path_give_to_folder(fd, path);
    bool ok = fchmod(fd, mode) == 0 && write_all(fd, data, size) == 0 && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && rename(temporary.data, path) == 0;
    int status = 0;
    if (!ok) {
        status = fail(err, path, "written");
        unlink(temporary.data);
    }
    buf_release(&temporary);
    return status != 0 ? status : path_sync_folder(path, err);
}

char *path_temporary(const char *path, struct error *err)
{
    struct buf name = {0};
    buf_printf(&name, "%s.XXXXXX", path);
    int fd = name.failed ? -1 : mkostemp(name.data, O_CLOEXEC);
    if (fd < 0) {
        buf_release(&name);
        fail(err, path, "written");
        return NULL;
    }
    close(fd);
    return name.data;
}

int path_settle(char **temporary, const char *path, unsigned mode, struct error *err)
{
    int fd = open(*temporary, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    if (fd >= 0) {
        path_give_to_folder(fd, path);
        ok = close(fd) == 0 && ok;
    }
    if (!ok || rename(*temporary, path) != 0) {
        int status = fail(err, path, "written");
        path_forget(temporary);
        return status;
    }
    free(*temporary);
    *temporary = NULL;
    return path_sync_folder(path, err);
}

void path_forget(char **temporary)
{
    if (!*temporary)
        return;
    unlink(*temporary);
    free(*temporary);
    *temporary = NULL;
}

char *path_read(const char *path, size_t most, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        error_set(err, ERROR_USAGE, NULL, "%s can't be opened: %s", path, strerror(errno));
        return NULL;
    }
    char *text = malloc(most + 2);
    size_t n = text ? fread(text, 1, most + 1, file) : 0;
    bool ok = text && !ferror(file);
    if (!ok)
        fail(err, path, "read");
    else if (n > most)
        error_set(err, ERROR_USAGE, NULL, "%s is larger than %zu bytes", path, most);
    fclose(file);
    if (!ok || n > most) {
        free(text);
        return NULL;
    }
    text[n] = '\0';
    return text;
}
