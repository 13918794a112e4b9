/*
 * Folders and files that must still be there after a power cut.
 */
#ifndef SUARA_CLIENT_STORE_PATH_H
#define SUARA_CLIENT_STORE_PATH_H

#include <stddef.h>

struct error;

/* Makes the folder of a path, and those above it, mode 0700, each on disk. IO. */
int path_make_folder(const char *path, struct error *err) __attribute__((warn_unused_result));

/* fsync of the folder of a path: then the names in it last. IO. */
int path_sync_folder(const char *path, struct error *err) __attribute__((warn_unused_result));

/* As root: the file goes to the owner of its folder, who must be able to use it. */
void path_give_to_folder(int fd, const char *path);

/* Writes a file whole by way of a temporary one beside it: on disk, with its name, or not at all.
 */
int path_write(const char *path, const void *data, size_t size, unsigned mode, struct error *err)
    __attribute__((warn_unused_result));

/*
 * The same for what somebody else writes: the name of a new temporary file beside path, malloc'd;
 * then settle, which frees it, puts it on disk and in its place (IO; nothing is left on failure),
 * or forget.
 */
char *path_temporary(const char *path, struct error *err);
int path_settle(char **temporary, const char *path, unsigned mode, struct error *err)
    __attribute__((warn_unused_result));
void path_forget(char **temporary);

/* The whole of a small file, zero-terminated, malloc'd. NULL: USAGE (not there) or IO, too large.
 */
char *path_read(const char *path, size_t most, struct error *err);

#endif
