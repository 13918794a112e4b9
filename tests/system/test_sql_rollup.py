"""The roll-up against two independent recounts (here, and rollup_check), at the edges of months in
all three zones, under erasure and under a race; index_rows against sums made here."""

import collections
import datetime
import random
import threading
import time
import uuid

import psycopg2
import psycopg2.extras
import pytest

from sqlcluster import Cluster

ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}
SHAPES = {1: (9, 4), 2: (3, 10), 3: (14, 4)}    # instrument: elements, scale
COLUMN = {1: "service", 2: "channel", 3: "stakeholder", 4: "perspective", 5: "sex", 6: "age",
          7: "education", 8: "occupation"}
PROFILE = {"channel": 5, "stakeholder": 7, "sex": 2, "age": 6, "education": 7, "occupation": 10}
HOUR = 3600_000
RACES = 600    # refreshes; without the lock an older result is left within some tens
psycopg2.extras.register_uuid()

Response = collections.namedtuple(
    "Response", "office service id instrument channel stakeholder perspective sex age education"
    " occupation ratings day month")


class World:
    """A database with offices in all zones, and every response in it as Python sees it."""

    def __init__(self, cluster, seed):
        self.random = random.Random(seed)
        self.cluster = cluster
        self.cursor = cluster.connect().cursor()
        self.offices = {}    # id -> (hours, service ids)
        self.held = {}    # (office, id) -> Response
        for k, zone in enumerate(2 * list(ZONES)):
            office = self.value("SELECT suara.office_add(%s, 'x', '', %s)", f"O{k}", zone)
            self.value("SELECT suara.service_add(%s, 'LAB', 'x')", f"O{k}")
            services = self.rows("SELECT service_id FROM suara.service WHERE office_id = %s",
                                 office)
            self.offices[office] = (ZONES[zone], [service for (service,) in services])
        for instrument, (elements, scale) in SHAPES.items():
            if instrument > 1:
                self.cursor.execute("INSERT INTO suara.instrument"
                                    " VALUES (%s, %s, '1', 'x', 'x', %s, '1/3')",
                                    (instrument, f"i{instrument}", scale))
                self.cursor.execute("INSERT INTO suara.element SELECT %s, k, 'E' || k, 'x', 'x',"
                                    " '{}', '{}' FROM generate_series(1, %s) k",
                                    (instrument, elements))

    def rows(self, query, *arguments):
        self.cursor.execute(query, arguments)
        return self.cursor.fetchall()

    def value(self, query, *arguments):
        return self.rows(query, *arguments)[0][0]

    def response(self, office=None, ms=None, instrument=None):
        """One at random: half of them within three minutes of a month's first or last midnight in
        some zone, which is not always the office's."""
        rnd = self.random
        office = office or rnd.choice(list(self.offices))
        hours, services = self.offices[office]
        if ms is None:
            start = datetime.datetime(2023, rnd.randint(1, 6), 1, tzinfo=datetime.timezone.utc)
            ms = int(start.timestamp()) * 1000
            if rnd.random() < 0.5:
                ms += rnd.randint(-180_000, 180_000) - rnd.choice([7, 8, 9]) * HOUR
            else:
                ms += rnd.randrange(28 * 24 * HOUR)
        instrument = instrument or rnd.choice([1, 1, 2, 3])
        elements, scale = SHAPES[instrument]
        local = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms, hours=hours)
        day = local.date()
        return Response(
            office, rnd.choice(services),
            uuid.UUID(int=(ms << 80) | (7 << 76) | rnd.getrandbits(76)), instrument,
            perspective=rnd.choice([1, 1, 2]),
            **{name: rnd.randint(0, top) for name, top in PROFILE.items()},
            ratings=bytes(rnd.randint(1, scale) for _ in range(elements)),
            day=day, month=day.replace(day=1))

    def store(self, responses):
        for r in responses:
            insert(self.cursor, r)
            mark(self.cursor, r)
            self.held[r.office, r.id] = r

    def erase(self, responses):
        for r in responses:
            remove(self.cursor, r)
            mark(self.cursor, r)
            del self.held[r.office, r.id]

    def refresh(self, *scope):
        return self.value("SELECT suara.refresh(%s, %s, %s, %s)", *(scope or [None] * 4))

    def differences(self):
        return [row for office in self.offices
                for row in self.rows("SELECT * FROM suara.rollup_check(%s)", office)]

    def expected_rollup(self):
        cells = collections.defaultdict(list)
        for r in self.held.values():
            for dim in (0, 1, 2, 3, 5, 6, 7, 8):
                value = getattr(r, COLUMN[dim]) if dim else 0
                cells[r.office, r.month, r.instrument, r.perspective, dim, value].append(r.ratings)
        return {key: (len(ratings), [sum(column) for column in zip(*ratings)],
                      None if key[4] else [column.count(v) for column in zip(*ratings)
                                           for v in range(1, SHAPES[key[2]][1] + 1)])
                for key, ratings in cells.items()}

    def rollup(self):
        return {row[:6]: row[6:] for row in self.rows(
            "SELECT office_id, month, instrument_id, perspective, dim, value, n, sums, dist"
            " FROM suara.rollup")}


def insert(cursor, r):
    cursor.execute("INSERT INTO suara.response VALUES (%s, %s, now(), 0, %s, %s, %s, %s, %s, %s,"
                   " %s, %s, %s, %s)", r[:11] + (psycopg2.Binary(r.ratings),))


def remove(cursor, r):
    cursor.execute("DELETE FROM suara.response WHERE office_id = %s AND id = %s", (r.office, r.id))


def mark(cursor, r):
    cursor.execute("INSERT INTO suara.stale (office_id, month) VALUES (%s, %s)",
                   (r.office, r.month))


@pytest.fixture(scope="module", name="cluster")
def fixture_cluster():
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(name="world")
def fixture_world(cluster, request):
    cluster.create("suara")
    done = cluster.migrate()
    assert done.returncode == 0, done.stderr
    world = World(cluster, seed=request.node.name)
    yield world
    world.cursor.connection.close()
    cluster.connect("postgres").cursor().execute("DROP DATABASE suara WITH (FORCE)")


def test_refresh_is_a_recount(world):
    world.store(world.response() for _ in range(1500))
    assert world.differences() != []
    assert world.refresh() == 0
    assert world.differences() == []
    expected = world.expected_rollup()
    assert world.rollup() == {key: tuple(cell) for key, cell in expected.items()}

    # Erasure is just another mark; a cell that loses its last response goes.
    world.erase(world.random.sample(list(world.held.values()), 1200))
    assert world.differences() != []
    assert world.refresh() == 0
    assert world.differences() == []
    assert world.rollup() == {key: tuple(cell) for key, cell in world.expected_rollup().items()}
    assert len(world.rollup()) < len(expected)

    world.erase(list(world.held.values()))
    assert world.refresh() == 0
    assert world.rollup() == {}


def test_check_sees_damage(world):
    world.store(world.response() for _ in range(50))
    world.refresh()
    office = next(iter(world.held.values())).office
    for damage in ("UPDATE suara.rollup SET n = n + 1", "UPDATE suara.rollup SET sums[2] = 0",
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
    world.store(world.response(office, june - k * 31 * 24 * HOUR)
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


def test_a_mark_of_no_office_does_not_count(world):
    """Nothing would ever take it away, and a report would wait for it."""
    world.store([world.response()])
    world.cursor.execute("INSERT INTO suara.stale (office_id, month) VALUES (987654, '2023-01-01')")
    assert world.refresh() == 0


def test_refresh_stops_after_two_seconds_and_keeps_what_it_did(world):
    """Far from any statement_timeout: the month under way is finished, the others are for the next."""
    office = min(world.offices)
    month = 31 * 24 * HOUR
    world.store(world.response(office, 1673000000000 + k * month) for k in range(3))
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
    assert left == [2]
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


def expected_index(world, offices, first, last, instrument, perspective, dim, by_month):
    cells = collections.defaultdict(list)
    for r in world.held.values():
        if (r.office in offices and first <= r.day <= last and r.instrument == instrument
                and perspective in (0, r.perspective)):
            key = (r.office, r.month if by_month else None, r.perspective,
                   getattr(r, COLUMN[dim]) if dim else 0)
            cells[key].append(r.ratings)
    return {key: (len(ratings), [sum(column) for column in zip(*ratings)])
            for key, ratings in cells.items()}


INDEX = ("SELECT * FROM suara.index_rows(%s::int[], %s::date, %s::date, %s::smallint, %s::smallint,"
         " %s::smallint, %s)")


def test_index_rows_equal_sums_made_here(world):
    world.store(world.response() for _ in range(1500))
    world.store([world.response(ms=946684800000 + HOUR, instrument=1)])    # the first that are taken
    world.refresh()
    report = world.cluster.connect(user="suara_report").cursor()
    rnd = world.random
    beginning = datetime.date(2022, 12, 20)
    firsts = [datetime.date(2023, month, 1) for month in range(1, 8)]
    lasts = [day - datetime.timedelta(days=1) for day in firsts]
    filled = 0
    for _ in range(500):
        first, last = sorted(beginning + datetime.timedelta(rnd.randrange(210)) for _ in range(2))
        if rnd.random() < 0.3:
            first = rnd.choice(firsts)
        if rnd.random() < 0.3:
            last = rnd.choice(lasts)
        if first > last:
            first, last = last, first
        offices = rnd.sample(list(world.offices), rnd.randint(1, len(world.offices)))
        query = (offices, first, last, rnd.choice(list(SHAPES)), rnd.randint(0, 2),
                 rnd.randint(0, 8), rnd.random() < 0.5)
        report.execute(INDEX, query)
        got = {row[:4]: row[4:] for row in report.fetchall()}
        expected = expected_index(world, *query)
        assert got == {key: tuple(cell) for key, cell in expected.items()}, query
        filled += bool(expected)
    assert filled > 300

    report.execute(INDEX, (None, None, None, 1, 0, 0, False))
    everything = {row[:4]: row[4:] for row in report.fetchall()}
    assert everything == {key: tuple(cell) for key, cell in expected_index(
        world, world.offices, datetime.date.min, datetime.date.max, 1, 0, 0, False).items()}


@pytest.mark.parametrize("wrong", [
    ("2023-02-01", "2023-01-31", 1, 0, 0), ("2023-01-01", "2023-01-31", 77, 0, 0),
    ("2023-01-01", "2023-01-31", None, 0, 0), ("2023-01-01", "2023-01-31", 1, 3, 0),
    ("2023-01-01", "2023-01-31", 1, None, 0), ("2023-01-01", "2023-01-31", 1, 0, 9)])
def test_a_wrong_question_is_an_error_and_not_no_rows(world, wrong):
    with pytest.raises(psycopg2.errors.InvalidParameterValue):
        world.rows(INDEX, None, *wrong, False)


def test_whole_months_never_touch_response(world):
    world.store(world.response() for _ in range(300))
    world.refresh()
    world.cursor.execute("ANALYZE")
    world.cursor.execute("LOAD 'auto_explain'")
    for setting in ("auto_explain.log_min_duration = 0", "auto_explain.log_nested_statements = on",
                    "auto_explain.log_level = notice", "enable_seqscan = off"):
        world.cursor.execute("SET " + setting)

    def plans(first, last, dim=0):
        del world.cursor.connection.notices[:]
        world.rows(INDEX, None, first, last, 1, 0, dim, True)
        return "".join(world.cursor.connection.notices)

    for dim in COLUMN:
        whole = plans("2023-01-01", "2023-06-30", dim)
        assert "rollup" in whole and "response" not in whole
    edge = plans("2023-01-01", "2023-07-13")
    assert "rollup" in edge
    assert "response_pkey" in edge and "Seq Scan on response" not in edge
    within = plans("2023-02-03", "2023-02-05")
    assert "rollup" not in within and "response_pkey" in within
