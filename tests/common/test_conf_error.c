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
    int64_t connections, idle, level;
    char *certificate, *name;
};

static const char *const levels[] = {"error", "warn", "info", NULL};

#define AT(member) offsetof(struct settings, member)
static const struct conf_option table[] = {
    {"listen", "connections", CONF_COUNT, AT(connections), 1, 100000, "1000", NULL, false, "-"},
    {"listen", "idle", CONF_DURATION, AT(idle), 1000, 3600000, "90s", NULL, true, "-"},
    {"log", "level", CONF_CHOICE, AT(level), 0, 0, "info", levels, true, "-"},
    {"tls", "certificate", CONF_PATH, AT(certificate), 0, 0, NULL, NULL, true, "-"},
    {"tls", "name", CONF_TEXT, AT(name), 0, 0, "x", NULL, true, "-"},
};

static char path[] = "/tmp/suara-conf-XXXXXX";

static void write_file(const char *text, size_t size)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* The sentence of the error without the name of the file; "" when the file was taken. */
static const char *complaint(const char *text, size_t size, struct error *err)
{
    struct settings s;
    write_file(text, size);
    error_clear(err);
    if (conf_load(table, COUNT(table), &s, path, err) == 0) {
        conf_release(table, COUNT(table), &s);
        return "";
    }
    assert_int_equal(err->code, ERROR_USAGE);
    assert_int_equal(strncmp(err->text, path, strlen(path)), 0);
    assert_null(s.certificate); /* what was filled is released */
    assert_null(s.name);
    return err->text + strlen(path);
}

static void says_where_and_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field, *complaint;
    } cases[] = {
        {"[tls]\ncertificate=x\n", "", ""},
        {"[listen]\n\nconections = 5\n", "conections",
         ":3: there is no option 'conections' in [listen]; did you mean 'connections'?"},
        {"[listen]\nlevel = info\n", "level",
         ":2: there is no option 'level' in [listen]; it belongs to [log]"},
        {"[listen]\nqqqqqqqqq = 5\n", "qqqqqqqqq",
         ":2: there is no option 'qqqqqqqqq' in [listen]"},
        {"[log]\nlevel=info\n[lisen]\n# x\nidle = 5s\n", "lisen",
         ":3: there is no section [lisen]; did you mean [listen]?"},
        {"[database]\nhost = x\n", "database", ":1: there is no section [database]"},
        {"idle = 5s\n", "idle", ":1: 'idle' stands before the first [section]"},
        {"[listen]\nidle = 5s\nidle = 6s\n", "listen.idle",
         ":3: 'idle' was given already on line 2"},
        {"[listen]\nidle = 5s\n[log]\n[listen]\n idle = 5s\n", "listen.idle",
         ":5: 'idle' was given already on line 2"},
        {"[listen]\nidle = 500ms\n", "listen.idle", ":2: 'idle = 500ms': must be 1s to 1h"},
        {"[listen]\nidle = 2h\n", "listen.idle", ":2: 'idle = 2h': must be 1s to 1h"},
        {"[listen]\nidle = 5\n", "listen.idle",
         ":2: 'idle = 5': is not a duration like 500ms, 10s, 2m or 1h"},
        {"[listen]\nconnections = many\n", "listen.connections",
         ":2: 'connections = many': is not a whole number"},
        {"[log]\nlevel = verbose\n", "log.level",
         ":2: 'level = verbose': must be error, warn or info"},
        {"[log]\nlevel = Info\n", "log.level", ":2: 'level = Info': must be error, warn or info"},
        {"[log]\nlevel\n", "", ":2: neither [section] nor name = value"},
        {"[log\nlevel = info\n", "", ":1: neither [section] nor name = value"},
        {"\n\ngarbage", "", ":3: neither [section] nor name = value"},
        {"[tls]\ncertificate = ${SUARA_UNSET}/x\n", "tls.certificate",
         ":2: 'certificate = ${SUARA_UNSET}/x': names ${SUARA_UNSET}, which is not set in the "
         "environment"},
        {"[tls]\ncertificate = ${SUARA\n", "tls.certificate",
         ":2: 'certificate = ${SUARA': has a ${ without its }"},
        {"[tls]\nname = y\n", "tls.certificate", ": 'certificate' in [tls] must be given"},
        {"", "tls.certificate", ": 'certificate' in [tls] must be given"},
        /* the first fault is the one that is told */
        {"[listen]\nidle = 5\nrubbish\nconnections = 0\n", "listen.idle",
         ":2: 'idle = 5': is not a duration like 500ms, 10s, 2m or 1h"},
        /* an indented line is an option of its own, not more of the one before */
        {"[tls]\ncertificate = x\n  naem = y\n", "naem",
         ":3: there is no option 'naem' in [tls]; did you mean 'name'?"},
    };
    assert_int_equal(unsetenv("SUARA_UNSET"), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct error err;
        assert_string_equal(complaint(cases[i].text, strlen(cases[i].text), &err),
                            cases[i].complaint);
        assert_string_equal(err.field, cases[i].field);
    }
}

/* Lines of each length: taken whole, or refused; never cut. */
static void never_cuts_a_line(void **state)
{
    (void)state;
    static const char front[] = "[tls]\ncertificate = ";
    for (size_t len = 1; len < 600; len++) {
        for (int newline = 0; newline < 2; newline++) {
            char text[1024];
            struct error err;
            struct settings s;
            size_t size = sizeof front - 1;
            memcpy(text, front, size);
            memset(text + size, 'y', len);
            size += len;
            if (newline)
                text[size++] = '\n';
            write_file(text, size);
            if (conf_load(table, COUNT(table), &s, path, &err) == 0) {
                assert_int_equal(strlen(s.certificate), len);
                conf_release(table, COUNT(table), &s);
            } else {
                assert_true(len > 180);
                assert_non_null(strstr(err.text, ":2: the line is too long: at most 198 bytes"));
            }
        }
    }
}

static void refuses_what_is_no_text(void **state)
{
    (void)state;
    struct error err;
    static const char zero[] = "[tls]\ncertificate = a\0b\n";
    assert_string_equal(complaint(zero, sizeof zero - 1, &err),
                        ":2: the line contains a zero byte");
    static char noise[100000];
    memset(noise, 'x', sizeof noise);
    assert_string_equal(complaint(noise, sizeof noise, &err),
                        ":1: the line is too long: at most 198 bytes are read");
}

static void says_what_it_cannot_open(void **state)
{
    (void)state;
    struct settings s;
    struct error err;
    assert_int_equal(conf_load(table, COUNT(table), &s, "/nonexistent/suara.conf", &err), -1);
    assert_int_equal(err.code, ERROR_USAGE);
    assert_string_equal(err.text,
                        "/nonexistent/suara.conf: cannot be read: No such file or directory");
    assert_int_equal(conf_load(table, COUNT(table), &s, "/tmp", &err), -1);
    assert_non_null(strstr(err.text, "cannot be read: Is a directory"));
    assert_null(s.certificate);
    assert_int_equal(conf_load(table, COUNT(table), &s, "/nonexistent/suara.conf", NULL), -1);
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
        cmocka_unit_test(says_where_and_what_to_do),
        cmocka_unit_test(never_cuts_a_line),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(says_what_it_cannot_open),
    };
    return cmocka_run_group_tests_name("common/conf_error", tests, set_up, tear_down);
}
