"""Full disks, rows 5 and 6 of docs/faults.md: that of the database, under load, and that of an office's
outbox. What was acknowledged stays, what was not saved is not called saved, and with space it goes on."""

import json
import os
import random
import subprocess

import pytest

from ledger import Ledger
from smalldisk import NoMounts, SmallDisk
from surveys import good_rows, stored, write_csv
from test_promises_client import says_saved

OFFICE, OTHER = "SATU", "DUA"
DONE, AWAY, NOT_SAVED = 0, 69, 74


@pytest.fixture
def rng():
    seed = int(os.environ.get("SUARA_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"replay with SUARA_SEED={seed}")
    return random.Random(seed)


def on_small_disk(folder, size):
    disk = SmallDisk(folder, size)
    try:
        return disk.__enter__()
    except NoMounts as error:
        return pytest.skip(f"no private mounts here: {error}")


# ---- of the database -----------------------------------------------------------------------------

ROOM = 24    # MiB that the database has beside what it begins with


@pytest.fixture
def stack(make_stack):
    """The data of its database is on a disk with little room."""
    stack = make_stack(offices=(OFFICE, OTHER), settings={"database.ingest_connections": "1"})
    stack.stop_db()
    used = subprocess.run(["du", "-sm", stack.db.data], capture_output=True, text=True, check=True)
    disk = on_small_disk(stack.db.data, f"{int(used.stdout.split()[0]) + ROOM}m")
    stack.disk, own = disk, stack.account.command
    stack.account.command = lambda argv, *options: disk.there(*own(argv, *options))
    stack.start_db()
    yield stack
    stack.db.kill()
    disk.__exit__()


@pytest.mark.slow
def test_a_full_disk_of_the_database(stack, tmp_path, rng):
    """Files are submitted until the database takes no more, and on; nobody needs to restart the daemon."""
    ledger, daemon = Ledger(stack, tmp_path, rng), stack.daemon.pid

    def hand_in(office, name, count=1500):
        path = ledger.make(office, name, count)
        done = stack.run("suara", "--profile", office, "submit", path, "--no-send")
        assert done.returncode == DONE and "Saved" in done.stdout, done
        ledger.note_outbox(office)
        return stack.run("suara", "--profile", office, "sync", "--wait", "0")
    assert hand_in(OFFICE, "before.csv").returncode == DONE
    stack.disk.fill()
    for k in range(40):
        done = hand_in(OFFICE, f"full-{k}.csv")
        if done.returncode != DONE:
            break
    assert done.returncode == AWAY and "stored" not in done.stdout.replace("0 stored", ""), done
    assert "try again later" in done.stderr, done
    assert hand_in(OTHER, "other.csv").returncode == AWAY
    assert "No space left on device" in stack.db.log.read_text(errors="replace")
    assert ledger.held(OFFICE) and ledger.held(OTHER)
    if stack.db.running():
        ledger.check_quiet()
    stack.disk.free()
    stack.start_db()    # where it has stopped over it
    for office in (OFFICE, OTHER):
        done = stack.run("suara", "--profile", office, "sync", "--wait", "60s")
        assert done.returncode == DONE, done
    ledger.check_healed()
    assert stack.daemon.pid == daemon and stack.daemon_running()


# ---- of an office --------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def office(module_stack):
    """A stack whose office has its profile and outbox on a disk of 1 MB."""
    stack = module_stack(offices=(OFFICE, OTHER))
    stack.disk = on_small_disk(stack.home / OFFICE, "1m")
    yield stack
    stack.disk.__exit__()


def suara(stack, *words, profile=OFFICE):
    argv = stack.disk.there("suara", "--profile", profile, *words)
    return stack.run(*argv)


def waiting(stack):
    done = suara(stack, "outbox", "list", "--state", "waiting", "--format", "json")
    assert done.returncode == DONE, done
    return sum(item["count"] for item in json.loads(done.stdout))


def rows(count, day):
    return good_rows(count, f"2021-{day // 28 + 1:02}-{day % 28 + 1:02}")


@pytest.fixture
def path(tmp_path):
    path.day = getattr(path, "day", 0) + 1
    return write_csv(tmp_path / "in.csv", rows(4000, path.day))


def test_an_outbox_on_a_full_disk_saves_whole_files_or_nothing(office, path):
    """With any room that is left, from nothing to enough: "Saved" and all of it, or neither."""
    disk, before, saved = office.disk, waiting(office), False
    failures = 0
    for leave in range(0, 1 << 20, 24 << 10):
        disk.fill(leave)
        done = suara(office, "submit", path, "--no-send")
        disk.free()
        saved = done.returncode == DONE
        assert says_saved(done.stdout) == saved, (leave, done)
        assert waiting(office) - before == (4000 if saved else 0), (leave, done)
        if saved:
            break
        failures += 1
        assert done.returncode == NOT_SAVED and done.stderr.startswith("suara: "), (leave, done)
        assert "disk is full" in done.stderr and "outbox" in done.stderr, (leave, done)
    assert saved and failures > 3
    done = suara(office, "sync")
    assert done.returncode == DONE and waiting(office) == 0, done


def test_a_receipt_that_a_full_disk_can_not_note(office, path):
    """It was stored, and the client can't write that down: it says so, sends again, and it counts once."""
    assert suara(office, "submit", path, "--no-send").returncode == DONE
    there = stored(office, OFFICE)
    office.disk.fill()
    done = suara(office, "sync", "--wait", "0")
    office.disk.free()
    if done.returncode != DONE:    # SQLite had room in its WAL, otherwise
        assert done.returncode == NOT_SAVED and "disk is full" in done.stderr, done
    done = suara(office, "sync")
    assert done.returncode == DONE and waiting(office) == 0, done
    assert stored(office, OFFICE) == there + 4000


def test_an_outbox_on_a_disk_that_became_read_only(office, path):
    before = waiting(office)
    office.disk.read_only()
    done = suara(office, "submit", path, "--no-send")
    office.disk.read_only(False)
    assert done.returncode == NOT_SAVED and not says_saved(done.stdout), done
    assert done.stderr.startswith("suara: ") and "read-only" in done.stderr, done
    assert waiting(office) == before
    done = suara(office, "submit", path)
    assert done.returncode == DONE and waiting(office) == 0, done
