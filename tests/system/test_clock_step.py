"""A clock that is set back while the daemon runs: nobody's responses become those of the future."""

import pathlib
import time

import pytest

from suara_wire import Batch, Line, verdicts

LIBRARY = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
OFFICE = "BBPOM-SMG"
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


def batch_at(ms):
    batch = Batch()
    batch.add(ms, [4] * 9)
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
        later = verdicts(line.submit(batch_at(now + 86_400_000)).receipt)
        assert later[0][:2] == ("INVALID", "collected_at"), later
