"""Compressed messages (suara-protocol(7), COMPRESSION), by a second implementation of it: agreed in Hello
and Welcome, the same answers as plain ones, and what is no proper zstd frame ends the connection."""

import re
import signal
import sqlite3

import pytest
import zstandard

from limits import limited
from suara_wire import Batch, Closed, Line, code_of, frame, pb, squeezed, verdicts

NOW = 1_690_000_000_000
OFFICES = ("SATU", "DUA")
MIB = 1 << 20
FRAME_MAGIC = b"\x28\xb5\x2f\xfd"


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=OFFICES)


def line_of(stack, name="SATU", compression=True, role="office", **how):
    return Line(stack, stack.bundle(role, name), compression=compression, **how)


def saved(stack, direction):
    return int(re.search(rf'^suarad_compression_saved_bytes_total{{direction="{direction}"}} (\d+)$',
                         stack.http("/metrics")[1], re.M).group(1))


def batch_of(count, start=NOW):
    """As an office sends them: in the order of time, each with its profile."""
    batch = Batch()
    for k in range(count):
        batch.add(start + 61_000 * k, [2 + (k * n * n >> 3) % 3 for n in range(1, 10)], channel="kiosk",
                  sex="LP"[k * k % 2], age=("21-30", "31-40", "41-50")[k * 7 % 3],
                  stakeholder=("public", "business")[k % 5 // 4])
    return batch


def closed_soon(line):
    with pytest.raises(Closed):
        while True:
            line.receive()


# ---- agreed, or not --------------------------------------------------------------------------------

@pytest.mark.parametrize("offered, agreed", [([], []), ([1], [1]), ([9], []), ([9, 1, 1], [1]), ([0], [])])
def test_the_daemon_names_what_both_know(stack, offered, agreed):
    with line_of(stack, hello=False) as line:
        reply = line.ask(hello=pb.Hello(program=b"tests", compression=offered))
        assert list(reply.welcome.compression) == agreed


def test_without_an_agreement_it_is_a_request_that_nobody_knows(stack):
    """As an older daemon has it: UNSUPPORTED, and the connection goes on. Also before Hello."""
    batch = batch_of(50)
    with line_of(stack, hello=False) as line:
        for number in (1, 3):
            line.send_bytes(frame(squeezed(pb.Request(id=number, submit=batch.message)).SerializeToString()))
            reply = line.receive()
            assert (reply.id, code_of(reply)) == (number, "UNSUPPORTED")
            line.last_id = number
            if number == 1:
                assert line.ask(hello=pb.Hello(program=b"an older client")).HasField("welcome")
        assert line.submit(batch).receipt.stored == 50


def change(stack, compression):
    stack.log.write_text("")
    stack.write_conf(server__compression=compression)
    stack.daemon.send_signal(signal.SIGHUP)
    stack.wait(lambda: "reload.done" in stack.log_text(), 15, "the reload")


def test_it_can_be_switched_off(stack, tmp_path):
    """New connections get plain messages only; our client sends them plain then."""
    with line_of(stack) as old:
        change(stack, "off")
        try:
            with line_of(stack) as line:
                assert not line.welcome.compression
                line.send_bytes(frame(squeezed(pb.Request(id=7, submit=batch_of(50).message))
                                      .SerializeToString()))
                assert code_of(line.receive()) == "UNSUPPORTED"
            before = saved(stack, "in"), saved(stack, "out")
            submit(stack, "DUA", tmp_path, 200)
            assert (saved(stack, "in"), saved(stack, "out")) == before
            assert old.submit(batch_of(60, NOW + 1)).receipt.stored == 60    # it was agreed
            assert saved(stack, "in") > before[0]
        finally:
            change(stack, "on")


# ---- the same answers ------------------------------------------------------------------------------

def test_a_compressed_batch_gets_the_receipt_of_a_plain_one(stack):
    batch = batch_of(1000, NOW + 10)
    batch.add(NOW, [5] * 9)
    batch.add(NOW, [4] * 8)
    batch.add(NOW, [4] * 9, channel="radio")
    batch.add(NOW, [4] * 9, office="DUA")
    receipts, sent = [], []
    for name, compression in (("SATU", True), ("DUA", False)):
        with line_of(stack, name, compression) as line:
            before = line.sent
            batch.message.word[-1] = ("DUA" if name == "SATU" else "SATU").encode()
            receipts.append(line.submit(batch).receipt)
            sent.append(line.sent - before)
            again = verdicts(line.submit(batch).receipt)
            assert [again[k][0] for k in range(1000)] == ["DUPLICATE"] * 1000
    assert receipts[0] == receipts[1] and receipts[0].stored == 1000
    assert [verdict[0] for verdict in verdicts(receipts[0]).values()].count("INVALID") == 3
    assert sent[0] <= 40 * 1000 < sent[1], sent    # bytes on the wire, per response


def test_a_request_inside_needs_no_id_of_its_own(stack):
    """So that a client can compress it before it knows when it will be sent."""
    batch = batch_of(50, NOW + 900)
    inside = squeezed(pb.Request(submit=batch.message)).zstd
    with line_of(stack) as line:
        line.send_bytes(frame(pb.Request(id=5, zstd=inside).SerializeToString()))
        reply = line.receive()
        assert (reply.id, reply.receipt.stored) == (5, 50)


def test_many_at_once_and_both_kinds_in_turn(stack):
    """Each unpacks to the next one's place: none mixes with another."""
    batches = [batch_of(60 + k, NOW + 1000 + 10 * k) for k in range(12)]
    data = b""
    for number, batch in enumerate(batches, 100):
        request = pb.Request(id=number, submit=batch.message)
        data += frame((request if number % 3 == 0 else squeezed(request, level=number % 19 + 1))
                      .SerializeToString())
    with line_of(stack) as line:
        line.send_bytes(data)
        for _ in batches:
            reply = line.receive()
            assert reply.receipt.stored == reply.id - 40, reply
            assert reply.receipt.batch == batches[reply.id - 100].message.batch


def test_a_long_answer_comes_compressed_to_who_offered_it(stack):
    with line_of(stack, role="admin", name="admin") as line:
        instrument = line.ask(list=pb.List(what=b"instrument", code=b"skm-2017"))
        short = line.received
    with line_of(stack, role="admin", name="admin", compression=False) as line:
        before, started = saved(stack, "out"), line.received
        assert line.ask(list=pb.List(what=b"instrument", code=b"skm-2017")) == instrument
        assert saved(stack, "out") == before
    assert len(instrument.document.text) > 1024 and short < (line.received - started) * 2 // 3


# ---- what is no such message -----------------------------------------------------------------------

WHOLE = pb.Request(id=5, submit=batch_of(100, NOW + 5).message)
SMALL = WHOLE.SerializeToString()
GOOD = squeezed(WHOLE).zstd


def changed(size):
    """GOOD, but its content size (2 bytes behind the flags) is said to be another one."""
    assert GOOD[4] & 0xE0 == 0x60, "a single segment, its size in two bytes"
    return GOOD[:5] + (size - 256).to_bytes(2, "little") + GOOD[7:]


def repeated(size):
    """`size` zeros in as few bytes as there can be: blocks of 128 KiB in 4 bytes each."""
    left, blocks = size, b""
    while left:
        part = min(left, 128 << 10)
        left -= part
        blocks += (part << 3 | 2 | (left == 0)).to_bytes(3, "little") + b"\0"
    return FRAME_MAGIC + b"\xa0" + size.to_bytes(4, "little") + blocks


BROKEN = {
    "nothing": (b"", "INVALID"),
    "rubbish": (b"\xff" * 2000, "INVALID"),
    "cut": (GOOD[:-1], "INVALID"),
    "half": (GOOD[:len(GOOD) // 2], "INVALID"),
    "a byte behind it": (GOOD + b"\0", "INVALID"),
    "twice": (GOOD + GOOD, "INVALID"),
    "a frame to be skipped": (GOOD + b"\x50\x2a\x4d\x18\1\0\0\0x", "INVALID"),
    "no size": (squeezed(WHOLE, write_content_size=False).zstd, "INVALID"),
    "less than it says": (changed(len(SMALL) + 1), "INVALID"),
    "more than it says": (changed(len(SMALL) - 1), "INVALID"),
    "a dictionary": (zstandard.ZstdCompressor(dict_data=zstandard.ZstdCompressionDict(SMALL[:300])).compress(SMALL),
                     "INVALID"),
    "not a message": (zstandard.compress(bytes(range(256)) * 8), "INVALID"),
    "compressed twice": (squeezed(squeezed(WHOLE)).zstd, "INVALID"),
    "another id": (squeezed(pb.Request(id=6, submit=WHOLE.submit)).zstd, "INVALID"),
    "1 MiB in 41 bytes": (repeated(MIB), "TOO_LARGE"),
    "4 GiB": (FRAME_MAGIC + b"\xa0\xff\xff\xff\xff\x19\0\0abc", "TOO_LARGE"),
    "a byte too many": (zstandard.compress(b"".join(b"%d " % (k * k) for k in range(1 << 17))[:MIB + 1]),
                        "TOO_LARGE"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_proper_frame_ends_the_connection(stack, name):
    zstd, code = BROKEN[name]
    before = limited(stack, "server.max_frame")
    with line_of(stack) as line:
        line.send_bytes(frame(pb.Request(id=5, zstd=zstd).SerializeToString()))
        reply = line.receive()
        assert (reply.id, reply.last, code_of(reply)) == (5, True, code) and reply.error.text
        closed_soon(line)
    assert limited(stack, "server.max_frame") == before + (name in ("4 GiB", "a byte too many"))
    with line_of(stack) as line:
        assert line.submit(Batch()).HasField("error")    # the daemon is there


def test_a_request_of_the_future_may_be_compressed_too(stack):
    later = pb.Request(id=5).SerializeToString() + b"\x9a\x06\x80\x10" + bytes(range(256)) * 8    # field 99
    with line_of(stack) as line:
        line.send_bytes(frame(squeezed(later, number=5).SerializeToString()))
        assert code_of(line.receive()) == "UNSUPPORTED"
        assert line.submit(batch_of(50, NOW + 20)).receipt.stored == 50


# ---- our own client --------------------------------------------------------------------------------

def csv_of(count, day="2023-07-13"):
    return "u1,u2,u3,u4,u5,u6,u7,u8,u9,collected_at,sex\n" + "".join(
        f"{k % 4 + 1},{k * k % 4 + 1},3,4,4,3,2,4,4,{day} {k // 3600 + 8:02}:{k // 60 % 60:02}:{k % 60:02},"
        f"{'LP'[k % 2]}\n" for k in range(count))


def submit(stack, profile, tmp_path, count):
    path = tmp_path / "survey.csv"
    path.write_text(csv_of(count))
    done = stack.run("suara", "--profile", profile, "submit", path)
    assert done.returncode == 0 and f"{count} stored" in done.stdout, done
    return path.stat().st_size


def test_client_and_daemon_agree(stack, tmp_path):
    """What `suara submit` sends gets smaller, and so does a long answer."""
    before = saved(stack, "in"), saved(stack, "out")
    submit(stack, "SATU", tmp_path, 3000)
    assert saved(stack, "in") - before[0] > 3000 * 15
    shown = stack.run("suara", "--profile", "admin", "admin", "instrument", "show", "skm-2017")
    assert shown.returncode == 0 and "skm-2017" in shown.stdout, shown
    assert saved(stack, "out") > before[1]


# ---- the outbox ------------------------------------------------------------------------------------

def test_a_batch_that_the_disk_damaged_holds_up_no_other(stack, tmp_path):
    """One bit of what is kept is changed: the others are sent, that one waits and says why."""
    for number in range(3):
        path = tmp_path / f"part-{number}.csv"
        path.write_text(csv_of(300, f"2023-06-{number + 10}"))
        done = stack.run("suara", "--profile", "SATU", "submit", path, "--no-send")
        assert done.returncode == 0, done
    outbox = sqlite3.connect(stack.home / "SATU" / "outbox.db")
    (seq, load), *_ = outbox.execute("SELECT seq, payload FROM load ORDER BY seq").fetchall()
    assert load.startswith(FRAME_MAGIC)
    bad = bytearray(load)
    bad[len(bad) // 2] ^= 1
    outbox.execute("UPDATE load SET payload = ? WHERE seq = ?", (bytes(bad), seq))
    outbox.commit()
    done = stack.run("suara", "--profile", "SATU", "sync", "--wait", "0")
    assert done.returncode != 0 and "600 stored" in done.stdout and "damaged" in done.stderr, done
    assert outbox.execute("SELECT seq, payload = ? FROM load", (bytes(bad),)).fetchall() == [(seq, 1)]
    outbox.execute("UPDATE load SET payload = ? WHERE seq = ?", (load, seq))    # it was not the disk after all
    outbox.commit()
    outbox.close()
    done = stack.run("suara", "--profile", "SATU", "sync")
    assert done.returncode == 0 and "300 stored" in done.stdout, done
