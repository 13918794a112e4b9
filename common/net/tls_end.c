#include "common/net/tls.h"
#include "common/net/tls_private.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>

/* The first to end is what counts. */
static void fold(struct tls_life *life, const ASN1_TIME *from, const ASN1_TIME *to)
{
    int64_t end = tls_time_ms(to);
    if (end == INT64_MAX || (life->to_ms != 0 && end >= life->to_ms))
        return;
    int64_t start = tls_time_ms(from);
    *life = (struct tls_life){start == INT64_MAX ? 0 : start, end};
}

static void fold_certificate(struct tls_life *life, const X509 *certificate)
{
    fold(life, X509_get0_notBefore(certificate), X509_get0_notAfter(certificate));
}

/* CAs that have ended already do not count: an old one stays in the file after a rollover. */
static void fold_ca(struct tls_life *life, const X509 *ca, int64_t now_ms)
{
    if (tls_time_ms(X509_get0_notAfter(ca)) > now_ms)
        fold_certificate(life, ca);
}

void tls_files_lives(const struct tls_files *files, int64_t now_ms, struct tls_lives *out)
{
    X509 *certificate;
    *out = (struct tls_lives){0};
    FILE *file = files->certificate ? fopen(files->certificate, "re") : NULL;
    certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    if (certificate)
        fold_certificate(&out->certificate, certificate);
    X509_free(certificate);
    if (file)
        fclose(file);
    file = files->ca ? fopen(files->ca, "re") : NULL;
    while (file && (certificate = PEM_read_X509(file, NULL, NULL, NULL))) {
        fold_ca(&out->ca, certificate, now_ms);
        X509_free(certificate);
    }
    if (file)
        fclose(file);
    ERR_clear_error();
}

void tls_context_lives(const SSL_CTX *context, int64_t now_ms, struct tls_lives *out)
{
    *out = (struct tls_lives){0};
    const X509 *own = SSL_CTX_get0_certificate(context);
    if (own)
        fold_certificate(&out->certificate, own);
    const STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
    for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
        const X509_OBJECT *one = sk_X509_OBJECT_value(all, i);
        const X509 *ca = X509_OBJECT_get0_X509(one);
        const X509_CRL *crl = X509_OBJECT_get0_X509_CRL(one);
        if (ca)
            fold_ca(&out->ca, ca, now_ms);
        else if (crl)
            fold(&out->crl, X509_CRL_get0_lastUpdate(crl), X509_CRL_get0_nextUpdate(crl));
    }
}
