#include "common/net/tls.h"
#include "common/error.h"
#include "common/net/tls_private.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

/* Certificates of a handshake are kept in memory until it is over; ours take 2 KiB. */
#define TLS_CHAIN_MAX (32 * 1024)

static const unsigned char alpn_list[] = "\x07" TLS_ALPN;

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *size,
                       const unsigned char *offered, unsigned int offered_size, void *arg)
{
    (void)ssl;
    (void)arg;
    unsigned char *choice;
    if (SSL_select_next_proto(&choice, size, alpn_list, sizeof alpn_list - 1, offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = choice;
    return SSL_TLSEXT_ERR_OK;
}

/* choose_alpn is not asked when a client offers nothing; that is refused here. */
static int want_alpn(SSL *ssl, int *alert, void *arg)
{
    (void)arg;
    const unsigned char *data;
    size_t size;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &data,
                                  &size))
        return SSL_CLIENT_HELLO_SUCCESS;
    *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
    return SSL_CLIENT_HELLO_ERROR;
}

/* A client's is that of a client, and a server's that of a server. */
static bool has_identity(X509 *leaf, const SSL *ssl)
{
    struct tls_identity identity;
    return tls_certificate_identity(leaf, &identity, NULL) == 0 &&
           (strcmp(identity.role, "server") == 0) != SSL_is_server(ssl);
}

/*
 * Inside the handshake, so that a peer whose certificate carries no usable identity is told so by
 * an alert, like one whose certificate is bad in another way.
 */
static int verify(int good, X509_STORE_CTX *chain)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
    X509 *leaf = X509_STORE_CTX_get0_cert(chain);
    if (good && X509_STORE_CTX_get_error_depth(chain) == 0 && !has_identity(leaf, ssl)) {
        X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);
        good = 0;
    }
    if (!good)
        tls_claim_keep(ssl, leaf);
    return good;
}

static SSL_CTX *context_new(const SSL_METHOD *method, const struct tls_files *files,
                            struct error *err)
{
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(method);
    if (!context) {
        error_set(err, ERROR_INTERNAL, NULL, "no memory for a TLS context");
        return NULL;
    }
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    /* Never SSL_MODE_ENABLE_PARTIAL_WRITE: libevent 2.1's do_write would go on with the next chunk
     * after a partial write, and send the wrong bytes. */
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_NO_AUTO_CHAIN); /* else the CA goes along each time */
    SSL_CTX_set_max_cert_list(context, TLS_CHAIN_MAX);
    SSL_CTX_set_verify_depth(context, 4);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verify);
    if (tls_load_own(context, files, err) || tls_load_ca(context, files->ca, err)) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

SSL_CTX *tls_server_context(const struct tls_files *files, struct error *err)
{
    if (!files->crl) {
        error_set(err, ERROR_USAGE, NULL, "no revocation list is set: make one with suara-ca crl");
        return NULL;
    }
    SSL_CTX *context = context_new(TLS_server_method(), files, err);
    if (!context)
        return NULL;
    SSL_CTX_set_alpn_select_cb(context, choose_alpn, NULL);
    SSL_CTX_set_client_hello_cb(context, want_alpn, NULL);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)TLS_ALPN, strlen(TLS_ALPN));
    if (tls_load_crl(context, files->crl, err)) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

SSL_CTX *tls_client_context(const struct tls_files *files, struct error *err)
{
    SSL_CTX *context = context_new(TLS_client_method(), files, err);
    if (!context)
        return NULL;
    /* Returns 0 for success, unlike its neighbours. */
    if (SSL_CTX_set_alpn_protos(context, alpn_list, sizeof alpn_list - 1) != 0 ||
        (files->crl && tls_load_crl(context, files->crl, err))) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

int tls_peer_identity(const SSL *ssl, struct tls_identity *out, struct error *err)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    if (!certificate)
        return error_set(err, ERROR_UNAUTHENTICATED, NULL, "the peer showed no certificate");
    return tls_certificate_identity(certificate, out, err);
}

bool tls_still_good(const SSL_CTX *context, SSL *ssl)
{
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    X509_STORE_CTX *chain = X509_STORE_CTX_new();
    bool good =
        certificate && chain &&
        X509_STORE_CTX_init(chain, SSL_CTX_get_cert_store(context), certificate,
                            SSL_get_peer_cert_chain(ssl)) == 1 &&
        X509_STORE_CTX_set_default(chain, SSL_is_server(ssl) ? "ssl_client" : "ssl_server") == 1 &&
        X509_verify_cert(chain) == 1;
    X509_STORE_CTX_free(chain);
    ERR_clear_error();
    return good;
}
