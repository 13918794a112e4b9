"""Back-pressure, promises 5 and 8 of the design: who is not read, who is not let in, who has to wait
for whom, and that nobody waits for ever."""

import contextlib
import re
import select
import socket
import struct
import threading

import pytest

from limits import limited
from suara_wire import Batch, Line, frame, pb

NOW = 1_690_000_000_000
OFFICE = "BBPOM-SMG"
HOUSE = 6    # connections that are let in
TURNS = 50   # of the daemon's loop, as a caller of its HTTP sees them
MIB = 1 << 20


@pytest.fixture(scope="module")
def common(module_stack):
    return module_stack(profiles=False, settings={
        "ingest.queue_bytes": "1M", "server.receive_bytes": "1M", "server.handshake_timeout": "5m",
        "server.connections": HOUSE, "server.principal_requests": "0",
        "database.ingest_connections": "1"})


@pytest.fixture
def stack(common):
    """The stack of this file with empty tables and nobody connected."""
    common.wait(lambda: metric(common, "suarad_sessions") == 0, 20, "the lines before to be gone")
    connection = common.db.connect("postgres")
    connection.cursor().execute("TRUNCATE suara.response, suara.comment, suara.batch")
    connection.close()
    return common


def metric(stack, name):
    return float(re.search(rf"^{re.escape(name)} (\S+)$", stack.http("/metrics")[1], re.M).group(1))


def stays(stack, condition):
    """Is it so, and still so after the daemon's loop went round some times?"""
    return all(condition() for _ in range(TURNS) if stack.http("/healthz")[0] == 200)


def line_of(stack, role="office", name=OFFICE, **how):
    line = Line(stack, stack.bundle(role, name), **how)
    # What is sent is there at once, and can be seen not to be answered.
    line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def batch_of(count, start=NOW, comment=b""):
    batch = Batch()
    for k in range(count):
        batch.add(start + k, [4] * 9, comment=comment, kind=1 if comment else 0)
    return batch


def silent(line):
    return not line.socket.pending() and not select.select([line.socket], [], [], 0)[0]


@contextlib.contextmanager
def locked(stack):
    """Nothing can be stored meanwhile."""
    lock = stack.db.connect()
    lock.autocommit = False
    lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
    try:
        yield
    finally:
        lock.close()


# ---- who is not read -----------------------------------------------------------------------------

def test_a_line_has_sixteen_requests_open_and_no_more(stack):
    """The others stay on the line until some are answered; then they get their turn."""
    with line_of(stack) as line:
        before = metric(stack, "suarad_requests_total")
        with locked(stack):
            data = b"".join(frame(pb.Request(id=k, submit=batch_of(1, NOW + k).message).SerializeToString())
                            for k in range(100, 140))
            line.send_bytes(data)
            stack.wait(lambda: metric(stack, "suarad_requests_total") >= before + 16, 20, "sixteen")
            assert stays(stack, lambda: metric(stack, "suarad_requests_total") == before + 16)
        assert {line.receive().id for _ in range(40)} == set(range(100, 140))


def test_a_full_queue_reads_nobody(stack):
    """Neither those who are there nor those who come meanwhile; afterwards all are served."""
    with line_of(stack) as idle, line_of(stack) as first, line_of(stack) as second:
        with locked(stack):
            for k, line in enumerate((first, second)):
                line.send(submit=batch_of(4000, NOW + 4000 * k, b"c" * 100).message)
            stack.wait(lambda: metric(stack, "suarad_reading_paused") == 1, 20, "reading to stop")
            assert limited(stack, "ingest.queue_bytes") == 1
            before = metric(stack, "suarad_requests_total")
            late = line_of(stack, hello=False)
            for line, body in ((idle, {"list": pb.List(what=b"office")}), (late, {"hello": pb.Hello()})):
                line.send(**body)
            assert stays(stack, lambda: silent(idle) and silent(late))
            assert metric(stack, "suarad_requests_total") == before
        with late:
            assert late.receive().HasField("welcome")
        assert idle.receive().HasField("table")
        assert [line.receive().receipt.stored for line in (first, second)] == [4000, 4000]
    assert metric(stack, "suarad_queue_bytes") == 0


def test_who_takes_no_replies_is_not_read(stack):
    """A few replies wait for it and no more, however much it asks for; it gets them all when it reads."""
    connection = stack.db.connect("postgres")
    connection.cursor().execute("INSERT INTO suara.service (office_id, code, name) SELECT office_id,"
                                " 'S' || k, repeat('x', 60) FROM suara.office, generate_series(1, 400) k"
                                " ON CONFLICT DO NOTHING; NOTIFY suara_directory")
    connection.close()
    ask = {"list": pb.List(what=b"service")}
    with line_of(stack) as line:
        stack.wait(lambda: len(line.ask(**ask).table.row) > 400, 20, "the daemon to know the services")
        line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        before, many = metric(stack, "suarad_requests_total"), 3000
        line.send_bytes(frame(pb.Request(id=7, **ask).SerializeToString()) * many)    # 100 MB of replies

        def stands_still():
            count = metric(stack, "suarad_requests_total")
            return count > before and stays(stack, lambda: metric(stack, "suarad_requests_total") == count)
        stack.wait(stands_still, 30, "the daemon to read no more")
        assert metric(stack, "suarad_requests_total") < before + many
        assert all(len(line.receive().table.row) > 400 for _ in range(many))
        assert metric(stack, "suarad_requests_total") == before + many


def test_long_messages_wait_for_each_other(stack):
    """Who sends a long one slowly holds its share: the next long one is read when that is whole or
    gone, a short one at once."""
    with line_of(stack) as slow, line_of(stack) as other:
        slow.send_bytes(struct.pack(">I", MIB) + b"\x1a" * 100_000)
        assert stays(stack, lambda: silent(slow))
        short = other.ask(list=pb.List(what=b"office"))
        assert short.HasField("table")
        before = metric(stack, "suarad_requests_total")
        other.send(submit=batch_of(1000, comment=b"c" * 100).message)
        assert stays(stack, lambda: metric(stack, "suarad_requests_total") == before)
        assert limited(stack, "server.receive_bytes") == 1
        slow.close()
        assert other.receive().receipt.stored == 1000


# ---- who is not let in ---------------------------------------------------------------------------

def silent_caller(stack):
    return socket.create_connection(("127.0.0.1", stack.port.number), 10)


def test_a_full_house_waits_at_the_door(stack):
    """Whoever comes later is in the kernel's queue until somebody goes; nobody is sent away who waits
    for an answer. Who does not: test_crowd.py."""
    with contextlib.ExitStack() as guests:
        inside = [guests.enter_context(line_of(stack)) for _ in range(HOUSE)]
        with locked(stack):
            for k, line in enumerate(inside):
                line.send(submit=batch_of(1, NOW + k).message)
            came = metric(stack, "suarad_sessions_total")
            outside = []
            caller = threading.Thread(target=lambda: outside.append(line_of(stack, timeout=60)))
            caller.start()
            assert stays(stack, lambda: not outside and metric(stack, "suarad_sessions") == HOUSE)
            assert metric(stack, "suarad_sessions_total") == came
            assert limited(stack, "server.connections") >= 1
            inside.pop().close()
            caller.join()
            with outside[0] as line:
                assert line.welcome.ready
        assert all(line.receive().receipt.stored == 1 for line in inside)


def test_who_says_nothing_makes_room(stack):
    """Silent callers fill the house: they are crowded out, one by one; who was let in stays."""
    stack.log.write_text("")
    refused = metric(stack, "suarad_sessions_refused_total")
    with line_of(stack) as guest, contextlib.ExitStack() as silent_ones:
        for _ in range(HOUSE - 1):
            silent_ones.enter_context(silent_caller(stack))
        stack.wait(lambda: metric(stack, "suarad_sessions") == HOUSE, 20, "the house to be full")
        with line_of(stack) as one, line_of(stack) as two:
            assert one.welcome.ready and two.welcome.ready
            assert guest.ask(list=pb.List(what=b"office")).HasField("table")
        out = stack.log_text().count("session.crowded_out")
        assert 2 <= out < HOUSE and metric(stack, "suarad_sessions_refused_total") == refused + out


# ---- who waits for whom --------------------------------------------------------------------------

def test_an_addition_comes_before_the_batches_that_wait(stack):
    """Else lines that always have a batch ready could keep the connections that store from it."""
    with line_of(stack) as first, line_of(stack) as second, line_of(stack, "admin", "admin") as admin:
        asked = metric(stack, "suarad_requests_total")
        with locked(stack):
            first.send(submit=batch_of(1).message)    # is with the database
            stack.wait(lambda: metric(stack, "suarad_requests_total") == asked + 1, 20, "the first")
            second.send(submit=batch_of(1, NOW + 1).message)
            stack.wait(lambda: metric(stack, "suarad_queue_batches") == 1, 20, "the second to wait")
            admin.send(add=pb.Add(what=b"service", code=b"UJI", name=b"Uji", office=OFFICE.encode()))
            stack.wait(lambda: metric(stack, "suarad_requests_total") == asked + 3, 20, "the addition")
        assert first.receive().receipt.stored == second.receive().receipt.stored == 1
        assert b"UJI" in admin.receive().added.text
    connection = stack.db.connect("postgres")
    cursor = connection.cursor()
    cursor.execute("SELECT xmin::text::bigint FROM suara.service WHERE code = 'UJI' UNION ALL"
                   " (SELECT xmin::text::bigint FROM suara.response ORDER BY id DESC LIMIT 1)")
    (addition,), (second_batch,) = cursor.fetchall()
    connection.close()
    assert addition < second_batch    # transactions are numbered as they come to write
