/*
 * TLS handshakes in memory, without sockets, and what each side says of them.
 */
#ifndef SUARA_TESTS_COMMON_NET_SHAKE_H
#define SUARA_TESTS_COMMON_NET_SHAKE_H

#include "common/error.h"
#include "common/net/tls.h"
#include "tests/common/net/pki.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static inline int pki_setup(void **state)
{
    struct pki *pki = malloc(sizeof *pki);
    must(pki != NULL, "no memory");
    pki_usual(pki);
    *state = pki;
    return 0;
}

static inline int pki_teardown(void **state)
{
    pki_release(*state);
    free(*state);
    return 0;
}

/* Both ends of one handshake in memory, and what each says of it. */
struct shake {
    SSL *server, *client;
    bool server_done, client_done;
    struct error server_error, client_error;
};

static inline void shake_start(struct shake *shake, SSL_CTX *server, SSL_CTX *client)
{
    BIO *up, *down;
    *shake = (struct shake){.server = SSL_new(server), .client = SSL_new(client)};
    assert_int_equal(BIO_new_bio_pair(&down, 0, &up, 0), 1);
    SSL_set_bio(shake->server, down, down);
    SSL_set_bio(shake->client, up, up);
    SSL_set_accept_state(shake->server);
    SSL_set_connect_state(shake->client);
}

/* True when it failed for good; *err says why. */
static inline bool step(SSL *ssl, bool *done, struct error *err)
{
    char byte;
    ERR_clear_error();
    /* The client hears of its refusal only at the first read behind the handshake. */
    int result = *done ? SSL_read(ssl, &byte, 1) : SSL_do_handshake(ssl);
    int why = SSL_get_error(ssl, result);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
        return false;
    if (result == 1) {
        *done = true;
        return false;
    }
    if (err->code == ERROR_NONE)
        tls_failure(ssl, SSL_is_server(ssl) ? NULL : "suara.test", err);
    return true;
}

static inline void shake_run(struct shake *shake)
{
    for (int turn = 0; turn < 20; turn++) {
        step(shake->client, &shake->client_done, &shake->client_error);
        step(shake->server, &shake->server_done, &shake->server_error);
    }
}

static inline void shake_end(struct shake *shake)
{
    SSL_free(shake->server);
    SSL_free(shake->client);
}

static inline SSL_CTX *context(const struct pki *pki, const char *name, const char *crl)
{
    struct error err = {0};
    struct tls_files files = pki_files(pki, name, crl);
    SSL_CTX *made = crl ? tls_server_context(&files, &err) : tls_client_context(&files, &err);
    if (!made)
        fail_msg("%s", err.text);
    return made;
}

static inline void said(const struct error *err, enum error_code code, const char *words)
{
    if (err->code != code || !strstr(err->text, words))
        fail_msg("code %d, \"%s\"; wanted code %d, \"%s\"", (int)err->code, err->text, (int)code,
                 words);
}

#define WITH_PKI(test) cmocka_unit_test_setup_teardown(test, pki_setup, pki_teardown)

#endif
