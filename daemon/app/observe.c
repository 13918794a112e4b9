#include "common/clock.h"
#include "common/log.h"
#include "common/net/service.h"
#include "daemon/app/server_private.h"
#include "daemon/db/reader.h"
#include <event2/event.h>
#include <inttypes.h>
#include <string.h>

#define DAY_MS       (24LL * 3600 * 1000)
#define WARN_DAYS    30
#define LOOK_SECONDS 3600

bool observe_ready(const char **why, void *arg)
{
    const struct server *server = arg;
    const char *reason = NULL;
    if (server->stopping)
        reason = "stopping";
    else if (store_connected(server->store) == 0)
        reason = store_trouble(server->store);
    else if (!server->directory)
        reason = server->directory_trouble[0] ? server->directory_trouble
                                              : "the small tables are not loaded yet";
    if (reason && !reason[0])
        reason = "the database is away";
    if (why)
        *why = reason ? reason : "";
    return reason == NULL;
}

void observe_metrics(struct buf *out, void *arg)
{
    struct server *server = arg;
    metric_set(&server->metrics, METRIC_READY, observe_ready(NULL, server));
    metric_set(&server->metrics, METRIC_STORE_CONNECTIONS, store_connected(server->store));
    metric_set(&server->metrics, METRIC_REPORT_CONNECTIONS, reader_connected(server->reader));
    metric_set(&server->metrics, METRIC_QUEUE_BATCHES, server->batcher.queued);
    metric_set(&server->metrics, METRIC_QUEUE_BYTES, server->batcher.bytes);
    metrics_print(&server->metrics, out);
}

/* Certificates, CA and CRL end one day; who keeps the service running is told in time. */
void observe_look(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    struct timeval wait = {LOOK_SECONDS, 0};
    struct tls_files files = {server->settings.certificate, server->settings.key,
                              server->settings.ca, server->settings.crl};
    const char *which = "";
    int64_t end = tls_files_end_ms(&files, &which), now = clock_wall_ms();
    (void)fd;
    (void)what;
    metric_set(&server->metrics, METRIC_CERTIFICATE_END, end > 0 ? (uint64_t)end / 1000 : 0);
    if (end - now < WARN_DAYS * DAY_MS)
        LOG(LOG_WARN, "certificate.ends", log_s("file", which),
            log_i("days", (end - now) / DAY_MS));
    evtimer_add(server->look, &wait);
}
