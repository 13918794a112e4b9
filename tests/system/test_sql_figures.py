"""suara.figures against sums made here: dimensions, filters, units, edges, how many gave each rating;
and where it reads from."""

import collections
import datetime

import psycopg2
import pytest

from sqlcluster import Cluster
from sqlworld import COLUMN, HOUR, PROFILE, SHAPES, counted, fresh_world, value_of

DIMS = [dim for dim in COLUMN if dim not in (0, 4)]
FIGURES = ("SELECT * FROM suara.figures(%s::int[], %s::date, %s::date, %s::smallint, %s::smallint,"
           " %s::smallint[], %s::smallint[], %s::int[], %s, %s)")


@pytest.fixture(scope="module", name="world")
def fixture_world():
    with Cluster() as cluster, fresh_world(cluster, "figures") as world:
        world.store(world.response() for _ in range(2500))
        world.store([world.response(ms=946684800000 + HOUR, instrument=1)])    # the first there may be
        assert world.refresh() == 0
        yield world


def bucket(month, unit):
    return month.replace(month=(month.month - 1) // unit * unit + 1) if unit else None


def expected(world, offices, first, last, instrument, perspective, dims, filter_dims,
             filter_values, unit, spread):
    wanted = collections.defaultdict(set)
    for dim, value in zip(filter_dims, filter_values):
        wanted[dim].add(value)
    cells = collections.defaultdict(list)
    for r in world.held.values():
        if (r.office in offices and first <= r.day <= last and r.instrument == instrument
                and perspective in (0, r.perspective)
                and all(value_of(r, dim) in values for dim, values in wanted.items())):
            values = [value_of(r, dim) for dim in dims] + [0, 0]
            cells[(r.office, bucket(r.month, unit), r.perspective, *values[:2])].append(r)
    return {key: counted(cell, spread) for key, cell in cells.items()}


def question(rnd, world):
    """At random; half of the ranges begin or end with a month."""
    beginning = datetime.date(2022, 12, 20)
    first, last = sorted(beginning + datetime.timedelta(rnd.randrange(210)) for _ in range(2))
    if rnd.random() < 0.4:
        first = first.replace(day=1)
    if rnd.random() < 0.4:
        last = (last.replace(day=1) + datetime.timedelta(31)).replace(day=1) \
            - datetime.timedelta(1)
    dims = rnd.sample(DIMS, rnd.choice([0, 0, 1, 1, 2]))
    filter_dims, filter_values = [], []
    for dim in rnd.sample(dims if dims and rnd.random() < 0.5 else DIMS, rnd.choice([0, 0, 1])) + \
            rnd.sample(DIMS, rnd.choice([0, 0, 0, 1])):
        for _ in range(rnd.randint(1, 3)):
            filter_dims.append(dim)
            filter_values.append(rnd.choice([s for _, ids in world.offices.values() for s in ids])
                                 if dim == 1 else rnd.randint(0, PROFILE[COLUMN[dim]]))
    return (rnd.sample(list(world.offices), rnd.randint(1, len(world.offices))), first, last,
            rnd.choice([1, *SHAPES]), rnd.randint(0, 2), dims, filter_dims, filter_values,
            rnd.choice([0, 0, 1, 3, 6, 12]), rnd.random() < 0.5)


def test_figures_equal_sums_made_here(world):
    report = world.cluster.connect(user="suara_report").cursor()
    filled = collections.Counter()
    for _ in range(500):
        asked = question(world.random, world)
        report.execute(FIGURES, asked)
        found = report.fetchall()
        wanted = expected(world, *asked)
        assert {row[:5]: row[5:] for row in found} == wanted, asked
        assert found == sorted(found, key=lambda row: (row[0], str(row[1]), *row[2:5]))
        if wanted:
            filled[len(asked[5]), asked[9], bool(asked[6])] += 1
    assert len(filled) == 12 and sum(filled.values()) > 250

    report.execute(FIGURES, (None, None, None, 1, 0, [], [], [], 12, True))
    assert {row[:5]: row[5:] for row in report.fetchall()} == expected(
        world, world.offices, datetime.date.min, datetime.date.max, 1, 0, [], [], [], 12, True)
    report.execute(FIGURES, (None, None, None, 1, 0, [1, 2], [], [], 6, False))
    assert {row[:5]: row[5:] for row in report.fetchall()} == expected(
        world, world.offices, datetime.date.min, datetime.date.max, 1, 0, [1, 2], [], [], 6, False)


def test_figures_are_right_whatever_was_not_refreshed(world):
    """Some office-months with marks, each roll-up of them wrong: it is as if they were refreshed."""
    report = world.cluster.connect(user="suara_report").cursor()
    filled = 0
    for _ in range(8):
        world.store(world.response() for _ in range(5))
        world.cursor.execute("UPDATE suara.rollup r SET n = n + 1, sums[1] = 0 FROM suara.stale s WHERE"
                             " (r.office_id, r.month, r.instrument_id)"
                             " = (s.office_id, s.month, s.instrument_id)")
        for _ in range(25):
            asked = question(world.random, world)
            report.execute(FIGURES, asked)
            wanted = expected(world, *asked)
            assert {row[:5]: row[5:] for row in report.fetchall()} == wanted, asked
            filled += bool(wanted)
    assert filled > 100
    assert world.refresh() == 0


@pytest.mark.parametrize("wrong", [
    {"date_from": "2023-02-01", "date_to": "2023-01-31"}, {"instrument": 77}, {"instrument": None},
    {"perspective": 3}, {"perspective": None}, {"dims": [4]}, {"dims": [0]}, {"dims": [9]},
    {"dims": [1, 2, 3]}, {"dims": [2, 2]}, {"dims": None}, {"filter_dims": [1]},
    {"filter_dims": [4], "filter_values": [1]}, {"filter_dims": None}, {"unit": 2},
    {"unit": None}, {"spread": None}], ids=str)
def test_a_wrong_question_is_an_error_and_not_no_rows(world, wrong):
    asked = {"offices": None, "date_from": "2023-01-01", "date_to": "2023-01-31", "instrument": 1,
             "perspective": 0, "dims": [], "filter_dims": [], "filter_values": [], "unit": 0,
             "spread": False} | wrong
    with pytest.raises(psycopg2.errors.InvalidParameterValue):
        world.rows(FIGURES, *asked.values())


def test_what_is_read(world):
    """Whole months of at most one dimension never touch response; an edge does, by its key; that of
    a large month does not."""
    cursor = world.cluster.connect().cursor()
    cursor.execute("ANALYZE")
    cursor.execute("LOAD 'auto_explain'")
    for setting in ("auto_explain.log_min_duration = 0", "auto_explain.log_nested_statements = on",
                    "auto_explain.log_level = notice", "enable_seqscan = off"):
        cursor.execute("SET " + setting)

    def plans(first, last, dims, filter_dims=(), spread=False):
        del cursor.connection.notices[:]
        cursor.execute(FIGURES, (None, first, last, 1, 0, dims, list(filter_dims),
                                 [1] * len(filter_dims), 1, spread))
        return "".join(cursor.connection.notices)

    whole = "2023-01-01", "2023-06-30"
    for dims, filters, spread in [([], (), True), ([3], (), True), ([], (3, 3), True),
                                  *(([dim], (dim,), False) for dim in DIMS),
                                  *(([], (dim,), False) for dim in DIMS)]:
        plan = plans(*whole, dims, filters, spread)
        assert "rollup" in plan and " on response" not in plan, (dims, filters, spread)
    for dims, filters, spread in [([1, 2], (), False), ([1], (2,), False), ([2], (), True)]:
        plan = plans(*whole, dims, filters, spread)
        assert "response_pkey" in plan and "Seq Scan on response" not in plan
        assert " on rollup" not in plan
    edge = plans("2023-01-01", "2023-07-13", [2])
    assert "rollup" in edge
    assert "response_pkey" in edge and "Seq Scan on response" not in edge
    assert " on rollup" not in plans("2023-02-03", "2023-02-05", [2])

    days = plans("2023-02-03", "2023-02-05", [])
    assert "rollup" in days and "response_pkey" in days
    cursor.execute("BEGIN")    # days of a large month: from the roll-up, whatever is in response
    cursor.execute("DELETE FROM suara.response WHERE instrument_id = 1")
    cursor.execute("SELECT office_id, month + value - 1, n, square, sums, dist FROM suara.rollup"
                   " WHERE dim = 9 AND instrument_id = 1 AND perspective = 1")
    rows = cursor.fetchall()
    assert rows
    for office, day, *figures in rows[::7]:
        cursor.execute(FIGURES, ([office], day, day, 1, 1, [], [], [], 0, True))
        assert [row[5:] for row in cursor.fetchall()] == [tuple(figures)]
    cursor.execute("ROLLBACK")
