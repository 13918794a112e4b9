"""Promises 1, 5 and 7 of the design, through the real client: "saved" is on disk, nothing is ever
dropped, and an error never looks like "zero responses"."""

import contextlib
import re
import socket
import ssl
import struct
import subprocess

import pytest

from injected import can_trace
from suara_wire import ALPN, frame, pb
from surveys import good_rows, index, outbox, stored, submit, sync, write_csv

AWAY = 69


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=("BBPOM-SMG", "KEDUA", "KETIGA", "KEEMPAT"))


@pytest.fixture
def survey(stack, tmp_path):
    """A file of 30 responses that no other test has, and how many are stored before."""
    survey.day = getattr(survey, "day", 0) + 1
    return write_csv(tmp_path / "survey.csv", good_rows(30, f"2022-0{survey.day % 9 + 1}-"
                                                            f"{survey.day // 9 + 10}"))


# ---- promise 1 -----------------------------------------------------------------------------------

def traced(stack, inject, *words):
    """Runs suara with a failure injected by strace; skips where strace may not trace."""
    done = stack.run("strace", "-f", "-qq", "-o", "/dev/null", *(f"--inject={what}" for what in inject),
                     "suara", "--profile", "BBPOM-SMG", *words)
    if "ptrace" in done.stderr or "PTRACE" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.splitlines()[0]}")
    return done


def says_saved(text):
    """The sentences that promise it: of a new file, and of one that was submitted before."""
    return "Saved" in text or "are sent once more" in text


def waiting(stack):
    return sum(item["count"] for item in outbox(stack, states=("waiting",))["waiting"])


def test_promise_1_nothing_can_be_opened(stack, survey, sanitized):
    """What is said to be saved is, and the outbox still works. Each single write, fsync and unlink:
    test_crash_states.py."""
    can_trace(sanitized)
    before = waiting(stack)
    for n in (1, 2, 4, 8, 16, 32):
        done = traced(stack, [f"openat:error=ENOSPC:when={n}+"], "submit", survey, "--no-send", "--all")
        after = waiting(stack)
        gained, before = after - before, after
        assert not says_saved(done.stdout) or gained == 30, (n, done)
        if done.returncode == 0:
            assert gained == 30
    assert submit(stack, survey, "--all").returncode == 0


# ---- promise 5 -----------------------------------------------------------------------------------

def check_nothing_lost(stack, before, count):
    lists = outbox(stack)
    assert not lists["waiting"] and not lists["rejected"]
    assert stored(stack) == before + count


def test_promise_5_the_daemon_is_away(stack, survey):
    before = stored(stack)
    stack.stop_daemon()
    try:
        done = submit(stack, survey)
        assert done.returncode == AWAY and "Saved 30 responses" in done.stdout, done
        assert "30 responses wait in the outbox" in done.stdout + done.stderr
        assert waiting(stack) == 30
        assert sync(stack, "--wait", "0").returncode == AWAY
        assert waiting(stack) == 30
    finally:
        stack.start_daemon()
    done = sync(stack)
    assert done.returncode == 0 and "30 stored" in done.stdout
    check_nothing_lost(stack, before, 30)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_promise_5_the_database_is_away(stack, survey, how):
    before = stored(stack)
    getattr(stack, f"{how}_db")()
    try:
        done = submit(stack, survey)
        assert done.returncode == AWAY and "Saved 30 responses" in done.stdout, done
        assert "database" in done.stderr
        assert stack.http("/healthz")[0] == 200 and stack.http("/readyz")[0] == 503
        assert waiting(stack) == 30
    finally:
        stack.start_db()
    assert sync(stack).returncode == 0
    check_nothing_lost(stack, before, 30)


def test_promise_5_it_waits_for_a_daemon_that_comes_back(stack, survey):
    before = stored(stack)
    stack.stop_daemon()
    process = subprocess.Popen(["suara", "--profile", "BBPOM-SMG", "submit", str(survey), "--wait",
                                "60"], env=stack.env, stdout=subprocess.PIPE, text=True)
    assert "Saved" in process.stdout.readline()    # told at once, not when it is sent
    stack.start_daemon()
    assert "30 stored" in process.communicate(timeout=60)[0] and process.returncode == 0
    check_nothing_lost(stack, before, 30)


def test_promise_5_queue_and_connections_are_full(make_stack, tmp_path):
    """A small queue, a small number of connections, a database that does not move for a while, and
    more clients than either takes: all is stored in the end, none is told otherwise."""
    offices = [f"K{k}" for k in range(6)]
    stack = make_stack(offices=offices, settings={"ingest.queue_bytes": "1M", "server.connections": 3,
                                                  "ingest.group_responses": 500})
    files = {office: write_csv(tmp_path / f"{office}.csv", good_rows(20000)) for office in offices}
    lock = stack.db.connect()
    lock.autocommit = False
    lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
    clients = [subprocess.Popen(["suara", "--profile", office, "submit", str(path), "--wait", "2m"],
                                env=stack.env, stdout=subprocess.PIPE, text=True)
               for office, path in files.items()]

    def paused():
        return re.search(r"^suarad_reading_paused 1$", stack.http("/metrics")[1], re.M)
    stack.wait(paused, 60, "the queue to be full")
    assert stack.http("/healthz")[0] == 200
    lock.close()
    for client in clients:
        text, _ = client.communicate(timeout=120)
        assert client.returncode == 0 and "20000 stored, 0 duplicates" in text, text
    assert all(stored(stack, office) == 20000 for office in offices)


# ---- promise 7 -----------------------------------------------------------------------------------

def report(stack, *options):
    return stack.run("suara", "--profile", "admin", "report", "index", "--period", "2022", *options)


@pytest.mark.parametrize("style", ["table", "csv", "json"])
def test_promise_7_no_report_without_a_database(stack, style):
    stack.stop_db()
    try:
        done = report(stack, "--format", style)
        assert done.returncode == AWAY and done.stdout == "" and "database" in done.stderr, done
    finally:
        stack.start_db()


def test_promise_7_no_report_without_a_daemon(stack):
    stack.stop_daemon()
    try:
        done = report(stack, "--format", "json")
        assert done.returncode == AWAY and done.stdout == "", done
        assert str(stack.port.number) in done.stderr
    finally:
        stack.start_daemon()


def test_promise_7_a_database_that_hangs(make_stack):
    stack = make_stack(settings={"database.statement_timeout": "300ms"})
    lock = stack.db.connect()
    lock.autocommit = False
    lock.cursor().execute("LOCK TABLE suara.rollup IN ACCESS EXCLUSIVE MODE")
    done = report(stack, "--format", "json")
    assert done.returncode == AWAY and done.stdout == "" and done.stderr, done
    lock.close()
    assert index(stack, "--period", "2022")[0]["n"] == 0


def test_promise_7_zero_is_said_as_none(stack):
    rows = index(stack, "--period", "2001")
    assert [(row["n"], row["index"], row["grade"]) for row in rows] == [(0, None, None)]
    assert "no responses" in report(stack, "--office", "KEEMPAT").stdout


@contextlib.contextmanager
def impostor(stack, *answers):
    """Stands in the daemon's place and answers each request with the next of these bytes, then
    closes without a word."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(stack.ca / "server.crt", stack.ca / "server.key")
    server.set_alpn_protocols([ALPN])
    stack.stop_daemon()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", stack.port.number))
        listener.listen()

        def serve(process):
            listener.settimeout(30)
            with server.wrap_socket(listener.accept()[0], server_side=True) as line:
                for answer in answers:
                    size, = struct.unpack(">I", line.recv(4))
                    while size:
                        size -= len(line.recv(size))
                    line.sendall(answer)
            return process.communicate(timeout=60)
        try:
            yield serve
        finally:
            listener.close()
            stack.start_daemon()


def reply(number, last=True, **body):
    return frame(pb.Reply(id=number, last=last, **body).SerializeToString())


WELCOME = pb.Welcome(program=b"suarad 9", role=b"admin", name=b"admin", now=1, max_frame=1 << 20,
                     max_responses=10000, ready=True)
ROWS = pb.Rows(element=[b"U%d" % k for k in range(1, 10)], instrument=b"skm-2017", method=b"exact",
               scale=4, row=[pb.Row(office=b"BBPOM-SMG", offices=1, n=5, index=8000, grade=b"B",
                                    quality=b"Baik", sum=[16] * 9)])


@pytest.mark.parametrize("half", [
    reply(2, last=False, rows=ROWS), reply(2, rows=ROWS)[:-3], b"\0\0\1", b"",
    frame(b"\xff" * 30), reply(77, rows=ROWS), reply(2, held=pb.HeldReply()), reply(2)],
    ids=["part", "cut", "length", "nothing", "garbage", "strange id", "other kind", "empty"])
def test_promise_7_half_an_answer_is_none(stack, half):
    with impostor(stack, reply(1, welcome=WELCOME), half) as serve:
        process = subprocess.Popen(["suara", "--profile", "admin", "report", "index", "--format", "csv"],
                                   env=stack.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        out, err = serve(process)
    assert out == "" and err.startswith("suara: ") and process.returncode != 0, (out, err)


def test_promise_7_a_receipt_that_never_came_is_no_receipt(stack, survey):
    before = stored(stack)
    office = pb.Welcome()
    office.CopyFrom(WELCOME)
    office.role, office.name, office.office, office.zone = (b"office", b"BBPOM-SMG", b"BBPOM-SMG",
                                                            b"WIB")
    with impostor(stack, reply(1, welcome=office), b"") as serve:
        process = subprocess.Popen(["suara", "--profile", "BBPOM-SMG", "submit", str(survey), "--wait",
                                    "0"], env=stack.env, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        out, err = serve(process)
        assert process.returncode == AWAY and "stored" not in out, (out, err)
        assert "days fast: set it" in err    # it says that it is 1970
        assert waiting(stack) == 30
    assert sync(stack).returncode == 0
    check_nothing_lost(stack, before, 30)
