/*
 * One line on stderr that tells how far a long run is: only when it is a terminal, at most five
 * times a second, gone at the end.
 */
#ifndef SUARA_CLIENT_CMD_PROGRESS_H
#define SUARA_CLIENT_CMD_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool on, drawn;
    const char *what; /* "sekadau.csv", "sending" */
    uint64_t start_ms, drawn_ms;
};

void progress_start(struct progress *progress, const char *what);
void progress_end(struct progress *progress); /* clears the line */

/* For submit_options.progress and sync_options.progress; arg is the struct progress. */
void progress_file(uint64_t done, uint64_t size, uint64_t rows, void *arg);
void progress_sync(uint64_t done, uint64_t waiting, void *arg);

/* The same with words of its own: "comparing: 12000 responses". */
void progress_text(struct progress *progress, const char *text);

/* The lines themselves: "sekadau.csv: 45 %, 12000 rows, 6000/s" (size 0: not known), and
 * "sending: 3000 of 7000, 2000/s". */
void progress_file_line(char *out, size_t room, const char *what, uint64_t done, uint64_t size,
                        uint64_t rows, uint64_t elapsed_ms);
void progress_sync_line(char *out, size_t room, const char *what, uint64_t done, uint64_t waiting,
                        uint64_t elapsed_ms);

#endif
