#include "client/net/uplink.h"
#include "tests/client/net/daemon.h"

/* ---- when it breaks ------------------------------------------------------------------------- */

static void all_open_requests_hear_of_the_end(void **state)
{
    struct daemon *daemon = *state;
    static const struct {
        const char *what, *says;
        enum error_code code;
    } table[] = {
        {"hang up", "closed the connection", ERROR_UNAVAILABLE},
        {"rubbish", "can't be read", ERROR_UNAVAILABLE},
        {"line", "too large", ERROR_TOO_LARGE},
    };
    start_daemon(daemon);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct heard first = {0}, second = {0};
        struct error err = {0};
        struct uplink *uplink = open_line(daemon);
        assert_int_equal(send_list(uplink, "nothing", &first, &err), 0);
        assert_int_equal(send_list(uplink, table[i].what, &second, &err), 0);
        assert_int_equal(uplink_run(uplink, 1, &err), -1);
        assert_int_equal(err.code, table[i].code);
        if (!strstr(err.text, table[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.text, table[i].says);
        assert_int_equal(first.errors, 1);
        assert_int_equal(second.errors, 1);
        assert_string_equal(first.error.text, err.text);
        assert_int_equal(send_list(uplink, "one", &first, &err), -1);
        uplink_close(&uplink);
    }
}

static void silence_is_an_error(void **state)
{
    struct daemon *daemon = *state;
    struct heard heard = {0};
    struct error err = {0};
    daemon->settings.reply_ms = 100;
    start_daemon(daemon);
    struct uplink *uplink = open_line(daemon);
    assert_int_equal(send_list(uplink, "nothing", &heard, &err), 0);
    assert_int_equal(uplink_run(uplink, 1, &err), -1);
    assert_int_equal(err.code, ERROR_UNAVAILABLE);
    assert_non_null(strstr(err.text, "did not answer"));
    assert_int_equal(heard.errors, 1);
    uplink_close(&uplink);
}

static void not_opened(const struct daemon *daemon, enum error_code code, const char *words)
{
    struct error err = {0};
    assert_null(uplink_open(&daemon->settings, &err));
    if (err.code != code || !strstr(err.text, words))
        fail_msg("code %d, \"%s\"; wanted code %d, \"%s\"", (int)err.code, err.text, (int)code,
                 words);
    assert_string_equal(err.field, "");
}

static void greetings_that_fail(void **state)
{
    struct daemon *daemon = *state;
    daemon->refuse = true;
    start_daemon(daemon);
    not_opened(daemon, ERROR_UNAVAILABLE, "the database is away");
    daemon->refuse = false;
    daemon->stranger = true;
    not_opened(daemon, ERROR_UNSUPPORTED, "is it a suarad?");
    daemon->mute = true;
    daemon->settings.connect_ms = 200;
    not_opened(daemon, ERROR_UNAVAILABLE, "did not answer");
}

static void no_daemon(void **state)
{
    struct daemon *daemon = *state;
    daemon->settings.connect_ms = 100;
    not_opened(daemon, ERROR_UNAVAILABLE, "127.0.0.1"); /* in the kernel's queue for ever */
    evconnlistener_free(daemon->stage.socket);
    daemon->stage.socket = NULL;
    not_opened(daemon, ERROR_UNAVAILABLE, "refused");
    daemon->settings.server = "127.0.0.1";
    not_opened(daemon, ERROR_USAGE, "port");
    daemon->settings.server = "no-such-host.invalid:7443";
    daemon->settings.connect_ms = 1;
    not_opened(daemon, ERROR_UNAVAILABLE, "no-such-host.invalid");
}

/* The handshake succeeds on our side; that we are refused is told after it. */
static void a_revoked_certificate_is_told(void **state)
{
    struct daemon *daemon = *state;
    struct pki *pki = &daemon->stage.pki;
    struct error err;
    pki_crl(pki, "revoked", 3, PKI_DAY);
    struct tls_files files = pki_files(pki, "server", "revoked");
    SSL_CTX_free(daemon->stage.server_context);
    daemon->stage.server_context = tls_server_context(&files, &err);
    assert_non_null(daemon->stage.server_context);
    start_daemon(daemon);
    for (int i = 0; i < 20; i++)
        not_opened(daemon, ERROR_UNAUTHENTICATED, "this profile's certificate was revoked");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DAEMON(all_open_requests_hear_of_the_end),
        WITH_DAEMON(silence_is_an_error),
        WITH_DAEMON(greetings_that_fail),
        WITH_DAEMON(no_daemon),
        WITH_DAEMON(a_revoked_certificate_is_told),
    };
    return cmocka_run_group_tests(tests, stage_group, NULL);
}
