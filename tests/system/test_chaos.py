"""Rounds of `make chaos` with fixed seeds: every fault at least once, three at a time. The ledger is the
oracle; a round that fails says how it is replayed."""

import sys

import pytest

from stack_pg import ROOT

sys.path.insert(0, str(ROOT / "tests/chaos"))

import faults  # noqa: E402
from world import Draw, World  # noqa: E402

TABLE = faults.load()
# What the sanitizers can see: the ends of both programs, lines that are cut, hostile frames.
FIRST = ["daemon-kill+line-cut+garbage", "client-kill+db-kill+daemon-stop",
         "two-daemons+other-version+descriptors"]
REST = [name for name in TABLE if name not in "+".join(FIRST).split("+")]
THIRD = -(-len(REST) // 3)    # far apart in the table, so that different kinds meet
REST = ["+".join(REST[start::THIRD]) for start in range(THIRD)]


def whole(draw):
    events = [(event.fault.name, event.share, event.delay, event.hold) for event in draw.events]
    return draw.names, events, draw.files


def test_a_seed_draws_the_same_round():
    drawn = [whole(Draw(seed, TABLE)) for seed in range(200)]
    assert drawn == [whole(Draw(seed, TABLE)) for seed in range(200)]
    assert {name for names, *_ in drawn for name in names} == set(TABLE)


@pytest.fixture(scope="module")
def world(build):
    """One for all rounds, and a new one after a round that failed."""
    made = []

    def get(failed=False):
        if made and failed:
            made.pop().__exit__(AssertionError, None, None)
        elif not made:
            made.append(World(build).__enter__())
        return made[-1] if made else None
    yield get
    if made:
        made[0].ledger.check_all()
        made[0].__exit__(None, None, None)


@pytest.mark.parametrize("seed, item", [
    *enumerate(FIRST, 1),
    *(pytest.param(seed, item, marks=pytest.mark.slow) for seed, item in enumerate(REST, 101))])
def test_nothing_is_lost_or_stored_twice(world, seed, item):
    draw = Draw(seed, TABLE, [item])
    print(f"replay: make chaos SEED={seed} ROUNDS=1 FAULTS={item}")
    try:
        world().play(draw)
    except BaseException:
        for office in draw.offices:
            print(f"== {office.code}\n{''.join(office.answers)[-2000:]}")
        world(failed=True)
        raise
    assert draw.responses
