"""A full house while others wait at the door: who harms nobody by going makes room, the worst first;
who keeps to the rules stays, slow lines too. All deadlines are far away here, so it is not they."""

import contextlib
import socket
import ssl
import threading
import time

import pytest

from limits import limited
from suara_wire import Batch, Closed, Line, code_of, context, frame, pb

NOW = 1_690_000_000_000
HOUSE = 20
GOOD, BAD, SLOW, MORE = "BAIK", "BURUK", "LAMBAT", ("LAGI-1", "LAGI-2")
MIB = 1 << 20
LIST = {"list": pb.List(what=b"office")}
SERVICES = {"list": pb.List(what=b"service")}


@pytest.fixture(scope="module")
def common(module_stack):
    stack = module_stack(offices=(GOOD, BAD, SLOW, *MORE), profiles=False, settings={
        "server.connections": HOUSE, "server.principal_requests": 0, "server.handshake_timeout": "5m",
        "server.hello_timeout": "5m", "server.frame_timeout": "5m", "server.idle_timeout": "1h"})
    connection = stack.db.connect("postgres")
    connection.cursor().execute("INSERT INTO suara.service (office_id, code, name) SELECT office_id,"
                                " 'S' || k, repeat('x', 60) FROM suara.office, generate_series(1, 400) k;"
                                " NOTIFY suara_directory")
    connection.close()
    with line_of(stack) as line:
        stack.wait(lambda: len(line.ask(**SERVICES).table.row) > 400, 20, "the daemon to know the services")
    return stack


@pytest.fixture
def stack(common):
    common.wait(lambda: inside(common) == 0, 20, "the lines before to be gone")
    common.log.write_text("")
    return common


def inside(stack):
    text = stack.http("/metrics")[1]
    return int(text.split("\nsuarad_sessions ")[1].split()[0])


def line_of(stack, name=GOOD, **how):
    return Line(stack, stack.bundle("office", name), **how)


def batch_of(count, start=NOW, comment=b""):
    batch = Batch()
    for k in range(count):
        batch.add(start + k, [4] * 9, comment=comment, kind=1 if comment else 0)
    return batch


# ---- who is slow ---------------------------------------------------------------------------------

def silent(stack):
    return socket.create_connection(("127.0.0.1", stack.port.number), 10)


def half(stack):
    line = silent(stack)
    line.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")    # of a ClientHello
    return line


def mute(stack):
    return line_of(stack, BAD, hello=False)


def drip(stack):
    line = line_of(stack, BAD)
    line.send_bytes((1000).to_bytes(4, "big") + b"\x1a")
    return line


def deaf(stack):
    line = line_of(stack, BAD)
    line.socket.setblocking(False)
    with contextlib.suppress(Closed, OSError):
        while True:
            line.socket.send(frame(pb.Request(id=7, **SERVICES).SerializeToString()) * 50)
    return line


def idle(stack):
    return line_of(stack, BAD)


KINDS = {silent: "no handshake or Hello", half: "no handshake or Hello", mute: "no handshake or Hello",
         drip: "half a message", deaf: "replies not taken", idle: "idle"}


@contextlib.contextmanager
def nagging(lines, drop):
    """Each of them sends these bytes now and then."""
    stop = threading.Event()

    def nag():
        while not stop.wait(0.3):
            for line in lines:
                with contextlib.suppress(Closed, OSError):
                    line.send_bytes(drop)
    thread = threading.Thread(target=nag)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextlib.contextmanager
def crowd(stack, kind, count):
    """So many of a kind; drips send a byte now and then."""
    with contextlib.ExitStack() as guests:
        lines = [guests.enter_context(kind(stack)) for _ in range(count)]
        with nagging(lines if kind is drip else [], b"\x00"):
            yield lines


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_good_client_is_served(stack, kind):
    before = limited(stack, "server.connections")
    with crowd(stack, kind, HOUSE):
        stack.wait(lambda: inside(stack) == HOUSE, 10, "a full house")
        began = time.monotonic()
        with line_of(stack, timeout=60) as good:
            assert good.submit(batch_of(1)).HasField("receipt")
        assert time.monotonic() - began < 15
    out = [row for row in stack.log_text().splitlines() if "session.crowded_out" in row]
    # As many as places were asked for, and no more.
    assert len(out) == 1 and KINDS[kind] in out[0], out
    assert limited(stack, "server.connections") >= before + 1


def test_the_worst_go_first(stack):
    """Idle ones stay while there are others who keep the daemon waiting; and all do while nobody is at
    the door."""
    with crowd(stack, idle, HOUSE // 2) as idlers, crowd(stack, drip, HOUSE // 2 - 1), line_of(stack) as busy:
        began = time.monotonic()
        while time.monotonic() < began + 5:    # as long as a crowd lets any of them be
            assert code_of(busy.ask(**LIST)) == "" and inside(stack) == HOUSE
        assert "crowded_out" not in stack.log_text()
        with contextlib.ExitStack() as goods:
            for _ in range(3):
                goods.enter_context(line_of(stack, timeout=60))
            assert all(code_of(line.ask(**LIST)) == "" for line in idlers)
    rows = [row for row in stack.log_text().splitlines() if "session.crowded_out" in row]
    assert len(rows) == 3 and all("half a message" in row for row in rows), rows


def test_it_is_told_why(stack):
    """Never a success: an error of the whole line, with a time to come again, and the line is closed."""
    with crowd(stack, idle, HOUSE) as idlers, line_of(stack, timeout=60):
        row = next(row for row in stack.log_text().splitlines() if "session.crowded_out" in row)
        peer = next(word for word in row.split() if word.startswith("peer="))
        line, = [line for line in idlers
                 if peer.endswith(f":{line.socket.getsockname()[1]}")]
        reply = line.receive()
        assert reply.id == 0 and code_of(reply) == "OVERLOADED" and reply.error.retry_after_ms
        with pytest.raises(Closed):
            line.receive()


# ---- who stays -----------------------------------------------------------------------------------

class Trickle:
    """A line of so many bytes a second: also the records of TLS come in pieces."""

    def __init__(self, stack, name, rate):
        self.plain, self.rate = silent(stack), rate
        self.plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.came, self.goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context(stack.bundle("office", name)).wrap_bio(self.came, self.goes,
                                                                  server_hostname="127.0.0.1")

    def flush(self):
        data = self.goes.read()
        step = self.rate // 10
        for at in range(0, len(data), step):
            time.sleep(0.1)
            self.plain.sendall(data[at:at + step])

    def do(self, what, *arguments):
        while True:
            try:
                result = what(*arguments)
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                data = self.plain.recv(1 << 16)
                if not data:
                    raise Closed("the daemon closed") from None
                self.came.write(data)

    def reply(self):
        size = int.from_bytes(self.do(self.tls.read, 4), "big")
        data = b""
        while len(data) < size:
            data += self.do(self.tls.read, size - len(data))
        return pb.Reply.FromString(data)

    def ask(self, **body):
        self.do(self.tls.write, frame(pb.Request(id=1, **body).SerializeToString()))
        return self.reply()


def test_a_slow_line_ends_its_message(stack):
    """64 kbit/s, all the while others wait at the door and drips are cut."""
    line = Trickle(stack, SLOW, 8000)
    line.plain.settimeout(60)
    line.do(line.tls.do_handshake)
    assert line.ask(hello=pb.Hello(program=b"tests")).HasField("welcome")
    batch, replies, served = batch_of(400, comment=b"c" * 150), [], 0
    thread = threading.Thread(target=lambda: replies.append(line.ask(submit=batch.message)))
    with contextlib.ExitStack() as crowds:
        thread.start()
        crowds.enter_context(crowd(stack, drip, HOUSE - 1))
        while thread.is_alive():
            # Each takes the place of one that is cut, and then is one more who harms.
            crowds.enter_context(crowd(stack, drip, 1))
            served += 1
        thread.join()
        assert served >= 2 and replies and replies[0].receipt.stored == 400, replies
    line.plain.close()


def test_who_waits_for_a_receipt_stays(stack):
    """However long it takes, and whoever waits at the door; when it has it, it is like others."""
    with contextlib.ExitStack() as lines, stack.db.connect() as lock:
        waiting = [lines.enter_context(line_of(stack, SLOW)) for _ in range(HOUSE - 1)]
        lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
        for k, line in enumerate(waiting):
            line.send(submit=batch_of(1, NOW + 10_000 + k).message)
        lines.enter_context(drip(stack))
        for _ in range(2):    # the drip's place, then that of who came for it: it asks for nothing
            lines.enter_context(line_of(stack, SLOW, timeout=60))
        assert all(line.socket.pending() == 0 for line in waiting)
        lock.commit()
        assert all(line.receive().receipt.stored == 1 for line in waiting)
    assert stack.log_text().count("session.crowded_out") == 2


# ---- room for long messages ----------------------------------------------------------------------

def hog(stack, name):
    """Claims as much room as a message may take."""
    line = line_of(stack, name)
    line.send_bytes(MIB.to_bytes(4, "big") + b"\x1a" * 1000)
    return line


def test_one_name_does_not_hold_all_room(stack):
    """However many connections it has, and though its bytes come as fast as those of a slow line."""
    waits = limited(stack, "server.receive_bytes")
    with contextlib.ExitStack() as guests, line_of(stack) as good:
        hogs = [guests.enter_context(hog(stack, BAD)) for _ in range(12)]
        guests.enter_context(nagging(hogs, b"\x1a" * 1000))
        stack.wait(lambda: limited(stack, "server.receive_bytes") > waits, 10, "some of them to wait")
        for k in range(3):
            assert good.submit(batch_of(1000, NOW + 50_000 + 1000 * k, b"c" * 100)).HasField("receipt")
    assert "crowded_out" not in stack.log_text()


def test_room_that_is_held_and_not_used_is_given_to_others(stack):
    """Four names hold all of it, and a byte comes now and then: they are closed, and told so."""
    with contextlib.ExitStack() as guests, line_of(stack, timeout=60) as good:
        hogs = [guests.enter_context(hog(stack, name)) for name in (BAD, SLOW, *MORE) for _ in range(2)]
        guests.enter_context(nagging(hogs, b"\x1a"))
        began = time.monotonic()
        assert good.submit(batch_of(1000, NOW + 60_000, b"c" * 100)).HasField("receipt")
        assert time.monotonic() - began < 20
        rows = [row for row in stack.log_text().splitlines() if "session.crowded_out" in row]
        assert rows and all("half a message" in row for row in rows)
        assert code_of(hogs[0].receive()) == "OVERLOADED"


def test_who_waits_for_room_makes_room_itself(stack):
    """Two names fill the house with long messages of which only a header comes: few hold their name's
    share and send on, the others wait for it, and one of those goes when somebody calls."""
    with contextlib.ExitStack() as guests:
        hogs = [guests.enter_context(hog(stack, name)) for _ in range(HOUSE // 2) for name in (BAD, SLOW)]
        guests.enter_context(nagging(hogs, b"\x1a" * 1000))
        stack.wait(lambda: inside(stack) == HOUSE, 10, "a full house")
        with line_of(stack, timeout=45) as good:
            assert good.submit(batch_of(1)).receipt.stored == 1
        rows = [row for row in stack.log_text().splitlines() if "session.crowded_out" in row]
        assert rows and all("waits for room" in row for row in rows)
