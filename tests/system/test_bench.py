"""What the figures of tests/bench rest on: its clients did what they say and hide nobody who waited, its
counter counts, and a ratio is judged the right way round."""

import json
import os
import signal
import struct
import subprocess
import sys

import pytest

from stack_pg import ROOT

sys.path.insert(0, str(ROOT / "tests/bench"))

from figure import Figure  # noqa: E402

OFFICES = ("A", "B")
pytestmark = pytest.mark.slow    # what is measured is not built with sanitizers


@pytest.fixture(scope="module")
def stack(module_stack):
    return module_stack(offices=OFFICES, settings={"server.principal_requests": "0"})


def stored(stack):
    with stack.db.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT office_id) FROM suara.response")
        got = cursor.fetchone()
    connection.close()
    return got


def load(stack, *words, seen=lambda word: None):
    """Runs load.c; its figures. seen(word) is told of its phases."""
    argv = [stack.build / "tests/bench/load", *words, *OFFICES]
    with subprocess.Popen([str(word) for word in argv], env=stack.env, text=True, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            if line.startswith("{"):
                got = json.loads(line)
            else:
                seen(line.strip())
    assert process.returncode == 0
    return got


@pytest.mark.parametrize("rate", [0, 400])
def test_what_it_sent_is_stored(stack, rate):
    before, _ = stored(stack)
    got = load(stack, "-c", 6, "-t", 0.5, "-w", 100, "-r", rate)
    after, offices = stored(stack)
    assert (after - before, offices) == (got["sent"], len(OFFICES))
    assert 0 < got["receipts"] <= got["sent"]
    assert 0 < got["p50"] <= got["p99"] <= got["p999"] <= got["most"]


def test_what_was_due_meanwhile_has_waited(stack):
    """The daemon stands still while 200 responses come due, of which 2 are on their way: all of them
    waited, half of them for half of that time and more."""
    def seen(word):
        if word in ("begin", "end"):
            os.kill(stack.daemon.pid, signal.SIGSTOP if word == "begin" else signal.SIGCONT)
    got = load(stack, "-c", 2, "-t", 0.5, "-w", 100, "-r", 400, seen=seen)
    assert got["timed"] > 100
    assert got["p50"] > 150_000


def test_a_flood_does_not_wait(stack):
    """Without waiting two clients have far more on their way than two."""
    words = []
    got = load(stack, "-c", 2, "-t", 0.5, "-w", 100, "-r", 100_000, "-p", seen=words.append)
    assert words == ["ready", "begin", "end"]
    assert got["open"] > 100


def test_the_counter_counts(build, tmp_path):
    program = ("import ctypes\nlibc = ctypes.CDLL(None)\nfor _ in range({}):\n"
               " libc.malloc(10000), libc.calloc(10, 1000), libc.realloc(None, 10000)\n")

    def counted(times):
        path = tmp_path / f"counts{times}"
        subprocess.run(["/usr/bin/python3", "-c", program.format(times)], check=True, env={
            **os.environ, "LD_PRELOAD": str(build / "tests/bench/counter.so"), "COUNTER": str(path),
            "PYTHONHASHSEED": "0"})
        return struct.unpack("QQQ", path.read_bytes())
    (calls, _, size), (more, _, larger) = counted(0), counted(1000)
    assert 3000 <= more - calls < 8000    # the interpreter's own are among them
    assert 30e6 <= larger - size < 31e6


def test_a_ratio_is_that_of_the_same_round():
    figure = Figure("", ours=[1, 20, 300], reference=[1, 10, 100], goal=2.5)
    assert figure.ratios() == [1, 2, 3]
    assert (figure.as_dict()["ratio"], figure.verdict()) == (2, "NOT MET")
    figure.most = True
    assert figure.verdict() == "met"
    assert Figure("", ours=[3, 1, 2], goal=2).verdict() == "met"
    assert Figure("", missing="gone", goal=2).verdict() == ""
