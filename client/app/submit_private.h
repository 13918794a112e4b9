/*
 * A file on its way into the outbox: what submit.c (the file) and submit_rows.c (its rows) share.
 */
#ifndef SUARA_CLIENT_APP_SUBMIT_PRIVATE_H
#define SUARA_CLIENT_APP_SUBMIT_PRIVATE_H

#include "client/app/submit.h"
#include "client/store/outbox.h"
#include "common/buf.h"

struct csv_row;

struct submission {
    const struct profile *profile;
    struct outbox *outbox; /* NULL: only a check */
    const struct submit_options *options;
    struct submit_result result;
    struct outbox_file file;
    char *folder; /* of the outbox, where rejected files go when they must */
    char *map_text;
    struct import_map *map;
    const struct instrument *instrument;
    struct import *import;
    struct csv_reader *csv;
    struct pack *pack;
    struct squeeze *squeeze;
    struct buf kept; /* a batch as it goes into the outbox */
    struct rejected *rejected;
    struct buf cells, reasons;
    struct source *source;
    bool header; /* has been read */
    bool again;  /* the very same file with the same options, whose ids the daemon knows */
};

/* A csv_row_fn whose arg is the submission. */
int submit_row(const struct csv_row *row, void *arg, struct error *err);

/* What is packed, into the outbox. */
int submit_batch(struct submission *s, struct error *err) __attribute__((warn_unused_result));

#endif
