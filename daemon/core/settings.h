/*
 * The daemon's settings: one table of options (suarad.conf(5)) fills this struct.
 */
#ifndef SUARA_DAEMON_CORE_SETTINGS_H
#define SUARA_DAEMON_CORE_SETTINGS_H

#include "common/conf.h"

struct settings {
    /* [server] */
    char *listen;
    char *certificate, *key, *ca, *crl;
    int64_t connections, principal_connections, principal_requests, max_frame, receive_bytes;
    int64_t compression; /* 0: off */
    int64_t handshake_timeout, hello_timeout, frame_timeout, idle_timeout, age_timeout,
        drain_timeout; /* ms */
    /* [database] */
    char *ingest, *report;
    int64_t ingest_connections, report_connections;
    int64_t connect_timeout, statement_timeout; /* ms */
    /* [ingest] */
    int64_t group_responses, batch_responses, queue_bytes;
    int64_t clock_skew, retry_after, refresh_after; /* ms */
    /* [report] */
    int64_t small_cell;
    char *opening_hours;
    int64_t opening_days;
    /* [retention] */
    int64_t retention_comments; /* days; 0: for ever */
    /* [http] */
    char *http_listen;
    /* [log] */
    int64_t log_level, log_target;
};

extern const struct conf_option settings_table[];
extern const size_t settings_count;

/* Defaults and file into *settings; also checks what options mean together. */
int settings_load(struct settings *settings, const char *path, struct error *err)
    __attribute__((warn_unused_result));
void settings_release(struct settings *settings);

#endif
