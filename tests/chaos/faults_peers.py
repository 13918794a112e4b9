"""Other peers beside the offices: slow ones, idle ones, hostile ones, and one of another version."""

import contextlib
import os
import socket
import sqlite3
import ssl
import struct

from faults import Beside, Fault
from suara_wire import Closed, Line, context, frame, kept, pb, verdicts

HARMLESS = (OSError, ssl.SSLError, Closed)    # the daemon is away, or has had enough


def plain(world):
    return socket.create_connection(("127.0.0.1", world.stack.port.number), 5)


class Peers(Fault):
    """A fault that is one thread of work beside the load."""

    def begin(self, world, rng):
        self.beside = Beside(lambda over: self.work(world, rng, over), HARMLESS)

    def heal(self, world):
        self.beside.end()

    def work(self, world, rng, over):
        raise NotImplementedError


class Slowloris(Peers):
    """Connections that are silent, say half a greeting, or go on byte by byte; and one that never
    reads."""
    name, rows, holds = "slowloris", (9,), (0.2, 1.0)

    def work(self, world, rng, over):
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
        with contextlib.ExitStack() as lines:
            opened = [lines.enter_context(plain(world)) for _ in range(rng.randrange(20, 120))]
            deaf = lines.enter_context(Line(world.stack, world.stack.bundle("auditor", "auditor")))
            for number, line in enumerate(opened):
                line.sendall(hello[:number * 4])
            for k in range(10_000):
                deaf.socket.settimeout(0.2)
                deaf.send(list=pb.List(what=b"office"))
                opened[k % len(opened)].sendall(b"\0" if rng.random() < 0.5 else b"")
                if over.wait(0.005):
                    return


class Idle(Peers):
    """Many connections that have said hello and stay."""
    name, rows, holds = "idle", (12,), (0.3, 1.0)

    def work(self, world, rng, over):
        tls = context(world.stack.bundle("auditor", "auditor"))
        hello = frame(pb.Request(id=1, hello=pb.Hello(program=b"idle")).SerializeToString())
        with contextlib.ExitStack() as lines:
            for _ in range(rng.randrange(100, 400)):
                line = lines.enter_context(tls.wrap_socket(plain(world), server_hostname="127.0.0.1"))
                line.sendall(hello)
                if over.is_set():
                    return
            over.wait()


def hostile(rng):
    """Frames that are none, are cut short, or become much more when they are unpacked."""
    batch = pb.SubmitBatch(batch=os.urandom(16), instrument=b"skm-2017").SerializeToString()
    empty = b"".join((batch, b"\x22\x00" * 400_000))
    request = pb.Request(id=1, list=pb.List(what=b"office")).SerializeToString()
    return rng.choice((
        struct.pack(">I", 0), struct.pack(">I", 1 << 31), struct.pack(">I", (1 << 32) - 1),
        frame(request)[:-1], frame(request + bytes([rng.randrange(256)]) * 50),
        frame(rng.randbytes(rng.randrange(1, 5000))), rng.randbytes(rng.randrange(1, 5000)),
        frame(b"\x08\x02\x1a" + varint(len(empty)) + empty), frame(b"\x08\x02" * 300_000)))


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


class Garbage(Peers):
    """Frames that are none, cut short, or grow when they are unpacked; and noise instead of TLS."""
    name, rows, holds = "garbage", (10,), (0.2, 0.6)

    def work(self, world, rng, over):
        while not over.is_set():
            with contextlib.suppress(*HARMLESS):
                if rng.random() < 0.3:
                    with plain(world) as line:
                        line.sendall(rng.randbytes(3000))
                    continue
                with Line(world.stack, world.stack.bundle("office", "SATU"), hello=rng.random() < 0.7,
                          timeout=2) as line:
                    line.send_bytes(hostile(rng))
                    line.receive()
            over.wait(0.01)


def waiting(world, office):
    """Submissions that wait in the outbox of an office now."""
    path = world.stack.home / office / "outbox.db"
    with contextlib.suppress(sqlite3.Error):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            return [kept(load) for load, in connection.execute("SELECT payload FROM load ORDER BY seq")]
        finally:
            connection.close()
    return []


def submit(line, batch):
    """What the daemon says of a batch that others send, too: stored or not, but nothing else; or an
    error that tells to come again."""
    reply = line.ask(submit=batch)
    if reply.HasField("error"):
        told = pb.Error.Code.Name(reply.error.code)
        assert told in ("UNAVAILABLE", "OVERLOADED"), reply
        return 0
    wrong = [verdict for verdict in verdicts(reply.receipt).values() if verdict[0] != "DUPLICATE"]
    assert not wrong, f"a batch that somebody else sends, too: {wrong[:3]}"
    return reply.receipt.stored


class OtherVersion(Peers):
    """A client of another version: fields and requests that this daemon does not know, and the same
    batches as the office sends itself."""
    name, rows, holds = "other-version", (23,), (0.2, 0.6)

    def work(self, world, rng, over):
        office = rng.choice(sorted(world.ledger.next_ms))
        new = b"\xc2\x3e\x05later"    # field 1000, bytes
        with Line(world.stack, world.stack.bundle("office", office), hello=False, timeout=10) as line:
            line.send_bytes(frame(pb.Request(id=1, hello=pb.Hello(program=b"later")).SerializeToString()
                                  + new))
            assert line.receive().HasField("welcome")
            line.last_id = 1
            line.send_bytes(frame(b"\x08\x02" + new))    # a request of a kind to come
            reply = line.receive()
            assert reply.error.code == pb.Error.UNSUPPORTED and reply.last, reply
            line.last_id = 2
            while not over.wait(0.02):
                for batch in waiting(world, office):
                    for entry in batch.response:
                        entry.MergeFromString(new)
                    submit(line, batch)


FAULTS = [Slowloris, Garbage, Idle, OtherVersion]
