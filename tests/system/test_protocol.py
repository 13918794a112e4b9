"""The protocol as suara-protocol(7) has it, spoken by a stranger to the C code: order of requests,
frames that are no frames, requests from the future, many at once, and what is left of half of one.
"""

import socket
import struct
import time

import pytest

from suara_wire import Batch, Closed, Line, code_of, frame, pb, response_id, verdicts

NOW = 1_700_000_000_000    # some moment in 2023
GOOD = [3, 4, 3, 4, 3, 4, 3, 4, 3]


@pytest.fixture
def bundle(shared):
    return shared.bundle("office", "BBPOM-SMG")


@pytest.fixture
def line(shared, bundle):
    with Line(shared, bundle) as opened:
        yield opened


def closed_soon(line):
    """Nothing more comes, and the connection ends."""
    with pytest.raises(Closed):
        while True:
            line.receive()


def batch_of(count, **how):
    batch = Batch()
    for k in range(count):
        batch.add(NOW + k, GOOD, **how)
    return batch


def stored(stack, batch):
    """How many responses of a batch are in the database."""
    with stack.db.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM suara.response WHERE id = ANY (%s::uuid[])",
                       ([key.hex() for key in batch.content if len(key) == 16],))
        return cursor.fetchone()[0]


def test_welcome_tells_what_a_client_needs(line):
    welcome = line.welcome
    assert (welcome.role, welcome.name, welcome.office, welcome.zone) == \
        (b"office", b"BBPOM-SMG", b"BBPOM-SMG", b"WIB")
    assert welcome.ready and welcome.max_frame == 1 << 20 and welcome.max_responses == 10000
    assert abs(welcome.now - time.time() * 1000) < 60_000
    assert welcome.certificate_ends > welcome.now
    assert welcome.program.startswith(b"suarad ")


def test_the_first_request_is_hello(shared, bundle):
    with Line(shared, bundle, hello=False) as line:
        reply = line.ask(report=pb.Report(**{"from": 20230101, "to": 20231231}))
        assert code_of(reply) == "INVALID" and b"Hello" in reply.error.text
        closed_soon(line)


def test_hello_is_said_once(line):
    assert code_of(line.ask(hello=pb.Hello())) == "INVALID"
    assert code_of(line.ask(list=pb.List(what=b"office"))) == ""


def test_a_request_of_the_future_is_unsupported_and_harmless(line):
    unknown = pb.Request(id=77).SerializeToString() + b"\x9a\x06\x03abc"    # field 99
    line.send_bytes(frame(unknown))
    reply = line.receive()
    assert (reply.id, reply.last, code_of(reply)) == (77, True, "UNSUPPORTED")
    assert line.submit(batch_of(1)).receipt.stored == 1


def test_unknown_fields_of_a_newer_client_are_passed_over(line):
    batch = batch_of(3)
    for entry in batch.message.response:
        entry.MergeFromString(b"\xfa\x3f\x02hi")    # field 1023
    body = pb.Request(id=5, submit=batch.message).SerializeToString() + b"\xfd\x3f\1\2\3\4"
    line.send_bytes(frame(body))
    reply = line.receive()
    assert reply.id == 5 and reply.receipt.stored == 3


@pytest.mark.parametrize("length, code", [(0, "INVALID"), (1 << 20 | 1, "TOO_LARGE"),
                                          (1 << 31, "TOO_LARGE"), ((1 << 32) - 1, "TOO_LARGE")])
def test_a_wrong_length_is_told_and_ends_the_connection(line, length, code):
    line.send_bytes(struct.pack(">I", length) + b"more that nobody reads")
    reply = line.receive()
    assert (reply.id, reply.last, code_of(reply)) == (0, True, code)
    assert reply.error.text
    closed_soon(line)


@pytest.mark.parametrize("garbage", [b"\xff" * 40, b"\x08", b"\x1a\xff\xff\xff\xff\x0f", b"\0" * 9,
                                     b"GET / HTTP/1.1\r\n\r\n", b"\x13\x08\x01\x14"])
def test_bytes_that_are_no_request_are_told_and_end_the_connection(line, garbage):
    line.send_bytes(frame(garbage))
    assert code_of(line.receive()) == "INVALID"
    closed_soon(line)


def test_plain_bytes_do_not_hurt(shared, bundle):
    for data in (b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"A" * 70000, b"\0" * 100):
        with socket.create_connection(("127.0.0.1", shared.port.number), 10) as plain:
            try:
                plain.sendall(data)
                while plain.recv(4096):
                    pass
            except ConnectionError:
                pass    # reset: cut off while we were still sending
    with Line(shared, bundle) as line:
        assert line.welcome.ready


def test_many_requests_at_once_all_get_their_own_reply(line):
    batches = {}
    data = b""
    for k in range(100, 160):
        batches[k] = batch_of(k - 99)
        data += frame(pb.Request(id=k, submit=batches[k].message).SerializeToString())
    line.send_bytes(data)
    for _ in range(60):
        reply = line.receive()
        assert reply.receipt.stored == reply.id - 99
        assert reply.receipt.batch == batches.pop(reply.id).message.batch
    assert not batches


def test_a_frame_may_come_byte_by_byte(line):
    for byte in frame(pb.Request(id=9, submit=batch_of(1).message).SerializeToString()):
        line.send_bytes(bytes([byte]))
    assert line.receive().receipt.stored == 1


@pytest.mark.parametrize("missing", [1, 5, 60])
def test_half_a_frame_is_nothing(shared, bundle, missing):
    batch = batch_of(1)
    with Line(shared, bundle) as line:
        line.send_bytes(frame(pb.Request(id=9, submit=batch.message)
                              .SerializeToString())[:-missing])
    with Line(shared, bundle) as line:    # answered only after the daemon has seen the end of ours
        assert not line.ask(held=pb.Held(ids=b"".join(batch.content))).held.index
    assert stored(shared, batch) == 0


def test_held_names_exactly_the_ids_that_are_held(shared, line):
    batch = batch_of(4)
    line.submit(batch)
    ids = list(batch.content)
    strange = [response_id(NOW, 1), response_id(NOW, 2)]
    asked = [strange[0], ids[2], ids[0], strange[1], ids[3]]
    assert sorted(line.ask(held=pb.Held(ids=b"".join(asked))).held.index) == [1, 2, 4]
    for office in ("DINKES-MKS", "RSUD-JPR"):    # whether another office has it is not theirs to know
        with Line(shared, shared.bundle("office", office)) as stranger:
            assert not stranger.ask(held=pb.Held(ids=b"".join(ids))).held.index


@pytest.mark.parametrize("ids", [b"", b"123", b"x" * 33])
def test_held_wants_whole_ids(line, ids):
    reply = line.ask(held=pb.Held(ids=ids))
    assert (code_of(reply), reply.error.field) == ("INVALID", b"ids")


def with_message(**fields):
    batch = batch_of(1)
    for name, value in fields.items():
        setattr(batch.message, name, value)
    return batch


def with_words(count):
    batch = batch_of(1)
    batch.message.word.extend(b"w%d" % k for k in range(count))
    return batch


@pytest.mark.parametrize("code, field, make, how", [
    ("INVALID", "response", batch_of, {"count": 0}),
    ("INVALID", "batch", with_message, {"batch": b"short"}),
    ("INVALID", "instrument", with_message, {"instrument": b"skm-1999"}),
    ("TOO_LARGE", "response", batch_of, {"count": 10001}),
    ("TOO_LARGE", "word", with_words, {"count": 4097})])
def test_a_batch_that_is_wrong_as_a_whole(shared, line, code, field, make, how):
    batch = make(**how)
    reply = line.submit(batch)
    assert (code_of(reply), reply.error.field) == (code, field.encode()), reply
    assert reply.error.text and not reply.error.retry_after_ms
    assert stored(shared, batch) == 0


def wrong_responses():
    """What each breaks: field, and how to add it to a batch."""
    soon = int(time.time() * 1000) + 3_600_000
    return [
        ("id", dict(response=b"short")), ("id", dict(response=b"")),
        ("id", dict(response=response_id(NOW + 1, 7))), ("id", dict(response=response_id(NOW, 7, 4))),
        ("collected_at", dict(collected=0)), ("collected_at", dict(collected=soon)),
        ("collected_at", dict(collected=(1 << 48) - 1)), ("collected_at", dict(collected=5)),
        ("u1", dict(ratings=[0] + GOOD[1:])), ("u5", dict(ratings=GOOD[:4] + [5] + GOOD[5:])),
        ("u9", dict(ratings=GOOD[:8])), ("u1", dict(ratings=[])), ("ratings", dict(ratings=GOOD + [1])),
        ("u2", dict(ratings=[1, 255] + GOOD[2:])),
        ("service", dict(service="SALAH")), ("service", dict(service="umum")),
        ("channel", dict(channel="telepathy")), ("channel", dict(channel=b"\xff\xfe")),
        ("stakeholder", dict(stakeholder="friends")), ("perspective", dict(perspective="both")),
        ("sex", dict(sex="X")), ("age", dict(age="20-30")), ("education", dict(education="S9")),
        ("occupation", dict(occupation="Astronaut")),
        ("comment", dict(comment=b"\xc3\x28", kind=1)), ("comment", dict(comment=b"a\0b", kind=1)),
        ("comment", dict(comment=b"\x1b[2J", kind=1)), ("comment", dict(comment=b"x" * 4001, kind=1)),
        ("comment", dict(comment=b"", kind=2)), ("comment_kind", dict(comment=b"hello", kind=0)),
        ("comment_kind", dict(comment=b"hello", kind=9)),
    ]


def test_each_wrong_response_is_named_and_no_good_one_suffers(shared, line):
    """All in one batch: a verdict each with the field at fault; the good ones between are stored."""
    batch, wanted = Batch(), {}
    for field, fault in wrong_responses():
        batch.add(NOW, GOOD)
        wanted[len(batch.message.response)] = field
        batch.add(**{"collected": NOW, "ratings": GOOD, **fault})
    receipt = line.submit(batch).receipt
    found = verdicts(receipt)
    assert {index: verdict[:2] for index, verdict in found.items()} == \
        {index: ("INVALID", field) for index, field in wanted.items()}
    assert all(reason for _, _, reason in found.values())
    assert receipt.stored == len(wanted) == stored(shared, batch)


def test_words_that_are_not_there_are_refused(line):
    batch = batch_of(2)
    batch.message.response[0].service = 9
    batch.message.response[1].office = 4_000_000_000
    found = verdicts(line.submit(batch).receipt)
    assert [found[k][:2] for k in (0, 1)] == [("INVALID", "service"), ("INVALID", "office")]


def test_text_is_kept_as_it_is(shared, line):
    texts = ["'; DROP TABLE response; --", "%s%n%d", "=cmd|' /C calc'!A0", "dua\nbaris\tdan tab",
             "\u202eterbalik", "📣 bagus", "é" * 2000]
    batch = Batch()
    keys = [batch.add(NOW, GOOD, comment=text.encode(), kind=4) for text in texts]
    assert line.submit(batch).receipt.stored == len(texts)
    with shared.db.connect() as connection, connection.cursor() as cursor:
        for key, text in zip(keys, texts):
            cursor.execute("SELECT text, kind FROM suara.comment WHERE id = %s::uuid", (key.hex(),))
            assert cursor.fetchall() == [(text, 4)]


def test_the_hash_is_what_the_manual_says(shared, line):
    batch = Batch()
    batch.add(NOW, GOOD)
    batch.add(NOW, GOOD, service="UMUM", perspective="recipient")
    batch.add(NOW, GOOD, channel="phone", stakeholder="ombudsman", perspective="provider", sex="P",
              age="<=20", education="D4/S1", occupation="Ibu Rumah Tangga", comment=b"x" * 4000, kind=3)
    assert line.submit(batch).receipt.stored == 3
    with shared.db.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, hash FROM suara.response WHERE id = ANY (%s::uuid[])",
                       ([key.hex() for key in batch.content],))
        found = {bytes.fromhex(str(key).replace("-", "")): value for key, value in cursor.fetchall()}
    assert found == batch.content
    assert len(set(found.values())) == 2    # the defaults count as given


def test_lists_are_tables_of_text(shared, line):
    reply = line.ask(list=pb.List(what=b"instrument")).table
    assert list(reply.column) == [b"code", b"version", b"name", b"scale", b"elements", b"used"]
    assert [b"skm-2017", b"2017", b"Survei Kepuasan Masyarakat", b"4", b"9", b"yes"] in [
        list(row.cell) for row in reply.row]
    assert {row.cell[0] for row in reply.row} >= {b"kep25-2004", b"ipkp", b"ipak"}
    assert [list(row.cell)[:2] for row in line.ask(list=pb.List(what=b"service")).table.row] == \
        [[b"BBPOM-SMG", b"UMUM"]]
    reply = line.ask(list=pb.List(what=b"ofice"))
    assert (code_of(reply), reply.error.field) == ("INVALID", b"what") and b"office" in reply.error.text


@pytest.mark.parametrize("field, wrong", [
    ("from", dict(**{"from": 20230230})), ("to", dict(to=20221231)), ("by", dict(by=b"moon")),
    ("instrument", dict(instrument=b"skm")), ("method", dict(method=b"0.12")),
    ("office", dict(office=[b"NOWHERE"])), ("perspective", dict(perspective=b"all")),
    ("perspective", dict(perspective=b"self"))])
def test_a_wrong_report_is_told_which_field(line, field, wrong):
    reply = line.ask(report=pb.Report(**{"from": 20230101, "to": 20231231, **wrong}))
    assert (code_of(reply), reply.error.field.decode()) == ("INVALID", field), reply
