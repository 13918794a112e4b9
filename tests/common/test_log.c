#include "common/log.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* stderr is one end of a socket that keeps the borders of writes: one read = one write. */
static int reader, kept_stderr;
static char line[4096];

static void next_line(void)
{
    ssize_t n = recv(reader, line, sizeof line - 1, MSG_DONTWAIT);
    assert_true(n > 0);
    line[n] = '\0';
    assert_ptr_equal(strchr(line, '\n'), line + n - 1);
    line[n - 1] = '\0';
}

static void no_line(void)
{
    assert_int_equal(recv(reader, line, sizeof line, MSG_DONTWAIT), -1);
}

static int set_up(void **state)
{
    (void)state;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    kept_stderr = dup(STDERR_FILENO);
    reader = pair[0];
    int result = dup2(pair[1], STDERR_FILENO);
    close(pair[1]);
    return result < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
    close(reader);
    return 0;
}

static void writes_one_line_at_once(void **state)
{
    (void)state;
    log_open(LOG_JOURNAL, LOG_INFO);
    LOG(LOG_INFO, "session.open", log_u("session", 17), log_s("peer", "127.0.0.1:51514"));
    next_line();
    assert_string_equal(line, "<6>info session.open session=17 peer=127.0.0.1:51514");
    LOG(LOG_ERROR, "daemon.stop", log_i("signal", -15));
    next_line();
    assert_string_equal(line, "<3>error daemon.stop signal=-15");
    log_write(LOG_WARN, "no.fields", NULL);
    next_line();
    assert_string_equal(line, "<4>warn no.fields");
    no_line();
}

static void keeps_to_its_level(void **state)
{
    (void)state;
    log_open(LOG_JOURNAL, LOG_WARN);
    LOG(LOG_INFO, "x", log_i("n", 1));
    LOG(LOG_DEBUG, "x", log_i("n", 1));
    no_line();
    LOG(LOG_WARN, "x", log_i("n", 1));
    next_line();
    log_open(LOG_JOURNAL, LOG_DEBUG);
    LOG(LOG_DEBUG, "x", log_i("n", 1));
    next_line();
    assert_string_equal(line, "<7>debug x n=1");
    log_open(LOG_JOURNAL, LOG_ERROR);
    LOG(LOG_WARN, "x", log_i("n", 1));
    no_line();
}

static void puts_the_time_in_front(void **state)
{
    (void)state;
    log_open(LOG_STDERR, LOG_INFO);
    LOG(LOG_INFO, "x", log_i("n", 1));
    next_line();
    /* 2019-06-30T06:05:09.123Z info x n=1 */
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ info x n=1";
    assert_int_equal(strlen(line), sizeof form - 1);
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' && i < 23)
            assert_in_range(line[i], '0', '9');
        else
            assert_int_equal(line[i], form[i]);
}

static void quotes_what_would_mislead(void **state)
{
    (void)state;
    static const struct {
        const char *value, *shown;
    } table[] = {
        {"plain", "plain"},
        {"", "\"\""},
        {NULL, "\"\""},
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"a\"b", "\"a\\\"b\""},
        {"a\\b", "\"a\\\\b\""},
        {"\"", "\"\\\"\""},
        {"a\nerror fake.line", "\"a\\nerror fake.line\""},
        {"\x1b[2J", "\"\\x1b[2J\""},
        {"\xff", "\"\\xff\""},
        {"caf\u00e9", "\"caf\u00e9\""},
        {"\u202e", "\"\\u202e\""},
        {"urn:suara:office:BBPOM-SMG", "urn:suara:office:BBPOM-SMG"},
        {"%s%n", "%s%n"},
    };
    log_open(LOG_JOURNAL, LOG_INFO);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        LOG(LOG_INFO, "x", log_s("v", table[i].value), log_i("n", 1));
        next_line();
        char want[128];
        snprintf(want, sizeof want, "<6>info x v=%s n=1", table[i].shown);
        assert_string_equal(line, want);
    }
}

static void writes_numbers_at_their_ends(void **state)
{
    (void)state;
    log_open(LOG_JOURNAL, LOG_INFO);
    LOG(LOG_INFO, "x", log_i("a", INT64_MAX), log_i("b", INT64_MIN), log_u("c", 0));
    next_line();
    assert_string_equal(line, "<6>info x a=9223372036854775807 b=-9223372036854775808 c=0");
}

static void leaves_errno_alone(void **state)
{
    (void)state;
    log_open(LOG_JOURNAL, LOG_INFO);
    errno = ENOSPC;
    LOG(LOG_INFO, "x", log_i("n", 1));
    assert_int_equal(errno, ENOSPC);
    next_line();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_one_line_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_to_its_level, set_up, tear_down),
        cmocka_unit_test_setup_teardown(puts_the_time_in_front, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quotes_what_would_mislead, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_numbers_at_their_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_errno_alone, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("common/log", tests, NULL, NULL);
}
