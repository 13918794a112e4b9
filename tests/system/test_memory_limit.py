"""A daemon that may have 64 MB, told to queue far more than that while the database does not move:
it refuses, or it is ended by the kernel and started again, as its unit does; and whatever it gave a
receipt for is in the database, once."""

import os
import pathlib
import subprocess

import pytest

from suara_wire import Batch, Closed, Line, code_of, verdicts

OFFICE = "BBPOM-SMG"
LIMIT = 64 << 20
LINES, BIG, AT_ONCE = 16, 5000, 12    # connections; responses of a batch; batches sent on each
AT = 1_690_000_000_000

pytestmark = pytest.mark.slow    # AddressSanitizer alone needs more than that


class Group:
    """A control group of processes that have so much memory together."""

    def __init__(self, name):
        one, two = pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")
        self.old = (one / "memory.limit_in_bytes").exists()
        self.path = (one if self.old else two) / name
        most, swap = (("memory.limit_in_bytes", "memory.memsw.limit_in_bytes") if self.old else
                      ("memory.max", "memory.swap.max"))
        try:
            self.path.mkdir()
        except OSError as error:
            pytest.skip(f"no control group can be made here: {error}")
        try:
            (self.path / most).write_text(str(LIMIT))
        except OSError as error:
            self.remove()
            pytest.skip(f"no control group of memory can be made here: {error}")
        try:
            (self.path / swap).write_text(str(LIMIT if self.old else 0))
        except OSError:
            pass    # there is no swap to keep it from

    def put(self, pid):
        (self.path / "cgroup.procs").write_text(str(pid))

    def remove(self):
        self.path.rmdir()


@pytest.fixture
def group():
    made = Group(f"suara-test-{os.getpid()}")
    yield made
    made.remove()


def limit_by_group(stack, group):
    group.put(stack.daemon.pid)


def limit_by_addresses(stack, _):
    """malloc says no, where a control group would end the daemon."""
    status = pathlib.Path(f"/proc/{stack.daemon.pid}/status").read_text()
    size = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmSize"))
    subprocess.run(["prlimit", "--pid", str(stack.daemon.pid), f"--as={(size << 10) + LIMIT // 2}:"],
                   check=True)


def lift(stack):
    """A daemon that was started again has no limit; malloc of one that was not may need more room than
    is left between its pieces."""
    subprocess.run(["prlimit", "--pid", str(stack.daemon.pid), "--as=unlimited:"], check=True)


def small(number):
    batch = Batch()
    batch.add(AT + number, [4] * 9, tail=number)
    return batch


def receipt_of(batch, reply):
    """The ids that a receipt says are stored; nothing else may be said of good responses."""
    told = verdicts(reply.receipt)
    assert all(status == "DUPLICATE" for status, _, _ in told.values()), told
    assert reply.receipt.stored + len(told) == len(batch.content), reply
    return set(batch.content)


def flood(stack, big):
    """Sends all of it on all lines at once, without reading: the lines, and what went out whole."""
    sent = []
    for _ in range(LINES):
        try:
            line = Line(stack, stack.bundle("office", OFFICE), timeout=60)
        except (Closed, OSError):    # there is no memory for one more, or it is gone
            break
        line.socket.settimeout(0.5)
        count = 0
        try:
            while count < AT_ONCE:
                line.send(submit=big.message)
                count += 1
        except (Closed, OSError):    # it is gone, or does not read any more
            pass
        line.socket.settimeout(60)
        sent.append((line, count))
    return sent


def answers(stack, sent, big):
    """How many receipts came, and which refusals."""
    receipts, refusals = 0, set()
    for line, count in sent:
        try:
            for _ in range(count):
                reply = line.receive()
                if reply.HasField("receipt"):
                    receipt_of(big, reply)
                    receipts += 1
                else:
                    refusals.add(code_of(reply))
        except (Closed, OSError):
            pass
        line.close()
    if not stack.daemon_running():
        stack.start_daemon()
    return receipts, refusals


def in_database(stack):
    with stack.db.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT uuid_send(id) FROM suara.response")
        rows = [row[0].tobytes() for row in cursor.fetchall()]
    connection.close()
    assert len(set(rows)) == len(rows)
    return set(rows)


@pytest.mark.parametrize("limit", [limit_by_group, limit_by_addresses])
def test_a_daemon_with_64_mb(make_stack, group, limit):
    stack = make_stack(profiles=False, settings={"ingest.queue_bytes": "1G", "server.connections": 100})
    big = Batch()
    for k in range(BIG):
        big.add(AT + 1000 + k, [1 + k % 4] * 9, tail=k, comment=b"x" * 60, kind=1)
    told = set()
    with Line(stack, stack.bundle("office", OFFICE)) as line:
        for number in range(20):
            batch = small(number)
            told |= receipt_of(batch, line.submit(batch))
    limit(stack, group)
    lock = stack.db.connect()
    lock.autocommit = False
    lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
    first = stack.daemon
    sent = flood(stack, big)
    lock.close()
    receipts, refusals = answers(stack, sent, big)
    if receipts:
        told |= set(big.content)
    print(f"{receipts} receipts, refusals {refusals}, ended: {first.poll()}")
    assert first.poll() in (None, -9), f"it crashed: {first.poll()}"
    assert refusals <= {"OVERLOADED", "UNAVAILABLE"}
    assert first.poll() is not None or refusals or receipts < LINES * AT_ONCE, "the limit was never felt"
    assert told <= in_database(stack)
    lift(stack)
    with Line(stack, stack.bundle("office", OFFICE), timeout=60) as line:    # it goes on
        for batch in (big, *(small(number) for number in range(25))):
            told |= receipt_of(batch, line.submit(batch))
    assert in_database(stack) == told
