#include "common/net/service.h"
#include "tests/common/net/pki.h"
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

/* A service manager: the socket that sd_notify(3) writes to. */
struct manager {
    int fd;
    struct sockaddr_un address;
    char told[512];
};

static int setup(void **state)
{
    struct manager *manager = calloc(1, sizeof *manager);
    must(manager != NULL, "no memory");
    manager->address.sun_family = AF_UNIX;
    snprintf(manager->address.sun_path, sizeof manager->address.sun_path, "/tmp/suara-notify-%d",
             (int)getpid());
    manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    must(bind(manager->fd, (struct sockaddr *)&manager->address, sizeof manager->address) == 0,
         manager->address.sun_path);
    setenv("NOTIFY_SOCKET", manager->address.sun_path, 1);
    *state = manager;
    return 0;
}

static int teardown(void **state)
{
    struct manager *manager = *state;
    unsetenv("NOTIFY_SOCKET");
    unlink(manager->address.sun_path);
    close(manager->fd);
    free(manager);
    return 0;
}

static const char *told(struct manager *manager)
{
    ssize_t size = recv(manager->fd, manager->told, sizeof manager->told - 1, 0);
    manager->told[size > 0 ? size : 0] = '\0';
    return manager->told;
}

static void says_what_sd_notify_says(void **state)
{
    struct manager *manager = *state;
    service_ready("listening on 127.0.0.1:7443");
    assert_string_equal(told(manager), "READY=1\nSTATUS=listening on 127.0.0.1:7443");
    service_status("database away");
    assert_string_equal(told(manager), "STATUS=database away");
    service_reloading();
    assert_memory_equal(told(manager), "RELOADING=1\nMONOTONIC_USEC=", 27);
    service_stopping("draining");
    assert_string_equal(told(manager), "STOPPING=1\nSTATUS=draining");
}

static void says_nothing_without_a_manager(void **state)
{
    struct manager *manager = *state;
    int fds[4];
    unsetenv("NOTIFY_SOCKET");
    service_ready("");
    service_status("");
    assert_string_equal(told(manager), "");
    assert_int_equal(service_sockets(fds, 4), 0);
}

static void the_loop_keeps_the_watchdog_quiet(void **state)
{
    struct manager *manager = *state;
    struct event_base *base = event_base_new();
    char pid[32];
    service_watchdog_start(base); /* none asked for */
    assert_string_equal(told(manager), "");
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("WATCHDOG_USEC", "20000", 1);
    setenv("WATCHDOG_PID", pid, 1);
    service_watchdog_start(base);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    assert_string_equal(told(manager), "WATCHDOG=1"); /* at once */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
        assert_string_equal(told(manager), "WATCHDOG=1");
    }
    service_watchdog_stop();
    service_watchdog_stop();
    assert_int_equal(event_base_loop(base, EVLOOP_NONBLOCK), 1); /* nothing left to wait for */
    event_base_free(base);
}

int main(void)
{
#define MANAGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        MANAGED(says_what_sd_notify_says),
        MANAGED(says_nothing_without_a_manager),
        MANAGED(the_loop_keeps_the_watchdog_quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
