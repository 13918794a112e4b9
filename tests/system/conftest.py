"""Fixtures of the system tests. Programs come from $SUARA_BUILD (default: build); each stack is that
of tests/sandbox. Where a test failed, the logs of its stack are kept and their place is printed."""

import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from stack import Stack  # noqa: E402
from stack_pg import ROOT, SETTINGS  # noqa: E402

SETTINGS["fsync"] = "off"    # a crash of a server, and not of the machine, is the same without

# A worker takes file by file: those that take longest come first, so that all workers end together.
FIRST = ("test_network.py", "test_chaos.py", "test_crash_states.py", "test_sql_rollup.py", "test_sandbox.py",
         "test_systemd.py", "test_promise_8.py", "test_ca.py", "test_sql.py", "test_ca_rollover.py",
         "test_lifecycle.py", "test_failover.py", "test_kill9.py", "test_promises_client.py",
         "test_ca_faults.py", "test_memory_limit.py", "test_certificate_ends.py", "test_full_disk.py",
         "test_erase.py", "test_hidden_cells.py", "test_bad_input.py", "test_publish.py",
         "test_client_faults.py", "test_instrument.py", "test_csv_real_life.py")
FAILED = []    # names of tests that failed so far
SHARED_OFFICES = ("BBPOM-SMG", "DINKES-MKS=WITA", "RSUD-JPR=WIT")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: left out of the run under the sanitizers")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed:
        FAILED.append(item.nodeid)


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("SUARA_BUILD", ROOT / "build")).resolve()


@pytest.fixture(scope="session")
def sanitized(build):
    """Are the programs built with AddressSanitizer?"""
    symbols = subprocess.run(["nm", "-D", str(build / "suarad")], capture_output=True, text=True,
                             check=True).stdout
    return "__asan_init" in symbols


def _stack(**how):
    """A stack that keeps its logs when a test failed while it was up."""
    before = len(FAILED)
    stack = Stack(**how)
    try:
        stack.build_up()
        yield stack
    finally:
        stack.end(failed=len(FAILED) > before)


@pytest.fixture(scope="session")
def shared():
    """One stack for all tests that only use it: three offices, one in each time zone."""
    yield from _stack(offices=SHARED_OFFICES, profiles=False)


def _maker():
    made = []

    def make(**how):
        made.append(_stack(**how))
        return next(made[-1])
    yield make
    for stack in made:
        next(stack, None)


@pytest.fixture
def make_stack():
    """Makes stacks for tests that break things or need settings of their own."""
    yield from _maker()


@pytest.fixture(scope="module")
def module_stack():
    """Makes stacks for all tests of a file."""
    yield from _maker()


@pytest.fixture
def stack(make_stack):
    """A stack of this test alone, with one office and its profiles."""
    return make_stack()
