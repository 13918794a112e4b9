#include "daemon/net/listener.h"
#include "common/error.h"
#include "common/net/address.h"
#include "common/net/service.h"
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SOCKETS_MAX 16
#define RETRY_MS    250
#define BACKLOG     4096 /* the kernel cuts it to net.core.somaxconn */

struct listener {
    struct event_base *base;
    listener_fn *fn;
    void *arg;
    struct evconnlistener *sockets[SOCKETS_MAX];
    size_t count;
    bool paused;    /* by the owner */
    bool exhausted; /* no descriptors or memory: until the timer */
    struct event *retry;
    char address[ADDRESS_TEXT];
};

/* Nobody is let in until the timer. */
static void rest(struct listener *listener)
{
    const struct timeval wait = {.tv_sec = 0, .tv_usec = RETRY_MS * 1000};
    listener->exhausted = true;
    for (size_t i = 0; i < listener->count; i++)
        evconnlistener_disable(listener->sockets[i]);
    event_add(listener->retry, &wait);
}

static void update(struct listener *listener)
{
    bool on = !listener->paused && !listener->exhausted;
    for (size_t i = 0; i < listener->count; i++) {
        if (!on)
            evconnlistener_disable(listener->sockets[i]);
        else if (evconnlistener_enable(listener->sockets[i]) != 0) {
            rest(listener);
            return;
        }
    }
}

static void on_accept(struct evconnlistener *socket, evutil_socket_t fd, struct sockaddr *address,
                      int size, void *arg)
{
    (void)socket;
    (void)address;
    (void)size;
    struct listener *listener = arg;
    listener->fn(fd, listener->arg);
}

/* The caller stays in the kernel's queue, so the socket stays readable: accepting again at once
 * would spin. */
static void on_error(struct evconnlistener *socket, void *arg)
{
    (void)socket;
    rest(arg);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct listener *listener = arg;
    listener->exhausted = false;
    update(listener);
}

static int add(struct listener *listener, struct evconnlistener *socket, const char *text,
               struct error *err)
{
    if (!socket)
        return error_set(err, ERROR_USAGE, NULL, "cannot listen on %s: %s", text, strerror(errno));
    evconnlistener_set_error_cb(socket, on_error);
    listener->sockets[listener->count++] = socket;
    return 0;
}

static int add_address(struct listener *listener, const char *text, struct error *err)
{
    char host[ADDRESS_HOST];
    uint16_t port;
    struct sockaddr_storage address;
    socklen_t size;
    unsigned flags =
        LEV_OPT_REUSEABLE | LEV_OPT_REUSEABLE_PORT | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
    if (listener->count == SOCKETS_MAX)
        return error_set(err, ERROR_USAGE, NULL, "more than %d addresses to listen on",
                         SOCKETS_MAX);
    if (address_split(text, host, &port, err))
        return -1;
    if (!address_numeric(host, port, &address, &size))
        return error_set(err, ERROR_USAGE, NULL,
                         "\"%s\" is no numeric address to listen on: write 0.0.0.0:7827 or "
                         "[::]:7827",
                         text);
    if (address.ss_family == AF_INET6)
        flags |= LEV_OPT_BIND_IPV6ONLY; /* 0.0.0.0 and [::] beside each other */
    return add(listener,
               evconnlistener_new_bind(listener->base, on_accept, listener, flags, BACKLOG,
                                       (const struct sockaddr *)&address, (int)size),
               text, err);
}

static int add_addresses(struct listener *listener, const char *addresses, struct error *err)
{
    char *copy = strdup(addresses), *rest = NULL;
    int result = 0;
    if (!copy)
        return error_set(err, ERROR_OVERLOADED, NULL, "no memory for a listener");
    for (char *word = strtok_r(copy, ", \t", &rest); word && result == 0;
         word = strtok_r(NULL, ", \t", &rest))
        result = add_address(listener, word, err);
    free(copy);
    if (result == 0 && listener->count == 0)
        result = error_set(err, ERROR_USAGE, NULL, "no address to listen on is set");
    return result;
}

static int add_passed(struct listener *listener, struct error *err)
{
    int fds[SOCKETS_MAX];
    size_t count = service_sockets(fds, SOCKETS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (add(listener,
                evconnlistener_new(listener->base, on_accept, listener,
                                   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fds[i]),
                "the service manager's socket", err))
            return -1;
    }
    return 0;
}

struct listener *listener_new(struct event_base *base, const char *addresses, listener_fn *fn,
                              void *arg, struct error *err)
{
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener || !(listener->retry = event_new(base, -1, 0, on_retry, listener))) {
        free(listener);
        error_set(err, ERROR_OVERLOADED, NULL, "no memory for a listener");
        return NULL;
    }
    listener->base = base;
    listener->fn = fn;
    listener->arg = arg;
    if (add_passed(listener, err) ||
        (listener->count == 0 && add_addresses(listener, addresses, err))) {
        listener_free(&listener);
        return NULL;
    }
    update(listener); /* libevent does not tell of a socket that it could not watch */
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    if (getsockname(evconnlistener_get_fd(listener->sockets[0]), (struct sockaddr *)&bound,
                    &size) == 0)
        address_format((const struct sockaddr *)&bound, listener->address);
    return listener;
}

void listener_free(struct listener **listener_p)
{
    struct listener *listener = *listener_p;
    *listener_p = NULL;
    if (!listener)
        return;
    for (size_t i = 0; i < listener->count; i++)
        evconnlistener_free(listener->sockets[i]);
    event_free(listener->retry);
    free(listener);
}

void listener_pause(struct listener *listener)
{
    listener->paused = true;
    update(listener);
}

void listener_resume(struct listener *listener)
{
    listener->paused = false;
    update(listener);
}

bool listener_called(const struct listener *listener)
{
    struct pollfd sockets[SOCKETS_MAX];
    for (size_t i = 0; i < listener->count; i++)
        sockets[i] = (struct pollfd){evconnlistener_get_fd(listener->sockets[i]), POLLIN, 0};
    return poll(sockets, listener->count, 0) > 0;
}

const char *listener_address(const struct listener *listener)
{
    return listener->address;
}
