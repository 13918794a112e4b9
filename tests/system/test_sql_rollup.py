"""The roll-up against two independent recounts (here, and rollup_check), at the edges of months in
all three zones, under erasure and under a race."""

import datetime
import random
import shutil
import threading
import time

import psycopg2
import pytest

from sqlcluster import ROOT, Cluster
from sqlworld import HOUR, World, fresh_world, insert, mark, remove

RACES = 600    # refreshes; without the lock an older result is left within some tens


@pytest.fixture(scope="module", name="cluster")
def fixture_cluster():
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(name="world")
def fixture_world(cluster, request):
    with fresh_world(cluster, request.node.name) as world:
        yield world


def test_refresh_is_a_recount(world):
    world.store(world.response() for _ in range(1500))
    assert world.differences() != []
    assert world.refresh() == 0
    assert world.differences() == []
    expected = world.expected_rollup()
    assert world.rollup() == expected
    assert {key[4] for key in expected} == {0, 1, 2, 3, 5, 6, 7, 8, 9}

    # Erasure is just another mark; a cell that loses its last response goes.
    world.erase(world.random.sample(list(world.held.values()), 1200))
    assert world.differences() != []
    assert world.refresh() == 0
    assert world.differences() == []
    assert world.rollup() == world.expected_rollup()
    assert len(world.rollup()) < len(expected)

    world.erase(list(world.held.values()))
    assert world.refresh() == 0
    assert world.rollup() == {}


def test_check_sees_damage(world):
    world.store(world.response() for _ in range(50))
    world.refresh()
    office = next(iter(world.held.values())).office
    for damage in ("UPDATE suara.rollup SET n = n + 1", "UPDATE suara.rollup SET square = square - 1",
                   "UPDATE suara.rollup SET sums[2] = 0",
                   "UPDATE suara.rollup SET dist[1] = dist[1] + 1",
                   "DELETE FROM suara.rollup", "UPDATE suara.rollup SET value = 99"):
        world.cursor.execute("BEGIN")
        world.cursor.execute(damage + " WHERE dim = 0 AND office_id = %s", (office,))
        assert world.rows("SELECT * FROM suara.rollup_check(%s)", office) != []
        world.cursor.execute("ROLLBACK")
    assert world.differences() == []


def test_refresh_in_steps_and_in_scope(world):
    offices = sorted(world.offices)[:2]
    june = int(datetime.datetime(2023, 6, 15).timestamp()) * 1000
    world.store(world.response(office, june - k * 31 * 24 * HOUR, 1)
                for office in offices for k in range(3) for _ in range(2))
    stale = "SELECT office_id, month::text FROM suara.stale_months ORDER BY 1, 2"
    everything = [(o, f"2023-0{m}-01") for o in offices for m in (4, 5, 6)]
    assert world.rows(stale) == everything
    assert world.refresh(None, None, None, 2) == 4
    assert world.rows(stale) == everything[2:]
    assert world.refresh([offices[1]], "2023-05-09", "2023-05-10", None) == 0
    assert world.refresh([offices[0]], None, "2023-05-31", 9) == 0
    assert world.rows(stale) == [everything[2], everything[3], everything[5]]
    assert world.refresh([], None, None, None) == 0
    assert world.refresh(None, "2023-06-30", None, 1) == 1
    assert world.refresh() == 0
    assert world.differences() == []


def test_a_mark_of_no_office_or_instrument_does_not_count(world):
    """Nothing would ever take it away, and a report would wait for it."""
    world.store([world.response()])
    world.cursor.execute("INSERT INTO suara.stale (office_id, month, instrument_id) VALUES"
                         " (987654, '2023-01-01', 1), (1, '2023-01-01', 77)")
    assert world.refresh() == 0


def test_refresh_stops_after_two_seconds_and_keeps_what_it_did(world):
    """Far from any statement_timeout: the months of the statement under way (of the first: four) are
    finished, the others are for the next."""
    office = min(world.offices)
    month = 31 * 24 * HOUR
    world.store(world.response(office, 1673000000000 + k * month, 1) for k in range(9))
    first = world.value("SELECT to_char(min(month), 'YYYYMM')::int FROM suara.stale")
    holder, left = world.cluster.connect(), []
    holder.autocommit = False
    holder.cursor().execute("SELECT pg_advisory_xact_lock(%s, %s)", (office, first))

    def refresh():
        with world.cluster.connect(user="suara_report").cursor() as cursor:
            cursor.execute("SELECT suara.refresh(NULL, NULL, NULL, NULL)")
            left.append(cursor.fetchone()[0])
    thread = threading.Thread(target=refresh)
    thread.start()
    deadline = time.monotonic() + 60
    while not world.rows("SELECT FROM pg_stat_activity WHERE usename = 'suara_report' AND"
                         " wait_event_type = 'Lock' AND"
                         " clock_timestamp() > query_start + interval '2.1 seconds'"):
        assert time.monotonic() < deadline and not left
        thread.join(0.02)
    holder.rollback()
    thread.join()
    assert left == [5]
    assert world.value("SELECT count(*) FROM suara.stale WHERE month = to_date(%s, 'YYYYMM')",
                       str(first)) == 0
    assert world.refresh() == 0 and world.differences() == []


def test_refresh_needs_a_snapshot_per_statement(world):
    world.cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    with pytest.raises(psycopg2.Error, match="READ COMMITTED"):
        world.refresh()


def test_race_never_leaves_the_older_result(world):
    """Writers and refreshers meet on two office-months. After each round, what has no mark must be
    right as it stands: a later refresh would hide an older result that was left."""
    office = next(iter(world.offices))
    months = [1673000000000, 1676000000000]
    writers = [world.cluster.connect() for _ in range(3)]
    refreshers = [world.cluster.connect(user="suara_report") for _ in range(3)]
    mine = [[] for _ in writers]
    calls, rounds, errors = [0] * len(refreshers), 0, []

    def write(k):
        connection, rnd = writers[k], random.Random(f"{rounds}.{k}")
        for _ in range(6):
            with connection.cursor() as cursor:
                cursor.execute("BEGIN")
                if len(mine[k]) > 8 and rnd.random() < 0.6:
                    r = mine[k].pop(rnd.randrange(len(mine[k])))
                    remove(cursor, r)
                else:
                    r = world.response(office, rnd.choice(months) + rnd.randrange(HOUR), 1)
                    mine[k].append(r)
                    insert(cursor, r)
                mark(cursor, r)
                cursor.execute("COMMIT")

    def refresh(k, writing):
        with refreshers[k].cursor() as cursor:
            while any(thread.is_alive() for thread in writing):
                cursor.execute("SELECT suara.refresh(NULL, NULL, NULL, NULL)")
                calls[k] += 1

    def guarded(function, *arguments):
        try:
            function(*arguments)
        except Exception as error:    # in a thread: handed to the test
            errors.append(error)

    deadline = time.monotonic() + 60
    while sum(calls) < RACES and time.monotonic() < deadline:
        writing = [threading.Thread(target=guarded, args=(write, k)) for k in range(len(writers))]
        refreshing = [threading.Thread(target=guarded, args=(refresh, k, writing))
                      for k in range(len(refreshers))]
        for thread in writing + refreshing:
            thread.start()
        for thread in writing + refreshing:
            thread.join()
        assert not errors
        wrong = {row[0] for row in world.rows("SELECT * FROM suara.rollup_check(%s)", office)}
        marked = {month for (month,) in world.rows("SELECT month FROM suara.stale")}
        assert wrong <= marked, f"round {rounds}: older result left"
        rounds += 1
    assert sum(calls) >= RACES
    assert world.refresh() == 0
    assert world.differences() == []
    assert world.value("SELECT sum(n) FROM suara.rollup WHERE dim = 0") == sum(map(len, mine))


def test_many_at_a_time_and_two_instruments_in_a_month(world):
    """Over several statements; a mark of one instrument leaves the other's figures alone."""
    office = min(world.offices)
    start = int(datetime.datetime(2000, 1, 15).timestamp()) * 1000
    world.store(world.response(office, start + k % 239 * 31 * 24 * HOUR, k % 3 + 3)
                for k in range(500))
    stale = "SELECT count(DISTINCT (office_id, month, instrument_id))::int FROM suara.stale"
    units = world.value(stale)
    assert units > 400
    assert units > world.refresh(None, None, None, 100) == world.value(stale) >= units - 100
    assert world.refresh() == 0
    assert world.differences() == []
    assert world.rollup() == world.expected_rollup()

    one = next(iter(world.held.values()))
    world.cursor.execute("UPDATE suara.rollup SET n = 77")
    mark(world.cursor, one)
    assert world.refresh() == 0
    assert {row[0] for row in world.rows(
        "SELECT DISTINCT instrument_id FROM suara.rollup WHERE n <> 77 AND office_id = %s"
        " AND month = %s", office, one.month)} == {one.instrument}
    assert world.value("SELECT count(DISTINCT (month, instrument_id))::int FROM suara.rollup"
                       " WHERE n <> 77") == 1


def test_what_a_database_of_version_7_holds_is_made_again(cluster, tmp_path):
    """Its roll-up lacks the squares, the spread of stakeholders and the days; a mark of then stands
    for every instrument."""
    tmp_path.chmod(0o755)
    for path in sorted((ROOT / "sql").glob("000[1-7]_*.sql")):
        shutil.copy(path, tmp_path)
    cluster.create("seven")
    assert cluster.migrate(database="seven", SUARA_SQL=str(tmp_path)).returncode == 0
    world = World(cluster, "seven", database="seven")
    responses = [world.response() for _ in range(300)]
    for k, r in enumerate(responses):
        if k == 250:
            assert world.refresh() == 0
        insert(world.cursor, r)
        world.held[r.office, r.id] = r
        world.cursor.execute("INSERT INTO suara.stale (office_id, month) VALUES (%s, %s)",
                             (r.office, r.month))
    assert world.value("SELECT count(*)::int FROM suara.rollup") > 0
    done = cluster.migrate(database="seven")
    assert done.returncode == 0, done.stderr
    world.days_of_small_months()
    assert world.refresh() == 0
    assert world.rollup() == world.expected_rollup()
    assert world.differences() == []
