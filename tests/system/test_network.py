"""The network between offices and daemon, row 7 of docs/faults.md: cut, one-way, reset, lossy and
half-open lines, in network namespaces. Nothing is lost or doubled, nobody waits for ever, healing
brings no storm, and the daemon's descriptors go back to what they were."""

import os
import random
import re
import socket
import subprocess
import threading
import time

import pytest

from ledger import Ledger
from netspace import OURS, Namespaces, NoNamespaces
from stack_ca import suara_ca
from suara_wire import Line
from test_kill9 import count_stored

pytestmark = pytest.mark.slow
FILES = 3
OFFICES = ("SATU", "DUA", "TIGA")
DONE, AWAY = 0, 69
DEADLINES = {"server.handshake_timeout": "2s", "server.hello_timeout": "2s",
             "server.frame_timeout": "3s", "server.idle_timeout": "4s"}
FIRST_PAUSE = 0.125    # the shortest time between the first two tries: half of BACKOFF_MS of sync.c


@pytest.fixture(scope="module")
def rng():
    seed = int(os.environ.get("SUARA_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"replay with SUARA_SEED={seed}")
    return random.Random(seed)


@pytest.fixture(scope="module")
def net():
    try:
        with Namespaces() as made:
            made.rules()
            yield made
    except NoNamespaces as error:
        pytest.skip(f"no network namespaces here: {error}")


@pytest.fixture(scope="module")
def world(net, module_stack):
    """A stack in our namespace; its offices reach it from the far one only."""
    stack = module_stack(offices=OFFICES, settings=DEADLINES, own_ca=True)
    here = f"{OURS}:{stack.port.number}"
    suara_ca(stack.ca, "issue", "server", here, stack.env["SUARA_SERVER"])
    stack.stop_daemon()
    stack.write_conf(server__listen=f"{stack.env['SUARA_SERVER']}, {here}")
    stack.start_daemon()
    for code in OFFICES:
        settings = stack.home / code / "settings.ini"
        settings.write_text(settings.read_text().replace(stack.env["SUARA_SERVER"], here))
    return stack


@pytest.fixture
def stack(net, world):
    """Healed, with nobody connected; afterwards too, and with the descriptors of before."""
    net.heal()
    world.wait(lambda: metric(world, "suarad_sessions") == 0, 30, "nobody to be connected")
    before = descriptors(world)
    yield world
    net.heal()
    world.wait(lambda: metric(world, "suarad_sessions") == 0, 30, "nobody to be connected any more")
    world.wait(lambda: descriptors(world) <= before, 10, "the descriptors to be those of before")


def metric(stack, name):
    return float(re.search(rf"^{re.escape(name)} (\S+)$", stack.http("/metrics")[1], re.M).group(1))


def descriptors(stack):
    return len(os.listdir(f"/proc/{stack.daemon.pid}/fd"))


def client(net, stack, office, *words):
    return subprocess.Popen(net.far("suara", "--profile", office, *words), env=stack.env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=stack.folder)


def at_work(net, stack, ledger, office, files, failed):
    """Saves file after file and sends them, however often the line breaks."""
    try:
        for path in files:
            done = stack.run("suara", "--profile", office, "submit", path, "--no-send")
            assert done.returncode == DONE and "Saved" in done.stdout, done
            ledger.note_outbox(office)
            while True:
                call = client(net, stack, office, "sync", "--wait", "3s")
                text, _ = call.communicate(timeout=150)
                if call.returncode == DONE:
                    break
                assert call.returncode == AWAY, text
    except BaseException as error:
        failed.append((office, error))
        raise


@pytest.fixture(scope="module")
def ledger(world, tmp_path_factory, rng):
    return Ledger(world, tmp_path_factory.mktemp("ledger"), rng)


def begin(net, stack, ledger, files=FILES, rows=80):
    """Offices at work; threads, what went wrong in them, and how much is stored already."""
    ledger.begin_round()
    begin.rounds = getattr(begin, "rounds", 0) + 1
    failed = []
    threads = [threading.Thread(target=at_work, args=(
        net, stack, ledger, office,
        [ledger.make(office, f"{office}-{begin.rounds}-{k}.csv", rows) for k in range(files)], failed))
        for office in OFFICES]
    before = total(stack)
    for thread in threads:
        thread.start()
    return threads, failed, before


def finish(threads, failed, ledger):
    for thread in threads:
        thread.join()
    assert not failed
    ledger.check_healed()


def total(stack):
    connection = stack.db.connect()
    try:
        return count_stored(connection.cursor())
    finally:
        connection.close()


PLAIN = "tcp flags & (syn | fin | rst) == 0"
HARMS = {"cut": ("drop", "drop"), "requests lost": ("drop", ""), "replies lost": ("", "drop"),
         "reset": (f"meta l4proto tcp {PLAIN} reject with tcp reset",
                   f"meta l4proto tcp {PLAIN} reject with tcp reset")}


@pytest.mark.parametrize("harm", HARMS)
def test_a_line_that_breaks_under_load(net, stack, ledger, harm):
    """The daemon's own deadlines end what is left of the connections; then it heals."""
    threads, failed, before = begin(net, stack, ledger)
    stack.wait(lambda: total(stack) > before or failed, 60, "the first to be stored")
    out, into = HARMS[harm]
    net.rules(out, into)
    stack.wait(lambda: metric(stack, "suarad_sessions") == 0, 30, "the daemon to end dead connections")
    ledger.check_receipts()
    came = metric(stack, "suarad_sessions_total")
    net.heal()
    finish(threads, failed, ledger)
    # Each file is a call of `sync` with a connection; and one more was open or due when it healed.
    assert metric(stack, "suarad_sessions_total") - came <= (FILES + 2) * len(OFFICES), "a storm"


@pytest.mark.parametrize("percent", [1, 10, 30])
def test_a_line_that_loses_packets(net, stack, ledger, percent):
    lossy = f"numgen random mod 100 < {percent} drop"
    net.rules(lossy, lossy)
    threads, failed, before = begin(net, stack, ledger, files=2 if percent < 30 else 1)
    stack.wait(lambda: total(stack) > before or failed, 90, "something to come through")
    if percent == 30:    # a handshake has 2 s here: that this takes long says nothing
        net.heal()
    finish(threads, failed, ledger)


def test_lines_that_are_dead_and_silent(net, stack):
    """Half-open: the far end is gone without a word. The daemon notices by itself, in time."""
    with net.inside():
        lines = [Line(stack, stack.bundle("office", "SATU"), host=OURS) for _ in range(8)]
        plain = [socket.create_connection((OURS, stack.port.number)) for _ in range(8)]
    assert metric(stack, "suarad_sessions") >= len(lines)
    net.rules("drop", "drop")
    start = time.monotonic()
    stack.wait(lambda: metric(stack, "suarad_sessions") == 0, 20, "the daemon to notice")
    assert time.monotonic() - start < 10
    for one in lines + plain:
        one.close()


def test_a_client_whose_server_is_gone_without_a_word(net, stack, ledger):
    """It knows in the end, says so, and keeps what it has."""
    ledger.begin_round()
    path = ledger.make("SATU", "dead.csv", 50)
    assert stack.run("suara", "--profile", "SATU", "submit", path, "--no-send").returncode == DONE
    ledger.note_outbox("SATU")
    net.rules("drop", "drop")
    call = client(net, stack, "SATU", "sync", "--wait", "0")
    text, _ = call.communicate(timeout=60)
    assert call.returncode == AWAY and " stored" not in text, text
    ledger.check_quiet()
    net.heal()
    call = client(net, stack, "SATU", "sync")
    text, _ = call.communicate(timeout=60)
    assert call.returncode == DONE and "50 stored" in text, text
    ledger.check_healed()


def most_tries(seconds):
    """By the shortest pauses that jitter allows."""
    tries, at, pause = 1, 0.0, FIRST_PAUSE
    while at + pause <= seconds:
        tries, at, pause = tries + 1, at + pause, 2 * pause
    return tries


def test_who_is_turned_away_comes_back_ever_more_rarely(net, stack, ledger):
    """Connection attempts of all offices, counted where they leave, while the server is down."""
    ledger.begin_round()
    for office in OFFICES:
        path = ledger.make(office, f"{office}-storm.csv", 20)
        assert stack.run("suara", "--profile", office, "submit", path, "--no-send").returncode == DONE
        ledger.note_outbox(office)
    wait = 6
    stack.stop_daemon()
    net.rules(count="tcp flags & (syn | ack) == syn")
    calls = [client(net, stack, office, "sync", "--wait", f"{wait}s") for office in OFFICES]
    texts = [call.communicate(timeout=60)[0] for call in calls]
    assert all(call.returncode == AWAY for call in calls), texts
    tries = net.counted()
    stack.start_daemon()
    assert 2 * len(OFFICES) < tries <= most_tries(wait) * len(OFFICES), tries
    calls = [client(net, stack, office, "sync") for office in OFFICES]
    assert [call.wait(60) for call in calls] == [DONE] * len(OFFICES)
    ledger.check_healed()
