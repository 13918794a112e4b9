"""What ends: certificates under open connections, lists of revoked certificates, and the warnings
before that. Rows 15 and 21 of docs/faults.md."""

import json
import re
import socket
import ssl
import subprocess
import time

import pytest
from certificates import GOOD_URI, crl, hup, openssl, signed
from suara_wire import Batch, Closed, Line, code_of, context, frame, pb

DAY = 86400
OFFICE = "BBPOM-SMG"


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(profiles=False)


@pytest.fixture
def bundle(stack):
    return stack.bundle("office", OFFICE)


def batch():
    made = Batch()
    made.add(1_690_000_000_000, [4] * 9)
    return made


def metric(stack, name):
    return int(re.search(rf"^{name} (\d+)$", stack.http("/metrics")[1], re.M)[1])


def told(stack, start=0):
    """What the log says of things that end: {what: days}."""
    return {what: int(days) for what, days in re.findall(
        r"(?:warn|error) certificate\.ends what=(\S+) day=\S+ days=(-?\d+)", stack.log_text()[start:])}


# ---- under open connections ----------------------------------------------------------------------

def test_a_certificate_that_ends_ends_its_connection(stack, bundle, tmp_path):
    """At its end, neither before nor long after; others go on."""
    begin = int(time.time())
    short = signed(stack, tmp_path, GOOD_URI, dates=(-DAY, 4))
    end = ssl.cert_time_to_seconds(openssl("x509", "-in", tmp_path / "crt", "-noout", "-enddate")
                                   .strip().split("=")[1])
    assert end >= begin + 4
    with Line(stack, bundle) as friend, Line(stack, short) as line:
        assert line.welcome.certificate_ends == end * 1000
        assert line.submit(batch()).HasField("receipt")
        reply = line.receive()
        assert end <= time.time() < end + 5
        assert code_of(reply) == "UNAUTHENTICATED" and b"has ended" in reply.error.text
        with pytest.raises(Closed):
            line.receive()
        assert friend.submit(batch()).receipt.stored == 1
    refusal = [text for text in stack.log_text().splitlines() if "session.refused" in text][-1]
    assert f"name={OFFICE} serial=" in refusal and "has ended" in refusal
    with pytest.raises((Closed, ssl.SSLError, ConnectionError)):
        Line(stack, short)


def test_the_first_to_end_is_waited_for(stack, tmp_path):
    """Whoever comes later may end sooner."""
    long, short = (signed(stack, tmp_path / str(ends), GOOD_URI, dates=(-DAY, ends))
                   for ends in (8, 4))
    with Line(stack, long) as first, Line(stack, short) as second:
        with pytest.raises(Closed):
            assert code_of(second.receive()) == "UNAUTHENTICATED"
            second.receive()
        assert time.time() * 1000 < first.welcome.certificate_ends
        assert first.submit(batch()).HasField("receipt")
        assert code_of(first.receive()) == "UNAUTHENTICATED"


# ---- the list of revoked certificates ------------------------------------------------------------

def test_an_overdue_list_refuses_everybody_and_a_new_one_lets_them_in(stack, bundle, tmp_path):
    path = stack.ca / "crl.pem"
    good = path.read_text()
    path.write_text(crl(stack, tmp_path, 4))
    ends = int(time.time()) + 4
    try:
        assert any('"done"} 1' in line for line in hup(stack))
        with Line(stack, bundle) as line:
            assert line.welcome.ready
        stack.wait(lambda: time.time() > ends + 1, 10, "the list to end")
        with pytest.raises((Closed, ssl.SSLError, ConnectionError)):
            Line(stack, bundle)
        stack.wait(lambda: "revocation list has ended" in stack.log_text(), 10, "the log to say why")
        # It can't be taken up anew, either: what is overdue is no list.
        before = len(stack.log_text())
        assert any('"refused"} 1' in line for line in hup(stack))
        assert "suara-ca crl" in stack.log_text()[before:]
    finally:
        path.write_text(good)
    hup(stack)
    with Line(stack, bundle) as line:
        assert line.welcome.ready


@pytest.mark.parametrize("kind", ["missing", "overdue", "of another CA"])
def test_a_daemon_without_a_good_list_lets_nobody_in(stack, bundle, tmp_path, kind):
    """Missing or overdue: it does not start. Of another CA: it serves nobody."""
    path = stack.ca / "crl.pem"
    good = path.read_text()
    stack.stop_daemon()
    try:
        if kind == "missing":
            path.unlink()
        elif kind == "overdue":
            path.write_text(crl(stack, tmp_path, -60))
        if kind == "of another CA":
            other = tmp_path / "ca"
            assert stack.run("suara-ca", "init", "--dir", other, "--server", "a").returncode == 0
            path.write_text((other / "crl.pem").read_text())
            stack.start_daemon()
            with pytest.raises((Closed, ssl.SSLError, ConnectionError)):
                Line(stack, bundle)
            stack.wait(lambda: "there is no revocation list of the CA" in stack.log_text(), 10,
                       "the log to say why")
            stack.stop_daemon()
        else:
            done = subprocess.run(["suarad", "-c", str(stack.conf)], env=stack.env, text=True,
                                  capture_output=True, timeout=30, check=False)
            # Overdue is no wrong configuration: a service manager may try again.
            assert done.returncode == (78 if kind == "missing" else 1), done
            assert "revocation list" in done.stderr
            assert str(path) in done.stderr
    finally:
        path.write_text(good)
        stack.start_daemon()


# ---- coming back without a certificate -----------------------------------------------------------

def ticket_of(stack, bundle, tls):
    """A session with a ticket, from a server with the daemon's own certificate and key."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(stack.ca / "server.crt", stack.ca / "server.key")
    server.set_alpn_protocols(["suara/1"])
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [tls.wrap_bio(down, up, server_hostname="127.0.0.1"),
             server.wrap_bio(up, down, server_side=True)]
    for side in (0, 1, 0, 1):
        try:
            sides[side].do_handshake()
        except ssl.SSLWantReadError:
            pass
    with pytest.raises(ssl.SSLWantReadError):
        sides[0].read(1)
    return sides[0].session


def test_no_session_is_resumed(stack, bundle):
    """None is given; and one that is offered all the same is no way around the certificate."""
    tls = context(bundle)
    session = ticket_of(stack, bundle, tls)
    assert session.has_ticket
    with socket.create_connection(("127.0.0.1", stack.port.number), 20) as plain, \
            tls.wrap_socket(plain, server_hostname="127.0.0.1", session=session) as line:
        assert not line.session_reused
        line.sendall(frame(pb.Request(id=1, hello=pb.Hello()).SerializeToString()))
        assert line.recv(1 << 16)
        assert not line.session.has_ticket or line.session.id == session.id


# ---- warnings ------------------------------------------------------------------------------------

def days_of(stack, days):
    assert stack.run("suara-ca", "renew", "server", "--days", days).returncode == 0


def test_what_ends_soon_is_told(stack, tmp_path):
    """In the log at a reload and at a start, and in the metrics at any time."""
    assert told(stack, stack.log_text().rindex(" start ")) == {}
    now = time.time()
    assert abs(metric(stack, "suarad_certificate_end_seconds") - now - 730 * DAY) < DAY
    assert abs(metric(stack, "suarad_ca_end_seconds") - now - 3652 * DAY) < DAY
    path = stack.ca / "crl.pem"
    good = path.read_text()
    try:
        days_of(stack, 29)
        path.write_text(crl(stack, tmp_path, 7 * 3600))    # of a day and 7 hours: less than a third
        before = len(stack.log_text())
        # The daemon works with what it has read, not with what is in the files now.
        assert abs(metric(stack, "suarad_certificate_end_seconds") - now - 730 * DAY) < DAY
        hup(stack)
        assert told(stack, before) == {"certificate": 28, "CRL": 0}
        assert abs(metric(stack, "suarad_certificate_end_seconds") - now - 29 * DAY) < 600
        assert abs(metric(stack, "suarad_crl_end_seconds") - now - 7 * 3600) < 600
        before = len(stack.log_text())
        stack.stop_daemon()
        stack.start_daemon()
        assert told(stack, before) == {"certificate": 28, "CRL": 0}
    finally:
        path.write_text(good)
    days_of(stack, 31)
    before = len(stack.log_text())
    hup(stack)
    assert told(stack, before) == {}


def test_status_tells_what_ends_soon(stack, bundle):
    def status():
        done = stack.run("suara", "--profile", "P", "status", "--format", "json")
        assert done.returncode in (0, 69), done
        return json.loads(done.stdout), stack.run("suara", "--profile", "P", "status").stdout

    days_of(stack, 31)
    hup(stack)
    assert stack.run("suara", "enroll", bundle, "--profile", "P").returncode == 0
    data, text = status()
    assert data["certificate_ends"] and data["ca_ends"] and data["server_certificate_ends"]
    assert "ends in" not in text

    assert stack.run("suara-ca", "renew", "office", OFFICE, "--days", 20, "-o",
                     stack.folder / "soon.bundle").returncode == 0
    assert stack.run("suara", "enroll", stack.folder / "soon.bundle", "--profile", "P",
                     "--replace").returncode == 0
    days_of(stack, 10)
    hup(stack)
    soon, text = status()
    assert "ends in 19 days: ask for a new bundle" in text
    assert "ends in 9 days: tell the server's administrator" in text
    assert soon["certificate_ends"] < data["certificate_ends"] and soon["ca_ends"] == data["ca_ends"]
    stack.stop_daemon()
    try:
        away, text = status()
        assert away["certificate_ends"] == soon["certificate_ends"]
        assert away["server_certificate_ends"] is None and "ends in 19 days" in text
    finally:
        stack.start_daemon()
