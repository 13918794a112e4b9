#include "common/clock.h"
#include "common/log.h"
#include "common/net/service.h"
#include "daemon/app/server_private.h"
#include "daemon/db/reader.h"
#include <event2/event.h>
#include <inttypes.h>
#include <string.h>

#define DAY_MS           (24LL * 3600 * 1000)
#define CERTIFICATE_DAYS 30
#define CRL_DAYS         7 /* a list is made for 30 days and renewed long before */
#define LOOK_SECONDS     3600

bool observe_ready(const char **why, void *arg)
{
    const struct server *server = arg;
    const char *reason = NULL;
    if (server->stopping)
        reason = "stopping";
    else if (store_connected(server->store) == 0)
        reason = store_trouble(server->store);
    else if (!server->directory && reader_connected(server->reader) == 0)
        reason = reader_trouble(server->reader);
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
    metric_set(&server->metrics, METRIC_LIMIT_RECEIVE_BYTES, server->budget.waits);
    metrics_print(&server->metrics, out);
}

static void look_at(struct server *server, const struct tls_files *files, enum metric metric,
                    int days)
{
    const char *which = "";
    int64_t end = tls_files_end_ms(files, &which), left = end - clock_wall_ms();
    metric_set(&server->metrics, metric, end > 0 ? (uint64_t)end / 1000 : 0);
    if (left < days * DAY_MS)
        LOG(LOG_WARN, "certificate.ends", log_s("file", which), log_i("days", left / DAY_MS));
}

/* Certificates and lists end one day; who keeps the service running is told in time. */
void observe_look(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    const struct settings *s = &server->settings;
    struct timeval wait = {LOOK_SECONDS, 0};
    (void)fd;
    (void)what;
    look_at(server, &(struct tls_files){s->certificate, s->key, s->ca, NULL},
            METRIC_CERTIFICATE_END, CERTIFICATE_DAYS);
    look_at(server, &(struct tls_files){NULL, NULL, NULL, s->crl}, METRIC_CRL_END, CRL_DAYS);
    evtimer_add(server->look, &wait);
}
