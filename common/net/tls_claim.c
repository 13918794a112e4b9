#include "common/net/tls_private.h"
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM_ROOM 192u
#define NAME_ROOM  120u

static void forget(void *parent, void *claim, CRYPTO_EX_DATA *data, int index, long argl,
                   void *argp)
{
    (void)parent;
    (void)data;
    (void)index;
    (void)argl;
    (void)argp;
    free(claim);
}

static int claim_index(void)
{
    static int index = -1;
    if (index < 0)
        index = SSL_get_ex_new_index(0, NULL, NULL, NULL, forget);
    return index;
}

/* A stranger wrote it: what can't be printed is a question mark. */
static void put_uri(char out[NAME_ROOM], const ASN1_IA5STRING *uri)
{
    const unsigned char *data = ASN1_STRING_get0_data(uri);
    size_t size = (size_t)ASN1_STRING_length(uri), i;
    for (i = 0; i < size && i < NAME_ROOM - 1; i++)
        out[i] = data[i] > ' ' && data[i] <= '~' ? (char)data[i] : '?';
    out[i] = '\0';
}

/* The first URI; without one the subject, as a certificate made for something else has it. */
static void put_name(char out[NAME_ROOM], X509 *leaf)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    out[0] = '\0';
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names) && !out[0]; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_URI)
            put_uri(out, name->d.uniformResourceIdentifier);
    }
    GENERAL_NAMES_free(names);
    if (!out[0])
        (void)X509_NAME_oneline(X509_get_subject_name(leaf), out, (int)NAME_ROOM);
}

void tls_claim_keep(SSL *ssl, X509 *leaf)
{
    char name[NAME_ROOM], serial[64];
    char *claim = tls_claim(ssl)[0] ? NULL : malloc(CLAIM_ROOM);
    if (!claim)
        return;
    put_name(name, leaf);
    if (!tls_serial_text(leaf, serial))
        serial[0] = '\0';
    (void)snprintf(claim, CLAIM_ROOM, "%s, serial %.60s", name, serial[0] ? serial : "unknown");
    if (SSL_set_ex_data(ssl, claim_index(), claim) != 1)
        free(claim);
}

const char *tls_claim(const SSL *ssl)
{
    const char *claim = SSL_get_ex_data(ssl, claim_index());
    return claim ? claim : "";
}
