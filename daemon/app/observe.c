#include "common/civil.h"
#include "common/clock.h"
#include "common/expiry.h"
#include "common/log.h"
#include "common/net/service.h"
#include "common/squeeze.h"
#include "daemon/app/server_private.h"
#include "daemon/db/reader.h"
#include <event2/event.h>
#include <inttypes.h>
#include <string.h>

#define LOOK_SECONDS 3600

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
    metric_set(&server->metrics, METRIC_AUDIT_LEFT_OUT, server->refused_lately.left_out);
    struct squeeze_saved saved = squeeze_saved(server->squeeze);
    metric_set(&server->metrics, METRIC_SAVED_IN, saved.in);
    metric_set(&server->metrics, METRIC_SAVED_OUT, saved.out);
    metrics_print(&server->metrics, out);
}

static void look_at(struct server *server, enum expiry_kind kind, const char *what,
                    enum metric metric, const struct tls_life *life, bool tell)
{
    int64_t now_ms = clock_wall_ms();
    char day[16];
    metric_set(&server->metrics, metric, life->to_ms > 0 ? (uint64_t)life->to_ms / 1000 : 0);
    if (!tell || life->to_ms == 0 || !expiry_soon(kind, life->from_ms, life->to_ms, now_ms))
        return;
    civil_format_day(civil_day_of_ms(life->to_ms, ZONE_NONE), day);
    LOG(life->to_ms > now_ms ? LOG_WARN : LOG_ERROR, "certificate.ends", log_s("what", what),
        log_s("day", day), log_i("days", expiry_days(life->to_ms, now_ms)));
}

/*
 * Certificates and lists end one day; who keeps the service running is told in time: at the start,
 * at a reload, and once a day. The metrics are brought up to date more often, because the first CA
 * to end may be another one by then.
 */
void observe_look(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;
    struct timeval wait = {LOOK_SECONDS, 0};
    struct tls_lives lives;
    uint64_t now_ms = clock_monotonic_ms();
    (void)fd;
    bool tell = !(what & EV_TIMEOUT) || expiry_tell(server->ends_told_ms, now_ms);
    if (tell)
        server->ends_told_ms = now_ms;
    tls_context_lives(server->tls, clock_wall_ms(), &lives);
    look_at(server, EXPIRY_CERTIFICATE, "certificate", METRIC_CERTIFICATE_END, &lives.certificate,
            tell);
    look_at(server, EXPIRY_CERTIFICATE, "CA", METRIC_CA_END, &lives.ca, tell);
    look_at(server, EXPIRY_CRL, "CRL", METRIC_CRL_END, &lives.crl, tell);
    evtimer_add(server->look, &wait);
}
