"""Promises 2, 3, 4 and 6 of the design, on the side of the daemon: what a receipt rests on, once for
ever, one bad one, and whose response it is."""

import select

import pytest

from suara_wire import Batch, Line, code_of, pb, response_id, verdicts

NOW = 1_690_000_000_000
GOOD = [3, 4, 3, 4, 3, 4, 3, 4, 3]
OFFICE = "BBPOM-SMG"


@pytest.fixture
def line(shared):
    with Line(shared, shared.bundle("office", OFFICE)) as opened:
        yield opened


def batch_of(count, start=NOW):
    batch = Batch()
    for k in range(count):
        batch.add(start + k, GOOD)
    return batch


def sql(stack, text, *values, user="postgres"):
    connection = stack.db.connect(user)
    try:
        cursor = connection.cursor()
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def seen(stack, batch):
    return sql(stack, "SELECT n, stored, duplicate, seen FROM suara.batch WHERE batch_id = %s::uuid",
               batch.message.batch.hex())


def wal(stack):
    return sql(stack, "SELECT pg_current_wal_flush_lsn() - '0/0'")[0][0]


def statuses(receipt):
    return {index: verdict[0] for index, verdict in verdicts(receipt).items()}


# ---- promise 2 -----------------------------------------------------------------------------------

def test_promise_2_a_receipt_for_duplicates_has_written_wal_too(shared, line):
    batch = batch_of(5)
    assert line.submit(batch).receipt.stored == 5
    assert seen(shared, batch) == [(5, 5, 0, 1)]
    for again in (2, 3):
        before = wal(shared)
        receipt = line.submit(batch).receipt
        assert wal(shared) > before
        assert receipt.stored == 0 and statuses(receipt) == dict.fromkeys(range(5), "DUPLICATE")
        assert seen(shared, batch)[0][3] == again
    other = Batch()    # the same responses in a new batch
    other.message.response.extend(batch.message.response)
    before = wal(shared)
    assert statuses(line.submit(other).receipt) == dict.fromkeys(range(5), "DUPLICATE")
    assert wal(shared) > before and seen(shared, other) == [(5, 0, 5, 1)]


def waiting_for_standby(stack):
    """Backends of ingest whose commit waits for the standby."""
    return [pid for pid, in sql(stack, "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
                                       " AND usename = 'suara_ingest'")]


def silent(line):
    """Has the daemon said nothing so far?"""
    return not line.socket.pending() and not select.select([line.socket], [], [], 0)[0]


@pytest.mark.parametrize("cut", ["pg_cancel_backend", "pg_terminate_backend"])
@pytest.mark.parametrize("duplicates", [False, True])
def test_promise_2_an_unknown_commit_is_no_receipt(make_stack, cut, duplicates):
    """A standby that never answers: no receipt, whatever happens to the waiting commit. A cancelled
    wait is a COMMIT with a warning, a killed one has no outcome; both are run again."""
    stack = make_stack(profiles=False)
    with Line(stack, stack.bundle("office", OFFICE)) as line:
        batch = batch_of(3)
        if duplicates:
            line.submit(batch)
        sql(stack, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        sql(stack, "SELECT pg_reload_conf()")
        stack.wait(lambda: sql(stack, "SHOW synchronous_standby_names") == [("nobody",)], 10, "reload")
        line.send(submit=batch.message)
        for _ in range(3):
            pid = stack.wait(lambda: waiting_for_standby(stack), 20, "a commit that waits")[0]
            assert silent(line)
            sql(stack, f"SELECT {cut}(%s)", pid)
            stack.wait(lambda: pid not in waiting_for_standby(stack) or "ingest.again" in
                       stack.log_text(), 20, "the wait to end")
        stack.wait(lambda: waiting_for_standby(stack), 20, "the same keys to be run again")
        assert silent(line) and "ingest.again" in stack.log_text()
        sql(stack, "ALTER SYSTEM RESET synchronous_standby_names")
        sql(stack, "SELECT pg_reload_conf()")
        reply = line.receive()
        assert reply.HasField("receipt") and not set(statuses(reply.receipt).values()) - {"DUPLICATE"}
        assert sql(stack, "SELECT count(*) FROM suara.response") == [(3,)]


def test_promise_2_no_commit_no_receipt(make_stack):
    """A table that nobody can write to: no receipt until it can be, and nothing is lost or doubled."""
    stack = make_stack(profiles=False)
    with Line(stack, stack.bundle("office", OFFICE)) as line:
        lock = stack.db.connect()
        lock.autocommit = False
        lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
        line.send(submit=batch_of(3).message)
        stack.wait(lambda: sql(stack, "SELECT pid FROM pg_stat_activity"
                                      " WHERE wait_event_type = 'Lock'"), 20, "the insert to wait")
        assert silent(line)
        lock.close()
        assert line.receive().receipt.stored == 3


# ---- promise 3 -----------------------------------------------------------------------------------

def test_promise_3_the_first_content_stays_for_ever(shared, line):
    key = response_id(NOW, 12345)

    def put(ratings, **words):
        batch = Batch()
        batch.add(NOW, ratings, response=key, **words)
        receipt = line.submit(batch).receipt
        return receipt.stored, statuses(receipt)
    assert put(GOOD) == (1, {})
    assert put(GOOD) == (0, {0: "DUPLICATE"})
    assert put([4] * 9) == (0, {0: "CONFLICT"})
    assert put(GOOD, channel="web") == (0, {0: "CONFLICT"})
    assert put(GOOD, service="UMUM") == (0, {0: "DUPLICATE"})    # the same, said in more words
    assert sql(shared, "SELECT ratings FROM suara.response WHERE id = %s::uuid",
               key.hex())[0][0].tobytes() == bytes(GOOD)


def test_promise_3_within_one_batch(line):
    key = response_id(NOW, 777)
    batch = Batch()
    for ratings in (GOOD, GOOD, [1] * 9):
        batch.add(NOW, ratings, response=key)
    receipt = line.submit(batch).receipt
    assert receipt.stored == 1 and statuses(receipt) == {1: "DUPLICATE", 2: "CONFLICT"}


def test_promise_3_offices_do_not_disturb_each_other(shared, line):
    """The id is an office's own: the same one of another office is another response."""
    key = response_id(NOW, 99)
    for office in (OFFICE, "DINKES-MKS"):
        with Line(shared, shared.bundle("office", office)) as opened:
            batch = Batch()
            batch.add(NOW, GOOD, response=key)
            assert opened.submit(batch).receipt.stored == 1


def test_promise_3_what_was_erased_stays_erased(shared, line):
    batch = batch_of(3, NOW + 5000)
    line.submit(batch)
    key = batch.message.response[1].id.hex()
    sql(shared, "INSERT INTO suara.erased (office_id, id) SELECT office_id, id FROM suara.response"
                " WHERE id = %s::uuid", key)
    sql(shared, "DELETE FROM suara.response WHERE id = %s::uuid", key)
    receipt = line.submit(batch).receipt
    assert receipt.stored == 0
    assert statuses(receipt) == {0: "DUPLICATE", 1: "ERASED", 2: "DUPLICATE"}
    other = Batch()
    other.add(NOW + 5001, [4] * 9, response=bytes.fromhex(key))    # other content: erased all the same
    assert statuses(line.submit(other).receipt) == {0: "ERASED"}
    assert sql(shared, "SELECT count(*) FROM suara.response WHERE id = %s::uuid", key) == [(0,)]


def test_promise_3_the_same_batch_on_many_lines_at_once(shared):
    """Forwards and backwards: stored once, a duplicate for all others, and no deadlock."""
    batch = batch_of(400, NOW + 10_000)
    backwards = Batch()
    backwards.message.response.extend(reversed(batch.message.response))
    lines = [Line(shared, shared.bundle("office", OFFICE)) for _ in range(8)]
    try:
        for number, opened in enumerate(lines):
            opened.send(submit=(batch, backwards)[number % 2].message)
        receipts = [opened.receive().receipt for opened in lines]
    finally:
        for opened in lines:
            opened.close()
    assert sum(receipt.stored for receipt in receipts) == 400
    for receipt in receipts:
        assert set(statuses(receipt).values()) <= {"DUPLICATE"}
        assert receipt.stored + len(statuses(receipt)) == 400


# ---- promise 4 -----------------------------------------------------------------------------------

@pytest.mark.parametrize("place", [0, 50, 99])
def test_promise_4_one_bad_response_holds_nothing_up(shared, line, place):
    batch = batch_of(100, NOW + 20_000)
    batch.message.response[place].ratings = b"\x09" * 9
    receipt = line.submit(batch).receipt
    assert receipt.stored == 99
    assert verdicts(receipt)[place][:2] == ("INVALID", "u1")


def test_promise_4_one_bad_batch_holds_no_other_up(shared, line):
    """Pipelined in front of good ones, and grouped with them by the daemon."""
    bad = batch_of(2)
    bad.message.instrument = b"nothing"
    wanted = {}
    for k in range(6):
        wanted[line.send(submit=(bad if k % 2 == 0 else batch_of(3)).message)] = k % 2
    for _ in range(6):
        reply = line.receive()
        assert (reply.receipt.stored == 3) if wanted[reply.id] else code_of(reply) == "INVALID"


# ---- promise 6 -----------------------------------------------------------------------------------

def test_promise_6_the_office_is_that_of_the_certificate(shared):
    with Line(shared, shared.bundle("office", "RSUD-JPR")) as line:
        batch = Batch()
        batch.add(NOW, GOOD)
        batch.add(NOW, GOOD, office="RSUD-JPR")
        batch.add(NOW, GOOD, office=OFFICE)
        receipt = line.submit(batch).receipt
        assert receipt.stored == 2
        assert verdicts(receipt)[2][:2] == ("PERMISSION_DENIED", "office")
        assert code_of(line.ask(list=pb.List(what=b"office"))) == ""
    rows = sql(shared, "SELECT id, code FROM suara.response JOIN suara.office USING (office_id)"
                       " WHERE id = ANY (%s::uuid[])", [key.hex() for key in batch.content])
    assert {code for _, code in rows} == {"RSUD-JPR"} and len(rows) == 2
