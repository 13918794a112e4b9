/*
 * For tests: a folder of their own, gone afterwards; and a child that is killed.
 */
#ifndef SUARA_TESTS_CLIENT_FOLDER_H
#define SUARA_TESTS_CLIENT_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct folder {
    char path[64];
    char *file[8]; /* what folder_file gave last */
    unsigned turn;
};

static inline int folder_make(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    if (!folder)
        return -1;
    snprintf(folder->path, sizeof folder->path, "/tmp/suara-test.XXXXXX");
    *state = folder;
    return mkdtemp(folder->path) ? 0 : -1;
}

static inline int folder_unlink(const char *path, const struct stat *s, int kind, struct FTW *ftw)
{
    (void)s;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static inline int folder_remove(void **state)
{
    struct folder *folder = *state;
    int status = nftw(folder->path, folder_unlink, 16, FTW_DEPTH | FTW_PHYS);
    for (unsigned i = 0; i < 8; i++)
        free(folder->file[i]);
    free(folder);
    return status;
}

static inline const char *folder_file(struct folder *folder, const char *name)
{
    char **out = &folder->file[folder->turn++ % 8];
    free(*out);
    if (asprintf(out, "%s/%s", folder->path, name) < 0)
        abort();
    return *out;
}

static inline const char *folder_write(struct folder *folder, const char *name, const void *data,
                                       size_t size)
{
    const char *path = folder_file(folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
    return path;
}

static inline const char *folder_puts(struct folder *folder, const char *name, const char *text)
{
    return folder_write(folder, name, text, strlen(text));
}

/* The whole file; free it. NULL: not there. */
static inline char *folder_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    char *text = calloc(1, 1 << 20);
    if (text && fread(text, 1, (1 << 20) - 1, file) == 0)
        text[0] = '\0';
    fclose(file);
    return text;
}

#endif
