/*
 * TLS 1.3 with both sides authenticated, and who the other side is. Identity is exactly one SAN URI
 * urn:suara:<role>:<name>; the CN is never looked at. No tickets and no session cache: a revoked
 * certificate would come back through one.
 */
#ifndef SUARA_COMMON_NET_TLS_H
#define SUARA_COMMON_NET_TLS_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stdint.h>

struct error;

#define TLS_ALPN "suara/1"

struct tls_files {
    const char *certificate, *key; /* own, PEM; the key's file must not be readable by others */
    const char *ca;                /* who signs the others', PEM, several in a rollover */
    const char *crl;               /* what was revoked; mandatory on servers, NULL on clients */
};

struct tls_identity {
    char role[16];        /* office supervisor admin auditor server */
    char name[65];        /* passes text_is_code */
    char serial[64];      /* hexadecimal */
    int64_t not_after_ms; /* wall clock */
};

/*
 * A whole new context, or NULL and an *err that names the file and what to do (unreadable, key of
 * another certificate, expired, no CRL, CRL past its nextUpdate: fail closed). Build before you
 * swap: the old context lives on in its connections. Free with SSL_CTX_free.
 */
SSL_CTX *tls_server_context(const struct tls_files *files, struct error *err);
SSL_CTX *tls_client_context(const struct tls_files *files, struct error *err);

/* Who the peer of a finished handshake is; -1: no certificate, no or several URIs, another form. */
int tls_peer_identity(const SSL *ssl, struct tls_identity *out, struct error *err);

/* Is the peer's certificate good by this (newer) context: chain, dates, CRL? For reloads. */
bool tls_still_good(const SSL_CTX *context, SSL *ssl);

/* From when to when something is valid, ms since 1970; to_ms 0: there is none. */
struct tls_life {
    int64_t from_ms, to_ms;
};

/* Of several the one that ends first. CAs that have ended by now_ms do not count: rollovers leave
 * them. A revocation list ends at its nextUpdate. */
struct tls_lives {
    struct tls_life certificate, ca, crl;
};

/* Of what a context works with, which is older than the files where a reload was forgotten. */
void tls_context_lives(const SSL_CTX *context, int64_t now_ms, struct tls_lives *out);

/* Of certificate and CA in the files; what can't be read is none. */
void tls_files_lives(const struct tls_files *files, int64_t now_ms, struct tls_lives *out);

/*
 * Why a handshake failed, in a sentence for whoever can mend it; empties OpenSSL's error queue. Of
 * a client's certificate that a server refuses it says what the certificate claims, in brackets.
 * host: whom the client called, NULL on the server. UNAUTHENTICATED: a certificate; UNSUPPORTED:
 * not this protocol; UNAVAILABLE: the connection broke.
 */
void tls_failure(SSL *ssl, const char *host, struct error *err);

#endif
