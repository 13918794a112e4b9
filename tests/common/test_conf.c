#include "common/conf.h"

#include "common/error.h"

#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct settings {
    int64_t connections, max_frame, idle, level;
    char *name, *certificate, *empty;
    int64_t untouched;
};

static const char *const levels[] = {"error", "warn", "info", NULL};

#define AT(member) offsetof(struct settings, member)
static const struct conf_option table[] = {
    {"listen", "connections", CONF_COUNT, AT(connections), 1, 100000, "1000", NULL, false, "Most."},
    {"listen", "max_frame", CONF_SIZE, AT(max_frame), 1024, 64 << 20, "1M", NULL, true, "Frame."},
    {"listen", "idle", CONF_DURATION, AT(idle), 0, 3600000, "90s", NULL, true, "Idle."},
    {"log", "level", CONF_CHOICE, AT(level), 0, 0, "info", levels, true, "Level."},
    {"log", "name", CONF_TEXT, AT(name), 0, 0, "suarad", NULL, false, "Name."},
    {"tls", "certificate", CONF_PATH, AT(certificate), 0, 0, NULL, NULL, true, "Certificate."},
    {"tls", "empty", CONF_PATH, AT(empty), 0, 0, "", NULL, true, "Empty."},
};

static char path[] = "/tmp/suara-conf-XXXXXX";

static void write_file(const char *text, size_t size)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int load(const char *text, struct settings *settings, struct error *err)
{
    write_file(text, strlen(text));
    memset(settings, 0x5A, sizeof *settings); /* conf_load must not look at what was there */
    error_clear(err);
    return conf_load(table, COUNT(table), settings, path, err);
}

static void fills_in_defaults(void **state)
{
    (void)state;
    struct settings s;
    struct error err;
    assert_int_equal(load("[tls]\ncertificate = /etc/suara/cert.pem\n", &s, &err), 0);
    assert_int_equal(s.connections, 1000);
    assert_int_equal(s.max_frame, 1048576);
    assert_int_equal(s.idle, 90000);
    assert_int_equal(s.level, 2);
    assert_string_equal(s.name, "suarad");
    assert_string_equal(s.certificate, "/etc/suara/cert.pem");
    assert_string_equal(s.empty, "");
    assert_int_equal(s.untouched, 0x5A5A5A5A5A5A5A5A);
    conf_release(table, COUNT(table), &s);
    assert_null(s.name);
    conf_release(table, COUNT(table), &s);
    /* all but the last have defaults */
    assert_int_equal(conf_load(table, 5, &s, NULL, &err), 0);
    assert_int_equal(s.connections, 1000);
    conf_release(table, 5, &s);
    assert_int_equal(conf_load(table, COUNT(table), &s, NULL, &err), -1);
    assert_string_equal(err.field, "tls.certificate");
}

static void reads_what_is_given(void **state)
{
    (void)state;
    struct settings s;
    struct error err;
    static const char text[] = "\xef\xbb\xbf# a comment\r\n"
                               "; another\n\n"
                               "[listen]\r\n"
                               "  connections=7\r\n"
                               "  max_frame : 64k\n"
                               "\tidle = 1500ms ; behind the value\n"
                               "[log]\n"
                               "level = error\n"
                               "name = a b = c # d\n"
                               "[tls]\n"
                               "certificate = ${SUARA_TEST}/x/${SUARA_TEST}$HOME\n"
                               "empty =\n"
                               "[listen]";
    assert_int_equal(setenv("SUARA_TEST", "/run/credentials", 1), 0);
    if (load(text, &s, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(s.connections, 7);
    assert_int_equal(s.max_frame, 65536);
    assert_int_equal(s.idle, 1500);
    assert_int_equal(s.level, 0);
    assert_string_equal(s.name, "a b = c # d");
    assert_string_equal(s.certificate, "/run/credentials/x//run/credentials$HOME");
    conf_release(table, COUNT(table), &s);
}

/* Numbers in each unit, at the ends of their range and of the type. */
static const struct {
    const char *line;
    int64_t value; /* -1: refused */
} numbers[] = {
    {"connections = 1", 1},
    {"connections = 100000", 100000},
    {"connections = 0", -1},
    {"connections = 100001", -1},
    {"connections = -1", -1},
    {"connections = +1", -1},
    {"connections = 1.5", -1},
    {"connections = 1K", -1},
    {"connections = 0x10", -1},
    {"connections = 1 0", -1},
    {"connections =", -1},
    {"connections = 9223372036854775807", -1},
    {"connections = 9223372036854775808", -1},
    {"connections = 99999999999999999999999", -1},
    {"max_frame = 1024", 1024},
    {"max_frame = 1K", 1024},
    {"max_frame = 64M", 64 << 20},
    {"max_frame = 65M", -1},
    {"max_frame = 1023", -1},
    {"max_frame = 1G", -1},
    {"max_frame = 9007199254740992K", -1},
    {"max_frame = 1KB", -1},
    {"max_frame = 1s", -1},
    {"idle = 0", 0},
    {"idle = 0s", 0},
    {"idle = 500ms", 500},
    {"idle = 10s", 10000},
    {"idle = 2m", 120000},
    {"idle = 1h", 3600000},
    {"idle = 61m", -1},
    {"idle = 10", -1},
    {"idle = 10 s", -1},
    {"idle = s", -1},
    {"idle = 9223372036854775807h", -1},
};

static void reads_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        char text[256];
        struct settings s;
        struct error err;
        snprintf(text, sizeof text, "[listen]\n%s\n[tls]\ncertificate=x\n", numbers[i].line);
        int result = load(text, &s, &err);
        if (result != (numbers[i].value < 0 ? -1 : 0))
            fail_msg("%s: %s", numbers[i].line, err.text);
        if (result == 0) {
            int64_t got = numbers[i].line[0] == 'c'   ? s.connections
                          : numbers[i].line[0] == 'm' ? s.max_frame
                                                      : s.idle;
            assert_int_equal(got, numbers[i].value);
            conf_release(table, COUNT(table), &s);
        } else {
            assert_int_equal(err.code, ERROR_USAGE);
            assert_non_null(strstr(err.text, ":2: "));
        }
    }
}

static void tells_changes_that_need_a_restart(void **state)
{
    (void)state;
    struct settings a, b;
    struct error err;
    char name[64];
    static const struct {
        const char *text, *changed;
    } changes[] = {
        {"[tls]\ncertificate=x\n", NULL},
        {"[tls]\ncertificate=y\n[log]\nlevel=warn\n[listen]\nidle=1s\n", NULL},
        {"[tls]\ncertificate=x\n[log]\nname=other\n", "log.name"},
        {"[tls]\ncertificate=x\n[log]\nname=other\n[listen]\nconnections=5\n",
         "listen.connections"},
    };
    for (size_t i = 0; i < COUNT(changes); i++) {
        assert_int_equal(load("[tls]\ncertificate=x\n", &a, &err), 0);
        assert_int_equal(load(changes[i].text, &b, &err), 0);
        const char *got = conf_fixed_change(table, COUNT(table), &a, &b, name);
        if (changes[i].changed)
            assert_string_equal(got, changes[i].changed);
        else
            assert_null(got);
        conf_release(table, COUNT(table), &a);
        conf_release(table, COUNT(table), &b);
    }
}

/* The example file shows each option, and is read as the defaults. */
static void prints_an_example_that_loads(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    conf_print(table, COUNT(table), out);
    assert_int_equal(fclose(out), 0);
    for (size_t i = 0; i < COUNT(table); i++) {
        assert_non_null(strstr(text, table[i].name));
        assert_non_null(strstr(text, table[i].help));
    }
    assert_non_null(strstr(text, "\n[listen]\n") ? text : strstr(text, "[listen]\n"));
    assert_non_null(strstr(text, "#max_frame = 1M\n"));
    assert_non_null(strstr(text, "# 1K to 64M.\n"));
    assert_non_null(strstr(text, "# 0 to 1h.\n"));
    assert_non_null(strstr(text, "# One of: error, warn, info.\n"));
    assert_non_null(strstr(text, "\ncertificate =\n"));
    struct settings s;
    struct error err;
    if (load(text, &s, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(s.idle, 90000);
    conf_release(table, COUNT(table), &s);
    free(text);
}

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_defaults),
        cmocka_unit_test(reads_what_is_given),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(tells_changes_that_need_a_restart),
        cmocka_unit_test(prints_an_example_that_loads),
    };
    return cmocka_run_group_tests_name("common/conf", tests, set_up, tear_down);
}
