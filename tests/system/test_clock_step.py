"""A clock that is set while the daemon runs: back, and nobody's responses become those of the future;
forward, and no comment goes before its time."""

import pathlib
import signal
import time

import pytest

from suara_wire import Batch, Line, verdicts

LIBRARY = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
OFFICE = "BBPOM-SMG"
DAY_MS = 86_400_000
YEARS_BACK = 10 * 365 * 86400
STEPS = ("-3600", f"-{YEARS_BACK}")


@pytest.fixture
def stepped(make_stack, sanitized, tmp_path):
    """A stack whose daemon takes the time from a file: stepped(seconds) sets it back while a line is open."""
    if sanitized or LIBRARY is None:
        pytest.skip("no libfaketime, or a sanitizer that wants to be loaded before it")
    stack = make_stack(profiles=False)
    file = tmp_path / "time"
    file.write_text("+0\n")
    stack.stop_daemon()
    faked = {"LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1",
             "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    stack.env.update(faked)
    stack.start_daemon()
    for name in faked:
        del stack.env[name]
    return stack, lambda step: file.write_text(f"{step}\n")


def batch_at(ms, **more):
    batch = Batch()
    batch.add(ms, [4] * 9, **more)
    return batch


def test_a_daemon_set_back_refuses_nothing_for_it(stepped):
    stack, step = stepped
    now = int(time.time() * 1000)
    with Line(stack, stack.bundle("office", OFFICE)) as line:
        assert line.submit(batch_at(now)).receipt.stored == 1
        for number, back in enumerate(STEPS, 1):
            step(back)
            assert line.submit(batch_at(now + number)).receipt.stored == 1
        # What was of the future before still is.
        later = verdicts(line.submit(batch_at(now + DAY_MS)).receipt)
        assert later[0][:2] == ("INVALID", "collected_at"), later


def test_a_daemon_set_forward_removes_no_comment_for_it(stepped):
    stack, step = stepped
    now = int(time.time() * 1000)

    def comments():
        connection = stack.db.connect("postgres")
        cursor = connection.cursor()
        cursor.execute("SELECT text FROM suara.comment ORDER BY 1")
        texts = [text for text, in cursor.fetchall()]
        connection.close()
        return texts
    with Line(stack, stack.bundle("office", OFFICE)) as line:
        for days, text in ((20, b"lama"), (5, b"baru")):
            receipt = line.submit(batch_at(now - days * DAY_MS, comment=text, kind=1)).receipt
            assert receipt.stored == 1
        assert comments() == ["baru", "lama"]
        step("+1728000")    # twenty days; the list of what is revoked ends after thirty
        stack.write_conf(retention__comments="15")
        stack.daemon.send_signal(signal.SIGHUP)
        stack.wait(lambda: "retention.end comments=1" in stack.log_text(), 20, "the round to end")
        assert comments() == ["baru"]
