"""Promise 2 and 5 of the design where the database does not say yes: a COMMIT that was none, trouble
that passes, trouble that stays, and a refusal of one batch beside others."""

import contextlib
import select
import socket
import threading

import pytest

from suara_wire import Batch, Line, code_of, pb, verdicts

NOW = 1_690_000_000_000
OFFICE = "BBPOM-SMG"
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"        # CommandComplete of a COMMIT, as libpq reads it
ROLLED_BACK = b"C\x00\x00\x00\x0dROLLBACK\x00"    # of one whose transaction had failed


HELD = b"C23505\x00"    # the field of an ErrorResponse that says so


def _end_of_error(data):
    """Behind the ErrorResponse that HELD is in: E, a length of four bytes, fields that begin with SERROR."""
    start = data.rindex(b"SERROR\x00", 0, data.index(HELD)) - 5
    return start + 1 + int.from_bytes(data[start + 1:start + 5], "big")


class Between:
    """Stands between the daemon and PostgreSQL; while `lies`, every COMMIT that PostgreSQL confirms
    reaches the daemon as a rollback, which is how the failure of a transaction can look. While `cuts`, the
    connection ends behind the error that a key is held."""

    def __init__(self, stack):
        self.lies, self.told = False, 0
        self.cuts, self.cut = False, 0
        self.real = str(stack.db.socket / ".s.PGSQL.5432")
        self.folder = stack.folder / "between"
        self.folder.mkdir(exist_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        near = self.folder / ".s.PGSQL.5432"
        near.unlink(missing_ok=True)
        self.listener.bind(str(near))
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def conninfo(self, user):
        return f"host={self.folder} dbname=suara user={user}"

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near = self.listener.accept()[0]
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.real)
                threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near, far):
        with near, far, contextlib.suppress(OSError):
            while True:
                for one in select.select([near, far], [], [])[0]:
                    data = one.recv(1 << 16)
                    if not data:
                        return
                    if one is far and self.lies and COMMITTED in data:
                        data = data.replace(COMMITTED, ROLLED_BACK)
                        self.told += 1
                    if one is far and self.cuts and HELD in data:
                        near.sendall(data[:_end_of_error(data)])
                        self.cut += 1
                        return
                    (near if one is far else far).sendall(data)

    def close(self):
        self.listener.close()


@pytest.fixture(scope="module")
def common(module_stack):
    return module_stack(profiles=False, settings={"database.ingest_connections": "1"})


@pytest.fixture
def stack(common):
    """The stack of this file with empty tables, whatever the test before left."""
    common.log.write_text("")
    sql(common, "DROP TRIGGER IF EXISTS trouble ON suara.response;"
                " TRUNCATE suara.response, suara.batch, suara.stale")
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


def line_of(stack, role="office", name=OFFICE, **how):
    return Line(stack, stack.bundle(role, name), **how)


def batch_of(count, start=NOW, **how):
    batch = Batch()
    for k in range(count):
        batch.add(start + k, [4] * 9, **how)
    return batch


def silent(line):
    return not line.socket.pending() and not select.select([line.socket], [], [], 0)[0]


@pytest.fixture
def between(stack):
    made = Between(stack)
    stack.stop_daemon()
    stack.write_conf(database__ingest=made.conninfo("suara_ingest"))
    stack.start_daemon()
    yield made
    stack.stop_daemon()
    made.close()


def test_promise_2_a_commit_that_says_rollback_is_no_receipt(stack, between):
    """Neither a receipt nor a refusal: the same keys are run again until it is known."""
    with line_of(stack) as line:
        batch = batch_of(3)
        between.lies = True
        line.send(submit=batch.message)
        stack.wait(lambda: between.told >= 3, 20, "the batch to be run again and again")
        assert silent(line)
        between.lies = False
        receipt = line.receive().receipt
        assert set(verdict[0] for verdict in verdicts(receipt).values()) == {"DUPLICATE"}
        assert receipt.batch == batch.message.batch and "ingest.again" in stack.log_text()
    assert sql(stack, "SELECT count(*) FROM suara.response") == [(3,)]


def test_promise_2_an_addition_is_proved_as_well(stack, between):
    """Nothing was added, as far as anybody knows: the administrator is asked to come again."""
    with line_of(stack, "admin", "admin") as admin:
        between.lies = True
        reply = admin.ask(add=pb.Add(what=b"service", code=b"UJI", name=b"Uji", office=OFFICE.encode()))
        assert code_of(reply) == "UNAVAILABLE" and reply.error.retry_after_ms, reply
        assert between.told
        between.lies = False


@pytest.mark.parametrize("count", [3, 500])    # each way of storing what is likely to be new
def test_a_connection_lost_with_an_error_is_run_again(stack, between, count):
    """It ends between the error and what would follow it: nobody is told anything until it is known."""
    batch = batch_of(count)
    with line_of(stack) as line:
        assert line.submit(batch).receipt.stored == count
        between.cuts = True
        line.send(submit=batch.message)
        stack.wait(lambda: between.cut, 20, "the connection to be cut")
        between.cuts = False
        receipt = line.receive().receipt
        assert [verdict[0] for verdict in verdicts(receipt).values()] == ["DUPLICATE"] * count
    assert "db.lost" in stack.log_text() and stack.daemon_running()


# ---- trouble in the transaction ------------------------------------------------------------------

TROUBLE = """CREATE OR REPLACE FUNCTION suara.trouble() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'made-up trouble' USING ERRCODE = TG_ARGV[0];
END $$;
GRANT EXECUTE ON FUNCTION suara.trouble() TO suara_ingest;
CREATE TRIGGER trouble BEFORE INSERT ON suara.response FOR EACH ROW
    WHEN (NEW.ratings = %s) EXECUTE FUNCTION suara.trouble(%s)"""
ILL = b"\x01" * 9    # the ratings of the response that brings the trouble
PASSING, FINAL = "40001", "23514"    # serialization_failure, check_violation


def ill_batch():
    batch = Batch()
    batch.add(NOW + 500, list(ILL))
    return batch


def together(stack, *batches):
    """Sends batches, each on its own line, so that they stand in one transaction; their replies."""
    lock = stack.db.connect()
    lock.autocommit = False
    lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
    with contextlib.ExitStack() as open_lines:
        first, *lines = [open_lines.enter_context(line_of(stack)) for _ in range(len(batches) + 1)]
        first.send(submit=batch_of(1, NOW + 900).message)    # waits in the database, alone
        stack.wait(lambda: sql(stack, "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"),
                   20, "the first batch to wait for the lock")
        for line, batch in zip(lines, batches):
            line.send(submit=batch.message)
        stack.wait(lambda: f"suarad_queue_batches {len(batches)}\n" in stack.http("/metrics")[1], 20,
                   "the others to be in the queue")
        lock.close()
        assert first.receive().receipt.stored == 1
        return [line.receive() for line in lines]


@pytest.mark.parametrize("state, code", [(PASSING, "UNAVAILABLE"), (FINAL, "INTERNAL")])
def test_one_batch_that_the_database_does_not_take_holds_no_other_up(stack, state, code):
    """It goes alone in the end, and its client keeps it; who shared its transaction is stored."""
    sql(stack, TROUBLE, ILL, state)
    ill = ill_batch()
    replies = together(stack, batch_of(2), ill, batch_of(3, NOW + 100), batch_of(4, NOW + 200))
    assert [reply.receipt.stored for reply in replies] == [2, 0, 3, 4]
    assert code_of(replies[1]) == code and replies[1].error.retry_after_ms == 200, replies[1]
    assert sql(stack, "SELECT count(*) FROM suara.response") == [(10,)]
    sql(stack, "DROP TRIGGER trouble ON suara.response")
    with line_of(stack) as line:    # kept, and sent again
        assert line.submit(ill).receipt.stored == 1


def test_who_waits_when_the_database_goes_away_is_told(stack):
    """Those whose batch is with the database, and those behind them in the queue."""
    lock = stack.db.connect()
    lock.autocommit = False
    lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
    with contextlib.ExitStack() as open_lines:
        lines = [open_lines.enter_context(line_of(stack)) for _ in range(3)]
        for k, line in enumerate(lines):
            line.send(submit=batch_of(2, NOW + 10 * k).message)
        stack.wait(lambda: "suarad_queue_batches 2\n" in stack.http("/metrics")[1], 20, "two to wait")
        stack.kill_db()
        for line in lines:
            reply = line.receive()
            assert code_of(reply) == "UNAVAILABLE" and reply.error.retry_after_ms == 200, reply
        assert code_of(lines[0].submit(batch_of(2))) == "UNAVAILABLE"    # at once, from now on
        assert "suarad_queue_bytes 0\n" in stack.http("/metrics")[1]
    stack.start_db()
    with line_of(stack) as line:
        assert line.submit(batch_of(2)).receipt.stored == 2
