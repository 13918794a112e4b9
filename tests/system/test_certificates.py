"""Who is let in by TLS: a certificate of our CA with exactly one name, over TLS 1.3 with ALPN
suara/1, not revoked; nobody else gets as far as a welcome, and nobody is hurt by their trying. The
log says who it was and why, and nothing is stored. The other way round: which servers `suara` takes
for its own. Row 15 of docs/faults.md."""

import socket
import ssl
import threading

import pytest
from certificates import GOOD_URI, P256, hup, new_ca, openssl, signed, together
from suara_wire import Batch, Closed, Line, code_of, context, frame, parts_of, pb

DAY = 86400
NO_IDENTITY = "carries no client identity"


@pytest.fixture
def bundle(shared):
    return shared.bundle("office", "BBPOM-SMG")


def stored(stack):
    with stack.db.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM suara.response")
        count = cursor.fetchone()[0]
    connection.close()
    return count


def refused(stack, bundle, *said, **how):
    """Tries to get in and to store; asserts that there is no welcome, that the log says so, that
    nothing is stored, and that others are served."""
    before, have = len(stack.log_text()), stored(stack)
    batch = Batch()
    batch.add(1_690_000_000_000, [1] * 9)
    try:
        with Line(stack, bundle, hello=False, **how) as line:
            line.send(hello=pb.Hello())
            line.send(submit=batch.message)
            reply = line.receive()
            assert code_of(reply) == "UNAUTHENTICATED", reply
            assert reply.error.text
    except (ssl.SSLError, Closed, ConnectionError):
        pass

    def logged():
        return [text for text in stack.log_text()[before:].splitlines()
                if " warn session.close " in text or " warn session.refused " in text]
    stack.wait(lambda: any(all(words in text for words in said) for text in logged()), 10,
               f"the log to say {said}, which says {logged()}")
    with Line(stack, stack.bundle("office", "BBPOM-SMG")) as line:
        assert line.welcome.ready
    assert stored(stack) == have


def test_made_by_hand_and_right(shared, tmp_path):
    """So that the refusals below are for what they say, not for how we make certificates."""
    with Line(shared, signed(shared, tmp_path, GOOD_URI)) as line:
        assert line.welcome.office == b"BBPOM-SMG"


# What a certificate has, and what the log says of it: why, and who it claims to be.
WRONG = {
    "two names": (dict(san=f"{GOOD_URI},URI:urn:suara:admin:admin"), NO_IDENTITY,
                  "urn:suara:office:BBPOM-SMG, serial"),
    "a name twice": (dict(san=f"{GOOD_URI},{GOOD_URI}"), NO_IDENTITY, "urn:suara:office:BBPOM-SMG"),
    "a second, foreign URI": (dict(san=f"{GOOD_URI},URI:https://example.org/"), NO_IDENTITY),
    "name in CN only": (dict(san=None), NO_IDENTITY, "/CN=BBPOM-SMG"),
    "name as DNS": (dict(san="DNS:BBPOM-SMG"), NO_IDENTITY, "/CN=BBPOM-SMG"),
    "no name in the URI": (dict(san="URI:urn:suara:office:"), NO_IDENTITY, "urn:suara:office:,"),
    "unknown role": (dict(san="URI:urn:suara:king:BBPOM-SMG"), NO_IDENTITY, "urn:suara:king:BBPOM-SMG"),
    "a part too many": (dict(san="URI:urn:suara:office:BBPOM-SMG:x"), NO_IDENTITY),
    "foreign URN": (dict(san="URI:urn:other:office:BBPOM-SMG"), NO_IDENTITY, "urn:other:office:BBPOM-SMG"),
    "nobody here": (dict(san="URI:urn:suara:office:NOBODY"), "not known", "name=NOBODY", "role=office"),
    "another's role": (dict(san="URI:urn:suara:admin:BBPOM-SMG"), "admin:BBPOM-SMG, which is not known", "role=admin"),
    "a server's name": (dict(san="URI:urn:suara:server:127.0.0.1"), NO_IDENTITY, "urn:suara:server:127.0.0.1"),
    "usage of a server": (dict(san=GOOD_URI, usage="serverAuth"), "not one for a client",
                          "urn:suara:office:BBPOM-SMG, serial"),
    "expired": (dict(san=GOOD_URI, dates=(-9 * DAY, -DAY)), "has expired",
                "urn:suara:office:BBPOM-SMG, serial"),
    "not yet valid": (dict(san=GOOD_URI, dates=(DAY, 9 * DAY)), "is not valid yet",
                      "urn:suara:office:BBPOM-SMG, serial"),
    "weak RSA": (dict(san=GOOD_URI, key=("rsa:1024",)), "key too", "urn:suara:office:BBPOM-SMG, serial"),
    "signed with SHA-1": (dict(san=GOOD_URI, digest="sha1"), "too weak", "urn:suara:office:BBPOM-SMG"),
}


@pytest.mark.parametrize("name", WRONG)
def test_certificates_that_are_not_accepted(shared, tmp_path, name):
    made, *said = WRONG[name]
    # Level 0: this client would show what the daemon must not take.
    refused(shared, signed(shared, tmp_path, **made), *said, level=0)


@pytest.mark.parametrize("key", [("rsa:2048",), ("ed25519",), ("ec", "-pkeyopt",
                                                               "ec_paramgen_curve:P-384")], ids=str)
def test_other_kinds_of_keys_are_as_good(shared, tmp_path, key):
    with Line(shared, signed(shared, tmp_path, GOOD_URI, key=key)) as line:
        assert line.welcome.office == b"BBPOM-SMG"


def test_an_unknown_ca(shared, tmp_path):
    refused(shared, signed(shared, tmp_path, GOOD_URI, ca=new_ca(tmp_path, "Other CA")),
            "CA that is not ours", "urn:suara:office:BBPOM-SMG, serial")


def test_an_unknown_ca_of_the_same_name(shared, tmp_path):
    refused(shared, signed(shared, tmp_path, GOOD_URI, ca=new_ca(tmp_path)), "CA",
            "urn:suara:office:BBPOM-SMG, serial")


def test_an_office_that_signs_for_another(shared, bundle, tmp_path):
    """Its own certificate is good, but it is no CA."""
    own, key, _ = parts_of(bundle)
    (tmp_path / "own.crt").write_text(own)
    (tmp_path / "own.key").write_text(key)
    made = signed(shared, tmp_path, "URI:urn:suara:admin:admin", trusted=own,
                  ca=(tmp_path / "own.crt", tmp_path / "own.key"))
    refused(shared, made, "CA", "urn:suara:admin:admin, serial")


def test_a_certificate_that_signs_itself(shared, tmp_path):
    openssl("req", "-x509", "-newkey", *P256, "-noenc", "-keyout", "own.key", "-subj", "/CN=x",
            "-addext", f"subjectAltName={GOOD_URI}", "-out", "own.crt", "-days", "9", cwd=tmp_path)
    refused(shared, together(tmp_path, (tmp_path / "own.crt").read_text(),
                             (tmp_path / "own.key").read_text(), shared), "self-signed",
            "urn:suara:office:BBPOM-SMG, serial")


def test_the_servers_own_certificate(shared, tmp_path):
    refused(shared, together(tmp_path, (shared.ca / "server.crt").read_text(),
                             (shared.ca / "server.key").read_text(), shared), "not one for a client",
            "urn:suara:server:127.0.0.1, serial")


def test_a_claim_is_no_way_into_the_log(shared, tmp_path):
    """A name made to look like a line of the log of its own stays within one, printable."""
    text = "urn:x\ninfo session.open role=admin name=\"\x1b[2J".encode()
    hexed = "".join(f"{byte:02X}" for byte in bytes([0x30, len(text) + 2, 0x86, len(text)]) + text)
    refused(shared, signed(shared, tmp_path, None, more=f"subjectAltName=DER:{hexed}"), NO_IDENTITY,
            "(urn:x?info?session.open?role=admin?name=\\\"?[2J, serial")


@pytest.mark.parametrize("how, said", [
    (dict(certificate=False), "showed no certificate"), (dict(alpn=()), "ALPN"),
    (dict(alpn=("http/1.1",)), "this version of the protocol"),
    (dict(alpn=("suara/2", "h2")), "this version of the protocol"),
    (dict(version=ssl.TLSVersion.TLSv1_2), "TLS 1.3")], ids=str)
def test_hellos_of_tls_that_are_not_accepted(shared, bundle, how, said):
    refused(shared, bundle, said, **how)


def test_alpn_is_chosen_among_several(shared, bundle):
    with Line(shared, bundle, alpn=("suara/9", "suara/1")) as line:
        assert line.socket.selected_alpn_protocol() == "suara/1"
        assert line.socket.version() == "TLSv1.3"


def test_no_session_ticket_is_given(shared, bundle):
    with Line(shared, bundle) as line:
        assert not line.socket.session or not line.socket.session.has_ticket


def test_a_revoked_certificate_is_out_also_on_an_open_line(make_stack):
    stack = make_stack(offices=("BBPOM-SMG", "LAIN"), profiles=False)
    revoked, other = stack.bundle("office", "LAIN"), stack.bundle("office", "BBPOM-SMG")
    with Line(stack, revoked) as line, Line(stack, other) as friend:
        assert stack.run("suara-ca", "revoke", "office", "LAIN").returncode == 0
        assert line.ask(list=pb.List(what=b"office")).HasField("table")    # nothing was read yet
        hup(stack)
        with pytest.raises(Closed):
            reply = line.receive()
            assert code_of(reply) == "UNAUTHENTICATED"
            line.receive()
        batch = Batch()
        batch.add(1_690_000_000_000, [4] * 9)
        assert friend.submit(batch).receipt.stored == 1
    refused(stack, revoked, "was revoked", "urn:suara:office:LAIN, serial")
    fresh = stack.folder / "fresh.bundle"
    assert stack.run("suara-ca", "issue", "office", "LAIN", "-o", fresh).returncode == 0
    with Line(stack, fresh) as line:    # a new certificate needs no reload
        assert line.welcome.office == b"LAIN"


def test_a_handshake_from_before_the_revocation_is_no_way_in(make_stack):
    """It began under the old list of revoked certificates, and was finished under the new one."""
    stack = make_stack(offices=("BBPOM-SMG", "LAIN"), profiles=False)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context(stack.bundle("office", "LAIN")).wrap_bio(incoming, outgoing,
                                                          server_hostname="127.0.0.1")
    with socket.create_connection(("127.0.0.1", stack.port.number), 20) as plain:

        def until_done(step):
            """Calls it until it needs nothing from the daemon any more; None: the line has ended."""
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    plain.sendall(outgoing.read())
                    data = plain.recv(1 << 16)
                    if not data:
                        return None
                    incoming.write(data)
        until_done(tls.do_handshake)    # our certificate and the end of it are still in `outgoing`
        assert stack.run("suara-ca", "revoke", "office", "LAIN").returncode == 0
        hup(stack)
        tls.write(frame(pb.Request(id=1, hello=pb.Hello()).SerializeToString()))
        reply = pb.Reply.FromString(until_done(lambda: tls.read(1 << 16))[4:])
        assert code_of(reply) == "UNAUTHENTICATED" and b"no longer" in reply.error.text
        try:
            assert not until_done(lambda: tls.read(1 << 16))
        except (ssl.SSLError, ConnectionError):
            pass    # that was the end, too


def test_without_a_crl_nobody_gets_in_and_a_reload_refuses_that(make_stack):
    stack = make_stack(profiles=False)
    bundle = stack.bundle("office", "BBPOM-SMG")
    crl = stack.ca / "crl.pem"
    text = crl.read_text()
    crl.write_text("")
    assert any('"refused"} 1' in line for line in hup(stack))
    with Line(stack, bundle) as line:    # the one from before is still there
        assert line.welcome.ready
    crl.write_text(text)
    assert any('"done"} 1' in line for line in hup(stack))
    assert stack.http("/readyz")[0] == 200


def test_keys_in_a_bundle_belong_together(bundle):
    certificate, key, ca = parts_of(bundle)
    assert certificate.count("BEGIN") == key.count("BEGIN") == ca.count("BEGIN") == 1
