#include "common/net/tls.h"
#include "common/net/tls_private.h"
#include "tests/common/net/shake.h"
#include <openssl/x509v3.h>

static void who_is_who(void **state)
{
    const struct pki *pki = *state;
    struct shake shake;
    struct tls_identity identity;
    struct error err;
    SSL_CTX *server = context(pki, "server", "empty"), *client = context(pki, "office", NULL);
    shake_start(&shake, server, client);
    shake_run(&shake);
    assert_true(shake.server_done && shake.client_done);
    assert_int_equal(SSL_version(shake.client), TLS1_3_VERSION);
    assert_int_equal(tls_peer_identity(shake.server, &identity, &err), 0);
    assert_string_equal(identity.role, "office");
    assert_string_equal(identity.name, "BBPOM-SMG");
    assert_string_equal(identity.serial, "03");
    assert_true(identity.not_after_ms > ((int64_t)time(NULL) + 23 * 3600) * 1000);
    assert_int_equal(tls_peer_identity(shake.client, &identity, &err), 0);
    assert_string_equal(identity.role, "server");
    /* No ticket was sent, so there is nothing to come back with. */
    assert_int_equal(SSL_SESSION_is_resumable(SSL_get0_session(shake.client)), 0);
    shake_end(&shake);
    SSL_CTX_free(server);
    SSL_CTX_free(client);
}

struct refusal {
    struct pki_want want;
    const char *server_says, *client_says;
    bool revoked;
};

/* Fault matrix, certificates: what the server finds, and what its client is told. */
static void clients_that_are_refused(void **state)
{
    struct pki *pki = *state;
    static const struct refusal table[] = {
        {{.names = "URI:urn:suara:office:A", .from = -2 * PKI_HOUR, .to = PKI_DAY},
         "was revoked",
         "was revoked",
         true},
        {{.names = NULL}, "no client identity", "carries no client identity", false},
        {{.names = "URI:urn:suara:office:A,URI:urn:suara:office:B"},
         "no client identity",
         "carries no client identity",
         false},
        {{.names = "URI:urn:suara:office:A,URI:https://example.org/"},
         "no client identity",
         "carries no client identity",
         false},
        {{.names = "URI:urn:suara:office:A:B"}, "no client identity", "no client identity", false},
        {{.names = "URI:urn:suara:office:"}, "no client identity", "no client identity", false},
        {{.names = "URI:urn:suara:office"}, "no client identity", "no client identity", false},
        {{.names = "URI:urn:suara:king:A"}, "no client identity", "no client identity", false},
        {{.names = "URI:urn:suara:server:A"}, "no client identity", "no client identity", false},
        {{.names = "URI:URN:SUARA:office:A"}, "no client identity", "no client identity", false},
        {{.names = "DNS:urn-suara-office-A"}, "no client identity", "no client identity", false},
        {{.names = "URI:urn:suara:office:A", .usage = "serverAuth"},
         "not one for a client",
         "not one for a client",
         false},
    };
    SSL_CTX *server = context(pki, "server", "empty");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct shake shake;
        struct pki_want want = table[i].want;
        want.file = "refused";
        long serial = pki_issue(pki, &want);
        pki_crl(pki, "revoked", serial, PKI_DAY);
        SSL_CTX *strict = context(pki, "server", "revoked");
        SSL_CTX *client = context(pki, "refused", NULL);
        shake_start(&shake, table[i].revoked ? strict : server, client);
        shake_run(&shake);
        assert_false(shake.server_done);
        assert_true(shake.client_done); /* the trap: it believes that it is in */
        said(&shake.server_error, ERROR_UNAUTHENTICATED, table[i].server_says);
        said(&shake.client_error, ERROR_UNAUTHENTICATED, table[i].client_says);
        shake_end(&shake);
        SSL_CTX_free(client);
        SSL_CTX_free(strict);
    }
    SSL_CTX_free(server);
}

/* The client itself refuses to start with such a certificate, so one is slipped past it. */
static void an_ended_certificate_is_refused(void **state)
{
    struct pki *pki = *state;
    static const struct {
        long from, to;
        const char *server_says, *client_says;
    } table[] = {
        {-PKI_DAY, -PKI_HOUR, "has expired", "this profile's certificate has expired"},
        {PKI_HOUR, PKI_DAY, "not valid yet", "check both clocks"},
    };
    SSL_CTX *server = context(pki, "server", "empty");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct shake shake;
        pki_issue(pki, &(struct pki_want){.file = "dated",
                                          .names = "URI:urn:suara:office:A",
                                          .from = table[i].from,
                                          .to = table[i].to});
        SSL_CTX *client = context(pki, "office", NULL);
        assert_int_equal(
            SSL_CTX_use_certificate_file(client, pki_path(pki, "dated.pem"), SSL_FILETYPE_PEM), 1);
        assert_int_equal(
            SSL_CTX_use_PrivateKey_file(client, pki_path(pki, "dated.key"), SSL_FILETYPE_PEM), 1);
        shake_start(&shake, server, client);
        shake_run(&shake);
        assert_false(shake.server_done);
        said(&shake.server_error, ERROR_UNAUTHENTICATED, table[i].server_says);
        said(&shake.client_error, ERROR_UNAUTHENTICATED, table[i].client_says);
        shake_end(&shake);
        SSL_CTX_free(client);
    }
    SSL_CTX_free(server);
}

static void strangers_are_refused(void **state)
{
    struct pki *pki = *state, other;
    struct shake shake;
    pki_usual(&other);
    SSL_CTX *server = context(pki, "server", "empty"), *stranger = context(&other, "office", NULL);
    /* It does not know us either, and says so first. */
    shake_start(&shake, server, stranger);
    shake_run(&shake);
    said(&shake.client_error, ERROR_UNAUTHENTICATED,
         "suara.test: the server's certificate is not from this profile's CA");
    said(&shake.server_error, ERROR_UNAUTHENTICATED, "does not accept the CA");
    shake_end(&shake);

    SSL_CTX_load_verify_file(stranger, pki_path(pki, "ca.pem"));
    shake_start(&shake, server, stranger);
    shake_run(&shake);
    assert_false(shake.server_done);
    said(&shake.server_error, ERROR_UNAUTHENTICATED, "CA that is not ours");
    said(&shake.client_error, ERROR_UNAUTHENTICATED, "does not know the CA");
    shake_end(&shake);
    SSL_CTX_free(server);
    SSL_CTX_free(stranger);
    pki_release(&other);
}

/* A client made by hand that lacks one thing. */
static void bad_manners_are_refused(void **state)
{
    const struct pki *pki = *state;
    static const struct {
        int version;
        bool certificate;
        const char *alpn, *server_says, *client_says;
        enum error_code code;
    } table[] = {
        {TLS1_3_VERSION, false, "\x07suara/1", "showed no certificate", "profile has none",
         ERROR_UNAUTHENTICATED},
        {TLS1_3_VERSION, true, NULL, "ALPN", "does not speak this version", ERROR_UNSUPPORTED},
        {TLS1_3_VERSION, true, "\x07suara/2\x02h2", "does not speak this version",
         "does not speak this version", ERROR_UNSUPPORTED},
        {TLS1_2_VERSION, true, "\x07suara/1", "TLS 1.3", "TLS 1.3", ERROR_UNSUPPORTED},
    };
    SSL_CTX *server = context(pki, "server", "empty");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct shake shake;
        SSL_CTX *client = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_max_proto_version(client, table[i].version);
        if (table[i].certificate) {
            SSL_CTX_use_certificate_file(client, pki_path(pki, "office.pem"), SSL_FILETYPE_PEM);
            SSL_CTX_use_PrivateKey_file(client, pki_path(pki, "office.key"), SSL_FILETYPE_PEM);
        }
        if (table[i].alpn)
            SSL_CTX_set_alpn_protos(client, (const unsigned char *)table[i].alpn,
                                    (unsigned)strlen(table[i].alpn));
        shake_start(&shake, server, client);
        shake_run(&shake);
        assert_false(shake.server_done);
        said(&shake.server_error, table[i].code, table[i].server_says);
        said(&shake.client_error, table[i].code, table[i].client_says);
        shake_end(&shake);
        SSL_CTX_free(client);
    }
    SSL_CTX_free(server);
}

struct offer {
    const char *names, *usage, *host, *ip, *says;
};

static void servers_that_are_refused(void **state)
{
    struct pki *pki = *state;
    static const struct offer table[] = {
        {"URI:urn:suara:server:a,DNS:a.test", "serverAuth", "b.test", NULL, "name this address"},
        {"URI:urn:suara:server:a,IP:10.0.0.1", "serverAuth", NULL, "10.0.0.2", "name this address"},
        {"URI:urn:suara:office:a,DNS:a.test", "serverAuth", "a.test", NULL, "no server identity"},
        {"DNS:a.test", "serverAuth", "a.test", NULL, "no server identity"},
        {"URI:urn:suara:server:a,DNS:a.test", "clientAuth", "a.test", NULL, "not one for a server"},
    };
    SSL_CTX *client = context(pki, "office", NULL);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct shake shake;
        const struct pki_want want = {
            .file = "offered", .names = table[i].names, .usage = table[i].usage};
        pki_issue(pki, &want);
        SSL_CTX *server = context(pki, "offered", "empty");
        shake_start(&shake, server, client);
        if (table[i].host)
            SSL_set1_host(shake.client, table[i].host);
        else
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(shake.client), table[i].ip);
        shake_run(&shake);
        assert_false(shake.client_done);
        said(&shake.client_error, ERROR_UNAUTHENTICATED, table[i].says);
        shake_end(&shake);
        SSL_CTX_free(server);
    }
    SSL_CTX_free(client);
}

/* Two readers must not see two names in one: a zero byte ends it for one of them only. */
static void a_name_with_a_zero_byte_is_none(void **state)
{
    (void)state;
    static const char *const uris[] = {"urn:suara:office:A", "urn:suara:office:A\0B",
                                       "urn:suara:office\0:A"};
    static const int sizes[] = {18, 20, 19};
    for (size_t i = 0; i < 3; i++) {
        struct tls_identity identity;
        struct error err;
        X509 *certificate = X509_new();
        GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
        GENERAL_NAME *name = GENERAL_NAME_new();
        ASN1_IA5STRING *uri = ASN1_IA5STRING_new();
        ASN1_STRING_set(uri, uris[i], sizes[i]);
        GENERAL_NAME_set0_value(name, GEN_URI, uri);
        sk_GENERAL_NAME_push(names, name);
        assert_int_equal(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0), 1);
        assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 3), 1);
        assert_int_equal(tls_certificate_identity(certificate, &identity, &err), i == 0 ? 0 : -1);
        GENERAL_NAMES_free(names);
        X509_free(certificate);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PKI(who_is_who),
        WITH_PKI(clients_that_are_refused),
        WITH_PKI(an_ended_certificate_is_refused),
        WITH_PKI(strangers_are_refused),
        WITH_PKI(bad_manners_are_refused),
        WITH_PKI(servers_that_are_refused),
        cmocka_unit_test(a_name_with_a_zero_byte_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
