#include "common/buf.h"
#include "common/error.h"
#include "daemon/core/metrics.h"
#include "daemon/core/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A file with this text; removed by the caller. */
static void write_file(char path[64], const char *text)
{
    (void)snprintf(path, 64, "/tmp/suara-settings-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void defaults_are_good(void **state)
{
    (void)state;
    struct settings s;
    struct error err;
    assert_int_equal(settings_load(&s, NULL, &err), 0);
    assert_int_equal(s.max_frame, 1024 * 1024);
    assert_int_equal(s.clock_skew, 600000);
    assert_string_equal(s.http_listen, "127.0.0.1:9464");
    settings_release(&s);
    for (size_t i = 0; i < settings_count; i++) {
        assert_non_null(settings_table[i].standard);
        assert_true(settings_table[i].help[0] != '\0');
    }
}

/* Each wrong file, and what the sentence must name. */
static void wrong_files_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line, *word;
    } table[] = {
        {"[server]\nlisten = 0.0.0.0:1\nconections = 5\n", ":3:", "connections"},
        {"[servr]\nlisten = x\n", ":1:", "server"},
        {"[server]\nconnections = none\n", ":2:", "connections"},
        {"[server]\nconnections = 0\n", ":2:", "1"},
        {"[server]\nmax_frame = 1G\n", ":2:", "max_frame"},
        {"[server]\nidle_timeout = 5 parsecs\n", ":2:", "idle_timeout"},
        {"[log]\nlevel = loud\n", ":2:", "level"},
        {"[server]\nconnections = 5\nconnections = 6\n", ":3:", "connections"},
        {"[server]\nreceive_bytes = 1M\nmax_frame = 2M\n", "", "receive_bytes"},
        {"[server]\nkey = ${SUARA_NOT_SET}/key\n", ":2:", "SUARA_NOT_SET"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct settings s;
        struct error err = {0};
        char path[64];
        write_file(path, table[i].text);
        assert_int_equal(settings_load(&s, path, &err), -1);
        assert_int_equal(err.code, ERROR_USAGE);
        if (!strstr(err.text, table[i].line) || !strstr(err.text, table[i].word) ||
            !strstr(err.text, path))
            fail_msg("\"%s\" does not name %s %s", err.text, table[i].line, table[i].word);
        (void)unlink(path);
    }
}

static void a_reload_may_not_move_the_house(void **state)
{
    (void)state;
    struct settings old, fresh;
    struct error err;
    char path[64], name[64];
    write_file(path, "[server]\nconnections = 7\n[http]\nlisten = 127.0.0.1:1\n");
    assert_int_equal(settings_load(&old, NULL, &err), 0);
    assert_int_equal(settings_load(&fresh, path, &err), 0);
    assert_non_null(conf_fixed_change(settings_table, settings_count, &old, &fresh, name));
    assert_string_equal(name, "http.listen");
    settings_release(&old);
    settings_release(&fresh);
    (void)unlink(path);
}

static size_t occurrences(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, word)); at++)
        n++;
    return n;
}

/* Prometheus: one HELP and TYPE per name, before its samples; buckets add up. */
static void metrics_print_as_prometheus_reads(void **state)
{
    (void)state;
    struct metrics m = {0};
    struct buf out = {0};
    metric_add(&m, METRIC_STORED, 5);
    metric_set(&m, METRIC_READY, 1);
    for (uint64_t us = 1; us < 100000000; us *= 3)
        metrics_receipt(&m, us);
    metrics_print(&m, &out);
    assert_false(out.failed);
    assert_non_null(strstr(out.data, "suarad_responses_total{status=\"stored\"} 5\n"));
    assert_non_null(strstr(out.data, "suarad_ready 1\n"));
    for (size_t i = 0; metrics_name(i); i++) {
        char type[80];
        (void)snprintf(type, sizeof type, "# TYPE %s ", metrics_name(i));
        assert_int_equal(occurrences(out.data, type), 1);
    }
    uint64_t buckets = 0;
    for (size_t b = 0; b <= METRIC_BUCKETS; b++)
        buckets += m.receipt_bucket[b];
    assert_int_equal(buckets, m.receipt_count);
    assert_non_null(strstr(out.data, "suarad_receipt_seconds_bucket{le=\"+Inf\"} 17\n"));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_good),
        cmocka_unit_test(wrong_files_are_named),
        cmocka_unit_test(a_reload_may_not_move_the_house),
        cmocka_unit_test(metrics_print_as_prometheus_reads),
    };
    return cmocka_run_group_tests_name("daemon/core/settings", tests, NULL, NULL);
}
