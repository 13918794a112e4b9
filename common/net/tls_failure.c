#include "common/clock.h"
#include "common/error.h"
#include "common/net/tls.h"
#include "common/net/tls_private.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

struct sentence {
    int cause;
    enum error_code code;
    const char *text;
};

#define UNKNOWN_SIGNER                                                                             \
    "the server's certificate is not from this profile's CA: enrol again with a new bundle, or "   \
    "check the server's address"
#define WRONG_ADDRESS                                                                              \
    "the server's certificate does not name this address: check the address, or have the "         \
    "server's "                                                                                    \
    "certificate issued for it"

/* What a client finds wrong with the server's certificate. */
static const struct sentence server_faults[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, ERROR_UNAUTHENTICATED, UNKNOWN_SIGNER},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, ERROR_UNAUTHENTICATED, UNKNOWN_SIGNER},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, ERROR_UNAUTHENTICATED, UNKNOWN_SIGNER},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, ERROR_UNAUTHENTICATED, UNKNOWN_SIGNER},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, ERROR_UNAUTHENTICATED, UNKNOWN_SIGNER},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, ERROR_UNAUTHENTICATED, UNKNOWN_SIGNER},
    {X509_V_ERR_HOSTNAME_MISMATCH, ERROR_UNAUTHENTICATED, WRONG_ADDRESS},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, ERROR_UNAUTHENTICATED, WRONG_ADDRESS},
    {X509_V_ERR_CERT_HAS_EXPIRED, ERROR_UNAUTHENTICATED,
     "the server's certificate has expired: its administrator must renew it (or this machine's "
     "clock is wrong)"},
    {X509_V_ERR_CERT_NOT_YET_VALID, ERROR_UNAUTHENTICATED,
     "the server's certificate is not valid yet: check this machine's clock"},
    {X509_V_ERR_CERT_REVOKED, ERROR_UNAUTHENTICATED,
     "the server's certificate was revoked: its administrator must install a new one"},
    {X509_V_ERR_INVALID_PURPOSE, ERROR_UNAUTHENTICATED,
     "the certificate shown is not one for a server: check the address"},
    {X509_V_ERR_APPLICATION_VERIFICATION, ERROR_UNAUTHENTICATED,
     "the certificate shown carries no server identity (one URI urn:suara:server:<name>): check "
     "the address"},
    {0, ERROR_NONE, NULL},
};

/* What a server finds wrong with a client's certificate. */
static const struct sentence client_faults[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, ERROR_UNAUTHENTICATED,
     "the client's certificate is from a CA that is not ours"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, ERROR_UNAUTHENTICATED,
     "the client's certificate is from a CA that is not ours (self-signed)"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, ERROR_UNAUTHENTICATED,
     "the client's certificate is from a CA that is not ours"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, ERROR_UNAUTHENTICATED,
     "the client's certificate is from a CA that has only the name of ours"},
    {X509_V_ERR_CERT_REVOKED, ERROR_UNAUTHENTICATED, "the client's certificate was revoked"},
    {X509_V_ERR_CERT_HAS_EXPIRED, ERROR_UNAUTHENTICATED, "the client's certificate has expired"},
    {X509_V_ERR_CERT_NOT_YET_VALID, ERROR_UNAUTHENTICATED,
     "the client's certificate is not valid yet: check this machine's clock"},
    {X509_V_ERR_INVALID_PURPOSE, ERROR_UNAUTHENTICATED,
     "the client's certificate is not one for a client"},
    {X509_V_ERR_APPLICATION_VERIFICATION, ERROR_UNAUTHENTICATED,
     "the client's certificate carries no client identity (one URI urn:suara:<role>:<name>)"},
    {X509_V_ERR_CRL_HAS_EXPIRED, ERROR_UNAUTHENTICATED,
     "the revocation list has ended, so nobody is let in: make a new one with suara-ca crl"},
    {X509_V_ERR_CRL_SIGNATURE_FAILURE, ERROR_UNAUTHENTICATED,
     "the revocation list is not of the CA of the client's certificate: add that one (suara-ca "
     "crl)"},
    {X509_V_ERR_UNABLE_TO_GET_CRL, ERROR_UNAUTHENTICATED,
     "there is no revocation list of the CA of the client's certificate: add it (suara-ca crl)"},
    {0, ERROR_NONE, NULL},
};

/* What the server says when it refuses us. */
static const struct sentence alerts_to_client[] = {
    {SSL_AD_CERTIFICATE_REVOKED, ERROR_UNAUTHENTICATED,
     "this profile's certificate was revoked: ask the administrator for a new bundle"},
    {SSL_AD_CERTIFICATE_EXPIRED, ERROR_UNAUTHENTICATED,
     "this profile's certificate has expired: ask the administrator for a new bundle"},
    {SSL_AD_UNKNOWN_CA, ERROR_UNAUTHENTICATED,
     "the server does not know the CA of this profile's certificate, or lacks its revocation "
     "list: enrol again with a bundle for this server, or tell its administrator"},
    {SSL_AD_BAD_CERTIFICATE, ERROR_UNAUTHENTICATED,
     "the server refused this profile's certificate as bad: check both clocks, or enrol again "
     "with a new bundle"},
    {SSL_AD_UNSUPPORTED_CERTIFICATE, ERROR_UNAUTHENTICATED,
     "this profile's certificate is not one for a client: enrol again with a new bundle"},
    {SSL_AD_CERTIFICATE_UNKNOWN, ERROR_UNAUTHENTICATED,
     "the server refused this profile's certificate: enrol again with a new bundle"},
    {SSL_AD_ACCESS_DENIED, ERROR_UNAUTHENTICATED,
     "the server refused this profile's certificate: enrol again with a new bundle"},
    {SSL_AD_HANDSHAKE_FAILURE, ERROR_UNAUTHENTICATED,
     "this profile's certificate carries no client identity that the server accepts: enrol again "
     "with a new bundle"},
    {SSL_AD_DECRYPT_ERROR, ERROR_UNAUTHENTICATED,
     "this profile's key and certificate do not belong together: enrol again with a new bundle"},
    {SSL_AD_CERTIFICATE_REQUIRED, ERROR_UNAUTHENTICATED,
     "the server wants a certificate and this profile has none: enrol with a bundle"},
    {SSL_AD_NO_APPLICATION_PROTOCOL, ERROR_UNSUPPORTED,
     "the server does not speak this version of the protocol (" TLS_ALPN
     "): check address and port, or update"},
    {SSL_AD_PROTOCOL_VERSION, ERROR_UNSUPPORTED,
     "the server does not speak TLS 1.3: check address and port"},
    {0, ERROR_NONE, NULL},
};

/* What happened on our side, or what a client says when it refuses us (offset by 1000). */
static const struct sentence reasons[] = {
    {SSL_R_WRONG_VERSION_NUMBER, ERROR_UNSUPPORTED,
     "the other side does not speak TLS: check address and port"},
    {SSL_R_UNSUPPORTED_PROTOCOL, ERROR_UNSUPPORTED, "the other side does not speak TLS 1.3"},
    {SSL_R_HTTP_REQUEST, ERROR_UNSUPPORTED, "the other side speaks HTTP, not TLS"},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, ERROR_UNAUTHENTICATED,
     "the client showed no certificate"},
    {SSL_R_NO_APPLICATION_PROTOCOL, ERROR_UNSUPPORTED,
     "the client does not speak this version of the protocol (" TLS_ALPN ")"},
    {SSL_R_CALLBACK_FAILED, ERROR_UNSUPPORTED,
     "the client did not say that it speaks this protocol (ALPN " TLS_ALPN ")"},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, ERROR_UNAVAILABLE, "the other side hung up"},
    {SSL_AD_REASON_OFFSET + SSL_AD_UNKNOWN_CA, ERROR_UNAUTHENTICATED,
     "the client does not accept the CA of our certificate"},
    {SSL_AD_REASON_OFFSET + SSL_AD_CERTIFICATE_EXPIRED, ERROR_UNAUTHENTICATED,
     "the client says that our certificate has expired"},
    {SSL_AD_REASON_OFFSET + SSL_AD_BAD_CERTIFICATE, ERROR_UNAUTHENTICATED,
     "the client does not accept our certificate: is it for the address that the client uses?"},
    {0, ERROR_NONE, NULL},
};

static const struct sentence *find(const struct sentence *list, int cause)
{
    for (; list->text; list++) {
        if (list->cause == cause)
            return list;
    }
    return NULL;
}

/* The oldest error of libssl is the cause; what follows are its consequences. */
static int first_reason(char detail[256])
{
    int reason = 0;
    unsigned long code;
    detail[0] = '\0';
    while ((code = ERR_get_error())) {
        if (reason != 0 || ERR_GET_LIB(code) != ERR_LIB_SSL)
            continue;
        const char *words = ERR_reason_error_string(code);
        reason = ERR_GET_REASON(code);
        snprintf(detail, 256, "%s", words ? words : "unknown reason");
    }
    return reason;
}

/* A server whose own revocation list has ended refuses everybody with "certificate expired". */
static bool own_is_current(SSL *ssl)
{
    const X509 *own = SSL_get_certificate(ssl);
    return own && tls_time_ms(X509_get0_notAfter(own)) > clock_wall_ms();
}

static void say(struct error *err, const char *host, enum error_code code, const char *text)
{
    error_set(err, code, "tls", "%s%s%s", host ? host : "", host ? ": " : "", text);
}

void tls_failure(SSL *ssl, const char *host, struct error *err)
{
    char detail[256];
    int reason = first_reason(detail);
    bool server = SSL_is_server(ssl) == 1;
    const struct sentence *found = NULL;
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        long fault = SSL_get_verify_result(ssl);
        found = find(server ? client_faults : server_faults, (int)fault);
        snprintf(detail, sizeof detail, "%s", X509_verify_cert_error_string(fault));
    } else if (reason > SSL_AD_REASON_OFFSET && !server) {
        found = find(alerts_to_client, reason - SSL_AD_REASON_OFFSET);
    } else if (reason) {
        found = find(reasons, reason);
    }

    if (found && found->cause == SSL_AD_CERTIFICATE_EXPIRED &&
        reason != SSL_R_CERTIFICATE_VERIFY_FAILED && !server && own_is_current(ssl))
        say(err, host, ERROR_UNAVAILABLE,
            "the server refuses certificates that are still valid: its revocation list or its "
            "clock is out of date, tell its administrator");
    else if (server && tls_claim(ssl)[0])
        error_set(err, ERROR_UNAUTHENTICATED, "tls", "%s%s (%s)",
                  found ? "" : "the client's certificate is not good: ",
                  found ? found->text : detail, tls_claim(ssl));
    else if (found)
        say(err, host, found->code, found->text);
    else if (reason)
        error_set(err, ERROR_UNAUTHENTICATED, "tls", "%s%sthe TLS handshake failed: %s",
                  host ? host : "", host ? ": " : "", detail);
    else
        say(err, host, ERROR_UNAVAILABLE, "the connection broke during the TLS handshake");
}
