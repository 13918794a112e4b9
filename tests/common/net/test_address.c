#include "common/error.h"
#include "common/net/address.h"
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void hosts_and_ports(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host; /* NULL: refused */
        unsigned port;
    } table[] = {
        {"127.0.0.1:7443", "127.0.0.1", 7443},
        {"[::1]:7443", "::1", 7443},
        {"suara.example.org:0", "suara.example.org", 0},
        {"h:65535", "h", 65535},
        {"h:65536", NULL, 0},
        {"h:99999999999999", NULL, 0},
        {"h:", NULL, 0},
        {"h:7443x", NULL, 0},
        {"h:-1", NULL, 0},
        {"h: 1", NULL, 0},
        {"h", NULL, 0},
        {"", NULL, 0},
        {":1", NULL, 0},
        {"[]:1", NULL, 0},
        {"::1:7443", NULL, 0},
        {"[::1:7443", NULL, 0},
        {"::1]:7443", NULL, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct error err = {0};
        char host[ADDRESS_HOST] = "";
        uint16_t port = 0;
        int result = address_split(table[i].text, host, &port, &err);
        if (!table[i].host) {
            assert_int_equal(result, -1);
            assert_int_equal(err.code, ERROR_USAGE);
            continue;
        }
        assert_int_equal(result, 0);
        assert_string_equal(host, table[i].host);
        assert_int_equal(port, table[i].port);
    }
}

static void a_host_of_any_length(void **state)
{
    (void)state;
    char text[400], host[ADDRESS_HOST];
    uint16_t port;
    for (size_t size = 250; size < 300; size++) {
        memset(text, 'a', size);
        snprintf(text + size, sizeof text - size, ":1");
        assert_int_equal(address_split(text, host, &port, NULL), size < ADDRESS_HOST ? 0 : -1);
    }
}

static void numbers_and_back(void **state)
{
    (void)state;
    static const struct {
        const char *host, *text;
        bool loopback;
    } table[] = {
        {"127.0.0.1", "127.0.0.1:80", true},
        {"127.9.9.9", "127.9.9.9:80", true},
        {"0.0.0.0", "0.0.0.0:80", false},
        {"192.0.2.7", "192.0.2.7:80", false},
        {"128.0.0.1", "128.0.0.1:80", false},
        {"::1", "[::1]:80", true},
        {"::", "[::]:80", false},
        {"2001:db8::7", "[2001:db8::7]:80", false},
        {"::ffff:192.0.2.7", "192.0.2.7:80", false},
        {"::ffff:127.0.0.1", "127.0.0.1:80", true},
        {"localhost", NULL, false},
        {"127.1", NULL, false},
        {"", NULL, false},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sockaddr_storage address;
        socklen_t size = 0;
        char text[ADDRESS_TEXT];
        bool numeric = address_numeric(table[i].host, 80, &address, &size);
        assert_int_equal(numeric, table[i].text != NULL);
        if (!numeric)
            continue;
        assert_true(size == sizeof(struct sockaddr_in) || size == sizeof(struct sockaddr_in6));
        address_format((const struct sockaddr *)&address, text);
        assert_string_equal(text, table[i].text);
        assert_int_equal(address_is_loopback((const struct sockaddr *)&address), table[i].loopback);
    }
}

static void sockets_of_other_kinds(void **state)
{
    (void)state;
    const struct sockaddr local = {.sa_family = AF_UNIX};
    char text[ADDRESS_TEXT];
    address_format(&local, text);
    assert_string_equal(text, "local");
    assert_false(address_is_loopback(&local));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_and_ports),
        cmocka_unit_test(a_host_of_any_length),
        cmocka_unit_test(numbers_and_back),
        cmocka_unit_test(sockets_of_other_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
