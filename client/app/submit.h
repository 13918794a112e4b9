/*
 * From a CSV file into the outbox: checked row by row, in bounded memory, saved whole or not at
 * all.
 */
#ifndef SUARA_CLIENT_APP_SUBMIT_H
#define SUARA_CLIENT_APP_SUBMIT_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct instrument;
struct outbox;
struct profile;

enum submit_repeats { REPEATS_ASK, REPEATS_SKIP /* --cumulative */, REPEATS_ALL /* --all */ };

struct submit_options {
    const struct instrument *instrument; /* NULL: skm-2017 */
    const char *service, *channel, *stakeholder, *perspective,
        *collected_at;     /* NULL: none; fill what the file lacks */
    const char *id_column; /* NULL: `id` if the file has it */
    const char *map;       /* file of renamings; NULL: none */
    enum submit_repeats repeats;
    uint32_t batch_responses; /* 0: the default */
    int64_t now_ms;
    /* Now and then: bytes read of size, rows so far. NULL: none. */
    void (*progress)(uint64_t done, uint64_t size, uint64_t rows, void *arg);
    void *arg;
    bool (*stopped)(void); /* asked as often: true ends it, with nothing saved; NULL: never */
};

struct submit_result {
    uint64_t rows;     /* data rows of the file */
    uint64_t saved;    /* now in the outbox, on disk */
    uint64_t rejected; /* in `rejected_file`, with line, field and reason */
    uint64_t repeated; /* rows that earlier files held: skipped, saved or asked about */
    bool ask;   /* repeats were found, or the very same file was saved with other options, and
                   no choice was made: nothing was saved */
    bool known; /* the very same file was submitted before, at known_ms */
    int64_t known_ms;
    char *rejected_file; /* malloc'd, NULL when none */
    char *reasons; /* malloc'd, of a check: a line "line 5: u4 is missing" for each of the first
                      SUBMIT_REASONS rejected rows; NULL: none */
};

#define SUBMIT_REASONS 20u

/*
 * 0: done, see *out (`ask` and rejected rows included). -1: nothing was saved, *err says what,
 * where (file:line) and what to do: ERROR_USAGE (columns, options, no such file, no CSV, and what
 * else is wrong with all of it), ERROR_IO (disk). outbox NULL: only check (suara check): nothing is
 * written anywhere.
 */
int submit_file(const struct profile *profile, struct outbox *outbox, const char *path,
                const struct submit_options *options, struct submit_result *out, struct error *err)
    __attribute__((warn_unused_result));
void submit_result_release(struct submit_result *result);

#endif
