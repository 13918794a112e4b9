/*
 * A throw-away CA with certificates and revocation lists in a folder of its own, made with
 * libcrypto, for the tests of the network floors.
 */
#ifndef SUARA_TESTS_COMMON_NET_PKI_H
#define SUARA_TESTS_COMMON_NET_PKI_H

#include "common/net/tls.h"
#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PKI_HOUR 3600L
#define PKI_DAY  (24 * PKI_HOUR)

struct pki {
    char dir[64];
    EVP_PKEY *key;
    X509 *ca;
    long serial;
};

struct pki_want {
    const char *file; /* FILE.pem and FILE.key */
    const char
        *names; /* subjectAltName as openssl writes it: "URI:urn:suara:office:X,IP:127.0.0.1" */
    const char *usage; /* extendedKeyUsage; NULL: clientAuth */
    long from, to;     /* seconds from now; 0, 0: an hour ago to a day ahead */
};

/* Making the stage is no test: when it fails there is nothing to go on with. */
static inline void must(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "cannot set up the test: %s\n", what);
    abort();
}

static inline const char *pki_path(const struct pki *pki, const char *file)
{
    static char paths[16][64 + 256];
    static unsigned next;
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", pki->dir, file);
    return path;
}

static inline FILE *pki_create(const struct pki *pki, const char *file, const char *suffix,
                               mode_t mode)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s", file, suffix);
    const char *path = pki_path(pki, name);
    FILE *out = fopen(path, "w");
    must(out != NULL, path);
    must(fchmod(fileno(out), mode) == 0, path);
    return out;
}

static inline void pki_extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static inline X509 *pki_blank(struct pki *pki, const char *cn, EVP_PKEY *key, long from, long to)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++pki->serial);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
    X509_time_adj_ex(X509_getm_notBefore(certificate), 0, from, NULL);
    X509_time_adj_ex(X509_getm_notAfter(certificate), 0, to, NULL);
    X509_set_pubkey(certificate, key);
    return certificate;
}

static inline void pki_init(struct pki *pki, const char *cn)
{
    *pki = (struct pki){.dir = "/tmp/suara-pki-XXXXXX"};
    must(mkdtemp(pki->dir) != NULL, "no folder");
    pki->key = EVP_EC_gen("P-256");
    pki->ca = pki_blank(pki, cn, pki->key, -PKI_HOUR, 30 * PKI_DAY);
    X509_set_issuer_name(pki->ca, X509_get_subject_name(pki->ca));
    pki_extend(pki->ca, pki->ca, NID_basic_constraints, "critical,CA:TRUE");
    pki_extend(pki->ca, pki->ca, NID_key_usage, "critical,keyCertSign,cRLSign");
    pki_extend(pki->ca, pki->ca, NID_subject_key_identifier, "hash");
    must(X509_sign(pki->ca, pki->key, EVP_sha256()) > 0, "no signature");
    FILE *out = pki_create(pki, "ca", ".pem", 0644);
    PEM_write_X509(out, pki->ca);
    fclose(out);
}

/* Returns the serial number, for pki_crl. */
static inline long pki_issue(struct pki *pki, const struct pki_want *want)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    bool dated = want->from || want->to;
    X509 *certificate =
        pki_blank(pki, want->file, key, dated ? want->from : -PKI_HOUR, dated ? want->to : PKI_DAY);
    X509_set_issuer_name(certificate, X509_get_subject_name(pki->ca));
    pki_extend(certificate, pki->ca, NID_basic_constraints, "critical,CA:FALSE");
    pki_extend(certificate, pki->ca, NID_ext_key_usage, want->usage ? want->usage : "clientAuth");
    pki_extend(certificate, pki->ca, NID_authority_key_identifier, "keyid");
    if (want->names)
        pki_extend(certificate, pki->ca, NID_subject_alt_name, want->names);
    must(X509_sign(certificate, pki->key, EVP_sha256()) > 0, "no signature");
    FILE *out = pki_create(pki, want->file, ".pem", 0644);
    PEM_write_X509(out, certificate);
    fclose(out);
    out = pki_create(pki, want->file, ".key", 0600);
    PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
    fclose(out);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return pki->serial;
}

/* FILE.crl, which ends `next` seconds from now and revokes `revoked` (0: nothing). */
static inline void pki_crl(struct pki *pki, const char *file, long revoked, long next)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = X509_time_adj_ex(NULL, 0, -2 * PKI_HOUR, NULL);
    ASN1_TIME *to = X509_time_adj_ex(NULL, 0, next, NULL);
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(pki->ca));
    X509_CRL_set1_lastUpdate(crl, from);
    X509_CRL_set1_nextUpdate(crl, to);
    if (revoked) {
        X509_REVOKED *entry = X509_REVOKED_new();
        ASN1_INTEGER *serial = ASN1_INTEGER_new();
        ASN1_INTEGER_set(serial, revoked);
        X509_REVOKED_set_serialNumber(entry, serial);
        X509_REVOKED_set_revocationDate(entry, from);
        X509_CRL_add0_revoked(crl, entry);
        ASN1_INTEGER_free(serial);
    }
    X509V3_CTX context;
    X509V3_set_ctx(&context, pki->ca, NULL, NULL, crl, 0);
    X509_EXTENSION *issuer =
        X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid");
    X509_CRL_add_ext(crl, issuer, -1);
    X509_EXTENSION_free(issuer);
    must(X509_CRL_sign(crl, pki->key, EVP_sha256()) > 0, "no signature");
    FILE *out = pki_create(pki, file, ".crl", 0644);
    PEM_write_X509_CRL(out, crl);
    fclose(out);
    X509_CRL_free(crl);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
}

/* What most tests want: server.pem (127.0.0.1, localhost), office.pem (BBPOM-SMG), empty.crl. */
static inline void pki_usual(struct pki *pki)
{
    pki_init(pki, "Suara test CA");
    pki_issue(pki, &(struct pki_want){
                       .file = "server",
                       .usage = "serverAuth",
                       .names = "URI:urn:suara:server:test,IP:127.0.0.1,IP:::1,DNS:localhost"});
    pki_issue(pki, &(struct pki_want){.file = "office", .names = "URI:urn:suara:office:BBPOM-SMG"});
    pki_crl(pki, "empty", 0, PKI_DAY);
}

/* The paths are good until pki_path was called a dozen times more. */
static inline struct tls_files pki_files(const struct pki *pki, const char *name, const char *crl)
{
    char file[64];
    struct tls_files files = {.ca = pki_path(pki, "ca.pem")};
    snprintf(file, sizeof file, "%s.pem", name);
    files.certificate = pki_path(pki, file);
    snprintf(file, sizeof file, "%s.key", name);
    files.key = pki_path(pki, file);
    if (crl) {
        snprintf(file, sizeof file, "%s.crl", crl);
        files.crl = pki_path(pki, file);
    }
    return files;
}

static inline void pki_release(struct pki *pki)
{
    DIR *dir = opendir(pki->dir);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (entry->d_name[0] != '.')
            unlink(pki_path(pki, entry->d_name));
    }
    if (dir)
        closedir(dir);
    rmdir(pki->dir);
    X509_free(pki->ca);
    EVP_PKEY_free(pki->key);
}

#endif
