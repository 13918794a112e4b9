/*
 * Questions to the daemon: one line, one request, the whole answer or none.
 */
#ifndef SUARA_CLIENT_CMD_ASK_H
#define SUARA_CLIENT_CMD_ASK_H

#include "client/net/uplink.h"

struct buf;
struct cmd_call;
struct error;
struct layout_coverage;
struct layout_index;
struct layout_quality;
struct layout_rows;
struct profile;
struct progress;

/* line_open for a person at the keyboard: patient, and stopped by Ctrl-C. */
struct uplink *ask_open(struct profile *profile, struct error *err);

/* 0 only when the last part of the answer came; until then nothing of it may be shown. */
int ask_index(struct uplink *uplink, Suara__V1__Report *report, struct layout_index *out,
              struct error *err) __attribute__((warn_unused_result));
int ask_coverage(struct uplink *uplink, Suara__V1__Coverage *what, struct layout_coverage *out,
                 struct error *err) __attribute__((warn_unused_result));
int ask_quality(struct uplink *uplink, Suara__V1__Quality *what, struct layout_quality *out,
                struct error *err) __attribute__((warn_unused_result));
int ask_list(struct uplink *uplink, const char *what, struct layout_rows *out, struct error *err)
    __attribute__((warn_unused_result));

/* Appends the text of a questionnaire. */
int ask_instrument(struct uplink *uplink, const char *code, struct buf *out, struct error *err)
    __attribute__((warn_unused_result));

/* The sentence that says what exists now; malloc'd. */
int ask_add(struct uplink *uplink, Suara__V1__Add *add, char **sentence, struct error *err)
    __attribute__((warn_unused_result));

/* The codes given by --office, to be freed; texts are the call's. */
int ask_offices(const struct cmd_call *call, ProtobufCBinaryData **office, size_t *count,
                struct error *err) __attribute__((warn_unused_result));

/* What takes as long as there are responses: the progress is drawn meanwhile, and ended. */
struct ask_verified {
    uint64_t compared, differing, responses, left_out;
};
int ask_verify(struct uplink *uplink, Suara__V1__Verify *verify, struct progress *progress,
               struct layout_rows *out, struct ask_verified *count, struct error *err)
    __attribute__((warn_unused_result));
struct ask_audited {
    uint64_t entries, chains, faults;
    bool more;
    char digest[65]; /* hexadecimal; "" */
};
int ask_audit(struct uplink *uplink, Suara__V1__Audit *audit, struct progress *progress,
              struct layout_rows *out, struct ask_audited *end, struct error *err)
    __attribute__((warn_unused_result));
int ask_rebuild(struct uplink *uplink, Suara__V1__Rebuild *rebuild, struct progress *progress,
                char **sentence, struct error *err) __attribute__((warn_unused_result));

/* Adds to what was erased so far; at most 1000 ids. */
struct ask_erased {
    uint64_t responses, comments, already, unknown;
};
int ask_erase(struct uplink *uplink, Suara__V1__Erase *erase, struct ask_erased *sum,
              struct error *err) __attribute__((warn_unused_result));

/* *out is how far it came, also when it fails. */
struct ask_purged {
    uint64_t comments, offices;
};
int ask_purge(struct uplink *uplink, Suara__V1__Purge *purge, struct progress *progress,
              struct ask_purged *out, struct error *err) __attribute__((warn_unused_result));

/* Sends it over a line of its own, and says what exists now. The exit status. */
int ask_to_add(struct profile *profile, Suara__V1__Add *what);

#endif
