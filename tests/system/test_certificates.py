"""Who is let in by TLS: a certificate of our CA with exactly one name, over TLS 1.3 with ALPN
suara/1, not revoked; nobody else gets as far as a welcome, and nobody is hurt by their trying."""

import os
import secrets
import signal
import socket
import ssl
import subprocess

import pytest

from suara_wire import Batch, Closed, Line, code_of, context, frame, parts_of, pb

GOOD_URI = "URI:urn:suara:office:BBPOM-SMG"
START = "20200101000000Z"


@pytest.fixture
def bundle(shared):
    return shared.bundle("office", "BBPOM-SMG")


def refused(stack, bundle, **how):
    """Tries to get in; asserts that there is no welcome and that others get one."""
    try:
        with Line(stack, bundle, hello=False, **how) as line:
            reply = line.ask(hello=pb.Hello())
            assert code_of(reply) == "UNAUTHENTICATED", reply
            assert reply.error.text
    except (ssl.SSLError, Closed, ConnectionError):
        pass
    with Line(stack, stack.bundle("office", "BBPOM-SMG")) as line:
        assert line.welcome.ready


def openssl(*words, cwd=None):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, cwd=cwd)


CA_CONF = """[ca]
default_ca = made
[made]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
"""


def signed(shared, folder, san, usage="clientAuth", dates=(START, "20991231000000Z"), ca=None):
    """A bundle made by hand with the CA of the stack, or with another one."""
    ca_cert, ca_key = ca or (shared.ca / "ca.crt", shared.ca / "private/ca.key")
    key, csr, extensions, conf = (folder / name for name in ("key", "csr", "ext", "conf"))
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
            "-keyout", key, "-subj", "/CN=BBPOM-SMG", "-out", csr)
    lines = [f"extendedKeyUsage={usage}", *([f"subjectAltName={san}"] if san else [])]
    extensions.write_text("\n".join(lines) + "\n")
    conf.write_text(CA_CONF)
    (folder / "index").write_text("")
    (folder / "serial").write_text(f"{secrets.token_hex(15)}1A\n")
    openssl("ca", "-batch", "-notext", "-config", conf, "-cert", ca_cert, "-keyfile", ca_key, "-in",
            csr, "-extfile", extensions, "-startdate", dates[0], "-enddate", dates[1], "-out",
            folder / "crt", cwd=folder)
    return together(folder, (folder / "crt").read_text(), key.read_text(), shared)


def together(folder, certificate, key, shared):
    made = folder / "made.bundle"
    made.write_text(certificate + key + (shared.ca / "ca.crt").read_text())
    return made


def test_made_by_hand_and_right(shared, tmp_path):
    """So that the refusals below are for what they say, not for how we make certificates."""
    with Line(shared, signed(shared, tmp_path, GOOD_URI)) as line:
        assert line.welcome.office == b"BBPOM-SMG"


@pytest.mark.parametrize("san, how", [
    (f"{GOOD_URI},URI:urn:suara:admin:admin", {}),
    (f"{GOOD_URI},{GOOD_URI}", {}),
    (None, {}),                                             # the name is in CN only
    ("DNS:BBPOM-SMG", {}),
    ("URI:urn:suara:office:", {}),
    ("URI:urn:suara:king:BBPOM-SMG", {}),
    ("URI:urn:suara:office:BBPOM-SMG:x", {}),
    ("URI:urn:suara:office:NOBODY", {}),
    ("URI:urn:other:office:BBPOM-SMG", {}),
    ("URI:urn:suara:server:127.0.0.1", {}),
    (GOOD_URI, dict(usage="serverAuth")),
    (GOOD_URI, dict(dates=("20200101000000Z", "20210101000000Z"))),
    (GOOD_URI, dict(dates=("20400101000000Z", "20410101000000Z"))),
])
def test_certificates_that_are_not_accepted(shared, tmp_path, san, how):
    refused(shared, signed(shared, tmp_path, san, **how))


def test_an_unknown_ca(shared, tmp_path):
    key, certificate = tmp_path / "other.key", tmp_path / "other.crt"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
            "-keyout", key, "-subj", "/CN=Suara CA", "-out", certificate, "-days", "9")
    refused(shared, signed(shared, tmp_path, GOOD_URI, ca=(certificate, key)))


def test_a_certificate_that_signs_itself(shared, tmp_path):
    key, certificate = tmp_path / "own.key", tmp_path / "own.crt"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
            "-keyout", key, "-subj", "/CN=x", "-addext", f"subjectAltName={GOOD_URI}", "-out",
            certificate, "-days", "9")
    refused(shared, together(tmp_path, certificate.read_text(), key.read_text(), shared))


def test_the_servers_own_certificate(shared, tmp_path):
    refused(shared, together(tmp_path, (shared.ca / "server.crt").read_text(),
                             (shared.ca / "server.key").read_text(), shared))


@pytest.mark.parametrize("how", [dict(certificate=False), dict(alpn=()), dict(alpn=("http/1.1",)),
                                 dict(alpn=("suara/2", "h2")),
                                 dict(version=ssl.TLSVersion.TLSv1_2)], ids=str)
def test_hellos_of_tls_that_are_not_accepted(shared, bundle, how):
    refused(shared, bundle, **how)


def test_alpn_is_chosen_among_several(shared, bundle):
    with Line(shared, bundle, alpn=("suara/9", "suara/1")) as line:
        assert line.socket.selected_alpn_protocol() == "suara/1"
        assert line.socket.version() == "TLSv1.3"


def test_no_session_ticket_is_given(shared, bundle):
    with Line(shared, bundle) as line:
        assert not line.socket.session or not line.socket.session.has_ticket


def hup(stack):
    """SIGHUP, until the daemon has reloaded or refused to; the counts of each."""
    def counts():
        return [line for line in stack.http("/metrics")[1].splitlines()
                if line.startswith("suarad_reloads_total")]
    before = counts()
    os.kill(stack.daemon.pid, signal.SIGHUP)
    return stack.wait(lambda: (now := counts()) != before and now, 10, "the reload")


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
    refused(stack, revoked)
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
