"""kill -9 of the daemon, at random moments and at each stage of a submission, while real clients
submit: the ledger must hold. A failure is replayed with SUARA_SEED. Here one daemon dies many times;
test_chaos.py has all other faults, the database's and those of several at once."""

import os
import random
import subprocess
import threading

import pytest

from ledger import Ledger
from suara_wire import Batch, Line

# What is killed reports nothing to a sanitizer; what clients do then is in the rounds of test_chaos.py.
pytestmark = pytest.mark.slow
OFFICES = ("SATU", "DUA", "TIGA", "EMPAT")
KILLS = 24


@pytest.fixture
def rng():
    seed = int(os.environ.get("SUARA_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"replay with SUARA_SEED={seed}")
    return random.Random(seed)


def office_at_work(stack, ledger, office, files, failed):
    """Submits file after file; syncs until all is sent, however often the daemon goes away."""
    try:
        for path in files:
            done = stack.run("suara", "--profile", office, "submit", path, "--no-send")
            assert done.returncode == 0 and "Saved" in done.stdout, done
            ledger.note_outbox(office)
            while True:
                done = stack.run("suara", "--profile", office, "sync", "--wait", "5s")
                if done.returncode == 0:
                    break
                assert done.returncode == 69, done
    except BaseException as error:
        failed.append((office, error))
        raise


def count_stored(cursor):
    cursor.execute("SELECT coalesce(sum(stored), 0)::int FROM suara.batch")
    return cursor.fetchone()[0]


def test_killed_at_random_moments(make_stack, tmp_path, rng):
    files, rows = 12, 400
    stack = make_stack(offices=OFFICES)
    ledger = Ledger(stack, tmp_path, rng)
    work = {office: [ledger.make(office, f"{office}-{k}.csv", rows) for k in range(files)]
            for office in OFFICES}
    total = len(ledger.made)
    assert total == len(OFFICES) * files * rows
    moments = sorted(rng.randrange(total * 9 // 10) for _ in range(KILLS))
    failed = []
    threads = [threading.Thread(target=office_at_work, args=(stack, ledger, office, paths, failed))
               for office, paths in work.items()]
    connection = stack.db.connect()
    cursor = connection.cursor()
    for thread in threads:
        thread.start()
    kills = 0
    for moment in moments:
        stack.wait(lambda: count_stored(cursor) >= moment or failed, 60, f"{moment} to be stored")
        assert not failed
        stack.kill_daemon()
        kills += 1
        if kills % 8 == 0:
            ledger.check_receipts()
        stack.start_daemon()
    for thread in threads:
        thread.join()
    connection.close()
    assert not failed and kills >= 20
    ledger.check_healed()


# ---- at each stage -------------------------------------------------------------------------------

def sql(stack, text, *values):
    connection = stack.db.connect("postgres")
    try:
        cursor = connection.cursor()
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def waits(stack, event):
    return sql(stack, "SELECT pid FROM pg_stat_activity WHERE usename = 'suara_ingest' AND"
                      " coalesce(wait_event, '') = %s", event)


class InsertWaits:
    """Parsed and judged; the rows are on their way into the table."""

    def __init__(self, stack):
        self.stack, self.lock = stack, stack.db.connect()
        self.lock.autocommit = False
        self.lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")

    def reached(self):
        return waits(self.stack, "relation")

    def over(self):
        self.lock.close()


class CommitWaits:
    """COMMIT was sent and is on disk, but its answer never comes: a standby that nobody has."""

    def __init__(self, stack):
        self.stack = stack
        self._standby("'nobody'")

    def _standby(self, name):
        sql(self.stack, f"ALTER SYSTEM SET synchronous_standby_names = {name}")
        sql(self.stack, "SELECT pg_reload_conf()")

    def reached(self):
        return waits(self.stack, "SyncRep")

    def over(self):
        self._standby("''")


@pytest.mark.parametrize("stage", [InsertWaits, CommitWaits])
def test_killed_at_a_stage(make_stack, tmp_path, rng, stage):
    stack = make_stack(offices=("SATU",))
    ledger = Ledger(stack, tmp_path, rng)
    path = ledger.make("SATU", "a.csv", 300)
    assert stack.run("suara", "--profile", "SATU", "submit", path, "--no-send").returncode == 0
    ledger.note_outbox("SATU")
    for _ in range(3):
        stopped = stage(stack)
        client = subprocess.Popen(["suara", "--profile", "SATU", "sync", "--wait", "0"], env=stack.env,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        stack.wait(stopped.reached, 30, stage.__doc__)
        stack.kill_daemon()
        text, _ = client.communicate(timeout=60)
        assert client.returncode == 69 and " stored" not in text, text
        ledger.check_quiet()
        stopped.over()
        stack.wait(lambda: not sql(stack, "SELECT pid FROM pg_stat_activity WHERE usename ="
                                          " 'suara_ingest'"), 30, "no transaction without a daemon")
        stack.start_daemon()
    done = stack.run("suara", "--profile", "SATU", "sync")
    assert done.returncode == 0, done
    ledger.check_healed()


def test_killed_with_half_a_request(make_stack, tmp_path, rng):
    """Nothing of it is there, and the client that really has it sends it whole."""
    stack = make_stack(offices=("SATU",))
    ledger = Ledger(stack, tmp_path, rng)
    path = ledger.make("SATU", "a.csv", 100)
    with Line(stack, stack.bundle("office", "SATU")) as line:
        batch = Batch()
        batch.add(1_600_000_000_000, [4] * 9)
        data = batch.message.SerializeToString()
        line.send_bytes(len(data).to_bytes(4, "big") + data[:-1])
        stack.kill_daemon()
    assert stack.run("suara", "--profile", "SATU", "submit", path, "--no-send").returncode == 0
    ledger.note_outbox("SATU")
    stack.start_daemon()
    assert stack.run("suara", "--profile", "SATU", "sync").returncode == 0
    ledger.check_healed()
