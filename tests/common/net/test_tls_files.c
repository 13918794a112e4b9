#include "common/error.h"
#include "common/net/tls.h"
#include "tests/common/net/pki.h"
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

static int setup(void **state)
{
    struct pki *pki = malloc(sizeof *pki);
    must(pki != NULL, "no memory");
    pki_usual(pki);
    *state = pki;
    return 0;
}

static int teardown(void **state)
{
    pki_release(*state);
    free(*state);
    return 0;
}

static void refused(const struct tls_files *files, enum error_code code, const char *words)
{
    struct error err = {0};
    SSL_CTX *context = tls_client_context(files, &err);
    SSL_CTX_free(context);
    assert_null(context);
    if (err.code != code || !strstr(err.text, words))
        fail_msg("code %d, \"%s\"; wanted code %d, \"%s\"", (int)err.code, err.text, (int)code,
                 words);
}

static void each_missing_file_is_named(void **state)
{
    const struct pki *pki = *state;
    struct tls_files files = pki_files(pki, "office", NULL);
    files.certificate = "/nonexistent/a.pem";
    refused(&files, ERROR_USAGE, "certificate /nonexistent/a.pem cannot be read: No such file");
    files = pki_files(pki, "office", NULL);
    files.key = "/nonexistent/a.key";
    refused(&files, ERROR_USAGE, "key /nonexistent/a.key");
    files = pki_files(pki, "office", NULL);
    files.ca = "/nonexistent/ca.pem";
    refused(&files, ERROR_USAGE, "CA certificate /nonexistent/ca.pem");
    files.ca = NULL;
    refused(&files, ERROR_USAGE, "CA certificate");
}

static void a_key_that_others_can_read(void **state)
{
    const struct pki *pki = *state;
    struct tls_files files = pki_files(pki, "office", NULL);
    static const struct {
        mode_t mode;
        bool good_for_root, good;
    } table[] = {
        {0600, true, true},   {0400, true, true},   {0440, true, false},  {0640, true, false},
        {0644, false, false}, {0660, false, false}, {0604, false, false},
    };
    bool root = geteuid() == 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct error err = {0};
        assert_int_equal(chmod(files.key, table[i].mode), 0);
        SSL_CTX *context = tls_client_context(&files, &err);
        assert_int_equal(context != NULL, root ? table[i].good_for_root : table[i].good);
        if (!context)
            assert_non_null(strstr(err.text, "can be read by others"));
        SSL_CTX_free(context);
    }
}

/* Half-written files, as a renewal may leave them for a moment. */
static void files_of_another_kind(void **state)
{
    struct pki *pki = *state;
    struct tls_files files = pki_files(pki, "office", NULL);
    const char *good = files.certificate, *key = files.key, *ca = files.ca;
    FILE *out = pki_create(pki, "half", ".pem", 0600);
    fputs("-----BEGIN CERTIFICATE-----\nMIIB", out);
    fclose(out);
    files.certificate = pki_path(pki, "half.pem");
    refused(&files, ERROR_USAGE, "holds no certificate");
    files.certificate = good;
    files.key = pki_path(pki, "half.pem");
    refused(&files, ERROR_USAGE, "holds no private key");
    files.key = pki_path(pki, "server.key");
    refused(&files, ERROR_USAGE, "does not belong to its certificate");
    files.key = key;
    files.ca = pki_path(pki, "half.pem");
    refused(&files, ERROR_USAGE, "holds no CA certificate");
    files.ca = pki_path(pki, "office.key");
    refused(&files, ERROR_USAGE, "holds no CA certificate");
    files.ca = ca;
    SSL_CTX *context = tls_client_context(&files, NULL);
    assert_non_null(context);
    SSL_CTX_free(context);
}

/* It must not ask on the terminal, where nobody is. */
static void a_key_with_a_passphrase(void **state)
{
    struct pki *pki = *state;
    struct tls_files files = pki_files(pki, "office", NULL);
    FILE *in = fopen(files.key, "r");
    EVP_PKEY *key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
    fclose(in);
    FILE *out = pki_create(pki, "locked", ".key", 0600);
    PEM_write_PrivateKey(out, key, EVP_aes_256_cbc(), (const unsigned char *)"secret", 6, NULL,
                         NULL);
    fclose(out);
    EVP_PKEY_free(key);
    files.key = pki_path(pki, "locked.key");
    refused(&files, ERROR_USAGE, "without passphrase");
}

static void dates_are_looked_at_first(void **state)
{
    struct pki *pki = *state;
    pki_issue(pki, &(struct pki_want){.file = "ended", .from = -PKI_DAY, .to = -PKI_HOUR});
    struct tls_files files = pki_files(pki, "ended", NULL);
    refused(&files, ERROR_UNAUTHENTICATED, "ended on");
    pki_issue(pki, &(struct pki_want){.file = "early", .from = PKI_HOUR, .to = PKI_DAY});
    files = pki_files(pki, "early", NULL);
    refused(&files, ERROR_UNAUTHENTICATED, "clock");
}

static void what_ends_first(void **state)
{
    struct pki *pki = *state;
    struct tls_lives lives, same;
    int64_t now = (int64_t)time(NULL), now_ms = now * 1000;
    pki_crl(pki, "short", 0, PKI_HOUR);
    struct tls_files files = pki_files(pki, "server", "short");
    SSL_CTX *context = tls_server_context(&files, NULL);
    tls_context_lives(context, now_ms, &lives);
    assert_in_range(lives.certificate.to_ms / 1000, now + PKI_DAY - 60, now + PKI_DAY);
    assert_true(lives.certificate.from_ms < now_ms);
    assert_in_range(lives.ca.to_ms / 1000, now + 30 * PKI_DAY - 60, now + 30 * PKI_DAY);
    assert_in_range(lives.crl.to_ms / 1000, now + PKI_HOUR - 60, now + PKI_HOUR);
    assert_true(lives.crl.from_ms <= now_ms);

    tls_files_lives(&files, now_ms, &same);
    assert_int_equal(same.certificate.to_ms, lives.certificate.to_ms);
    assert_int_equal(same.ca.to_ms, lives.ca.to_ms);

    /* What the context works with counts, not what was put into its place since. */
    pki_crl(pki, "short", 0, PKI_DAY);
    tls_context_lives(context, now_ms, &same);
    assert_int_equal(same.crl.to_ms, lives.crl.to_ms);

    tls_context_lives(context, now_ms + 31 * PKI_DAY * 1000, &lives);
    assert_int_equal(lives.ca.to_ms, 0); /* a CA that has ended does not count */
    SSL_CTX_free(context);

    files = (struct tls_files){.certificate = "/nonexistent"};
    tls_files_lives(&files, now_ms, &lives);
    assert_int_equal(lives.certificate.to_ms, 0);
    assert_int_equal(lives.ca.to_ms, 0);
}

int main(void)
{
#define WITH_PKI(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_PKI(each_missing_file_is_named), WITH_PKI(a_key_that_others_can_read),
        WITH_PKI(files_of_another_kind),      WITH_PKI(a_key_with_a_passphrase),
        WITH_PKI(dates_are_looked_at_first),  WITH_PKI(what_ends_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
