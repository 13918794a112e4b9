/*
 * A bundle (suara-ca(8)): one text file that enrols a principal.
 *
 *   # Suara bundle: ..
 *   role = office
 *   name = BBPOM-SMG
 *   server = host:port
 *   CERTIFICATE (own), PRIVATE KEY, CERTIFICATE .. (CA)      as PEM
 */
#ifndef SUARA_CLIENT_STORE_BUNDLE_H
#define SUARA_CLIENT_STORE_BUNDLE_H

struct error;

struct bundle { /* malloc'd texts; the last three are PEM */
    char *role, *name, *server;
    char *certificate, *key, *ca;
    char mark[17]; /* the first bytes of the certificate's SHA-256, as hex */
};

/*
 * Reads and checks: all parts are there, certificate and key belong together, the certificate is
 * valid now, from this CA, for clients, and says `urn:suara:ROLE:NAME` and nothing else. INVALID
 * with what is wrong and what to do; USAGE when there is no such file.
 */
int bundle_read(const char *path, struct bundle *out, struct error *err)
    __attribute__((warn_unused_result));
void bundle_release(struct bundle *bundle);

#endif
