"""Failover: a primary with a synchronous standby dies while offices submit, the standby takes over,
and the old primary comes back without being told. The daemon is never restarted for it; every receipt
survives. A failure is replayed with SUARA_SEED."""

import os
import random
import threading

import pytest

from ledger import Ledger
from stack_pair import Pair
from surveys import good_rows, index, stored, submit, sync, write_csv
from test_kill9 import count_stored, office_at_work

OFFICES = ("SATU", "DUA", "TIGA")
FILES, ROWS = 4, 150
DONE, AWAY = 0, 69


@pytest.fixture(scope="module")
def rng():
    seed = int(os.environ.get("SUARA_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"replay with SUARA_SEED={seed}")
    return random.Random(seed)


def write_conf(stack, pair, *order, **changes):
    stack.write_conf(database__ingest=pair.conninfo("suara_ingest", *order),
                     database__report=pair.conninfo("suara_report", *order),
                     database__statement_timeout="3s", database__connect_timeout="2s", **changes)


@pytest.fixture(scope="module")
def pair(module_stack):
    """A daemon that knows both clusters."""
    stack = module_stack(offices=OFFICES)
    stack.stop_daemon()
    made = Pair(stack)
    write_conf(stack, made)
    stack.start_daemon()
    yield made
    made.end()


def receipts(stack):
    lines = stack.http("/metrics")[1].splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("suarad_receipts_total")))


def begin_work(stack, ledger):
    """Offices submit file after file, until all is sent; threads, and what went wrong in them."""
    work = {office: [ledger.make(office, f"{office}-{k}.csv", ROWS) for k in range(FILES)]
            for office in OFFICES}
    failed = []
    threads = [threading.Thread(target=office_at_work, args=(stack, ledger, office, paths, failed))
               for office, paths in work.items()]
    for thread in threads:
        thread.start()
    return threads, failed


def fail_over(stack, pair, again):
    """The walsender stands still, the primary dies, the standby is promoted. While it stands still
    commits wait, also those that are run again after their time was up: no receipt meanwhile."""
    walsender = pair.stop_walsender()
    stack.wait(lambda: pair.waiting() == 2, 30, "both connections to wait for the standby")
    told = receipts(stack)
    seen = stack.log_text().count("ingest.again")
    if again:
        stack.wait(lambda: stack.log_text().count("ingest.again") >= seen + 2 or receipts(stack) > told,
                   30, "a second try")
    assert receipts(stack) == told, "a receipt without the standby's word"
    pair.kill_primary(walsender)
    pair.promote()


def test_failover_under_load(pair, tmp_path, rng):
    stack, daemon = pair.stack, pair.stack.daemon.pid
    ledger = Ledger(stack, tmp_path, rng)
    moment = rng.randrange(1, len(OFFICES) * ROWS)
    threads, failed = begin_work(stack, ledger)
    connection = stack.db.connect()
    cursor = connection.cursor()
    stack.wait(lambda: count_stored(cursor) >= moment or failed, 60, "some to be stored")
    connection.close()
    fail_over(stack, pair, again=True)
    for thread in threads:
        thread.join()
    assert not failed
    ledger.check_healed()
    assert stack.daemon.pid == daemon and stack.daemon_running()
    assert sum(row["n"] for row in index(stack, "--from", "2000-01-01", "--by", "office")) \
        == len(ledger.made)


# ---- the old primary comes back, and nobody told it ----------------------------------------------

@pytest.fixture
def returned(pair):
    """The old primary is up again and takes writes, also alone: nothing fences it."""
    if pair.primary is pair.first:
        pair.kill_primary()
        pair.promote()
        pair.stack.wait(lambda: pair.stack.http("/readyz")[0] == 200, 30, "the daemon to move")
    pair.first.start()
    yield pair
    pair.first.stop()


def rows_of(db):
    connection = db.connect()
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM suara.response")
        return cursor.fetchone()[0]
    finally:
        connection.close()


def test_a_daemon_that_saw_the_new_primary_never_goes_back(returned, tmp_path):
    """Not even when the old one is all there is, and would take everything at once."""
    pair, stack = returned, returned.stack
    pair.run_alone(pair.first)
    before, there = rows_of(pair.first), stored(stack, "SATU")
    pair.second.stop()
    stack.wait(lambda: "db.old_primary" in stack.log_text(), 30, "the daemon to look at the old one")
    path = write_csv(tmp_path / "in.csv", good_rows(40, "2022-03-04"))
    done = submit(stack, path, profile="SATU")
    assert done.returncode == AWAY and "Saved 40 responses" in done.stdout, done
    status, text = stack.http("/readyz")
    assert status == 503 and ("old primary" in text or "connection to server" in text), text
    pair.second.start()
    done = sync(stack, "--wait", "30s", profile="SATU")
    assert done.returncode == DONE and "40 stored" in done.stdout, done
    assert stored(stack, "SATU") == there + 40 and rows_of(pair.first) == before


def test_a_daemon_that_finds_the_old_primary_first_gives_no_receipt_of_it(returned, tmp_path):
    """It has seen nothing yet. No standby confirms what is written there: that is no receipt, and the
    next server is tried."""
    pair, stack = returned, returned.stack
    pair.run_with_standby(pair.first)
    stack.stop_daemon()
    stack.log.write_text("")
    stack.start_daemon()
    there = stored(stack, "DUA")
    path = write_csv(tmp_path / "in.csv", good_rows(40, "2022-03-05"))
    done = stack.run("suara", "--profile", "DUA", "submit", path, "--wait", "60s")
    assert done.returncode == DONE and "40 stored" in done.stdout, done
    assert stored(stack, "DUA") == there + 40
    assert "the database has moved to a newer timeline" in stack.log_text()    # its other connection


# ---- servers that take no writes -----------------------------------------------------------------

def test_a_standby_alone_is_a_clear_sentence(module_stack):
    """Reports write, too. What is wrong is said; and once it is promoted it is found."""
    stack = module_stack(profiles=False)
    stack.stop_daemon()
    pair = Pair(stack)
    stack.write_conf(database__ingest=pair.conninfo("suara_ingest"),
                     database__report=f"host={pair.second.socket} dbname=suara user=suara_report")
    stack.start_daemon(ready=False)
    reason = "suarad needs a server that takes writes: "
    stack.wait(lambda: reason in stack.http("/readyz")[1], 20, "the reason")
    assert reason in stack.log_text() and stack.http("/readyz")[0] == 503
    pair.kill_primary()
    pair.promote()
    stack.wait(lambda: stack.http("/readyz")[0] == 200, 20, "the promoted standby to be found")
    pair.end()


@pytest.mark.parametrize("attrs", ["any", "standby", "prefer-standby", "read-only"])
def test_a_connection_string_that_may_lead_to_a_standby_is_refused(shared, tmp_path, attrs):
    text = shared.conf.read_text().replace("user=suara_report",
                                           f"user=suara_report target_session_attrs={attrs}")
    conf = tmp_path / "suarad.conf"
    conf.write_text(text)
    for words in (["--check-config"], []):
        done = shared.run("suarad", "-c", conf, *words)
        assert done.returncode == 78 and done.stderr.startswith("suarad: database.report: "), done
        assert f"target_session_attrs={attrs} may lead to a standby" in done.stderr
