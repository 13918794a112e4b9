#include "common/net/service.h"
#include "common/clock.h"
#include <event2/event.h>
#include <event2/util.h>
#include <inttypes.h>
#include <stdint.h>
#include <systemd/sd-daemon.h>

static struct event *watchdog;

size_t service_sockets(int *fds, size_t most)
{
    int passed = sd_listen_fds(0);
    size_t count = 0;
    for (int i = 0; i < passed && count < most; i++) {
        int fd = SD_LISTEN_FDS_START + i;
        if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
            continue;
        evutil_make_socket_nonblocking(fd);
        fds[count++] = fd;
    }
    return count;
}

void service_ready(const char *status)
{
    sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void service_reloading(void)
{
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=reloading",
               clock_monotonic_us());
}

void service_stopping(const char *status)
{
    sd_notifyf(0, "STOPPING=1\nSTATUS=%s", status);
}

void service_status(const char *status)
{
    sd_notifyf(0, "STATUS=%s", status);
}

static void tell_watchdog(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    sd_notify(0, "WATCHDOG=1");
}

void service_watchdog_start(struct event_base *base)
{
    uint64_t usec;
    if (watchdog || sd_watchdog_enabled(0, &usec) <= 0)
        return;
    watchdog = event_new(base, -1, EV_PERSIST, tell_watchdog, NULL);
    if (!watchdog)
        return;
    struct timeval half = {.tv_sec = (time_t)(usec / 2000000),
                           .tv_usec = (suseconds_t)(usec / 2 % 1000000)};
    event_add(watchdog, &half);
    sd_notify(0, "WATCHDOG=1");
}

void service_watchdog_stop(void)
{
    if (watchdog)
        event_free(watchdog);
    watchdog = NULL;
}
