/*
 * Single calls on descriptors fail at the edge: never a crash, never a descriptor that is left, and
 * the listener goes on. The calls are those of this program and of its libraries.
 */
#include "daemon/net/listener.h"
#include "tests/common/net/stage.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include <cmocka.h>

static struct {
    const char *name;
    unsigned left; /* the call that fails; 0: none */
    int code;
    bool hit;
} failing;

static bool fails(const char *name)
{
    if (failing.left == 0 || strcmp(name, failing.name) != 0 || --failing.left > 0)
        return false;
    failing.hit = true;
    errno = failing.code;
    return true;
}

/* Takes the place of a call, and does it unless it is the one to fail. */
#define CALL(name, parameters, arguments)                                                          \
    int name parameters;                                                                           \
    int name parameters                                                                            \
    {                                                                                              \
        int(*real) parameters;                                                                     \
        *(void **)&real = dlsym(RTLD_NEXT, #name);                                                 \
        return fails(#name) ? -1 : real arguments;                                                 \
    }

CALL(accept4, (int fd, __SOCKADDR_ARG address, socklen_t *size, int flags),
     (fd, address, size, flags))
CALL(setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
     (fd, level, name, value, size))
CALL(getsockopt, (int fd, int level, int name, void *value, socklen_t *size),
     (fd, level, name, value, size))
CALL(getpeername, (int fd, __SOCKADDR_ARG address, socklen_t *size), (fd, address, size))
CALL(getsockname, (int fd, __SOCKADDR_ARG address, socklen_t *size), (fd, address, size))
CALL(socket, (int domain, int type, int protocol), (domain, type, protocol))
CALL(connect, (int fd, __CONST_SOCKADDR_ARG address, socklen_t size), (fd, address, size))
CALL(bind, (int fd, __CONST_SOCKADDR_ARG address, socklen_t size), (fd, address, size))
CALL(listen, (int fd, int backlog), (fd, backlog))
CALL(shutdown, (int fd, int how), (fd, how))
CALL(epoll_ctl, (int fd, int what, int of, struct epoll_event *event), (fd, what, of, event))

static unsigned descriptors(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

struct door {
    struct stage stage;
    struct listener *listener;
};

static void on_caller(evutil_socket_t fd, void *arg)
{
    struct stage *stage = arg;
    stage_accept(NULL, fd, NULL, 0, stage);
}

static void answer(struct side *side, enum conn_event event, const uint8_t *data, size_t size)
{
    struct conn_progress progress;
    (void)data;
    if (event == CONN_FRAME) {
        conn_progress(side->conn, 1, &progress);
        side_send(side, (uint32_t)size, 'r');
        conn_finish(side->conn);
    }
}

static void ask(struct side *side, enum conn_event event, const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    if (event == CONN_OPEN)
        side_send(side, 20000, 'q');
}

static int open_listener(struct door *door)
{
    struct error err = {0};
    char host[ADDRESS_HOST];
    door->listener = listener_new(door->stage.base, "127.0.0.1:0", on_caller, &door->stage, &err);
    if (!door->listener) {
        assert_int_not_equal(err.code, ERROR_NONE);
        assert_true(err.text[0]);
        return -1;
    }
    if (!listener_address(door->listener)[0]) /* its name could not be had: for logs only */
        return 0;
    return address_split(listener_address(door->listener), host, &door->stage.port, &err);
}

/* What cannot go on ends by a deadline. */
static void set_patience(struct stage *stage, uint32_t ms)
{
    stage->server_limits.connect_ms = stage->client_limits.connect_ms = ms;
    stage->server_limits.first_ms = stage->server_limits.frame_ms = ms;
    stage->server_limits.idle_ms = stage->client_limits.idle_ms = ms;
}

static int setup(void **state)
{
    struct door *door = calloc(1, sizeof *door);
    struct stage *stage = &door->stage;
    stage_open(stage);
    evconnlistener_free(stage->socket);
    stage->socket = NULL;
    stage->server_also = answer;
    stage->server_limits.user_timeout_ms = 60000;
    set_patience(stage, 5000);
    *state = door;
    return open_listener(door);
}

static int teardown(void **state)
{
    struct door *door = *state;
    listener_free(&door->listener);
    stage_close(&door->stage);
    free(door);
    return 0;
}

static bool all_closed(const struct stage *stage)
{
    for (unsigned i = 0; i < stage->accepted; i++)
        if (!stage->servers[i].closed)
            return false;
    return true;
}

/* A whole session, to its end by itself or by a deadline. Was it answered? */
static bool session(struct stage *stage)
{
    struct side client = {.also = ask, .stage = stage};
    struct error err = {0};
    bool answered = false;
    client.conn = conn_connect(stage->base, stage->client_context, "127.0.0.1", stage->port,
                               &stage->client_limits, side_event, &client, &err);
    if (client.conn) {
        STAGE_UNTIL(stage, client.closed);
        STAGE_UNTIL(stage, all_closed(stage));
        answered = client.frames == 1;
    } else {
        assert_int_not_equal(err.code, ERROR_NONE);
    }
    side_close(&client);
    for (unsigned i = 0; i < stage->accepted; i++)
        side_close(&stage->servers[i]);
    memset(stage->servers, 0, sizeof stage->servers);
    stage->accepted = 0;
    return answered;
}

/* A caller whom accept4 could not give us comes later, whatever the reason was. */
static void accepting_fails(void **state)
{
    struct door *door = *state;
    static const int codes[] = {EMFILE, ENFILE, ENOBUFS,  ENOMEM, ECONNABORTED, EINTR,
                                EPERM,  EPROTO, ENETDOWN, EAGAIN, EHOSTUNREACH};
    assert_true(session(&door->stage));
    unsigned before = descriptors();
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        failing.name = "accept4";
        failing.code = codes[i];
        failing.left = 1;
        failing.hit = false;
        bool answered = session(&door->stage);
        if (!failing.hit || !answered || descriptors() != before)
            fail_msg("%s: hit %d, answered %d, %u of %u descriptors", strerror(codes[i]),
                     failing.hit, answered, descriptors(), before);
    }
}

static void any_call_fails(void **state)
{
    struct door *door = *state;
    static const struct {
        const char *name;
        int code;
        bool harmless; /* the session is answered all the same */
    } calls[] = {
        {"setsockopt", ENOPROTOOPT, true}, {"getsockopt", EBADF, false},
        {"getpeername", ENOTCONN, true},   {"socket", EMFILE, false},
        {"connect", ENETUNREACH, false},   {"shutdown", ENOTCONN, true},
        {"epoll_ctl", ENOSPC, false},
    };
    assert_true(session(&door->stage));
    unsigned before = descriptors();
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        unsigned n = 0;
        do {
            failing.name = calls[i].name;
            failing.code = calls[i].code;
            failing.left = ++n;
            failing.hit = false;
            if (!calls[i].harmless)
                set_patience(&door->stage, 60);
            bool answered = session(&door->stage);
            failing.left = 0;
            set_patience(&door->stage, 5000);
            if (descriptors() != before)
                fail_msg("%s, call %u: %u descriptors, not %u", calls[i].name, n, descriptors(),
                         before);
            if (calls[i].harmless && !answered)
                fail_msg("%s, call %u: no answer", calls[i].name, n);
            if (!session(&door->stage))
                fail_msg("after %s, call %u: the listener is gone", calls[i].name, n);
        } while (failing.hit);
        if (n == 1)
            fail_msg("%s is never called", calls[i].name);
    }
}

static void listening_fails(void **state)
{
    struct door *door = *state;
    static const char *const calls[] = {"socket", "setsockopt",  "bind",
                                        "listen", "getsockname", "epoll_ctl"};
    listener_free(&door->listener);
    unsigned before = descriptors();
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        unsigned n = 0;
        do {
            failing.name = calls[i];
            failing.code = ENOSPC;
            failing.left = ++n;
            failing.hit = false;
            int rc = open_listener(door);
            failing.left = 0;
            /* What says that it listens does. */
            if (rc == 0 && listener_address(door->listener)[0] && !session(&door->stage))
                fail_msg("%s, call %u: nobody listens", calls[i], n);
            listener_free(&door->listener);
            if (descriptors() != before)
                fail_msg("%s, call %u: %u descriptors, not %u", calls[i], n, descriptors(), before);
        } while (failing.hit);
        if (n == 1)
            fail_msg("%s is never called", calls[i]);
    }
}

/* It is opened again when there is a place: that must not fail for good. */
static void resuming_fails(void **state)
{
    struct door *door = *state;
    listener_pause(door->listener);
    failing.name = "epoll_ctl";
    failing.code = ENOMEM;
    failing.left = 1;
    failing.hit = false;
    listener_resume(door->listener);
    assert_true(failing.hit);
    assert_true(session(&door->stage));
}

static void silence(int severity, const char *text)
{
    (void)severity;
    (void)text;
}

#define DOOR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DOOR(accepting_fails),
        DOOR(any_call_fails),
        DOOR(listening_fails),
        DOOR(resuming_fails),
    };
    event_set_log_callback(silence); /* libevent warns of each call of epoll that fails */
    return cmocka_run_group_tests(tests, stage_group, NULL);
}
