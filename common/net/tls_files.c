#include "common/clock.h"
#include "common/error.h"
#include "common/net/tls.h"
#include "common/net/tls_private.h"
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int64_t tls_time_ms(const ASN1_TIME *time)
{
    struct tm tm;
    if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
        return INT64_MAX;
    return (int64_t)timegm(&tm) * 1000;
}

static const char *day_text(const ASN1_TIME *time, char out[32])
{
    struct tm tm;
    if (ASN1_TIME_to_tm(time, &tm) != 1 || strftime(out, 32, "%Y-%m-%d %H:%M UTC", &tm) == 0)
        snprintf(out, 32, "an unknown time");
    return out;
}

const char *tls_queue_text(char out[256])
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(code);
    snprintf(out, 256, "%s", reason ? reason : "unknown reason");
    ERR_clear_error();
    return out;
}

static FILE *open_file(const char *what, const char *path, struct error *err)
{
    if (!path) {
        error_set(err, ERROR_USAGE, NULL, "no file for the %s is set", what);
        return NULL;
    }
    FILE *file = fopen(path, "re");
    if (!file)
        error_set(err, ERROR_USAGE, NULL, "the %s %s cannot be read: %s", what, path,
                  strerror(errno));
    return file;
}

/* Group may read what root owns: a service manager hands secrets over like that (0440). */
static int check_key_mode(FILE *file, const char *path, struct error *err)
{
    struct stat st;
    if (fstat(fileno(file), &st) != 0)
        return error_set(err, ERROR_USAGE, NULL, "the key %s cannot be read: %s", path,
                         strerror(errno));
    mode_t forbidden = st.st_uid == 0 ? 037 : 077;
    if (st.st_mode & forbidden)
        return error_set(err, ERROR_USAGE, NULL,
                         "the key %s can be read by others (mode %03o): chmod 600 it", path,
                         (unsigned)(st.st_mode & 0777));
    return 0;
}

/* Without it OpenSSL would ask on the terminal. */
static int no_password(char *buf, int size, int writing, void *arg)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

static int load_key(SSL_CTX *context, const char *path, struct error *err)
{
    FILE *file = open_file("key", path, err);
    if (!file)
        return -1;
    char why[256];
    int result = check_key_mode(file, path, err);
    if (result == 0) {
        EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, no_password, NULL);
        if (!key)
            result = error_set(err, ERROR_USAGE, NULL,
                               "%s holds no private key without passphrase (PEM): %s", path,
                               tls_queue_text(why));
        else if (SSL_CTX_use_PrivateKey(context, key) != 1 ||
                 SSL_CTX_check_private_key(context) != 1)
            result = error_set(err, ERROR_USAGE, NULL,
                               "the key %s does not belong to its certificate: %s", path,
                               tls_queue_text(why));
        EVP_PKEY_free(key);
    }
    fclose(file);
    return result;
}

static int check_dates(const X509 *certificate, const char *path, struct error *err)
{
    char day[32];
    int64_t now = clock_wall_ms();
    const ASN1_TIME *from = X509_get0_notBefore(certificate), *to = X509_get0_notAfter(certificate);
    if (tls_time_ms(from) > now)
        return error_set(err, ERROR_UNAUTHENTICATED, NULL,
                         "the certificate %s is not valid before %s: check this machine's clock",
                         path, day_text(from, day));
    if (tls_time_ms(to) <= now)
        return error_set(err, ERROR_UNAUTHENTICATED, NULL,
                         "the certificate %s ended on %s: ask for a new one (suara-ca renew)", path,
                         day_text(to, day));
    return 0;
}

int tls_load_own(SSL_CTX *context, const struct tls_files *files, struct error *err)
{
    FILE *file = open_file("certificate", files->certificate, err);
    if (!file)
        return -1;
    fclose(file);
    char why[256];
    if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1)
        return error_set(err, ERROR_USAGE, NULL, "%s holds no certificate (PEM): %s",
                         files->certificate, tls_queue_text(why));
    if (check_dates(SSL_CTX_get0_certificate(context), files->certificate, err))
        return -1;
    return load_key(context, files->key, err);
}

/* Reading PEM ends with "no start line" at the end of the file; anything else is a broken file. */
static bool at_end_of_pem(void)
{
    unsigned long code = ERR_peek_last_error();
    bool end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    if (end)
        ERR_clear_error();
    return end;
}

int tls_load_ca(SSL_CTX *context, const char *path, struct error *err)
{
    FILE *file = open_file("CA certificate", path, err);
    if (!file)
        return -1;
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    unsigned count = 0;
    bool good = true;
    X509 *ca;
    while (good && (ca = PEM_read_X509(file, NULL, no_password, NULL))) {
        good = X509_STORE_add_cert(store, ca) == 1;
        X509_free(ca);
        count++;
    }
    good = good && at_end_of_pem() && count > 0;
    fclose(file);
    char why[256];
    if (!good)
        return error_set(err, ERROR_USAGE, NULL,
                         "%s holds no CA certificate (PEM), or a broken one: %s", path,
                         count ? tls_queue_text(why) : "it is empty");
    return 0;
}

static int check_crl(const X509_CRL *crl, const char *path, struct error *err)
{
    char day[32];
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
    if (next && tls_time_ms(next) > clock_wall_ms())
        return 0;
    return error_set(err, ERROR_UNAUTHENTICATED, NULL,
                     "the revocation list %s ended on %s: make a new one with suara-ca crl", path,
                     next ? day_text(next, day) : "no day that it names");
}

int tls_load_crl(SSL_CTX *context, const char *path, struct error *err)
{
    FILE *file = open_file("revocation list", path, err);
    if (!file)
        return -1;
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    unsigned count = 0;
    int result = 0;
    X509_CRL *crl;
    while (result == 0 && (crl = PEM_read_X509_CRL(file, NULL, no_password, NULL))) {
        result = check_crl(crl, path, err);
        if (result == 0 && X509_STORE_add_crl(store, crl) != 1)
            result = error_set(err, ERROR_INTERNAL, NULL, "%s cannot be taken: no memory", path);
        X509_CRL_free(crl);
        count++;
    }
    char why[256];
    if (result == 0 && (!at_end_of_pem() || count == 0))
        result = error_set(err, ERROR_USAGE, NULL,
                           "%s holds no revocation list (PEM), or a broken one: %s", path,
                           count ? tls_queue_text(why) : "make one with suara-ca crl");
    fclose(file);
    ERR_clear_error();
    /* The leaf only: the CAs themselves are trusted by being in the file. */
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    return result;
}
