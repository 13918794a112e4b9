/*
 * Names and bytes of rejected files, for those who write them (rejected.c, rejected_append.c).
 */
#ifndef SUARA_CLIENT_APP_REJECTED_PLACE_H
#define SUARA_CLIENT_APP_REJECTED_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;
struct error;
struct instrument;

#define NUMBERS 999u /* files beside one survey; more are a mistake */

/* Where a rejected file may go: beside the survey, in the folder of the outbox. */
struct rejected_places {
    char *stem[2]; /* without ".csv"; NULL: there is none */
};

/* folder NULL: none. False without memory; release it all the same. */
bool rejected_places(struct rejected_places *places, const char *path, const char *folder);
void rejected_places_release(struct rejected_places *places);

/* FILE.rejected.csv, FILE.rejected-2.csv ..; malloc'd, NULL without memory. */
char *rejected_numbered(const char *stem, unsigned number);

void rejected_header(struct buf *out, const struct instrument *instrument);

/* A file without a name, in the folder or beside another file. Some file systems have no such
 * thing: there it has one for a moment. -1: errno says why. */
int rejected_nameless(const char *folder, const char *beside);

/* Writes the content. False: errno says why. */
typedef bool rejected_fill_fn(int fd, const void *arg);

/* A new file, on disk with its name: 1; 0: the name is taken; -1: errno says why, it is not there.
 */
int rejected_make(const char *name, rejected_fill_fn *fill, const void *arg);

/* All of it, or false and errno. */
bool rejected_write(int fd, const char *data, size_t size);
bool rejected_read(int fd, char *data, size_t size, off_t at);

int rejected_memory(struct error *err); /* -1, IO */

#endif
