#include "client/store/bundle.h"

#include "client/store/path.h"
#include "client/store/profile_folder.h"
#include "common/error.h"
#include "common/text.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define BUNDLE_MAX ((size_t)1024 * 1024)
#define HOST_MAX   256u /* of common/net/address.h, a floor above */
#define FIRST_LINE "# Suara bundle:"

/* The parts while they are checked. */
struct parts {
    X509 *certificate;
    EVP_PKEY *key;
    STACK_OF(X509) * ca;
};

void bundle_release(struct bundle *bundle)
{
    free(bundle->role);
    free(bundle->name);
    free(bundle->server);
    free(bundle->certificate);
    if (bundle->key)
        OPENSSL_cleanse(bundle->key, strlen(bundle->key));
    free(bundle->key);
    free(bundle->ca);
    *bundle = (struct bundle){0};
}

/* ---- text ----------------------------------------------------------------------------------- */

/* "role = office" among the lines before the first PEM block. NULL: not there. */
static char *setting(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = text; *line && strncmp(line, "-----", 5) != 0;) {
        size_t n = strcspn(line, "\r\n");
        const char *value = line + length;
        value += n > length ? strspn(value, " \t") : 0;
        if (n > length && strncmp(line, name, length) == 0 && *value == '=') {
            value++;
            value += strspn(value, " \t");
            size_t size = (size_t)(line + n - value);
            while (size > 0 && (value[size - 1] == ' ' || value[size - 1] == '\t'))
                size--;
            return strndup(value, size);
        }
        line += n;
        line += strspn(line, "\r\n");
    }
    return NULL;
}

static const char *block_end(const char *begin)
{
    const char *end = begin ? strstr(begin, "-----END ") : NULL;
    end = end ? strstr(end + 9, "-----") : NULL;
    if (!end)
        return NULL;
    end += 5;
    return end + strspn(end, "\r\n");
}

/* The three texts: certificate, key, and all that follows. */
static bool cut(const char *text, struct bundle *out)
{
    const char *certificate = strstr(text, "-----BEGIN CERTIFICATE-----");
    const char *key = block_end(certificate);
    key = key ? strstr(key, "-----BEGIN PRIVATE KEY-----") : NULL;
    const char *ca = block_end(key);
    ca = ca ? strstr(ca, "-----BEGIN CERTIFICATE-----") : NULL;
    if (!ca)
        return false;
    out->certificate = strndup(certificate, (size_t)(block_end(certificate) - certificate));
    out->key = strndup(key, (size_t)(block_end(key) - key));
    out->ca = strdup(ca);
    return true;
}

/* "host:port" or "[IPv6]:port", as the network will take it apart. */
static bool is_address(const char *text)
{
    static const char name[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    const char *end = strrchr(text, ':');
    if (!end || end == text)
        return false;
    size_t host = (size_t)(end - text), digits = strspn(end + 1, "0123456789");
    bool brackets = host > 2 && text[0] == '[' && end[-1] == ']';
    size_t good = brackets ? 2 + strspn(text + 1, "0123456789abcdefABCDEF:.%") : strspn(text, name);
    if (host >= HOST_MAX || good != host || digits == 0 || digits > 5 || end[1 + digits] != '\0')
        return false;
    unsigned port = 0;
    for (size_t i = 1; i <= digits; i++)
        port = port * 10 + (unsigned)(end[i] - '0');
    return port >= 1 && port <= UINT16_MAX;
}

/* ---- checks --------------------------------------------------------------------------------- */

static BIO *reader(const char *text)
{
    return BIO_new_mem_buf(text, -1);
}

static int no_pass(char *buf, int size, int rwflag, void *arg)
{
    (void)buf;
    (void)size;
    (void)rwflag;
    (void)arg;
    return -1; /* never ask the terminal */
}

static bool parse(const struct bundle *bundle, struct parts *parts)
{
    BIO *in = reader(bundle->certificate);
    parts->certificate = in ? PEM_read_bio_X509(in, NULL, no_pass, NULL) : NULL;
    BIO_free(in);
    in = reader(bundle->key);
    parts->key = in ? PEM_read_bio_PrivateKey(in, NULL, no_pass, NULL) : NULL;
    BIO_free(in);
    in = reader(bundle->ca);
    parts->ca = sk_X509_new_null();
    X509 *one;
    while (in && parts->ca && (one = PEM_read_bio_X509(in, NULL, no_pass, NULL)))
        if (!sk_X509_push(parts->ca, one))
            X509_free(one);
    BIO_free(in);
    ERR_clear_error();
    return parts->certificate && parts->key && parts->ca && sk_X509_num(parts->ca) > 0;
}

static void release(struct parts *parts)
{
    X509_free(parts->certificate);
    EVP_PKEY_free(parts->key);
    sk_X509_pop_free(parts->ca, X509_free);
}

/* Exactly one URI among the alternative names, and it is `wanted`. */
static bool says(const X509 *certificate, const char *wanted)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    int uris = 0;
    bool same = false;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI)
            continue;
        uris++;
        const ASN1_STRING *uri = name->d.uniformResourceIdentifier;
        same = (size_t)ASN1_STRING_length(uri) == strlen(wanted) &&
               memcmp(ASN1_STRING_get0_data(uri), wanted, strlen(wanted)) == 0;
    }
    GENERAL_NAMES_free(names);
    return uris == 1 && same;
}

/* As the daemon will look at it. X509_V_OK, or why not. */
static int chain(const struct parts *parts)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int result = X509_V_ERR_OUT_OF_MEM;
    for (int i = 0; store && i < sk_X509_num(parts->ca); i++)
        X509_STORE_add_cert(store, sk_X509_value(parts->ca, i));
    if (store && context && X509_STORE_CTX_init(context, store, parts->certificate, NULL) == 1) {
        X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT);
        result = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    ERR_clear_error();
    return result;
}

static int judge(const char *path, const struct bundle *bundle, const struct parts *parts,
                 struct error *err)
{
    char uri[256];
    if (X509_check_private_key(parts->certificate, parts->key) != 1) {
        ERR_clear_error();
        return error_set(err, ERROR_INVALID, "key",
                         "%s: certificate and key do not belong together; ask for a new bundle",
                         path);
    }
    snprintf(uri, sizeof uri, "urn:suara:%s:%s", bundle->role, bundle->name);
    if (!says(parts->certificate, uri))
        return error_set(err, ERROR_INVALID, "certificate",
                         "%s: the certificate is not that of %s %s; ask for a new bundle", path,
                         bundle->role, bundle->name);
    int why = chain(parts);
    if (why == X509_V_ERR_CERT_HAS_EXPIRED)
        return error_set(err, ERROR_INVALID, "certificate",
                         "%s: the certificate has expired; ask for a new bundle (or set the clock "
                         "of this computer right)",
                         path);
    if (why == X509_V_ERR_CERT_NOT_YET_VALID)
        return error_set(err, ERROR_INVALID, "certificate",
                         "%s: the certificate is not valid yet; is the clock of this computer "
                         "right?",
                         path);
    if (why != X509_V_OK)
        return error_set(
            err, ERROR_INVALID, "certificate",
            "%s: the certificate was not issued by the CA in this bundle (%s); ask for a "
            "new bundle",
            path, X509_verify_cert_error_string(why));
    return 0;
}

static void mark(const X509 *certificate, char out[17])
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), digest, &size);
    for (size_t i = 0; i < 8; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static int read_text(const char *path, const char *text, struct bundle *out, struct error *err)
{
    if (strncmp(text, FIRST_LINE, strlen(FIRST_LINE)) != 0)
        return error_set(err, ERROR_INVALID, NULL,
                         "%s is no bundle: its first line would be \"" FIRST_LINE " ..\"", path);
    out->role = setting(text, "role");
    out->name = setting(text, "name");
    out->server = setting(text, "server");
    if (!out->role || !out->name || !out->server || !cut(text, out) ||
        !profile_role_known(out->role) || !text_is_code(out->name) || !*out->server)
        return error_set(err, ERROR_INVALID, NULL,
                         "%s is not whole: it needs role, name, server, a certificate, a private "
                         "key and the certificate of the CA; ask for it again",
                         path);
    if (!is_address(out->server))
        return error_set(err, ERROR_INVALID, "server",
                         "%s: \"server = %.200s\" is no address (HOST:PORT); ask for a new bundle",
                         path, out->server);
    struct parts parts = {0};
    int status = parse(out, &parts)
                     ? judge(path, out, &parts, err)
                     : error_set(err, ERROR_INVALID, NULL,
                                 "%s holds a certificate or key that can't be read; ask for it "
                                 "again",
                                 path);
    if (status == 0)
        mark(parts.certificate, out->mark);
    release(&parts);
    return status;
}

int bundle_read(const char *path, struct bundle *out, struct error *err)
{
    char *text = path_read(path, BUNDLE_MAX, err);
    if (!text)
        return -1;
    struct bundle bundle = {0};
    int status = read_text(path, text, &bundle, err);
    OPENSSL_cleanse(text, strlen(text));
    free(text);
    if (status == 0)
        *out = bundle;
    else
        bundle_release(&bundle);
    return status;
}
