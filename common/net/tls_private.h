/*
 * What the files of tls share. Nobody else includes this.
 */
#ifndef SUARA_COMMON_NET_TLS_PRIVATE_H
#define SUARA_COMMON_NET_TLS_PRIVATE_H

#include "common/net/tls.h"
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

struct error;

#define TLS_URN "urn:suara:"

/* Own certificate (with its chain) and key into the context. Checked: dates, match, file mode. */
int tls_load_own(SSL_CTX *context, const struct tls_files *files, struct error *err);

/* Who signs the others, and what was revoked, into the context's store. */
int tls_load_ca(SSL_CTX *context, const char *path, struct error *err);
int tls_load_crl(SSL_CTX *context, const char *path, struct error *err);

int tls_certificate_identity(X509 *certificate, struct tls_identity *out, struct error *err)
    __attribute__((warn_unused_result));

/* Serial number in hexadecimal; false: it has none that is sane. */
bool tls_serial_text(const X509 *certificate, char out[64]);

/* Who the peer of a failing handshake says it is, for the log: name and serial number, printable
 * whatever the certificate holds. "" until something was kept; the first stays. */
void tls_claim_keep(SSL *ssl, X509 *leaf);
const char *tls_claim(const SSL *ssl);

/* ms since 1970; INT64_MAX when there is no such time. */
int64_t tls_time_ms(const ASN1_TIME *time);

/* The newest of OpenSSL's queued errors in words; empties the queue. */
const char *tls_queue_text(char out[256]);

#endif
