"""Groups: who shares a transaction, and that nobody waits for another's."""

import uuid

import pytest

from suara_wire import Batch, Line

NOW = 1_691_000_000_000
GOOD = [3, 4, 3, 4, 3, 4, 3, 4, 3]
OFFICE, OTHER = "BBPOM-SMG", "DINKES-MKS"
STORING = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'suara_ingest' AND wait_event_type = 'Lock'"


@pytest.fixture
def locked(shared):
    """locked(batch): its first key is taken by a transaction that stays open; whoever stores it waits."""
    connection = shared.db.connect("postgres")
    connection.autocommit = False

    def lock(batch):
        key = batch.message.response[0].id
        connection.cursor().execute(
            "INSERT INTO suara.response SELECT office_id, 1, now(), 7, %s, 1, 0, 0, 1, 0, 0, 0, 0,"
            " '\\x010203040102030401' FROM suara.office WHERE code = %s", (str(uuid.UUID(bytes=key)), OFFICE))
        return connection
    yield lock
    connection.rollback()
    connection.close()


def waits(stack):
    connection = stack.db.connect("postgres")
    cursor = connection.cursor()
    cursor.execute(STORING)
    count, = cursor.fetchone()
    connection.close()
    return count > 0


def single(k):
    batch = Batch()
    batch.add(NOW + k, GOOD)
    return batch


def test_a_group_that_waits_keeps_nobody_else(shared, locked):
    """One response is few enough to wait for company; not for as long as the other group takes."""
    with Line(shared, shared.bundle("office", OFFICE), timeout=60) as line, \
            Line(shared, shared.bundle("office", OTHER), timeout=10) as other:
        held = single(0)
        blocker = locked(held)
        line.send(submit=held.message)
        shared.wait(lambda: waits(shared), 10, "the group to wait for the key")
        for k in range(1, 6):
            assert other.submit(single(k)).receipt.stored == 1
        blocker.rollback()
        assert line.receive().receipt.stored == 1


def test_those_who_come_together_share_a_transaction(shared):
    """While one is under way the others gather: far fewer transactions than submissions."""
    def transactions():
        text = shared.http("/metrics")[1]
        return sum(float(line.split()[-1]) for line in text.splitlines()
                   if line.startswith("suarad_transactions_total"))
    before = transactions()
    with Line(shared, shared.bundle("office", OFFICE), timeout=20) as line:
        for turn in range(10):
            for k in range(16):
                line.send(submit=single(1000 + 100 * turn + k).message)
            for _ in range(16):
                assert line.receive().receipt.stored == 1
    assert transactions() - before <= 80
