#include "common/net/tls.h"
#include "tests/common/net/shake.h"

/* ---- revocation lists ----------------------------------------------------------------------- */

static void the_list_is_mandatory_and_current(void **state)
{
    struct pki *pki = *state;
    struct error err;
    struct tls_files files = pki_files(pki, "server", NULL);
    assert_null(tls_server_context(&files, &err));
    said(&err, ERROR_USAGE, "suara-ca crl");

    files = pki_files(pki, "server", "missing");
    assert_null(tls_server_context(&files, &err));
    said(&err, ERROR_USAGE, "missing.crl");

    pki_crl(pki, "old", 0, -PKI_HOUR);
    files = pki_files(pki, "server", "old");
    assert_null(tls_server_context(&files, &err));
    said(&err, ERROR_UNAUTHENTICATED, "old.crl ended on");

    fclose(pki_create(pki, "nothing", ".crl", 0644));
    files = pki_files(pki, "server", "nothing");
    assert_null(tls_server_context(&files, &err));
    said(&err, ERROR_USAGE, "holds no revocation list");
}

/* A list that ends while the daemon runs refuses everybody; the client is told the truth. */
static void a_list_that_ends_refuses_everybody(void **state)
{
    struct pki *pki = *state;
    struct shake shake;
    SSL_CTX *server = context(pki, "server", "empty"), *client = context(pki, "office", NULL);
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(server), time(NULL) + 20 * PKI_HOUR);
    shake_start(&shake, server, client);
    shake_run(&shake);
    assert_true(shake.server_done);
    shake_end(&shake);

    pki_crl(pki, "short", 0, PKI_HOUR);
    SSL_CTX *soon = context(pki, "server", "short");
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(soon), time(NULL) + 2 * PKI_HOUR);
    shake_start(&shake, soon, client);
    shake_run(&shake);
    assert_false(shake.server_done);
    said(&shake.server_error, ERROR_UNAUTHENTICATED, "nobody is let in");
    said(&shake.client_error, ERROR_UNAVAILABLE, "still valid");
    shake_end(&shake);
    SSL_CTX_free(soon);
    SSL_CTX_free(server);
    SSL_CTX_free(client);
}

static void open_connections_are_judged_again(void **state)
{
    struct pki *pki = *state, other;
    struct shake shake;
    SSL_CTX *server = context(pki, "server", "empty"), *client = context(pki, "office", NULL);
    shake_start(&shake, server, client);
    shake_run(&shake);
    assert_true(tls_still_good(server, shake.server));
    assert_true(tls_still_good(client, shake.client));
    pki_crl(pki, "revoked", 3, PKI_DAY);
    SSL_CTX *newer = context(pki, "server", "revoked");
    assert_false(tls_still_good(newer, shake.server));
    pki_usual(&other);
    SSL_CTX *moved = context(&other, "server", "empty");
    assert_false(tls_still_good(moved, shake.server));
    shake_end(&shake);
    SSL_CTX_free(newer);
    SSL_CTX_free(moved);
    SSL_CTX_free(server);
    SSL_CTX_free(client);
    pki_release(&other);
}

/* A rollover: the file of CAs holds both, and a list of each. */
static void two_authorities_at_once(void **state)
{
    struct pki *pki = *state, next;
    pki_usual(&next);
    FILE *both = fopen(pki_path(pki, "ca.pem"), "a");
    PEM_write_X509(both, next.ca);
    fclose(both);
    FILE *from = fopen(pki_path(&next, "empty.crl"), "r"), *to;
    X509_CRL *crl = PEM_read_X509_CRL(from, NULL, NULL, NULL);
    fclose(from);
    SSL_CTX *newcomer = context(&next, "office", NULL), *client = context(pki, "office", NULL);
    SSL_CTX_load_verify_file(newcomer, pki_path(pki, "ca.pem"));
    for (int with = 0; with < 2; with++) {
        struct shake shake;
        if (with) {
            to = fopen(pki_path(pki, "empty.crl"), "a");
            PEM_write_X509_CRL(to, crl);
            fclose(to);
        }
        SSL_CTX *server = context(pki, "server", "empty");
        shake_start(&shake, server, client);
        shake_run(&shake);
        assert_true(shake.server_done);
        shake_end(&shake);
        shake_start(&shake, server, newcomer);
        shake_run(&shake);
        assert_int_equal(shake.server_done, with);
        if (!with)
            said(&shake.server_error, ERROR_UNAUTHENTICATED, "no revocation list of the CA");
        shake_end(&shake);
        SSL_CTX_free(server);
    }
    X509_CRL_free(crl);
    SSL_CTX_free(newcomer);
    SSL_CTX_free(client);
    pki_release(&next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PKI(the_list_is_mandatory_and_current),
        WITH_PKI(a_list_that_ends_refuses_everybody),
        WITH_PKI(open_connections_are_judged_again),
        WITH_PKI(two_authorities_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
