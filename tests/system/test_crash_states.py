"""The states that a client leaves behind when it is killed, or the disk fails, at each single write,
fsync, rename, link, unlink and truncation; all of them, as counted in an undisturbed run. Nothing was
called saved that is not in the outbox; no record is there by half; and what was interrupted can be
done again, until the daemon has each response once."""

import concurrent.futures
import csv
import random
import shutil
import sqlite3

import pytest

from injected import KILLED, Disk, can_trace, disturbed, points, traced, unsynced_at
from ledger import Ledger, content_of
from surveys import COLUMNS

OFFICE = "BBPOM-SMG"
DONE, REJECTED, AWAY, NOT_SAVED = 0, 65, 69, 74
GOOD = 3
AT_ONCE = 3
WRITES = ("write", "pwrite64", "linkat", "ftruncate")

pytestmark = pytest.mark.slow    # strace and LeakSanitizer exclude each other


@pytest.fixture(scope="module", autouse=True)
def tracing(sanitized):
    can_trace(sanitized)


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack()


@pytest.fixture(scope="module")
def ledger(stack, tmp_path_factory):
    return Ledger(stack, tmp_path_factory.mktemp("ledger"), random.Random(4))


class Desk:
    """An office with a home, a survey and an outbox of its own. The survey has three good rows and one
    that the client refuses (bad "rating") or that the daemon will ("service")."""

    def __init__(self, stack, ledger, folder, bad):
        self.stack, self.home = stack, folder / "home"
        self.profile = self.home / OFFICE
        self.profile.mkdir(parents=True)
        for path in (stack.home / OFFICE).iterdir():
            if path.suffix in (".ini", ".pem"):
                shutil.copy(path, self.profile)
        self.survey = folder / "survey.csv"
        before = set(ledger.made)
        rows = list(csv.reader(ledger.make(OFFICE, f"{folder.name}.csv", GOOD).open()))
        self.made = {key: value for key, value in ledger.made.items() if key not in before}
        self.content = set(self.made.values())
        rows = [[*row, word] for row, word in zip(rows, ("service", "", "", ""))]
        rows.append([*(["9"] if bad == "rating" else ["1"]), *rows[3][1:-1],
                     "NOWHERE" if bad == "service" else ""])
        with open(self.survey, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)

    def run(self, *words):
        return self.stack.run(*words, env={**self.stack.env, "SUARA_HOME": str(self.home)})

    def words(self, *words):
        return ("suara", "--profile", OFFICE, *words)

    def submit(self, *options):
        return self.run(*self.words("submit", self.survey, *options))

    def clear(self):
        for path in (*self.profile.glob("outbox.db*"), *self.survey.parent.glob("*.rejected.csv")):
            path.unlink()

    def listed(self):
        """`suara outbox list` works, whatever state this is."""
        done = self.run(*self.words("outbox", "list", "--state", "waiting", "--format", "json"))
        assert done.returncode == DONE and not done.stderr, done

    def look(self):
        """What waits, as sets of hashes, one for each batch; and (stored + duplicates, refused) of
        what was sent. Every batch is whole, and either waits or was sent."""
        path = self.profile / "outbox.db"
        if not path.exists():
            return [], []
        connection = sqlite3.connect(path)
        try:
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'load'").fetchone():
                return [], []
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            rows = connection.execute("SELECT b.count, b.settled_ms IS NULL, l.payload, l.lines,"
                                      " b.stored + b.duplicates, b.refused FROM batch b"
                                      " LEFT JOIN load l USING (seq)").fetchall()
            files, = connection.execute("SELECT count(*) FROM file").fetchone()
            loads, = connection.execute("SELECT count(*) FROM load").fetchone()
            rejected, = connection.execute("SELECT count(*) FROM rejected").fetchone()
        finally:
            connection.close()
        waiting = [set(content_of(row[2]).values()) for row in rows if row[1]]
        sent = [row[4:] for row in rows if not row[1]]
        assert (files > 0) == (len(rows) > 0) and loads == len(waiting)
        assert all(row[0] == len(content) and len(row[3]) == 4 * row[0]
                   for row, content in zip([row for row in rows if row[1]], waiting))
        assert all(row[2] is None for row in rows if not row[1])
        assert rejected == sum(refused for _, refused in sent)
        return waiting, sent

    def refused_rows(self):
        """Lines of FILE.rejected.csv: of no other file, and none by half."""
        names = sorted(path.name for path in self.survey.parent.iterdir())
        assert set(names) <= {"home", "survey.csv", "survey.csv.rejected.csv"}, names
        path = self.survey.with_name("survey.csv.rejected.csv")
        if not path.exists():
            return None
        text = path.read_bytes().decode("utf-8-sig")
        assert text.endswith("\r\n"), text
        rows = list(csv.reader(text.splitlines()))
        assert all(len(row) == len(rows[0]) for row in rows) and rows[0][:3] == ["line", "field", "reason"]
        return [row[0] for row in rows[1:]]


@pytest.fixture(scope="module")
def make_desk(stack, ledger, tmp_path_factory):
    def make(bad="rating"):
        return Desk(stack, ledger, tmp_path_factory.mktemp("desk"), bad)
    return make


def each_point(make_desk, calls, check, bad="rating"):
    """check(desk, call, n) for each call of an undisturbed run, several at once. The desks."""
    work = [(make_desk(bad), call, n) for call, n in points(calls)]
    assert len({call for _, call, _ in work}) > 2
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for result in [pool.submit(check, *one) for one in work]:
            result.result()
    return [desk for desk, _, _ in work]


def check_said(desk, done, where):
    """Only what is in the outbox, whole, was called saved."""
    waiting, sent = desk.look()
    assert not sent and waiting in ([], [desk.content]), (where, waiting)
    if "Saved" in done.stdout:
        assert waiting == [desk.content], (where, done)
    assert desk.refused_rows() in (None, ["5"]), where


def check_stored(stack, ledger, desks):
    """All that these sent is in the database, once, and nothing is there that nobody made."""
    found = {(office, int.from_bytes(key[:6], "big")): value
             for (office, key), value in ledger.stored().items()}
    assert found.items() <= ledger.made.items()
    for desk in desks:
        assert desk.made.items() <= found.items(), desk.made


def submit_calls(make_desk, tmp_path):
    desk = make_desk()
    done, calls = traced(desk.run, tmp_path / "calls", *desk.words("submit", desk.survey, "--no-send"))
    assert done.returncode == REJECTED and f"Saved {GOOD} responses" in done.stdout, done
    assert desk.look() == ([desk.content], []) and desk.refused_rows() == ["5"]
    assert desk.run(*desk.words("sync")).returncode == DONE
    return desk, calls


# ---- submit ----------------------------------------------------------------------------------------

def test_promise_1_submit_is_killed_at_each_call(stack, ledger, make_desk, tmp_path):
    _, calls = submit_calls(make_desk, tmp_path)

    def check(desk, call, n):
        done = disturbed(desk.run, call, n, "signal=KILL", *desk.words("submit", desk.survey, "--no-send"))
        assert done.returncode == KILLED, (call, n, done)
        desk.listed()
        check_said(desk, done, (call, n))
        done = desk.submit()
        assert done.returncode == REJECTED, (call, n, done)
        waiting, sent = desk.look()
        assert not waiting and sent in ([(GOOD, 0)], [(GOOD, 0)] * 2), (call, n, sent)
        assert desk.refused_rows() == ["5"], (call, n)
    check_stored(stack, ledger, each_point(make_desk, calls, check))


def check_failed(desk, call, n, fault, more):
    done = disturbed(desk.run, call, n, fault, *desk.words("submit", desk.survey, "--no-send"), more=more)
    where = (call, n, more, done)
    check_said(desk, done, where)
    assert done.returncode in (REJECTED, NOT_SAVED), where
    if done.returncode == REJECTED:
        assert desk.look() == ([desk.content], []), where
    elif call != "write":    # that is how it speaks, too
        assert "Saved" not in done.stdout and done.stderr.startswith("suara: "), where


def test_promise_1_each_call_of_submit_fails(stack, ledger, make_desk, tmp_path):
    """Once, or from then on, as on a disk that is full: what is not on disk is not called saved, and
    exit status and sentence say so."""
    _, calls = submit_calls(make_desk, tmp_path)

    def check(desk, call, n):
        if call in ("fsync", "fdatasync"):
            check_failed(desk, call, n, "error=EIO", "+")
            desk.clear()
        full = call in WRITES and n % 2 == 1
        check_failed(desk, call, n, *(("error=ENOSPC", "+") if full else ("error=EIO", "")))
        done = desk.submit()
        assert done.returncode == REJECTED and desk.look()[0] == [], (call, n, done)
    check_stored(stack, ledger, each_point(make_desk, calls, check))


def test_promise_1_saved_is_said_after_the_disk_has_it(make_desk, tmp_path):
    """Every file and every name of the outbox, and FILE.rejected.csv: what a power cut would take
    away was written and synced before the word."""
    for first in (True, False):
        desk = make_desk()
        if not first:
            assert desk.submit("--no-send").returncode == REJECTED
            desk.survey.with_name("survey.csv.rejected.csv").unlink()
            desk.survey.write_text(desk.survey.read_text() + "\n")
        disk = Disk(desk.survey.parent)
        done, calls = traced(desk.run, tmp_path / "calls",
                             *desk.words("submit", desk.survey, "--no-send", "--all"))
        assert done.returncode == REJECTED, done
        left, synced = unsynced_at(calls, desk.survey.parent, "Saved", disk)
        assert left == [], (first, left)
        assert str(desk.profile / "outbox.db-wal") in synced and str(desk.profile) in synced


# ---- sync ------------------------------------------------------------------------------------------

def filled(make_desk):
    desk = make_desk("service")
    assert desk.submit("--no-send").returncode == DONE
    return desk


def check_synced(desk, where):
    """Once more, undisturbed: all is sent, the bad one is rejected, once."""
    done = desk.run(*desk.words("sync"))
    assert done.returncode in (DONE, REJECTED), (where, done)
    waiting, sent = desk.look()
    assert waiting == [] and sent == [(GOOD, 1)], (where, sent)
    assert desk.refused_rows() in (None, [], ["5"]), where


def sync_calls(make_desk, tmp_path):
    desk = filled(make_desk)
    done, calls = traced(desk.run, tmp_path / "calls", *desk.words("sync"))
    assert done.returncode == REJECTED and "3 stored" in done.stdout, done
    assert desk.look() == ([], [(GOOD, 1)]) and desk.refused_rows() == ["5"]
    return calls


@pytest.mark.parametrize("fault", ["signal=KILL", "error=EIO"])
def test_sync_ends_at_each_call(stack, ledger, make_desk, tmp_path, fault):
    calls = sync_calls(make_desk, tmp_path)

    def check(desk, call, n):
        assert desk.submit("--no-send").returncode == DONE
        done = disturbed(desk.run, call, n, fault, *desk.words("sync"))
        assert done.returncode in ((KILLED,) if "KILL" in fault else (DONE, REJECTED, AWAY, NOT_SAVED))
        if "KILL" in fault:
            desk.listed()
        waiting, sent = desk.look()
        assert len(waiting) + len(sent) == 1 and sent in ([], [(GOOD, 1)]), (call, n, sent)
        if "Sent" in done.stdout:
            assert sent == [(GOOD, 1)], (call, n, done)
        check_synced(desk, (call, n))
    check_stored(stack, ledger, each_point(make_desk, calls, check, "service"))


# ---- enroll ----------------------------------------------------------------------------------------

FILES = {"settings.ini", "certificate.pem", "key.pem", "ca.pem"}


def enroll(desk, *options):
    return desk.words("enroll", desk.stack.bundle("office", OFFICE), *options)


def bare_desk(make_desk):
    desk = make_desk()
    shutil.rmtree(desk.profile)
    return desk


def test_enroll_is_killed_at_each_call(make_desk, tmp_path):
    desk = bare_desk(make_desk)
    done, calls = traced(desk.run, tmp_path / "calls", *enroll(desk))
    assert done.returncode == DONE and {path.name for path in desk.profile.iterdir()} == FILES, done
    left, _ = unsynced_at(calls, desk.home, "Enrolled")
    assert left == []

    def check(desk, call, n):
        shutil.rmtree(desk.profile)
        done = disturbed(desk.run, call, n, "signal=KILL", *enroll(desk))
        assert done.returncode == KILLED, (call, n, done)
        whole = desk.profile.joinpath("settings.ini").exists()
        if whole:
            assert desk.run(*desk.words("status")).returncode == DONE, (call, n)
        done = desk.run(*enroll(desk, *(["--replace"] if whole else [])))
        assert done.returncode == DONE, (call, n, done)
        assert len(list(desk.profile.iterdir())) == len(FILES), (call, n)
        assert desk.run(*desk.words("status")).returncode == DONE, (call, n)
    each_point(make_desk, calls, check)
