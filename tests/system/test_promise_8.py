"""Promise 8 of the design: memory is bounded whatever peers do, and others are served meanwhile."""

import contextlib
import random
import re
import struct
import threading
import time

import pytest
import zstandard

from suara_wire import Batch, Closed, Line, code_of, frame, pb

MIB = 1 << 20
BOUND = 64 * MIB    # of the daemon, whatever comes
NOW = 1_690_000_000_000
OFFICE = "BBPOM-SMG"


@pytest.fixture(scope="module")
def stack(module_stack, sanitized):
    return module_stack(profiles=False, settings={"server.frame_timeout": "5s" if sanitized else "1s"})


@pytest.fixture
def bundle(stack):
    return stack.bundle("office", OFFICE)


def peak(stack):
    """VmHWM of the daemon, in bytes."""
    with open(f"/proc/{stack.daemon.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1)) * 1024


def bounded(stack, sanitized):
    if not sanitized:    # the sanitizer keeps what was freed for a while
        assert peak(stack) < BOUND, f"{peak(stack) / MIB:.1f} MiB"


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def field(number, body):
    return varint(number << 3 | 2) + varint(len(body)) + body


def amplifiers():
    """Frames of nearly 1 MiB whose messages would take up far more when unpacked."""
    room = MIB - 100
    batch = b"\x0a\x10" + b"b" * 16 + b"\x12\x08skm-2017"
    return {
        "empty responses": field(3, batch + b"\x22\x00" * (room // 2 - 50)),
        "empty words": field(3, batch + b"\x1a\x00" * (room // 2 - 50)),
        "small responses": field(3, batch + b"\x22\x02\x10\x01" * (room // 4 - 50)),
        "empty bodies": b"\x1a\x00" * (room // 2),
        "hello over and over": field(2, b"") * (room // 2),
        "offices of a report": field(5, b"\x1a\x00" * (room // 2 - 50)),
        "ids": field(4, field(1, b"i" * (room - room % 16 - 160))),
        "unknown fields": b"\xfa\x3f\x00" * (room // 3),
        "unknown numbers": b"\xf8\x3f\x01" * (room // 3),
    }


@contextlib.contextmanager
def others_served(stack, bundle):
    """A well-behaved office submits all the while; how long each of its batches took."""
    done, took, failed = threading.Event(), [], []

    def behave():
        try:
            with Line(stack, bundle, timeout=30) as line:
                while not done.is_set():
                    batch = Batch()
                    for k in range(20):
                        batch.add(NOW + k, [4] * 9)
                    begun = time.monotonic()
                    reply = line.submit(batch)
                    took.append(time.monotonic() - begun)
                    assert reply.receipt.stored == 20, reply
        except BaseException as error:
            failed.append(error)
            raise
    thread = threading.Thread(target=behave)
    thread.start()
    try:
        stack.wait(lambda: took or failed, 30, "the first batch")
        yield took
        count = len(took)
        stack.wait(lambda: len(took) > count + 2 or failed, 30, "more batches after the attack")
    finally:
        done.set()
        thread.join()
    assert not failed and max(took) < 10, (failed, max(took))


@pytest.mark.parametrize("name", amplifiers())
def test_promise_8_amplifiers(stack, bundle, sanitized, name):
    """Each is answered or cut off; ten lines with three of them each stay within the bound."""
    data = frame(amplifiers()[name])
    with others_served(stack, bundle):
        for _ in range(2 if sanitized else 10):
            with Line(stack, bundle) as line:
                with contextlib.suppress(Closed):
                    for _ in range(3):
                        line.send_bytes(data)
                with contextlib.suppress(Closed):
                    reply = line.receive()
                    assert reply.HasField("error") or reply.HasField("held"), str(reply)[:500]
    bounded(stack, sanitized)


def bombs():
    """Compressed messages of 1 MiB: in as few bytes as zstd can say it, at the ratio that is taken,
    and as much as an arena may be made to hold."""
    chance = random.Random(8)
    room = MIB - 100
    batch = b"\x0a\x10" + b"b" * 16 + b"\x12\x08skm-2017"

    def whole(body):
        return b"\x08\x05" + field(3, batch + body)
    return {
        "zeros": bytes(MIB),
        "a comment": whole(field(4, field(13, b"c" * room))),
        "at the ratio": whole(field(3, chance.randbytes(17_000)) + b"\x1a\x00" * (room // 2 - 9000)),
        "empty responses and words": whole(b"".join(chance.choices((b"\x22\x00", b"\x1a\x00"),
                                                                  k=room // 2 - 50))),
        "small responses": whole(b"".join(b"\x22\x02\x10" + bytes([chance.randrange(128)])
                                          for _ in range(room // 4 - 50))),
    }


@pytest.mark.parametrize("name", bombs())
def test_promise_8_bombs(stack, bundle, sanitized, name):
    """Forty lines with eight of each at once: one is unpacked at a time, into the same place."""
    zstd = zstandard.ZstdCompressor(level=9).compress(bombs()[name])
    data = frame(pb.Request(id=5, zstd=zstd).SerializeToString())
    lines = [Line(stack, bundle, compression=True) for _ in range(6 if sanitized else 40)]
    try:
        with others_served(stack, bundle):
            for line in lines:
                with contextlib.suppress(Closed):
                    line.send_bytes(data * 8)
            replies = []
            for line in lines:
                with contextlib.suppress(Closed):
                    replies.append(line.receive())
            assert replies and {code_of(reply) for reply in replies} == {"TOO_LARGE"}, replies[0]
        bounded(stack, sanitized)
    finally:
        for line in lines:
            line.close()


def test_promise_8_half_frames(stack, bundle, sanitized):
    """Forty lines with nine tenths of a frame each: all cut off in time, and who sends whole ones
    meanwhile is served."""
    lines = []
    try:
        with others_served(stack, bundle):
            for _ in range(12 if sanitized else 40):
                lines.append(Line(stack, bundle))
                lines[-1].socket.settimeout(0.05)    # it may stop reading: that is the point
                with contextlib.suppress(Closed, TimeoutError):
                    lines[-1].send_bytes(struct.pack(">I", MIB) + b"\x1a" * (9 * MIB // 10))
            bounded(stack, sanitized)
            for line in lines:
                line.socket.settimeout(30)
                with pytest.raises(Closed):
                    while True:
                        assert code_of(line.receive()) in ("INVALID", "OVERLOADED", "UNAVAILABLE")
    finally:
        for line in lines:
            line.close()
    bounded(stack, sanitized)
    stack.wait(lambda: re.search(r"^suarad_sessions 0$", stack.http("/metrics")[1], re.M), 20,
               "all lines to be gone")


def test_promise_8_nobody_reads_the_replies(stack, bundle, sanitized):
    """Requests without end and no reply is ever read: the daemon stops reading, and stays small."""
    ask = b"".join(frame(pb.Request(id=k, list=pb.List(what=b"instrument")).SerializeToString())
                   for k in range(1, 500))
    lines = [Line(stack, bundle) for _ in range(5 if sanitized else 20)]
    try:
        with others_served(stack, bundle):
            for line in lines:
                line.socket.settimeout(0.05)
                with contextlib.suppress(Closed, TimeoutError):
                    for _ in range(200):
                        line.send_bytes(ask)
            bounded(stack, sanitized)
    finally:
        for line in lines:
            line.close()


@pytest.mark.parametrize("compression", [False, True])
def test_promise_8_a_flood_while_the_database_stands_still(stack, bundle, sanitized, compression):
    """Batches of 0.5 MiB from thirty lines and a locked table: the queue has its limit, sockets are
    not read, and every batch is stored in the end. Also when they are a tenth of that on the line."""
    batch = Batch()
    for k in range(4000):
        batch.add(NOW + 5000 * compression + k, [4] * 9, comment=b"c" * 80, kind=1)
    lock = stack.db.connect()
    lock.autocommit = False
    lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
    count = 6 if sanitized else 30
    lines = [Line(stack, bundle, timeout=60, compression=compression) for _ in range(count)]
    receipts = []

    def flood(line):
        for _ in range(2):
            line.send(submit=batch.message)
        receipts.extend(line.receive() for _ in range(2))
    threads = [threading.Thread(target=flood, args=(line,)) for line in lines]
    for thread in threads:
        thread.start()
    stack.wait(lambda: re.search(r"^suarad_reading_paused 1$", stack.http("/metrics")[1], re.M)
               or (sanitized and re.search(r"^suarad_queue_batches \d{2}", stack.http("/metrics")[1],
                                           re.M)), 30, "reading to stop")
    bounded(stack, sanitized)
    lock.close()
    for thread in threads:
        thread.join()
    for line in lines:
        line.close()
    assert len(receipts) == 2 * count and all(reply.HasField("receipt") for reply in receipts)
    assert sum(reply.receipt.stored for reply in receipts) == 4000
    bounded(stack, sanitized)


@contextlib.contextmanager
def standstill(stack, mode):
    """The table of responses is locked meanwhile."""
    lock = stack.db.connect()
    lock.autocommit = False
    try:
        lock.cursor().execute(f"LOCK TABLE suara.response IN {mode} MODE")
        yield
    finally:
        lock.close()


def requests(stack):
    return int(re.search(r"^suarad_requests_total (\d+)$", stack.http("/metrics")[1], re.M).group(1))


def held(count):
    return frame(pb.Request(id=5, held=pb.Held(ids=b"i" * 16 * count)).SerializeToString())


def test_promise_8_questions_that_wait(stack, bundle, sanitized):
    """What waits for the database in memory is small, however much is asked: Held of as many ids as
    a frame takes are refused at once, and as many as are allowed wait from many lines."""
    lines = [Line(stack, bundle, timeout=60) for _ in range(4 if sanitized else 12)]
    try:
        with standstill(stack, "ACCESS EXCLUSIVE"):
            for line in lines:
                line.send_bytes(held(65_000))
                assert code_of(line.receive()) == "TOO_LARGE"
            all_read = requests(stack) + 16 * len(lines)
            for line in lines:
                line.send_bytes(held(1000) * 16)
            stack.wait(lambda: requests(stack) == all_read, 30, "all to be read")
            bounded(stack, sanitized)
        for line in lines:
            assert all(line.receive().HasField("held") for _ in range(16))
        bounded(stack, sanitized)
    finally:
        for line in lines:
            line.close()


def test_promise_8_long_comments_after_a_standstill(stack, bundle, sanitized):
    """Few responses, long texts: what has waited is not taken into one transaction all at once."""
    lines = [Line(stack, bundle, timeout=60) for _ in range(6 if sanitized else 40)]
    receipts = []

    def write(place, line):
        for part in range(2):
            batch = Batch()
            for k in range(255):
                batch.add(NOW + 1_000_000 * place + 1000 * part + k, [4] * 9, comment=b"c" * 4000, kind=1)
            line.send(submit=batch.message)
        receipts.extend(line.receive() for _ in range(2))
    threads = [threading.Thread(target=write, args=each) for each in enumerate(lines)]
    with standstill(stack, "SHARE"):
        for thread in threads:
            thread.start()
        stack.wait(lambda: re.search(r"^suarad_queue_batches [1-9]", stack.http("/metrics")[1], re.M),
                   30, "batches to wait")
        if not sanitized:
            stack.wait(lambda: re.search(r"^suarad_reading_paused 1$", stack.http("/metrics")[1], re.M),
                       30, "reading to stop")
    for thread in threads:
        thread.join()
    for line in lines:
        line.close()
    assert len(receipts) == 2 * len(lines)
    assert sum(reply.receipt.stored for reply in receipts) == 2 * 255 * len(lines)
    bounded(stack, sanitized)
