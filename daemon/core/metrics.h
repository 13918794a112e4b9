/*
 * What the daemon counts, in one table, written as Prometheus text (format 0.0.4). Names, types and
 * meanings also stand in suarad(8); `make lint` compares.
 */
#ifndef SUARA_DAEMON_CORE_METRICS_H
#define SUARA_DAEMON_CORE_METRICS_H

#include <stddef.h>
#include <stdint.h>

struct buf;

enum metric {
    /* gauges */
    METRIC_READY,
    METRIC_SESSIONS,
    METRIC_QUEUE_BATCHES,
    METRIC_QUEUE_BYTES,
    METRIC_READING_PAUSED,
    METRIC_STORE_CONNECTIONS,
    METRIC_REPORT_CONNECTIONS,
    METRIC_CERTIFICATE_END,
    METRIC_CA_END,
    METRIC_CRL_END,
    METRIC_STALE,
    /* counters */
    METRIC_SESSIONS_TOTAL,
    METRIC_SESSIONS_REFUSED,
    METRIC_REQUESTS,
    METRIC_REQUEST_ERRORS,
    METRIC_RECEIPTS,
    METRIC_STORED,
    METRIC_DUPLICATE,
    METRIC_CONFLICT,
    METRIC_ERASED,
    METRIC_INVALID,
    METRIC_DENIED,
    METRIC_GROUPS,
    METRIC_GROUPS_AGAIN,
    METRIC_GROUPS_FAILED,
    METRIC_REFRESHES,
    METRIC_RELOADS,
    METRIC_RELOADS_REFUSED,
    METRIC_AUDIT_LEFT_OUT,
    METRIC_SAVED_IN,
    METRIC_SAVED_OUT,
    /* how often a limit of suarad.conf was reached, one for each */
    METRIC_LIMIT_CONNECTIONS,
    METRIC_LIMIT_PRINCIPAL_CONNECTIONS,
    METRIC_LIMIT_PRINCIPAL_REQUESTS,
    METRIC_LIMIT_MAX_FRAME,
    METRIC_LIMIT_RECEIVE_BYTES,
    METRIC_LIMIT_HANDSHAKE,
    METRIC_LIMIT_HELLO,
    METRIC_LIMIT_FRAME,
    METRIC_LIMIT_IDLE,
    METRIC_LIMIT_AGE,
    METRIC_LIMIT_BATCH_RESPONSES,
    METRIC_LIMIT_QUEUE_BYTES,
    METRIC_COUNT
};

#define METRIC_BUCKETS 12u

struct metrics {
    uint64_t value[METRIC_COUNT];
    /* Time from a whole request to its receipt. */
    uint64_t receipt_bucket[METRIC_BUCKETS + 1], receipt_count, receipt_sum_us;
};

static inline void metric_add(struct metrics *metrics, enum metric metric, uint64_t by)
{
    metrics->value[metric] += by;
}

static inline void metric_set(struct metrics *metrics, enum metric metric, uint64_t value)
{
    metrics->value[metric] = value;
}

void metrics_receipt(struct metrics *metrics, uint64_t took_us);

void metrics_print(const struct metrics *metrics, struct buf *out);

/* Name without labels, for `suarad --dump`; NULL behind the last. */
const char *metrics_name(size_t place);

/* Labels at that place, likewise; "" where there are none. */
const char *metrics_labels(size_t place);

#endif
