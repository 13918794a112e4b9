"""Limits of one principal, of a connection's age and of what is sent at once: each is counted, loses
nothing, and leaves the others served. Deadlines: test_times.py; memory: test_pressure.py."""

import contextlib
import signal
import time

import pytest

from limits import limited
from suara_wire import Batch, Closed, Line, code_of, pb

NOW = 1_690_000_000_000
OFFICES = ("SATU", "DUA")
LIST = {"list": pb.List(what=b"office")}


@pytest.fixture(scope="module")
def common(module_stack):
    return module_stack(offices=OFFICES)


@pytest.fixture
def limit(common):
    """limit(option=value, ..): the running daemon has these, and its log is empty."""
    def change(**changes):
        common.log.write_text("")
        common.write_conf(**{f"server__{name}" if "__" not in name else name: value
                             for name, value in changes.items()})
        common.daemon.send_signal(signal.SIGHUP)
        common.wait(lambda: "reload.done" in common.log_text(), 15, "the reload")
        return common
    yield change
    change()


def line_of(stack, name="SATU", **how):
    return Line(stack, stack.bundle("office", name), **how)


def batch_of(count, start=NOW):
    batch = Batch()
    for k in range(count):
        batch.add(start + k, [4] * 9)
    return batch


def test_connections_of_one_name(limit):
    """One too many is told so, and can come again; other names are let in all the while."""
    stack = limit(principal_connections=3)
    before = limited(stack, "server.principal_connections")
    with contextlib.ExitStack() as lines:
        inside = [lines.enter_context(line_of(stack)) for _ in range(3)]
        with line_of(stack, hello=False) as extra:
            reply = extra.receive()
            assert code_of(reply) == "OVERLOADED" and reply.error.retry_after_ms
            assert b"office:SATU has 3 connections" in reply.error.text
        assert limited(stack, "server.principal_connections") == before + 1
        with line_of(stack, "DUA") as other:
            assert code_of(other.ask(**LIST)) == ""
        inside.pop().close()

        def again():
            with line_of(stack, hello=False) as line:
                return line.ask(hello=pb.Hello()).HasField("welcome")
        stack.wait(again, 10, "a place to be free")
        assert all(code_of(line.ask(**LIST)) == "" for line in inside)


def test_a_real_client_that_is_one_too_many_keeps_its_file(limit, tmp_path):
    stack = limit(principal_connections=1)
    path = tmp_path / "a.csv"
    path.write_text("u1,u2,u3,u4,u5,u6,u7,u8,u9,collected_at\n" + "4," * 9 + "2023-07-13 09:00\n")
    with line_of(stack):
        done = stack.run("suara", "--profile", "SATU", "submit", path)
        assert done.returncode == 69 and "Saved" in done.stdout, done
        assert "connections open already" in done.stdout + done.stderr, done
    stack.wait(lambda: stack.run("suara", "--profile", "SATU", "sync").returncode == 0, 20, "its turn")


def test_requests_a_second_of_one_name(limit):
    """All its connections together; the rest waits in the line and is answered, none refused."""
    stack = limit(principal_requests=20)
    before = limited(stack, "server.principal_requests")
    begun = time.monotonic()
    with line_of(stack) as one, line_of(stack) as two, line_of(stack, "DUA") as other:
        for _ in range(15):
            one.send(**LIST)
            two.send(**LIST)
        assert code_of(other.ask(**LIST)) == ""
        served = time.monotonic() - begun
        assert all(code_of(line.receive()) == "" for line in (one, two) for _ in range(15))
        took = time.monotonic() - begun
    # 20 of the 32 may come at once, hellos with them; the others are due in steps of 50 ms.
    assert took >= 0.5 and served < took
    assert limited(stack, "server.principal_requests") > before


def test_a_name_that_calls_anew_is_no_faster(limit):
    stack = limit(principal_requests=10)
    with line_of(stack, "DUA") as line:
        for _ in range(30):
            line.send(**LIST)
        for _ in range(20):
            line.receive()
    begun = time.monotonic()
    with line_of(stack, "DUA") as line:
        assert code_of(line.ask(**LIST)) == ""
    assert time.monotonic() - begun >= 0.05


def test_an_old_connection_is_ended_and_its_client_calls_again(limit):
    """What is open is answered first, and a request that comes too late is told to connect again."""
    stack = limit(age_timeout="300ms", idle_timeout="5m")
    before = limited(stack, "server.age_timeout")
    with line_of(stack) as line, stack.db.connect() as lock:
        lock.cursor().execute("LOCK TABLE suara.response IN SHARE MODE")
        line.send(submit=batch_of(2).message)
        stack.wait(lambda: limited(stack, "server.age_timeout") == before + 1, 10, "it to be old")
        late = line.ask(**LIST)
        assert code_of(late) == "UNAVAILABLE" and b"connect again" in late.error.text
        lock.commit()
        assert line.receive().receipt.stored == 2
        with pytest.raises(Closed):
            line.receive()


def test_a_batch_of_too_many(limit):
    stack = limit(ingest__batch_responses=3)
    before = limited(stack, "ingest.batch_responses")
    with line_of(stack) as line:
        assert line.welcome.max_responses == 3
        reply = line.ask(submit=batch_of(4, NOW + 1000).message)
        assert code_of(reply) == "TOO_LARGE" and reply.error.field == b"response"
        assert line.submit(batch_of(3, NOW + 1000)).receipt.stored == 3
    assert limited(stack, "ingest.batch_responses") == before + 1


def test_a_frame_too_long(limit):
    stack = limit()
    before = limited(stack, "server.max_frame")
    with line_of(stack) as line:
        line.send_bytes((1 << 20 | 1).to_bytes(4, "big"))
        assert code_of(line.receive()) == "TOO_LARGE"
    stack.wait(lambda: limited(stack, "server.max_frame") == before + 1, 10, "it to be counted")
