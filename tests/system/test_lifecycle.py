"""The life of the daemon: reload and what it refuses, drain and the second signal, a database that
comes and goes, no descriptors left, and what it says over HTTP."""

import re
import select
import shutil
import signal
import socket
import subprocess

import pytest

from suara_wire import Batch, Closed, Line, code_of, pb

NOW = 1_690_000_000_000
OFFICE = "BBPOM-SMG"


@pytest.fixture(scope="module")
def common(module_stack):
    return module_stack(profiles=False)


@pytest.fixture
def stack(common):
    """The stack of this file, put right again after the test before, with an empty log and table."""
    common.kill_daemon()
    common.start_db()
    common.write_conf()
    common.log.write_text("")
    connection = common.db.connect("postgres")
    cursor = connection.cursor()
    cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"    # locks of a failure
                   " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
    cursor.execute("TRUNCATE suara.response, suara.batch, suara.stale, suara.rollup;"
                   " DELETE FROM suara.schema_version WHERE version = 999")
    connection.close()
    common.start_daemon()
    return common


def line_of(stack, **how):
    return Line(stack, stack.bundle("office", OFFICE), **how)


def batch_of(count, start=NOW):
    batch = Batch()
    for k in range(count):
        batch.add(start + k, [4] * 9)
    return batch


def metric(stack, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", stack.http("/metrics")[1], re.M)
    return float(found.group(1)) if found else None


DONE, REFUSED = 'suarad_reloads_total{outcome="done"}', 'suarad_reloads_total{outcome="refused"}'


def hup(stack):
    """SIGHUP; "done" or "refused"."""
    before = {name: metric(stack, name) for name in (DONE, REFUSED)}
    stack.daemon.send_signal(signal.SIGHUP)
    name = stack.wait(lambda: next((name for name, count in before.items()
                                    if (metric(stack, name) or 0) > count), None), 15, "the reload")
    return name.split('"')[1]


def still_served(stack, line):
    assert line.submit(batch_of(2, int.from_bytes(line.last_id.to_bytes(4, "big"), "big") + NOW)) \
        .HasField("receipt")
    with line_of(stack) as other:
        assert other.welcome.ready


# ---- SIGHUP --------------------------------------------------------------------------------------

def test_a_reload_changes_what_may_change(stack):
    with line_of(stack) as line:
        stack.write_conf(ingest__batch_responses="10")
        assert hup(stack) == "done"
        assert code_of(line.submit(batch_of(11))) == "TOO_LARGE"
        assert line.submit(batch_of(10)).receipt.stored == 10
        with line_of(stack) as other:
            assert other.welcome.max_responses == 10


@pytest.mark.parametrize("change, named", [
    ({"ingest.batch_responsez": "10"}, "batch_responses"),
    ({"ingest.batch_responses": "-1"}, "batch_responses"),
    ({"ingest.batch_responses": "many"}, "batch_responses"),
    ({"ingset.batch_responses": "10"}, "ingest"),
    ({"server.listen": "127.0.0.1:1"}, "server.listen"),
    ({"server.certificate": "/nowhere/server.crt"}, "/nowhere/server.crt")])
def test_a_bad_configuration_leaves_the_old_one(stack, change, named):
    with line_of(stack) as line:
        stack.write_conf(**{name.replace(".", "__"): value for name, value in change.items()})
        assert hup(stack) == "refused"
        refusal = [text for text in stack.log_text().splitlines() if "reload.refused" in text]
        assert len(refusal) == 1 and named in refusal[0], refusal
        still_served(stack, line)
        assert line_of(stack).welcome.max_responses == 10000
        stack.write_conf()
        assert hup(stack) == "done"


def test_check_config_says_the_same(stack):
    stack.write_conf(ingest__batch_responsez="10")
    done = stack.run("suarad", "-c", stack.conf, "--check-config")
    assert done.returncode == 78 and "batch_responses" in done.stderr, done
    assert re.search(r"suarad\.conf:\d+", done.stderr), done
    stack.write_conf()
    assert stack.run("suarad", "-c", stack.conf, "--check-config").returncode == 0


@pytest.mark.parametrize("name", ["server.crt", "server.key", "ca.crt", "crl.pem"])
def test_half_written_files_leave_the_old_ones(stack, name):
    """As a reload sees them that comes in the middle of a copy."""
    path = stack.ca / name
    whole = path.read_bytes()
    with line_of(stack) as line:
        for part in (whole[:len(whole) // 2], b""):
            path.write_bytes(part)
            assert hup(stack) == "refused"
            still_served(stack, line)
        path.write_bytes(whole)
        assert hup(stack) == "done"
        still_served(stack, line)


def test_a_new_certificate_of_the_server_is_shown_after_a_reload(stack):
    def shown():
        with line_of(stack) as line:
            return line.socket.getpeercert(True)
    before = shown()
    assert stack.run("suara-ca", "renew", "server", "--new-key").returncode == 0
    assert shown() == before
    assert hup(stack) == "done"
    assert shown() != before


def test_a_storm_of_reloads(stack):
    with line_of(stack) as line:
        for round_ in range(100):
            stack.daemon.send_signal(signal.SIGHUP)
            assert line.submit(batch_of(3, NOW + 10 * round_)).receipt.stored == 3
        still_served(stack, line)


# ---- SIGTERM -------------------------------------------------------------------------------------

def locked(stack):
    lock = stack.db.connect()
    lock.autocommit = False
    lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
    return lock


def insert_waits(stack):
    connection = stack.db.connect("postgres")
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    count = cursor.fetchone()[0]
    connection.close()
    return count


def test_a_stop_answers_what_is_open(stack):
    """Requests in the middle of their transaction get their receipts; nobody new is let in."""
    lock = locked(stack)
    lines = [line_of(stack) for _ in range(4)]
    idle = line_of(stack)
    for number, line in enumerate(lines):
        line.send(submit=batch_of(5, NOW + 100 * number).message)
    stack.wait(lambda: insert_waits(stack), 20, "the inserts to wait")
    stack.wait(lambda: metric(stack, "suarad_requests_total") == 9, 20, "all requests to be read")
    stack.daemon.send_signal(signal.SIGTERM)
    with pytest.raises(Closed):    # it has nothing open
        idle.receive()
    assert stack.http("/readyz")[0] == 503
    with pytest.raises((Closed, ConnectionError)):
        line_of(stack)
    lines[0].send(list=pb.List(what=b"office"))
    reply = lines[0].receive()
    assert code_of(reply) == "UNAVAILABLE" and reply.error.retry_after_ms
    assert stack.daemon_running()
    lock.close()
    for line in lines:
        assert line.receive().receipt.stored == 5
        with pytest.raises(Closed):
            line.receive()
    assert stack.daemon.wait(20) == 0


def test_a_second_signal_does_not_wait(stack):
    """Whatever is with the database: a submission, a report, an addition."""
    lock = locked(stack)
    lock.cursor().execute("LOCK TABLE suara.rollup, suara.office IN ACCESS EXCLUSIVE MODE")
    line, admin = line_of(stack), Line(stack, stack.bundle("admin", "admin"))
    line.send(submit=batch_of(5).message)
    admin.send(report=pb.Report(**{"from": 20230101, "to": 20231231}))
    admin.send(add=pb.Add(what=b"office", code=b"BARU", name=b"Baru", zone=b"WIB"))
    stack.wait(lambda: insert_waits(stack) == 3, 20, "all three to wait")
    stack.daemon.send_signal(signal.SIGTERM)
    stack.wait(lambda: stack.http("/readyz")[0] == 503, 10, "the daemon to be stopping")
    assert stack.daemon_running()
    stack.daemon.send_signal(signal.SIGTERM)
    assert stack.daemon.wait(10) == 0    # the lock still holds
    for opened in (line, admin):
        with pytest.raises(Closed):
            opened.receive()
    lock.close()


def test_a_stop_has_its_deadline(make_stack):
    stack = make_stack(profiles=False, settings={"server.drain_timeout": "300ms"})
    lock = locked(stack)
    line = line_of(stack)
    line.send(submit=batch_of(5).message)
    stack.wait(lambda: insert_waits(stack), 20, "the insert to wait")
    stack.daemon.send_signal(signal.SIGTERM)
    assert stack.daemon.wait(10) == 0
    lock.close()


# ---- the database comes and goes -----------------------------------------------------------------

@pytest.mark.parametrize("how", ["stop", "kill"])
def test_the_database_comes_and_goes(stack, how):
    with line_of(stack) as line:
        assert line.submit(batch_of(2)).receipt.stored == 2
        getattr(stack, f"{how}_db")()
        assert stack.http("/healthz") == (200, "ok\n") and metric(stack, "suarad_ready") == 0
        for body in ({"submit": batch_of(2, NOW + 10).message},
                     {"report": pb.Report(**{"from": 20230101, "to": 20231231})},
                     {"held": pb.Held(ids=b"0123456789abcdef")}):
            reply = line.ask(**body)
            assert code_of(reply) == "UNAVAILABLE" and reply.error.retry_after_ms == 200, reply
        with line_of(stack) as other:    # who comes now is let in and told
            assert not other.welcome.ready
        stack.start_db()
        assert metric(stack, "suarad_ready") == 1
        assert line.submit(batch_of(2, NOW + 20)).receipt.stored == 2


def test_a_daemon_that_starts_without_a_database(stack):
    stack.stop_daemon()
    stack.stop_db()
    stack.start_daemon()
    status, why = stack.http("/readyz")
    assert status == 503 and "socket" in why
    with line_of(stack, hello=False) as line:
        reply = line.ask(hello=pb.Hello())
        assert code_of(reply) == "UNAVAILABLE" and reply.error.retry_after_ms, reply
    stack.start_db()
    with line_of(stack) as line:
        assert line.submit(batch_of(2)).receipt.stored == 2


def test_another_schema_version_is_refused(stack):
    """By the daemon that starts, which says which two do not agree; its status is the one that keeps
    systemd from starting it into the same fault again."""
    stack.stop_daemon()
    connection = stack.db.connect("postgres")
    connection.cursor().execute("INSERT INTO suara.schema_version (version, name) VALUES (999, 'x')")
    done = stack.run("timeout", "--signal=TERM", "20", "suarad", "-c", stack.conf)
    assert done.returncode == 78 and "999" in done.stderr and "schema" in done.stderr, done
    connection.close()


# ---- descriptors and HTTP ------------------------------------------------------------------------

def test_no_descriptors_left(make_stack):
    """As many lines as there are descriptors, and more: no spinning; when they go, others come."""
    stack = make_stack(profiles=False, nofile=40, settings={"server.connections": 1000})
    plain = [socket.create_connection(("127.0.0.1", stack.port.number), 10) for _ in range(60)]

    def used():
        """CPU ticks of the daemon."""
        with open(f"/proc/{stack.daemon.pid}/stat", encoding="ascii") as stat:
            return sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13]))
    before = used()
    select.select(plain, [], [], 1.0)    # a second of quiet, or a line that is closed
    assert used() - before < 30
    assert stack.daemon_running()
    for line in plain:
        line.close()
    with line_of(stack) as line:
        assert line.submit(batch_of(2)).receipt.stored == 2


def test_metrics_are_prometheus_text(stack):
    seven = batch_of(7)
    with line_of(stack) as line:
        for _ in range(2):
            line.submit(seven)
        bad = batch_of(1)
        bad.message.response[0].ratings = b"\x09" * 9
        line.submit(bad)
        status, text = stack.http("/metrics")
    assert status == 200 and text.endswith("\n")
    typed, found = {}, {}
    for row in text.splitlines():
        if row.startswith("# TYPE "):
            _, _, name, kind = row.split(" ")
            assert name not in typed and kind in ("gauge", "counter", "histogram")
            typed[name] = kind
        elif not row.startswith("# HELP "):
            name, labels, value = re.fullmatch(
                r'([a-z_]+)(?:\{([a-z]+="[^"]*")\})? (\S+)', row).groups()
            assert re.sub(r"_(bucket|sum|count)$", "", name) in typed or name in typed
            found[name, labels] = float(value)
    assert {name for name, kind in typed.items() if kind == "counter"} == \
        {name for name in typed if name.endswith("_total")}
    assert found["suarad_responses_total", 'status="stored"'] == 7
    assert found["suarad_responses_total", 'status="duplicate"'] == 7
    assert found["suarad_responses_total", 'status="invalid"'] == 1
    assert found["suarad_receipts_total", None] == 3 == found["suarad_receipt_seconds_count", None]
    buckets = [value for (name, _), value in found.items() if name == "suarad_receipt_seconds_bucket"]
    assert buckets == sorted(buckets) and buckets[-1] == 3
    assert found["suarad_sessions", None] == 1


def test_http_takes_what_it_knows_and_no_more(stack):
    assert stack.http("/healthz") == (200, "ok\n") and stack.http("/readyz")[0] == 200
    assert stack.http("/nothing")[0] == 404
    address = ("127.0.0.1", stack.http_port.number)
    for data in (b"POST /metrics HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n",
                 b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", b"\0" * 1000):
        with socket.create_connection(address, 10) as line:
            try:
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
                line.recv(4096)
            except OSError:
                pass    # cut off while we were still sending
        assert stack.http("/healthz")[0] == 200


def test_no_answer_and_no_text_in_the_logs(make_stack):
    stack = make_stack(profiles=False, settings={"log.level": "debug"})
    with line_of(stack) as line:
        batch = batch_of(2)
        batch.add(NOW, [4, 3, 2, 1, 4, 3, 2, 1, 4], comment=b"rahasia sekali", kind=3)
        batch.add(NOW, [4] * 9, comment=b"rahasia \x1b", kind=3)
        batch.add(NOW, [4] * 9, comment=b"rahasia", kind=3, service="SALAH")
        line.submit(batch)
        line.submit(batch)
    stack.stop_daemon()
    text = stack.log_text()
    assert "session=" in text and "rahasia" not in text and "4321" not in text
    assert "\x1b" not in text


def test_programs_say_their_version(stack):
    for program in ("suarad", "suara"):
        done = stack.run(program, "--version")
        assert done.returncode == 0 and re.fullmatch(rf"{program} \d+\.\d+\.\d+\n", done.stdout)
    assert shutil.which("suarad", path=stack.env["PATH"]) == str(stack.folder / "bin/suarad")
    assert subprocess.run(["suarad", "--nonsense"], env=stack.env, check=False,
                          capture_output=True).returncode == 64
