#include "daemon/core/settings.h"

#include "common/error.h"
#include "daemon/core/quality.h"
#include <stddef.h>

#define KIB      1024
#define MIB      (1024 * 1024)
#define SECOND   1000
#define MINUTE   (60 * SECOND)
#define HOUR     (60 * MINUTE)
#define AT(name) offsetof(struct settings, name)

static const char *const levels[] = {"error", "warn", "info", "debug", NULL};
static const char *const switches[] = {"off", "on", NULL};
static const char *const targets[] = {"auto", "stderr", "journal", NULL};

const struct conf_option settings_table[] = {
    {"server", "listen", CONF_TEXT, AT(listen), 0, 0, "0.0.0.0:7827", NULL, false,
     "addresses to listen on, with commas; systemd's sockets go before"},
    {"server", "certificate", CONF_PATH, AT(certificate), 0, 0, "/etc/suara/ca/server.crt", NULL,
     true, "the daemon's certificate, PEM"},
    {"server", "key", CONF_PATH, AT(key), 0, 0, "/etc/suara/ca/server.key", NULL, true,
     "its key, PEM, readable by nobody else"},
    {"server", "ca", CONF_PATH, AT(ca), 0, 0, "/etc/suara/ca/ca.crt", NULL, true,
     "who signs the clients' certificates, PEM"},
    {"server", "crl", CONF_PATH, AT(crl), 0, 0, "/etc/suara/ca/crl.pem", NULL, true,
     "which certificates were revoked, PEM; without it nobody gets in"},
    {"server", "connections", CONF_COUNT, AT(connections), 1, 1000000, "1000", NULL, true,
     "clients at a time; more wait in the kernel's queue"},
    {"server", "principal_connections", CONF_COUNT, AT(principal_connections), 1, 1000000, "64",
     NULL, true, "of them, connections of one certificate's name"},
    {"server", "principal_requests", CONF_COUNT, AT(principal_requests), 0, 1000000, "1000", NULL,
     true, "requests a second that are read of one name; 0: as many as come"},
    {"server", "max_frame", CONF_SIZE, AT(max_frame), 64 * KIB, 16 * MIB, "1M", NULL, false,
     "the longest message taken or sent"},
    {"server", "receive_bytes", CONF_SIZE, AT(receive_bytes), MIB, 1024 * MIB, "8M", NULL, false,
     "what long messages on their way in may hold in all"},
    {"server", "compression", CONF_CHOICE, AT(compression), 0, 0, "on", switches, true,
     "whether long messages may travel compressed, where the client offers it"},
    {"server", "handshake_timeout", CONF_DURATION, AT(handshake_timeout), 100, 5 * MINUTE, "10s",
     NULL, true, "from the connection to the end of the TLS handshake"},
    {"server", "hello_timeout", CONF_DURATION, AT(hello_timeout), 100, 5 * MINUTE, "10s", NULL,
     true, "from there to the first whole message"},
    {"server", "frame_timeout", CONF_DURATION, AT(frame_timeout), 100, 30 * MINUTE, "60s", NULL,
     true, "from the first to the last byte of a message"},
    {"server", "idle_timeout", CONF_DURATION, AT(idle_timeout), SECOND, 24 * HOUR, "5m", NULL, true,
     "a connection without messages is closed after this"},
    {"server", "age_timeout", CONF_DURATION, AT(age_timeout), 0, 30 * 24 * (int64_t)HOUR, "24h",
     NULL, true, "a connection is closed after this, and its client connects anew; 0: never"},
    {"server", "drain_timeout", CONF_DURATION, AT(drain_timeout), 0, 10 * MINUTE, "20s", NULL, true,
     "at a stop, open requests have this long to be answered"},
    {"database", "ingest", CONF_TEXT, AT(ingest), 0, 0,
     "dbname=suara user=suara_ingest host=/run/postgresql", NULL, false,
     "connection string for storing, role suara_ingest"},
    {"database", "report", CONF_TEXT, AT(report), 0, 0,
     "dbname=suara user=suara_report host=/run/postgresql", NULL, false,
     "connection string for reading, role suara_report"},
    {"database", "ingest_connections", CONF_COUNT, AT(ingest_connections), 1, 64, "2", NULL, false,
     "connections that store"},
    {"database", "report_connections", CONF_COUNT, AT(report_connections), 1, 64, "2", NULL, false,
     "connections that read"},
    {"database", "connect_timeout", CONF_DURATION, AT(connect_timeout), 100, 5 * MINUTE, "5s", NULL,
     false, "to connect to the database"},
    {"database", "statement_timeout", CONF_DURATION, AT(statement_timeout), 100, HOUR, "30s", NULL,
     false, "for one statement"},
    {"ingest", "group_responses", CONF_COUNT, AT(group_responses), 1, 1000000, "8000", NULL, true,
     "responses that share one transaction, at most"},
    {"ingest", "batch_responses", CONF_COUNT, AT(batch_responses), 1, 100000, "10000", NULL, true,
     "responses in one batch, at most"},
    {"ingest", "queue_bytes", CONF_SIZE, AT(queue_bytes), MIB, 1024 * MIB, "16M", NULL, true,
     "what batches may hold in all; above it sockets are not read"},
    {"ingest", "clock_skew", CONF_DURATION, AT(clock_skew), 0, 24 * HOUR, "10m", NULL, true,
     "how far ahead of the daemon's clock a response may be"},
    {"ingest", "retry_after", CONF_DURATION, AT(retry_after), 100, HOUR, "5s", NULL, true,
     "what clients are told to wait while the database is away"},
    {"ingest", "refresh_after", CONF_DURATION, AT(refresh_after), 10, HOUR, "500ms", NULL, true,
     "roll-ups are brought up to date when nothing was stored for this long"},
    {"report", "small_cell", CONF_COUNT, AT(small_cell), 0, 1000, "5", NULL, true,
     "figures of fewer respondents are hidden in breakdowns by trait; 0: none"},
    {"report", "opening_hours", CONF_TEXT, AT(opening_hours), 0, 0, "07:30-16:30", NULL, true,
     "when the offices' counters are open; report quality counts what lies outside"},
    {"report", "opening_days", CONF_COUNT, AT(opening_days), 1, 7, "5", NULL, true,
     "on so many days of the week, from Monday"},
    {"retention", "comments", CONF_COUNT, AT(retention_comments), 0, 36500, "0", NULL, true,
     "comments are removed when they are so many days old; 0: never"},
    {"http", "listen", CONF_TEXT, AT(http_listen), 0, 0, "127.0.0.1:9464", NULL, false,
     "loopback address of /healthz, /readyz and /metrics; empty: none"},
    {"log", "level", CONF_CHOICE, AT(log_level), 0, 0, "info", levels, true,
     "the least that is logged"},
    {"log", "target", CONF_CHOICE, AT(log_target), 0, 0, "auto", targets, false,
     "auto: the journal when started by systemd, else stderr"},
};

const size_t settings_count = sizeof settings_table / sizeof *settings_table;

int settings_load(struct settings *settings, const char *path, struct error *err)
{
    if (conf_load(settings_table, settings_count, settings, path, err) != 0)
        return -1;
    if (settings->receive_bytes < settings->max_frame) {
        int rc =
            error_set(err, ERROR_USAGE, "receive_bytes",
                      "%s: [server] receive_bytes must be at least max_frame: raise it to %lld",
                      path ? path : "defaults", (long long)settings->max_frame);
        settings_release(settings);
        return rc;
    }
    struct quality_hours hours;
    if (!quality_parse_hours(settings->opening_hours, &hours)) {
        int rc = error_set(err, ERROR_USAGE, "opening_hours",
                           "%s: [report] opening_hours is '%.40s': write it as 07:30-16:30",
                           path ? path : "defaults", settings->opening_hours);
        settings_release(settings);
        return rc;
    }
    return 0;
}

void settings_release(struct settings *settings)
{
    conf_release(settings_table, settings_count, settings);
}
