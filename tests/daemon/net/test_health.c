#include "common/buf.h"
#include "common/error.h"
#include "common/net/address.h"
#include "daemon/net/health.h"
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct clinic {
    struct event_base *base;
    struct health *health;
    const char *why; /* NULL: ready */
    bool broken;     /* metrics fail */
    struct bufferevent *bev;
    bool ended;
    struct buf answer;
};

static bool ready(const char **why, void *arg)
{
    const struct clinic *clinic = arg;
    if (clinic->why)
        *why = clinic->why;
    return !clinic->why;
}

static void metrics(struct buf *out, void *arg)
{
    const struct clinic *clinic = arg;
    buf_puts(out, "suara_sessions 3\n");
    out->failed = clinic->broken;
}

static int setup(void **state)
{
    struct clinic *clinic = calloc(1, sizeof *clinic);
    struct error err = {0};
    const struct health_source source = {.ready = ready, .metrics = metrics, .arg = clinic};
    clinic->base = event_base_new();
    clinic->health = health_new(clinic->base, "127.0.0.1:0", &source, &err);
    if (!clinic->health)
        fail_msg("%s", err.text);
    *state = clinic;
    return 0;
}

static int teardown(void **state)
{
    struct clinic *clinic = *state;
    health_free(&clinic->health);
    assert_null(clinic->health);
    event_base_loop(clinic->base, EVLOOP_NONBLOCK);
    event_base_free(clinic->base);
    buf_release(&clinic->answer);
    free(clinic);
    return 0;
}

static void on_end(struct bufferevent *bev, short what, void *arg)
{
    (void)bev;
    struct clinic *clinic = arg;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        clinic->ended = true;
}

static void start(struct clinic *clinic)
{
    char host[ADDRESS_HOST];
    uint16_t port;
    struct sockaddr_storage address;
    socklen_t size;
    assert_int_equal(address_split(health_address(clinic->health), host, &port, NULL), 0);
    assert_true(address_numeric(host, port, &address, &size));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, size), 0);
    evutil_make_socket_nonblocking(fd);
    clinic->bev = bufferevent_socket_new(clinic->base, fd, BEV_OPT_CLOSE_ON_FREE);
    clinic->ended = false;
    bufferevent_setcb(clinic->bev, NULL, NULL, on_end, clinic);
    bufferevent_enable(clinic->bev, EV_READ | EV_WRITE);
}

/* Everything up to the end of the connection. */
static const char *finish(struct clinic *clinic)
{
    while (!clinic->ended)
        assert_int_equal(event_base_loop(clinic->base, EVLOOP_ONCE), 0);
    struct evbuffer *input = bufferevent_get_input(clinic->bev);
    size_t size = evbuffer_get_length(input);
    buf_clear(&clinic->answer);
    buf_add(&clinic->answer, "", 0);
    evbuffer_remove(input, buf_reserve(&clinic->answer, size + 1), size);
    clinic->answer.len += size;
    clinic->answer.data[size] = '\0';
    bufferevent_free(clinic->bev);
    return clinic->answer.data;
}

static const char *ask(struct clinic *clinic, const char *request)
{
    start(clinic);
    bufferevent_write(clinic->bev, request, strlen(request));
    return finish(clinic);
}

static void says(const char *answer, const char *first_line, const char *words)
{
    if (strncmp(answer, first_line, strlen(first_line)) != 0 || !strstr(answer, words))
        fail_msg("wanted \"%s\" and \"%s\" in:\n%s", first_line, words, answer);
}

static void the_three_pages(void **state)
{
    struct clinic *clinic = *state;
    says(ask(clinic, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK\r\n",
         "\r\n\r\nok\n");
    says(ask(clinic, "GET /readyz HTTP/1.0\r\n\r\n"), "HTTP/1.0 200 OK\r\n", "\r\n\r\nready\n");
    clinic->why = "the database is away";
    says(ask(clinic, "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"),
         "HTTP/1.1 503 Service Unavailable\r\n", "\r\n\r\nthe database is away\n");
    says(ask(clinic, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK\r\n", "ok\n");
    const char *answer = ask(clinic, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    says(answer, "HTTP/1.1 200 OK\r\n",
         "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n");
    says(answer, "HTTP/1.1 200 OK\r\n", "\r\n\r\nsuara_sessions 3\n");
    clinic->broken = true;
    says(ask(clinic, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 500 ", "no memory");
}

static void head_has_no_body(void **state)
{
    struct clinic *clinic = *state;
    const char *answer = ask(clinic, "HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    says(answer, "HTTP/1.1 200 OK\r\n", "Content-Length: 17\r\n");
    assert_string_equal(answer + strlen(answer) - 4, "\r\n\r\n");
    assert_null(strstr(answer, "suara_sessions"));
}

static void other_verbs_and_paths(void **state)
{
    struct clinic *clinic = *state;
    static const char *const verbs[] = {"POST",  "PUT",   "DELETE", "OPTIONS",
                                        "TRACE", "PATCH", "BREW"};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        char request[128];
        snprintf(request, sizeof request,
                 "%s /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", verbs[i]);
        says(ask(clinic, request), "HTTP/1.1 405 Method Not Allowed\r\n", "Allow: GET, HEAD\r\n");
    }
    says(ask(clinic, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 404 Not Found\r\n", "/readyz");
    says(ask(clinic, "GET /healthz/../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 404 ",
         "/metrics");
}

/* Endless headers, a body that nobody wants, and silence all come to an end. */
static void limits(void **state)
{
    struct clinic *clinic = *state;
    static char filler[4096];
    memset(filler, 'h', sizeof filler);
    start(clinic);
    bufferevent_write(clinic->bev, "GET /healthz HTTP/1.1\r\n", 23);
    for (int i = 0; i < 64; i++) {
        bufferevent_write(clinic->bev, "X: ", 3);
        bufferevent_write(clinic->bev, filler, sizeof filler);
        bufferevent_write(clinic->bev, "\r\n", 2);
    }
    bufferevent_write(clinic->bev, "\r\n", 2); /* without a limit, it would be whole now */
    assert_null(strstr(finish(clinic), " 200 "));

    start(clinic);
    static const char post[] =
        "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n";
    bufferevent_write(clinic->bev, post, sizeof post - 1);
    assert_non_null(strstr(finish(clinic), " 413 ")); /* and not waited for */

    start(clinic);
    bufferevent_write(clinic->bev, "GET /hea", 8);
    assert_null(strstr(finish(clinic), " 200 ")); /* after the time-out */
}

static void loopback_only(void **state)
{
    struct clinic *clinic = *state;
    static const char *const refused[] = {"0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464",
                                          "localhost:9464", "127.0.0.1"};
    const struct health_source source = {.ready = ready, .metrics = metrics, .arg = clinic};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct error err = {0};
        assert_null(health_new(clinic->base, refused[i], &source, &err));
        assert_int_equal(err.code, ERROR_USAGE);
    }
    struct error err = {0};
    assert_null(health_new(clinic->base, health_address(clinic->health), &source, &err));
    assert_non_null(strstr(err.text, "in use"));
    struct health *none = health_new(clinic->base, "", &source, &err);
    assert_non_null(none);
    assert_string_equal(health_address(none), "");
    health_free(&none);
    health_free(&none);
}

static void enough(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    event_base_loopbreak(arg);
}

static void out_of_descriptors_it_waits(void **state)
{
    struct clinic *clinic = *state;
    struct rlimit before, tight;
    struct rusage first, last;
    start(clinic);
    int lowest = dup(0);
    close(lowest);
    getrlimit(RLIMIT_NOFILE, &before);
    tight = (struct rlimit){.rlim_cur = (rlim_t)lowest, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &tight);
    struct event *timer = event_new(clinic->base, -1, 0, enough, clinic->base);
    event_add(timer, &(struct timeval){.tv_usec = 600000});
    getrusage(RUSAGE_SELF, &first);
    event_base_dispatch(clinic->base);
    getrusage(RUSAGE_SELF, &last);
    event_free(timer);
    setrlimit(RLIMIT_NOFILE, &before);
    long used = (last.ru_utime.tv_sec - first.ru_utime.tv_sec) * 1000000 + last.ru_utime.tv_usec -
                first.ru_utime.tv_usec;
    assert_in_range(used, 0, 30000);
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    bufferevent_write(clinic->bev, request, sizeof request - 1);
    says(finish(clinic), "HTTP/1.1 200 ", "ok");
}

int main(void)
{
#define IN_CLINIC(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_CLINIC(the_three_pages),       IN_CLINIC(head_has_no_body),
        IN_CLINIC(other_verbs_and_paths), IN_CLINIC(limits),
        IN_CLINIC(loopback_only),         IN_CLINIC(out_of_descriptors_it_waits),
    };
    signal(SIGPIPE, SIG_IGN); /* as the daemon does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
