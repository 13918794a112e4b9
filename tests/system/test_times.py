"""What the daemon waits for, how long, and what it tells others of itself: the deadlines of its
settings, its first moments, small tables that can't be read, and the service manager."""

import queue
import signal
import socket
import threading
import time

import pytest

from limits import limited
from suara_wire import Batch, Closed, Line, code_of, pb, verdicts

NOW = 1_690_000_000_000
OFFICE = "BBPOM-SMG"
LONG = {name: "5m" for name in ("server__handshake_timeout", "server__hello_timeout",
                                "server__frame_timeout", "server__idle_timeout")}
TURNS = 50    # of the daemon's loop, as a caller of its HTTP sees them


@pytest.fixture(scope="module")
def common(module_stack):
    return module_stack(profiles=False)


@pytest.fixture
def stack(common):
    """The stack of this file, put right again after the test before, with an empty log."""
    common.kill_daemon()
    common.env.pop("NOTIFY_SOCKET", None)
    common.env.pop("WATCHDOG_USEC", None)
    common.log.write_text("")
    common.write_conf()
    common.start_daemon()
    return common


def sql(stack, text, *values):
    connection = stack.db.connect("postgres")
    try:
        cursor = connection.cursor()
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def line_of(stack, **how):
    return Line(stack, stack.bundle("office", OFFICE), **how)


def batch_of(count, start=NOW, **words):
    batch = Batch()
    for k in range(count):
        batch.add(start + k, [4] * 9, **words)
    return batch


def reloaded(stack, **changes):
    stack.write_conf(**changes)
    stack.daemon.send_signal(signal.SIGHUP)
    stack.wait(lambda: "reload.done" in stack.log_text(), 15, "the reload")


# ---- deadlines -----------------------------------------------------------------------------------

def is_cut_off(line):
    """The daemon ends the connection, for a reason that its log names."""
    with pytest.raises(Closed):
        while True:
            line.receive()


@pytest.mark.parametrize("setting, value, reason", [
    ("handshake", "300ms", "no TLS handshake"), ("hello", "300ms", "no first frame"),
    ("frame", "300ms", "a frame was not whole"), ("idle", "1s", "idle for")])
def test_each_deadline_is_that_of_its_setting(stack, setting, value, reason):
    """With all others far away."""
    reloaded(stack, **{**LONG, f"server__{setting}_timeout": value})
    if setting == "handshake":
        with socket.create_connection(("127.0.0.1", stack.port.number), 20) as plain:
            assert plain.recv(1) == b""
    else:
        with line_of(stack, hello=setting != "hello") as line:
            if setting == "frame":
                line.send_bytes(b"\0\0\1\0half")
            is_cut_off(line)
    stack.wait(lambda: reason in stack.log_text(), 10, "the log to say why")
    assert limited(stack, f"server.{setting}_timeout") == 1


# ---- the first moments ---------------------------------------------------------------------------

def starts_before_its_database(stack):
    """One start while the database does not answer yet; whether the first caller, who has to wait,
    is let in when it does."""
    stack.kill_daemon()
    stack.log.write_text("")
    stack.db.server.send_signal(signal.SIGSTOP)
    answers, early = [], []

    def call():
        with line_of(stack, hello=False) as line:
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers.append(line.ask(hello=pb.Hello()))

    def look_on():
        caller = threading.Thread(target=call)
        try:
            stack.wait(lambda: " start " in stack.log_text(), 20, "the daemon to be up")
            caller.start()
            early.append(any(answers for _ in range(TURNS) if stack.http("/healthz")[0] == 200))
        finally:
            stack.db.server.send_signal(signal.SIGCONT)
            caller.join()
    others = threading.Thread(target=look_on)
    others.start()
    stack.start_daemon()    # here: it ends with the thread that starts it
    others.join()
    return early == [False] and answers[0].welcome.ready


def test_first_callers_wait_for_the_database(stack):
    """Instead of being told that it is away. The daemon waits two seconds at most, which a machine
    that is busy with other tests may need for more than this: one good start of ten will do."""
    assert any(starts_before_its_database(stack) for _ in range(10))


# ---- small tables --------------------------------------------------------------------------------

def test_tables_that_can_not_be_read_are_read_later(stack):
    """Meanwhile a word that is not known may be a new one: come again, instead of a refusal that the
    client would believe. All else goes on with the tables from before."""
    with line_of(stack) as line:
        sql(stack, "REVOKE SELECT ON suara.service FROM suara_report;"
                   " INSERT INTO suara.service (office_id, code, name) SELECT office_id, 'UJI', 'Uji'"
                   " FROM suara.office; NOTIFY suara_directory")
        stack.wait(lambda: "directory.failed" in stack.log_text(), 20, "the tables to be refused")
        reply = line.submit(batch_of(1, service="UJI"))
        assert code_of(reply) == "UNAVAILABLE" and reply.error.retry_after_ms == 200, reply
        assert line.submit(batch_of(1)).receipt.stored == 1
        sql(stack, "GRANT SELECT ON suara.service TO suara_report")    # and nobody tells the daemon
        wanted = stack.wait(lambda: (reply := line.submit(batch_of(1, NOW + 1, service="UJI"))) and
                            reply.HasField("receipt") and reply.receipt, 20, "the tables to be read")
        assert wanted.stored == 1
        found = verdicts(line.submit(batch_of(1, service="SALAH")).receipt)
        assert found[0][:2] == ("INVALID", "service")    # now that they are known


def test_what_was_added_is_known_once_that_is_said(stack):
    """Also when the tables were being read while it was added: that reading has not seen it."""
    reloaded(stack, log__level="debug")
    lock = stack.db.connect()
    lock.autocommit = False
    lock.cursor().execute("LOCK TABLE suara.term IN ACCESS EXCLUSIVE MODE")
    sql(stack, "NOTIFY suara_directory")
    stack.wait(lambda: sql(stack, "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND"
                                  " usename = 'suara_report'"), 20, "the tables to be read")
    with line_of(stack) as line, Line(stack, stack.bundle("admin", "admin")) as admin:
        admin.send(add=pb.Add(what=b"service", code=b"BARU", name=b"Baru", office=OFFICE.encode()))
        stack.wait(lambda: sql(stack, "SELECT code FROM suara.service WHERE code = 'BARU'"), 20, "the addition")
        assert all(stack.http("/healthz")[0] == 200 for _ in range(TURNS))
        before = stack.log_text().count("directory.loaded")
        lock.close()
        assert b"BARU" in admin.receive().added.text
        assert stack.log_text().count("directory.loaded") >= before + 2    # that reading, and a newer one
        assert line.submit(batch_of(1, NOW + 9, service="BARU")).receipt.stored == 1


# ---- the roll-up ---------------------------------------------------------------------------------

def test_the_roll_up_is_made_while_nothing_is_stored(stack):
    """Not beside a batch, whose way it would slow down; and then without anybody asking for it."""
    def stale():
        return sql(stack, "SELECT count(*) FROM suara.stale")[0][0]
    reloaded(stack, ingest__refresh_after="10ms")
    stack.wait(lambda: stale() == 0, 20, "what the tests before left")
    lock = stack.db.connect()
    lock.autocommit = False
    lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
    with line_of(stack) as line:
        line.send(submit=batch_of(2, NOW + 100).message)
        stack.wait(lambda: sql(stack, "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"),
                   20, "the batch to be with the database")
        sql(stack, "INSERT INTO suara.stale (office_id, month, instrument_id)"
                   " SELECT office_id, '2020-01-01', 1 FROM suara.office; NOTIFY suara_directory")
        assert all(stale() == 1 for _ in range(TURNS) if stack.http("/healthz")[0] == 200)
        lock.close()
        assert line.receive().receipt.stored == 2
        stack.wait(lambda: stale() == 0, 20, "the roll-up to be made")
        assert line.submit(batch_of(2, NOW + 200)).receipt.stored == 2
        stack.wait(lambda: stale() == 0, 20, "and to be made again")
    assert sql(stack, "SELECT sum(n) = (SELECT count(*) FROM suara.response) FROM suara.rollup"
                      " WHERE dim = 0") == [(True,)]


# ---- the service manager -------------------------------------------------------------------------

class Manager:
    """Hears what the daemon tells the service manager, all the while: a socket that nobody reads is
    full after some messages, and whoever tells more then waits."""

    def __init__(self, stack):
        self.path = stack.folder / "notify"
        self.path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.heard = queue.Queue()
        self.listening = threading.Thread(target=self._listen)
        self.listening.start()

    def _listen(self):
        while message := self.socket.recv(4096):
            self.heard.put(dict(line.split("=", 1) for line in message.decode().splitlines()))

    def hears(self, *keys):
        """The next message with one of these keys; its fields. queue.Empty when there is none."""
        deadline = time.monotonic() + 20
        while True:
            told = self.heard.get(timeout=max(0.0, deadline - time.monotonic()))
            if set(keys) & set(told):
                return told

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", str(self.path))
        self.listening.join()
        self.socket.close()


@pytest.fixture
def manager(stack):
    made = Manager(stack)
    stack.kill_daemon()
    stack.env.update(NOTIFY_SOCKET=str(made.path), WATCHDOG_USEC="400000")
    stack.start_daemon()
    yield made
    stack.kill_daemon()
    made.close()


def test_the_service_manager_is_told_each_stage(stack, manager):
    """READY once callers are let in and after each reload, be it done or refused; systemd waits for
    that. STOPPING before the drain, and a beat for the watchdog all the while."""
    stages = ("READY", "RELOADING", "STOPPING")
    assert manager.hears(*stages)["READY"] == "1"
    for changes, words in (({}, "serving"), ({"server__listen": "127.0.0.1:1"}, "refused")):
        stack.write_conf(**changes)
        stack.daemon.send_signal(signal.SIGHUP)
        told = manager.hears(*stages)
        assert told["RELOADING"] == "1" and int(told["MONOTONIC_USEC"]) > 0 and "READY" not in told
        told = manager.hears(*stages)
        assert told["READY"] == "1" and words in told["STATUS"]
    for _ in range(3):
        assert manager.hears("WATCHDOG")["WATCHDOG"] == "1"
    stack.daemon.send_signal(signal.SIGTERM)
    assert manager.hears(*stages)["STOPPING"] == "1"
    assert stack.daemon.wait(20) == 0


def test_readiness_without_a_database_is_told_as_well(stack, manager):
    """After its moment of patience, so that a restart of the machine does not wait for the order in
    which its services come up."""
    stack.kill_daemon()
    stack.stop_db()
    stack.start_daemon()
    try:
        while "away" not in manager.hears("READY")["STATUS"]:
            pass
    finally:
        stack.start_db()
