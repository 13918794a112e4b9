#include "daemon/net/health.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/net/address.h"
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define HEADERS_MAX (8 * 1024)
#define BODY_MAX    1024 /* nothing here takes one */
#define TIMEOUT_S   5
#define RETRY_MS    250

struct health {
    struct health_source source;
    struct evhttp *http;
    struct evconnlistener *socket; /* owned by http */
    struct event *retry;
    char address[ADDRESS_TEXT];
    struct health *next;
};

static struct health *running; /* see on_error */

#define TEXT_PLAIN "text/plain; charset=utf-8"

static void answer(struct evhttp_request *request, int status, const char *reason, const char *type,
                   const void *data, size_t size)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    struct evbuffer *body = evbuffer_new();
    char length[32];
    snprintf(length, sizeof length, "%zu", size);
    evhttp_add_header(headers, "Content-Type", type);
    evhttp_add_header(headers, "Content-Length", length);
    evhttp_add_header(headers, "Cache-Control", "no-store");
    evhttp_add_header(headers, "Connection", "close");
    /* To HEAD, libevent would send the body that it is given. */
    if (body && evhttp_request_get_command(request) != EVHTTP_REQ_HEAD)
        evbuffer_add(body, data, size);
    evhttp_send_reply(request, status, reason, body);
    if (body)
        evbuffer_free(body);
}

static void answer_text(struct evhttp_request *request, int status, const char *reason,
                        const char *text)
{
    answer(request, status, reason, TEXT_PLAIN, text, strlen(text));
}

/* Every request comes through here: the verbs that only look are taken, the others are told so. */
static bool refused(struct evhttp_request *request)
{
    enum evhttp_cmd_type verb = evhttp_request_get_command(request);
    if (verb == EVHTTP_REQ_GET || verb == EVHTTP_REQ_HEAD)
        return false;
    evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "GET, HEAD");
    answer_text(request, HTTP_BADMETHOD, "Method Not Allowed", "only GET and HEAD\n");
    return true;
}

static void on_health(struct evhttp_request *request, void *arg)
{
    (void)arg;
    if (!refused(request))
        answer_text(request, HTTP_OK, "OK", "ok\n");
}

static void on_ready(struct evhttp_request *request, void *arg)
{
    const struct health *health = arg;
    const char *why = "not ready";
    if (refused(request))
        return;
    if (health->source.ready(&why, health->source.arg)) {
        answer_text(request, HTTP_OK, "OK", "ready\n");
        return;
    }
    char text[256];
    snprintf(text, sizeof text, "%s\n", why);
    answer_text(request, HTTP_SERVUNAVAIL, "Service Unavailable", text);
}

static void on_metrics(struct evhttp_request *request, void *arg)
{
    const struct health *health = arg;
    struct buf out = {0};
    if (refused(request))
        return;
    health->source.metrics(&out, health->source.arg);
    if (out.failed)
        answer_text(request, HTTP_INTERNAL, "Internal Server Error", "no memory\n");
    else
        answer(request, HTTP_OK, "OK", "text/plain; version=0.0.4; charset=utf-8", out.data,
               out.len);
    buf_release(&out);
}

static void on_other(struct evhttp_request *request, void *arg)
{
    (void)arg;
    if (!refused(request))
        answer_text(request, HTTP_NOTFOUND, "Not Found", "try /healthz, /readyz or /metrics\n");
}

/*
 * Out of descriptors: without a pause the loop would spin on the caller who waits. evhttp has put
 * itself in as the argument of the socket's callbacks, so ours is looked up.
 */
static void on_error(struct evconnlistener *socket, void *arg)
{
    struct health *health;
    const struct timeval wait = {.tv_sec = 0, .tv_usec = RETRY_MS * 1000};
    LL_FOREACH (running, health) {
        if (health->http == arg && event_add(health->retry, &wait) == 0)
            evconnlistener_disable(socket);
    }
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct health *health = arg;
    evconnlistener_enable(health->socket);
}

static int bind_address(struct health *health, struct event_base *base, const char *text,
                        struct error *err)
{
    char host[ADDRESS_HOST];
    uint16_t port;
    struct sockaddr_storage address;
    socklen_t size;
    if (address_split(text, host, &port, err))
        return -1;
    if (!address_numeric(host, port, &address, &size) ||
        !address_is_loopback((const struct sockaddr *)&address))
        return error_set(err, ERROR_USAGE, NULL,
                         "\"%s\" is no loopback address: health and metrics are for this machine "
                         "only, write 127.0.0.1:9464",
                         text);
    health->socket = evconnlistener_new_bind(
        base, NULL, NULL, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1,
        (const struct sockaddr *)&address, (int)size);
    if (!health->socket)
        return error_set(err, ERROR_USAGE, NULL, "cannot listen on %s: %s", text, strerror(errno));
    size = sizeof address;
    getsockname(evconnlistener_get_fd(health->socket), (struct sockaddr *)&address, &size);
    address_format((const struct sockaddr *)&address, health->address);
    evconnlistener_set_error_cb(health->socket, on_error);
    if (evhttp_bind_listener(health->http, health->socket))
        return 0;
    evconnlistener_free(health->socket);
    return error_set(err, ERROR_OVERLOADED, NULL, "no memory for the health listener");
}

static void set_limits(struct evhttp *http)
{
    evhttp_set_max_headers_size(http, HEADERS_MAX);
    evhttp_set_max_body_size(http, BODY_MAX);
    evhttp_set_timeout(http, TIMEOUT_S);
    /* All of them, so that refused() answers, and not libevent with a page of its own. */
    evhttp_set_allowed_methods(http, UINT16_MAX);
}

struct health *health_new(struct event_base *base, const char *address,
                          const struct health_source *source, struct error *err)
{
    struct health *health = calloc(1, sizeof *health);
    if (health) {
        health->source = *source;
        health->http = evhttp_new(base);
        health->retry = event_new(base, -1, 0, on_retry, health);
        LL_PREPEND(running, health);
    }
    if (!health || !health->http || !health->retry) {
        health_free(&health);
        error_set(err, ERROR_OVERLOADED, NULL, "no memory for the health listener");
        return NULL;
    }
    set_limits(health->http);
    evhttp_set_cb(health->http, "/healthz", on_health, health);
    evhttp_set_cb(health->http, "/readyz", on_ready, health);
    evhttp_set_cb(health->http, "/metrics", on_metrics, health);
    evhttp_set_gencb(health->http, on_other, health);
    if (address[0] != '\0' && bind_address(health, base, address, err))
        health_free(&health);
    return health;
}

void health_free(struct health **health_p)
{
    struct health *health = *health_p;
    *health_p = NULL;
    if (!health)
        return;
    LL_DELETE(running, health);
    if (health->retry)
        event_free(health->retry);
    if (health->http)
        evhttp_free(health->http); /* and the socket */
    free(health);
}

const char *health_address(const struct health *health)
{
    return health->address;
}
