#include "daemon/core/metrics.h"

#include "common/buf.h"
#include <inttypes.h>
#include <string.h>

#define RECEIPT "suarad_receipt_seconds"

static const struct {
    const char *name, *labels, *type, *help;
} table[METRIC_COUNT] = {
    [METRIC_READY] = {"suarad_ready", "", "gauge", "1 when submissions are taken, else 0"},
    [METRIC_SESSIONS] = {"suarad_sessions", "", "gauge", "Connections open now"},
    [METRIC_QUEUE_BATCHES] = {"suarad_queue_batches", "", "gauge",
                              "Batches waiting for a database connection"},
    [METRIC_QUEUE_BYTES] = {"suarad_queue_bytes", "", "gauge",
                            "Memory that batches hold, waiting or under way"},
    [METRIC_READING_PAUSED] = {"suarad_reading_paused", "", "gauge",
                               "1 while sockets are not read because the queue is full"},
    [METRIC_STORE_CONNECTIONS] = {"suarad_database_connections", "pool=\"ingest\"", "gauge",
                                  "Database connections up, by pool"},
    [METRIC_REPORT_CONNECTIONS] = {"suarad_database_connections", "pool=\"report\"", "gauge", ""},
    [METRIC_CERTIFICATE_END] = {"suarad_certificate_end_seconds", "", "gauge",
                                "When the certificate in use ends, Unix time"},
    [METRIC_CA_END] = {"suarad_ca_end_seconds", "", "gauge",
                       "When the first CA in use ends, Unix time"},
    [METRIC_CRL_END] = {"suarad_crl_end_seconds", "", "gauge",
                        "When the revocation list is overdue and nobody gets in, Unix time"},
    [METRIC_STALE] = {"suarad_stale_months", "", "gauge",
                      "Office-months whose roll-up waits to be recomputed, when last looked"},
    [METRIC_SESSIONS_TOTAL] = {"suarad_sessions_total", "", "counter", "Connections accepted"},
    [METRIC_SESSIONS_REFUSED] = {"suarad_sessions_refused_total", "", "counter",
                                 "Connections that did not get as far as a welcome"},
    [METRIC_REQUESTS] = {"suarad_requests_total", "", "counter", "Requests read"},
    [METRIC_REQUEST_ERRORS] = {"suarad_request_errors_total", "", "counter",
                               "Requests answered with an error"},
    [METRIC_RECEIPTS] = {"suarad_receipts_total", "", "counter", "Batches answered with a receipt"},
    [METRIC_STORED] = {"suarad_responses_total", "status=\"stored\"", "counter",
                       "Responses answered in receipts, by status"},
    [METRIC_DUPLICATE] = {"suarad_responses_total", "status=\"duplicate\"", "counter", ""},
    [METRIC_CONFLICT] = {"suarad_responses_total", "status=\"conflict\"", "counter", ""},
    [METRIC_ERASED] = {"suarad_responses_total", "status=\"erased\"", "counter", ""},
    [METRIC_INVALID] = {"suarad_responses_total", "status=\"invalid\"", "counter", ""},
    [METRIC_DENIED] = {"suarad_responses_total", "status=\"permission_denied\"", "counter", ""},
    [METRIC_GROUPS] = {"suarad_transactions_total", "outcome=\"done\"", "counter",
                       "Transactions that stored a group of batches, by outcome"},
    [METRIC_GROUPS_AGAIN] = {"suarad_transactions_total", "outcome=\"again\"", "counter", ""},
    [METRIC_GROUPS_FAILED] = {"suarad_transactions_total", "outcome=\"failed\"", "counter", ""},
    [METRIC_REFRESHES] = {"suarad_refreshes_total", "", "counter",
                          "Steps of roll-up refresh done while ingest was idle"},
    [METRIC_RELOADS] = {"suarad_reloads_total", "outcome=\"done\"", "counter",
                        "Reloads asked for by SIGHUP, by outcome"},
    [METRIC_RELOADS_REFUSED] = {"suarad_reloads_total", "outcome=\"refused\"", "counter", ""},
    [METRIC_AUDIT_LEFT_OUT] = {"suarad_audit_left_out_total", "", "counter",
                               "Refusals without an entry of their own in the audit"},
    [METRIC_SAVED_IN] = {"suarad_compression_saved_bytes_total", "direction=\"in\"", "counter",
                         "Bytes that compression kept off the line"},
    [METRIC_SAVED_OUT] = {"suarad_compression_saved_bytes_total", "direction=\"out\"", "counter",
                          ""},
    [METRIC_LIMIT_CONNECTIONS] = {"suarad_limits_total", "limit=\"server.connections\"", "counter",
                                  "How often a limit was reached, by its option"},
    [METRIC_LIMIT_PRINCIPAL_CONNECTIONS] = {"suarad_limits_total",
                                            "limit=\"server.principal_connections\"", "counter",
                                            ""},
    [METRIC_LIMIT_PRINCIPAL_REQUESTS] = {"suarad_limits_total",
                                         "limit=\"server.principal_requests\"", "counter", ""},
    [METRIC_LIMIT_MAX_FRAME] = {"suarad_limits_total", "limit=\"server.max_frame\"", "counter", ""},
    [METRIC_LIMIT_RECEIVE_BYTES] = {"suarad_limits_total", "limit=\"server.receive_bytes\"",
                                    "counter", ""},
    [METRIC_LIMIT_HANDSHAKE] = {"suarad_limits_total", "limit=\"server.handshake_timeout\"",
                                "counter", ""},
    [METRIC_LIMIT_HELLO] = {"suarad_limits_total", "limit=\"server.hello_timeout\"", "counter", ""},
    [METRIC_LIMIT_FRAME] = {"suarad_limits_total", "limit=\"server.frame_timeout\"", "counter", ""},
    [METRIC_LIMIT_IDLE] = {"suarad_limits_total", "limit=\"server.idle_timeout\"", "counter", ""},
    [METRIC_LIMIT_AGE] = {"suarad_limits_total", "limit=\"server.age_timeout\"", "counter", ""},
    [METRIC_LIMIT_BATCH_RESPONSES] = {"suarad_limits_total", "limit=\"ingest.batch_responses\"",
                                      "counter", ""},
    [METRIC_LIMIT_QUEUE_BYTES] = {"suarad_limits_total", "limit=\"ingest.queue_bytes\"", "counter",
                                  ""},
};

static const uint64_t bucket_us[METRIC_BUCKETS] = {
    1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000, 5000000, 30000000};

void metrics_receipt(struct metrics *metrics, uint64_t took_us)
{
    size_t b = 0;
    while (b < METRIC_BUCKETS && took_us > bucket_us[b])
        b++;
    metrics->receipt_bucket[b]++;
    metrics->receipt_count++;
    metrics->receipt_sum_us += took_us;
}

static void print_receipts(const struct metrics *metrics, struct buf *out)
{
    uint64_t sum = 0;
    buf_printf(out, "# HELP %s From a whole submission to its receipt\n# TYPE %s histogram\n",
               RECEIPT, RECEIPT);
    for (size_t b = 0; b < METRIC_BUCKETS; b++) {
        sum += metrics->receipt_bucket[b];
        buf_printf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", RECEIPT, (double)bucket_us[b] / 1e6,
                   sum);
    }
    buf_printf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", RECEIPT, metrics->receipt_count);
    buf_printf(out, "%s_sum %g\n", RECEIPT, (double)metrics->receipt_sum_us / 1e6);
    buf_printf(out, "%s_count %" PRIu64 "\n", RECEIPT, metrics->receipt_count);
}

void metrics_print(const struct metrics *metrics, struct buf *out)
{
    for (size_t m = 0; m < METRIC_COUNT; m++) {
        if (table[m].help[0])
            buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", table[m].name, table[m].help,
                       table[m].name, table[m].type);
        if (table[m].labels[0])
            buf_printf(out, "%s{%s} %" PRIu64 "\n", table[m].name, table[m].labels,
                       metrics->value[m]);
        else
            buf_printf(out, "%s %" PRIu64 "\n", table[m].name, metrics->value[m]);
    }
    print_receipts(metrics, out);
}

const char *metrics_name(size_t place)
{
    if (place < METRIC_COUNT)
        return table[place].name;
    return place == METRIC_COUNT ? RECEIPT : NULL;
}

const char *metrics_labels(size_t place)
{
    return place < METRIC_COUNT ? table[place].labels : "";
}
