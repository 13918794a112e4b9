#include "common/clock.h"
#include "common/net/tls.h"
#include "common/net/tls_private.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>

static int64_t certificate_end(FILE *file)
{
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    int64_t end = certificate ? tls_time_ms(X509_get0_notAfter(certificate)) : INT64_MAX;
    X509_free(certificate);
    return end;
}

/* CAs that have ended already do not count: an old one stays in the file after a rollover. */
static int64_t ca_end(FILE *file)
{
    int64_t first = INT64_MAX, now = clock_wall_ms();
    X509 *ca;
    while ((ca = PEM_read_X509(file, NULL, NULL, NULL))) {
        int64_t end = tls_time_ms(X509_get0_notAfter(ca));
        if (end > now && end < first)
            first = end;
        X509_free(ca);
    }
    return first;
}

static int64_t crl_end(FILE *file)
{
    int64_t first = INT64_MAX;
    X509_CRL *crl;
    while ((crl = PEM_read_X509_CRL(file, NULL, NULL, NULL))) {
        int64_t end = tls_time_ms(X509_CRL_get0_nextUpdate(crl));
        if (end < first)
            first = end;
        X509_CRL_free(crl);
    }
    return first;
}

int64_t tls_files_end_ms(const struct tls_files *files, const char **which)
{
    const struct {
        const char *path, *name;
        int64_t (*end)(FILE *);
    } kinds[] = {
        {files->certificate, "certificate", certificate_end},
        {files->ca, "CA certificate", ca_end},
        {files->crl, "revocation list", crl_end},
    };
    int64_t first = INT64_MAX;
    *which = "nothing";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        FILE *file = kinds[i].path ? fopen(kinds[i].path, "re") : NULL;
        if (!file)
            continue;
        int64_t end = kinds[i].end(file);
        fclose(file);
        if (end < first) {
            first = end;
            *which = kinds[i].name;
        }
    }
    ERR_clear_error();
    return first;
}
