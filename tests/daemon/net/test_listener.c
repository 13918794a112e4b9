#include "common/error.h"
#include "common/net/address.h"
#include "daemon/net/listener.h"
#include <arpa/inet.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define CALLERS 64

struct door {
    struct event_base *base;
    struct listener *listener;
    int in[CALLERS];
    unsigned count, cap; /* cap: pauses there; 0: none */
};

static void on_caller(evutil_socket_t fd, void *arg)
{
    struct door *door = arg;
    door->in[door->count++] = fd;
    if (door->cap && door->count == door->cap)
        listener_pause(door->listener);
}

static int setup(void **state)
{
    struct door *door = calloc(1, sizeof *door);
    door->base = event_base_new();
    *state = door;
    return 0;
}

static int teardown(void **state)
{
    struct door *door = *state;
    listener_free(&door->listener);
    assert_null(door->listener);
    for (unsigned i = 0; i < door->count; i++)
        close(door->in[i]);
    event_base_free(door->base);
    free(door);
    return 0;
}

static void open_door(struct door *door, const char *addresses)
{
    struct error err = {0};
    door->listener = listener_new(door->base, addresses, on_caller, door, &err);
    if (!door->listener)
        fail_msg("%s", err.text);
}

static int call(const struct door *door)
{
    char host[ADDRESS_HOST];
    uint16_t port;
    struct sockaddr_storage address;
    socklen_t size;
    assert_int_equal(address_split(listener_address(door->listener), host, &port, NULL), 0);
    assert_int_not_equal(port, 0);
    assert_true(address_numeric(host, port, &address, &size));
    int fd = socket(address.ss_family, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, size), 0);
    return fd;
}

static void until(struct door *door, unsigned count)
{
    time_t end = time(NULL) + 10;
    while (door->count < count && time(NULL) < end)
        event_base_loop(door->base, EVLOOP_ONCE);
    assert_int_equal(door->count, count);
}

static void callers_come_in(void **state)
{
    struct door *door = *state;
    int out[3];
    open_door(door, "127.0.0.1:0");
    for (int i = 0; i < 3; i++)
        out[i] = call(door);
    until(door, 3);
    assert_false(listener_called(door->listener));
    for (int i = 0; i < 3; i++) {
        assert_true(fcntl(door->in[i], F_GETFL) & O_NONBLOCK);
        assert_true(fcntl(door->in[i], F_GETFD) & FD_CLOEXEC);
        close(out[i]);
    }
}

static void several_addresses(void **state)
{
    struct door *door = *state;
    struct error err = {0};
    int probe = socket(AF_INET6, SOCK_STREAM, 0);
    const struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    bool v6 = probe >= 0 && bind(probe, (const struct sockaddr *)&any, sizeof any) == 0;
    close(probe);
    if (!v6)
        skip(); /* no IPv6 on this machine */
    open_door(door, "[::1]:0, 127.0.0.1:0");
    assert_memory_equal(listener_address(door->listener), "[::1]:", 6);
    int fd = call(door);
    until(door, 1);
    close(fd);
    /* The same port on both kinds, beside each other. */
    char both[160];
    uint16_t port;
    char host[ADDRESS_HOST];
    assert_int_equal(address_split(listener_address(door->listener), host, &port, NULL), 0);
    snprintf(both, sizeof both, "0.0.0.0:%u,[::]:%u", port, port);
    listener_free(&door->listener);
    door->listener = listener_new(door->base, both, on_caller, door, &err);
    assert_non_null(door->listener);
}

static void daemons_share_a_port(void **state)
{
    struct door *door = *state, other = {.base = door->base};
    char address[ADDRESS_TEXT];
    open_door(door, "127.0.0.1:0");
    snprintf(address, sizeof address, "%s", listener_address(door->listener));
    other.listener = listener_new(door->base, address, on_caller, &other, NULL);
    assert_non_null(other.listener);
    assert_string_equal(listener_address(other.listener), address);
    listener_free(&other.listener);
}

/* Above the cap callers wait in the kernel's queue: none is lost, none comes in early. */
static void paused_callers_wait(void **state)
{
    struct door *door = *state;
    int out[5];
    door->cap = 2;
    open_door(door, "127.0.0.1:0");
    for (int i = 0; i < 5; i++)
        out[i] = call(door);
    until(door, 2);
    for (int i = 0; i < 5; i++)
        event_base_loop(door->base, EVLOOP_NONBLOCK);
    assert_true(listener_called(door->listener));
    assert_int_equal(door->count, 2);
    door->cap = 4;
    listener_resume(door->listener);
    until(door, 4);
    door->cap = 0;
    listener_resume(door->listener);
    until(door, 5);
    for (int i = 0; i < 5; i++)
        close(out[i]);
}

static uint64_t cpu_ms(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static void enough(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    event_base_loopbreak(arg);
}

/* Fault matrix, descriptors: no spinning meanwhile, and it recovers by itself. */
static void out_of_descriptors_it_waits(void **state)
{
    struct door *door = *state;
    struct rlimit before, tight;
    open_door(door, "127.0.0.1:0");
    int out = call(door);
    int lowest = dup(0);
    close(lowest);
    getrlimit(RLIMIT_NOFILE, &before);
    tight = (struct rlimit){.rlim_cur = (rlim_t)lowest, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &tight);

    struct event *timer = event_new(door->base, -1, 0, enough, door->base);
    event_add(timer, &(struct timeval){.tv_sec = 1});
    uint64_t used = cpu_ms();
    event_base_dispatch(door->base);
    used = cpu_ms() - used;
    assert_int_equal(door->count, 0);
    assert_in_range(used, 0, 50); /* < 5 % of a second */
    /* The owner's pause stays a pause when the timer fires. */
    listener_pause(door->listener);
    setrlimit(RLIMIT_NOFILE, &before);
    event_add(timer, &(struct timeval){.tv_usec = 400000});
    event_base_dispatch(door->base);
    event_free(timer);
    assert_int_equal(door->count, 0);
    listener_resume(door->listener);
    until(door, 1);
    close(out);
}

static void bad_addresses_are_named(void **state)
{
    struct door *door = *state;
    static const struct {
        const char *addresses, *says;
    } table[] = {
        {"", "no address"},
        {" , ", "no address"},
        {"localhost:7443", "numeric"},
        {"127.0.0.1", "port"},
        {"127.0.0.1:0, 127.0.0.1:70000", "70000"},
        {"192.0.2.1:0", "cannot listen on 192.0.2.1:0: Cannot assign"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct error err = {0};
        assert_null(listener_new(door->base, table[i].addresses, on_caller, door, &err));
        assert_int_equal(err.code, ERROR_USAGE);
        if (!strstr(err.text, table[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.text, table[i].says);
    }
}

/* Socket activation (sd_listen_fds(3)): what was passed in wins over the addresses. */
static void sockets_of_the_service_manager(void **state)
{
    struct door *door = *state;
    char pid[32];
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    event_base_free(door->base); /* makes room at descriptor 3, where they begin */
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(dup2(fd, 3), 3);
    if (fd != 3)
        close(fd);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    door->base = event_base_new();
    open_door(door, "192.0.2.1:1");
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    assert_memory_equal(listener_address(door->listener), "127.0.0.1:", 10);
    int out = call(door);
    until(door, 1);
    close(out);
}

int main(void)
{
#define WITH_DOOR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_DOOR(callers_come_in),
        WITH_DOOR(several_addresses),
        WITH_DOOR(daemons_share_a_port),
        WITH_DOOR(paused_callers_wait),
        WITH_DOOR(out_of_descriptors_it_waits),
        WITH_DOOR(bad_addresses_are_named),
        WITH_DOOR(sockets_of_the_service_manager),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
