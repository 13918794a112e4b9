/*
 * What the reports that are made of rows share: read the question, ask it, lay the answer out.
 */
#ifndef SUARA_CLIENT_CMD_REPORT_H
#define SUARA_CLIENT_CMD_REPORT_H

#include "client/cmd/scope.h"
#include "client/core/layout_index.h"
#include "common/instrument.h"

struct buf;
struct cmd_call;
struct error;

struct report_kind {
    const char *const *axes; /* of --by, see scope_read */
    bool spread;             /* ask how many gave each rating .. */
    bool bare;               /* .. but do without where that is not told, of small groups */
    /* Completes the question; NULL: it is complete. -1: USAGE. */
    int (*prepare)(const struct cmd_call *call, struct scope *scope, struct error *err);
    /* Appends the report; instrument NULL: not known here. -1 and *err. */
    int (*print)(struct buf *out, struct layout_index *index, const struct instrument *instrument,
                 const struct scope *scope, const struct layout_style *style, struct error *err);
};

/* Runs such a command: the exit status. Nothing is printed unless the whole answer came. */
int report_run(struct cmd_call *call, const struct report_kind *kind);

/* The axes of time, for --by. */
extern const char *const report_units[];

/* At most one --by was given. -1: USAGE. */
int report_one_axis(const struct scope *scope, struct error *err)
    __attribute__((warn_unused_result));

#endif
