#include "common/error.h"
#include "common/net/tls_private.h"
#include "common/text.h"
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

static const char *const roles[] = {"office", "supervisor", "admin", "auditor", "server"};

/* The one URI among the alternative names; NULL and how many there are otherwise. */
static const ASN1_IA5STRING *only_uri(const GENERAL_NAMES *names, int *count)
{
    const ASN1_IA5STRING *uri = NULL;
    *count = 0;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI)
            continue;
        uri = name->d.uniformResourceIdentifier;
        ++*count;
    }
    return *count == 1 ? uri : NULL;
}

static bool known_role(const char *role)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(role, roles[i]) == 0)
            return true;
    }
    return false;
}

static bool read_urn(const ASN1_IA5STRING *uri, struct tls_identity *out)
{
    const char *text = (const char *)ASN1_STRING_get0_data(uri);
    size_t size = (size_t)ASN1_STRING_length(uri), prefix = strlen(TLS_URN);
    /* A zero byte inside would make two readers see two names. */
    if (size <= prefix || memchr(text, '\0', size) || memcmp(text, TLS_URN, prefix) != 0)
        return false;
    const char *role = text + prefix, *end = text + size;
    const char *colon = memchr(role, ':', (size_t)(end - role));
    if (!colon)
        return false;
    size_t role_size = (size_t)(colon - role), name_size = (size_t)(end - colon - 1);
    if (role_size >= sizeof out->role || name_size >= sizeof out->name)
        return false;
    memcpy(out->role, role, role_size);
    memcpy(out->name, colon + 1, name_size);
    return known_role(out->role) && text_is_code(out->name);
}

bool tls_serial_text(const X509 *certificate, char out[64])
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *hex = number ? BN_bn2hex(number) : NULL;
    bool good = hex && strlen(hex) < 64;
    if (good)
        memcpy(out, hex, strlen(hex) + 1);
    OPENSSL_free(hex);
    BN_free(number);
    return good;
}

int tls_certificate_identity(X509 *certificate, struct tls_identity *out, struct error *err)
{
    struct tls_identity found = {.not_after_ms = tls_time_ms(X509_get0_notAfter(certificate))};
    int count;
    /* A second extension of the kind makes this NULL, which is no identity either. */
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    const ASN1_IA5STRING *uri = only_uri(names, &count);
    bool good = uri && read_urn(uri, &found) && tls_serial_text(certificate, found.serial);
    GENERAL_NAMES_free(names);
    ERR_clear_error();
    if (good) {
        *out = found;
        return 0;
    }
    if (count != 1)
        return error_set(err, ERROR_UNAUTHENTICATED, NULL,
                         "the certificate names %s where exactly one is wanted, "
                         "urn:suara:<role>:<name>",
                         count ? "several URIs" : "no URI");
    return error_set(err, ERROR_UNAUTHENTICATED, NULL,
                     "the URI of the certificate is not urn:suara:<role>:<name> with a known role");
}
